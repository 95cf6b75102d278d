using Bnn.Contract;
using Bnn.Core;

namespace Compare;

/// <summary>What is timed: steps of a training, or evaluations of a net.</summary>
/// <param name="Density">Kept share of the weights; null for a net without a mask.</param>
internal sealed record Work(string Name, bool IsBayesian, bool IsEvaluation, Density? Density)
{
    /// <summary>Every work, in the order in which they are timed.</summary>
    public static IReadOnlyList<Work> All { get; } = [
        new("bayesian", IsBayesian: true, IsEvaluation: false, null),
        new("dense", IsBayesian: false, IsEvaluation: false, null),
        .. ((int[])[50, 20, 10, 5, 2, 1]).Select(percent => Ticket($"ticket-{percent}", percent / 100m)),
        new("evaluate-dense", IsBayesian: false, IsEvaluation: true, null),
        Ticket("evaluate-ticket-5", 0.05m) with { IsEvaluation = true }];

    /// <summary>Number of untimed repeats before the first block.</summary>
    public int Warmup => IsEvaluation ? 5 : 100;

    /// <summary>Number of timed repeats in a block.</summary>
    public int Repeats => IsEvaluation ? 5 : 200;

    public static Work Ticket(string name, decimal density) =>
        new(name, IsBayesian: false, IsEvaluation: false, ((Result<Density>.Ok)Bnn.Core.Density.Create(density)).Value);

    /// <summary>The works of a comma-separated list, or what is wrong with it.</summary>
    public static Result<IReadOnlyList<Work>> Parse(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries);
        if (Array.Find(names, name => All.All(work => work.Name != name)) is { } stranger)
            return new Fault.UnknownName("work", stranger, [.. All.Select(work => work.Name)]);
        return new Result<IReadOnlyList<Work>>.Ok([.. All.Where(work => names.Contains(work.Name))]);
    }

    public override string ToString() => Name;
}

/// <summary>The net and the training that all works share.</summary>
internal sealed class Subject(Dataset data)
{
    public const int Batch = 60, EvaluatedImages = 5_000;

    private const double LearningRate = 0.0012;
    private readonly Architecture _net = new([784, 300, 100, 10]);
    private readonly Seed _seed = new(1);
    private readonly int[] _evaluated = [.. Enumerable.Range(0, EvaluatedImages)];

    public Samples Train => data.Train;

    public IStepper Stepper(ITrainingEngine engine, Work work)
    {
        var (start, adam) = (Initialisation.Posterior(_seed, _net), new Optimizer.Adam(LearningRate));
        if (work.IsBayesian)
        {
            var noise = new NoiseSource.OfSeed(_seed);
            var setup = new BayesianSetup(start, adam, Batch, 1.0 / Train.Count, 1, LayerPosterior.ScaleEpsilon, noise);
            return engine.Bayesian(setup, Train);
        }
        var mask = work.Density is { } density ? RandomMask(density) : null;
        return engine.Ordinary(new OrdinarySetup(mask is null ? start.Means() : start.Means().Masked(mask), mask, adam, Batch), Train);
    }

    public Batches Batches() => new(_seed, [.. Enumerable.Range(0, Train.Count)], Batch);

    public Evaluation Evaluate(IStepper stepper) => stepper.Evaluate(Train, _evaluated);

    /// <summary>Each layer's weights kept at random, the output layer pruned at half the rate.</summary>
    private Mask RandomMask(Density density)
    {
        var scores = _net.Layers.Select((shape, l) =>
        {
            var random = new StrategyRandom(_seed, "random", l);
            return Enumerable.Range(0, shape.Weights).Select(i => random.Uniform(i)).ToArray();
        }).ToList();
        return MaskSelection.AtDensity(_net, scores, Keep.Highest, density, MaskScope.Paper);
    }
}
