namespace Bnn.Core;

/// <summary>A batch's loss before the update that it led to.</summary>
/// <param name="Nll">Mean cross entropy, nats.</param>
/// <param name="Kl">KL divergence to the prior summed over weights, nats, not divided; 0 for ordinary nets.</param>
public readonly record struct StepLoss(double Nll, double Kl);

/// <summary>How a network does on a set of images.</summary>
/// <param name="Nll">Mean cross entropy, nats.</param>
/// <param name="Correct">Images whose largest logit (the lowest class on ties) is their label.</param>
public readonly record struct Evaluation(double Nll, int Correct, int Count)
{
    public double Accuracy => (double)Correct / Count;
}

/// <summary>A network in training on some engine: parameters, optimizer state and everything a step needs.</summary>
public interface IStepper : IDisposable
{
    /// <summary>One update on these items of the training samples. Allocates nothing.</summary>
    StepLoss Step(ReadOnlySpan<int> items);

    /// <summary>The current network, with mean weights if it is Bayesian, on all of <paramref name="samples"/> or on <paramref name="items"/> of them.</summary>
    Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items);

    /// <summary>Copies the current weights (means) into arrays that are there already.</summary>
    void CopyWeightsTo(PointWeights destination);
}

/// <summary>A stepper whose weights have a distribution.</summary>
public interface IBayesianStepper : IStepper
{
    /// <summary>A copy of the distribution as it is now.</summary>
    PosteriorSnapshot Posterior();
}
