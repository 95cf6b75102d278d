using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>An experiment as a list of trainings, in the order of its table: per seed the Bayesian net, the dense net, then the tickets.</summary>
public sealed record Plan(ExperimentSettings Settings, Architecture Net, ImmutableArray<TrainingSpec> Trainings)
{
    /// <summary>Twelve hex digits over the trainings' keys: equal plans have equal keys.</summary>
    public RunKey Key => RunKey.Of(string.Join('\n', Trainings.Select(training => training.Key.Value)));

    /// <summary>Strategies asked for, or their number where there are many, and the plan's key: the experiment's folder unless it is given a name.</summary>
    public string DefaultName
    {
        get
        {
            var names = string.Join('+', Settings.Strategies.Select(strategy => strategy.Label.Replace(':', '_')));
            return $"{(names.Length <= LongestNames ? names : $"{Settings.Strategies.Length}-strategies")}-{Key}";
        }
    }

    private const int LongestNames = 80;

    /// <summary>Builds the trainings, or says which settings don't fit the data.</summary>
    public static Result<Plan> Create(ExperimentSettings settings, DatasetFacts data, string engine, int numerics)
    {
        var faults = new List<Fault>();
        if (settings.Validation >= data.TrainCount)
            faults.Add(new Fault.BadSetting("--validation", $"{settings.Validation}", $"fewer than the {data.TrainCount} training images", "for example --validation 0"));
        ImmutableArray<int> sizes = [data.Inputs, .. settings.HiddenLayers, data.Classes];
        if (sizes.Zip(sizes.Skip(1)).Sum(pair => (long)pair.First * pair.Second) > MostWeights)
            faults.Add(new Fault.BadSetting("--layers", string.Join('-', sizes), $"a network of at most {MostWeights} weights", "use smaller layers"));
        if (faults.Count > 0) return faults.ToImmutableArray();

        var net = new Architecture(sizes);
        var shared = new SharedSettings(net, data.Hashes, settings.Validation, settings.Optimizer, settings.Batch, settings.EvalEvery, engine, numerics);
        return new Plan(settings, net, [.. settings.Seeds.SelectMany(seed => OfSeed(settings, shared, seed))]);
    }

    public const long MostWeights = 1L << 28;

    private static IEnumerable<TrainingSpec> OfSeed(ExperimentSettings settings, SharedSettings shared, Seed seed)
    {
        var bayesian = new TrainingSpec.Bayesian(shared, seed, settings.BayesianSteps, settings.KlWeight, settings.PriorScale)
        {
            KeepsSnapshots = settings.Strategies.Concat(settings.Compared).Any(strategy => strategy.AllNeeds.HasFlag(Needs.Snapshots)),
        };
        var dense = new TrainingSpec.Dense(shared, seed, settings.Steps);
        var (bayesianKey, denseKey) = (bayesian.Key, dense.Key);
        yield return bayesian;
        yield return dense;
        foreach (var strategy in settings.Strategies.Concat(settings.Compared))
        {
            foreach (var cut in Cuts(settings, strategy))
            {
                var needs = strategy.AllNeeds | (cut is Cut.CountsOf counts ? counts.Reference.AllNeeds : Needs.Nothing);
                ImmutableArray<RunKey> requires = [
                    .. (needs & (Needs.Posterior | Needs.Snapshots)) != Needs.Nothing ? [bayesianKey] : Array.Empty<RunKey>(),
                    .. needs.HasFlag(Needs.DenseWeights) ? [denseKey] : Array.Empty<RunKey>(),
                ];
                yield return new TrainingSpec.Ticket(shared, seed, settings.Steps, strategy, cut, requires);
            }
        }
    }

    private static IEnumerable<Cut> Cuts(ExperimentSettings settings, StrategyInfo strategy) => settings.Thresholds.Length == 0
        ? settings.Densities.Select(density => new Cut.AtDensity(density, settings.Scope))
        : settings.Thresholds.Select<double, Cut>(value =>
            strategy == settings.Strategies[0] ? new Cut.AtThreshold(value) : new Cut.CountsOf(settings.Strategies[0], value));
}

/// <summary>What a plan has to know of a data set.</summary>
public sealed record DatasetFacts(int Inputs, int Classes, int TrainCount, DataHashes Hashes)
{
    public static DatasetFacts Of(Dataset data) => new(data.Train.Width, data.Classes, data.Train.Count, data.Hashes);
}

/// <summary>What can be done next: pure, so that starting, resuming and parallel jobs share one path.</summary>
public static class Experiment
{
    /// <summary>Trainings not done whose needs are done, in the plan's order.</summary>
    public static IEnumerable<TrainingSpec> Ready(Plan plan, IReadOnlySet<RunKey> done) =>
        plan.Trainings.Where(training => !done.Contains(training.Key) && training.Needs.All(done.Contains));
}
