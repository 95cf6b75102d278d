namespace Bnn.Core;

/// <summary>A batch's loss before the step's update.</summary>
/// <param name="Nll">Mean cross entropy, nats.</param>
/// <param name="Kl">KL divergence to the prior summed over weights, nats, not divided; 0 for ordinary nets.</param>
public readonly record struct StepLoss(double Nll, double Kl);

/// <summary>How a network does on a set of images.</summary>
/// <param name="Nll">Mean cross entropy, nats.</param>
/// <param name="Correct">Images whose largest logit (the lowest class on ties) is their label.</param>
/// <param name="Count">Images.</param>
public readonly record struct Evaluation(double Nll, int Correct, int Count)
{
    /// <summary>Share of the images that are classified correctly, in [0, 1].</summary>
    public double Accuracy => (double)Correct / Count;
}

/// <summary>
/// A network in training on some engine: parameters, optimizer state and everything a step needs. Used by one thread at a time.
/// </summary>
public interface IStepper : IDisposable
{
    /// <summary>One update on these items of the training samples. The default engine allocates nothing.</summary>
    /// <param name="items">Rows of the training samples, as many as the setup's batch.</param>
    /// <returns>The loss before the update, which may be NaN or infinite: the caller must check it.</returns>
    /// <exception cref="ArgumentException">Not a batch of the setup's size, not rows of the samples, or samples that don't fit the
    /// net.</exception>
    StepLoss Step(ReadOnlySpan<int> items);

    /// <summary>
    /// The steps from <paramref name="first"/> to <paramref name="last"/>, both included, each on its batch. An engine on a device, which
    /// learns its losses once per interval, implements this itself; the default takes one <see cref="Step"/> after another.
    /// </summary>
    /// <param name="batches">The items of each step.</param>
    /// <param name="first">From 1.</param>
    /// <param name="last">Not below <paramref name="first"/>.</param>
    /// <param name="sums">The losses are added to it, step by step in order, up to the one before a bad one.</param>
    /// <param name="stepped">Called with the steps whose losses have become known, ascending; an engine may leave out all of an interval
    /// but the last.</param>
    /// <param name="stop">Checked before every step, or as often as the engine can.</param>
    /// <returns>The first loss that is NaN or infinite, after which nothing more is done; null if there is none.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was requested. Those steps are done, and no others, whose
    /// losses were added to <paramref name="sums"/>.</exception>
    BadLoss? Advance(Batches batches, int first, int last, ref LossSums sums, Action<int, StepLoss>? stepped, CancellationToken stop)
    {
        var items = new int[batches.Size];
        for (var step = first; step <= last; step++)
        {
            stop.ThrowIfCancellationRequested();
            batches.At(step, items);
            var loss = Step(items);
            if (BadLoss.Of(step, loss) is { } bad) return bad;
            sums.Add(loss);
            stepped?.Invoke(step, loss);
        }
        return null;
    }

    /// <summary>
    /// Evaluates the current network, with mean weights if it is Bayesian, on all of <paramref name="samples"/> or on
    /// <paramref name="items"/> of them.
    /// </summary>
    /// <param name="samples">[rows, inputs], with labels.</param>
    /// <param name="items">Rows of the samples; empty for all.</param>
    /// <exception cref="ArgumentException">The samples have another width than the net, a label that is no class of it, or not such a
    /// row.</exception>
    Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items);

    /// <summary>
    /// Copies the current weights (means) into existing arrays; pruned ones are +0, or as they were at the start if the setup freezes them.
    /// </summary>
    /// <param name="destination">Weights of this net: per layer [inputs, outputs] and [outputs].</param>
    void CopyWeightsTo(PointWeights destination);

    /// <summary>A copy of everything needed to continue from here, in another stepper of the same setup, with the same bits.</summary>
    StepperState State();

    /// <summary>
    /// Continues from a state: the next step is its number of steps plus one. Values at pruned weights become +0; if the setup freezes
    /// them, only their moments do.
    /// </summary>
    /// <param name="state">A state of a net with these layers, of the same kind, with the same kind of optimizer; not changed.</param>
    /// <exception cref="ArgumentException">A tensor is missing, has another shape, or is not one of this net; the stepper is
    /// unchanged.</exception>
    void Restore(StepperState state);
}

/// <summary>A stepper whose weights have a distribution.</summary>
public interface IBayesianStepper : IStepper
{
    /// <summary>A copy of the distribution as it is now; μ and ρ are +0 at pruned weights, where σ is 0 by definition.</summary>
    PosteriorSnapshot Posterior();
}
