using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// A training between two steps: with the same settings and data, continuing from it gives the rows and the outcome of
/// a training without the pause.
/// </summary>
/// <param name="Step">Steps done, counted in the whole net's training: the stepper of a net that is rewound has done
/// <see cref="LoopSettings.FirstStep"/> fewer.</param>
/// <param name="Rows">The rows of metrics so far.</param>
/// <param name="Sums">The losses since the latest row.</param>
/// <param name="Best">The lowest validation loss so far; null before the first after the start, and without validation.</param>
/// <param name="Stepper">The engine's part.</param>
public sealed record LoopState(int Step, ImmutableArray<MetricsRow> Rows, LossSums Sums, BestWeights? Best, StepperState Stepper);

/// <summary>Where early stopping would stop, as far as is known.</summary>
/// <param name="Step">The evaluated step, not the start; the first on ties.</param>
/// <param name="Nll">Its validation loss, nats.</param>
/// <param name="Weights">The weights (means) there.</param>
public sealed record BestWeights(int Step, double Nll, PointWeights Weights)
{
    /// <summary>The same with weights of its own, which nobody else overwrites.</summary>
    public BestWeights Copy() => this with { Weights = Weights.Copy() };
}
