namespace Bnn.Core;

/// <summary>
/// Does the arithmetic of training. It makes steppers; the loop around them is <see cref="TrainingLoop"/>, the same for every engine. Its
/// members may be called from several threads at once; a stepper belongs to one.
/// </summary>
public interface ITrainingEngine
{
    /// <summary>Part of every training's key.</summary>
    string Name { get; }

    /// <summary>Version of its arithmetic, part of every training's key: raised when a training's bits change.</summary>
    int Numerics { get; }

    /// <summary>How it computes on this machine, for people to read.</summary>
    string Description { get; }

    /// <summary>
    /// Whether it trains ordinary nets whose pruned weights are frozen (<see cref="OrdinarySetup.FreezesPruned"/>): asked before anything
    /// is trained.
    /// </summary>
    bool CanFreeze { get; }

    /// <summary>
    /// How many more trainings than there are cores are worth doing at the same time, each on a thread of its own: what a device takes.
    /// </summary>
    int BesideCores => 0;

    /// <summary>A Bayesian net at its start, whole or masked.</summary>
    /// <param name="setup">What it starts from; not changed.</param>
    /// <param name="train">The samples that steps take their items from.</param>
    /// <exception cref="ArgumentException">The mask is not one of this net.</exception>
    IBayesianStepper Bayesian(BayesianSetup setup, Samples train);

    /// <summary>An ordinary net at its start: the dense net, or a ticket.</summary>
    /// <param name="setup">What it starts from; not changed.</param>
    /// <param name="train">The samples that steps take their items from.</param>
    /// <exception cref="ArgumentException">The mask is not one of this net.</exception>
    /// <exception cref="NotSupportedException">The setup freezes pruned weights, and the engine can't.</exception>
    IStepper Ordinary(OrdinarySetup setup, Samples train);

    /// <summary>
    /// Gradient and input activity of an ordinary net with these weights, means over <paramref name="items"/> of the samples.
    /// </summary>
    /// <param name="weights">The weights to probe; not changed.</param>
    /// <param name="samples">[rows, inputs], with labels.</param>
    /// <param name="items">Rows of the samples, at least one.</param>
    /// <exception cref="ArgumentException">The samples have another width than the net, a label that is no class of it, or not such a
    /// row.</exception>
    NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items);

    /// <summary>An ordinary net with these weights on all of <paramref name="samples"/>.</summary>
    /// <exception cref="ArgumentException">The samples have another width than the net, or a label that is no class of it.</exception>
    Evaluation Evaluate(PointWeights weights, Samples samples);

    /// <summary>The outputs of an ordinary net's last layer, with these weights, on all of <paramref name="samples"/>.</summary>
    /// <param name="weights">The weights; not changed.</param>
    /// <param name="samples">[rows, inputs].</param>
    /// <returns>[rows, classes].</returns>
    /// <exception cref="ArgumentException">As for <see cref="Evaluate"/>.</exception>
    float[] Logits(PointWeights weights, Samples samples);
}
