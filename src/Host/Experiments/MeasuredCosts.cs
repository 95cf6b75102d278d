using System.Diagnostics;
using Bnn.Core;

namespace Host.Experiments;

/// <summary>
/// The time that trainings take on this machine, from a few steps of nets like theirs: whole ones, and masked ones at some densities,
/// between which the logarithm of the time is interpolated by the logarithm of the density.
/// </summary>
public sealed class MeasuredCosts(ITrainingEngine engine, Dataset data)
{
    /// <summary>Densities that are measured. From the largest on, a masked net takes as long as the whole one.</summary>
    private static readonly double[] Densities = [0.29, 0.06, 0.01];

    /// <summary>Time for the steps of one net: enough for the runtime to have compiled what is measured.</summary>
    private static readonly TimeSpan Stepping = TimeSpan.FromMilliseconds(40), Evaluating = TimeSpan.FromMilliseconds(12);

    private const int EvaluatedImages = 200;

    /// <summary>Multiples of it, in 32 bits, lie evenly.</summary>
    private const uint Spread = 2_654_435_761;

    private readonly Dictionary<(bool IsBayesian, string Net, int Batch, double Density), (double Step, double Evaluation)> _known = [];

    /// <summary>Seconds that a training takes after a step, evaluations included.</summary>
    public double Seconds(Training training, int from)
    {
        var cell = training.Cell;
        var (step, evaluation) = Of(training, ShareOf(training));
        var evaluated = cell.Validation * ((training.Steps - from) / (double)cell.EvalEvery + 1) + data.Test.Count;
        return step * (training.Steps - from) + evaluation * evaluated;
    }

    /// <summary>Bytes that a training's files take.</summary>
    public static long Bytes(Training training)
    {
        long weights = training.Cell.Net.Weights;
        var rows = training.Steps / training.Cell.EvalEvery;
        var tensors = training.Kind switch
        {
            TrainingKind.Bayesian => 16 * weights + 8 * weights * training.KeptSteps.Length + (training.KeepsSnapshots ? 72 * weights : 0),
            TrainingKind.MaskedBayesian => 17 * weights + 8 * weights * training.KeptSteps.Length,
            _ => 13 * weights + 4 * weights * training.KeptSteps.Length,
        };
        return tensors + 80L * rows + 4096;
    }

    /// <summary>The share of the weights that its mask keeps, as far as that is known before it is found.</summary>
    internal static double ShareOf(Training training) => training.Cell.Mask?.Cut switch
    {
        _ when training.Kind == TrainingKind.Ticket && training.Cell.Pruned != PrunedRule.Zero => 1,
        Cut.AtDensity cut => (double)cut.Density.Value,
        Cut.CountsOfGlobal cut => (double)cut.Density.Value,
        Cut.AtRound cut => Rounds.KeptShare(training.Cell.Net, cut.Scope, cut.PerRound, cut.Round),
        Cut.CountsOfRound cut => Rounds.KeptShare(training.Cell.Net, cut.Scope, cut.PerRound, cut.Round),
        _ => 1,
    };

    private (double Step, double Evaluation) Of(Training training, double share)
    {
        if (share > Densities[0]) return Measured(training, 1);
        var below = Array.FindIndex(Densities, density => density <= share);
        if (below < 0) return Measured(training, Densities[^1]);
        if (below == 0) return Measured(training, Densities[0]);
        var (high, low) = (Densities[below - 1], Densities[below]);
        var (slow, fast) = (Measured(training, high), Measured(training, low));
        var part = Math.Log(share / low) / Math.Log(high / low);
        return (Between(fast.Step, slow.Step, part), Between(fast.Evaluation, slow.Evaluation, part));
    }

    private static double Between(double low, double high, double part) =>
        Math.Exp(Math.Log(low) + part * (Math.Log(high) - Math.Log(low)));

    private (double Step, double Evaluation) Measured(Training training, double density)
    {
        var cell = training.Cell;
        var name = (training.Kind.IsBayesian(), cell.Net.ToString(), cell.Batch, density);
        return _known.TryGetValue(name, out var known) ? known : _known[name] = Measure(training, density);
    }

    private (double Step, double Evaluation) Measure(Training training, double density)
    {
        var cell = training.Cell;
        var start = Initialisation.Posterior(training.Seed, cell.Net);
        var mask = density < 1 ? Scattered(cell.Net, density) : null;
        using var stepper = training.Kind.IsBayesian()
            ? engine.Bayesian(
                new BayesianSetup(
                    start, cell.Optimizer, cell.Batch, 1e-5, cell.PriorScale, LayerPosterior.ScaleEpsilon,
                    new NoiseSource.OfSeed(training.Seed), mask),
                data.Train)
            : engine.Ordinary(new OrdinarySetup(start.Means(), mask, cell.Optimizer, cell.Batch), data.Train);
        var items = new int[cell.Batch];
        for (var i = 0; i < items.Length; i++) items[i] = i % data.Train.Count;
        var validation = Enumerable.Range(0, Math.Min(EvaluatedImages, data.Train.Count)).ToArray();
        return (
            Fastest(() => stepper.Step(items), Stepping),
            Fastest(() => stepper.Evaluate(data.Train, validation), Evaluating) / validation.Length);
    }

    /// <summary>The shortest of several calls, in seconds: what else the machine does only adds to it.</summary>
    private static double Fastest(Action work, TimeSpan time)
    {
        work();
        var fastest = double.PositiveInfinity;
        for (var began = Stopwatch.GetTimestamp(); double.IsInfinity(fastest) || Stopwatch.GetElapsedTime(began) < time;)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return fastest;
    }

    /// <summary>A mask that keeps about a share of each layer's weights, without a pattern.</summary>
    private static Mask Scattered(Architecture net, double density) => new([.. net.Layers.Select(shape => new LayerMask(
        shape,
        [.. Enumerable.Range(0, shape.Weights).Select(i => (byte)(unchecked((uint)i * Spread) < density * uint.MaxValue ? 1 : 0))]))]);
}
