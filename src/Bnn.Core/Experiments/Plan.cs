using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// An experiment as a list of trainings, in the order of its table: per seed the Bayesian net, the dense net, then the tickets.
/// </summary>
public sealed class Plan
{
    /// <summary>The largest network that is accepted, in weights without biases.</summary>
    public const long MostWeights = 1L << 28;

    private const int LongestNames = 80;

    private Plan(ExperimentSettings settings, CellBasis basis, LabelCounts? labels, ImmutableArray<Training> trainings)
    {
        (Settings, Basis, Labels, Trainings) = (settings, basis, labels, trainings);
        Key = Digest.Of(string.Join('\n', trainings.Select(training => training.Key.Value)));
    }

    public ExperimentSettings Settings { get; }

    /// <summary>The data and the engine, which all its trainings share.</summary>
    public CellBasis Basis { get; }

    /// <summary>How often each class occurs in the data; null where that wasn't counted.</summary>
    public LabelCounts? Labels { get; }

    public Architecture Net => Basis.Net;

    public ImmutableArray<Training> Trainings { get; }

    /// <summary>Twelve hex digits over the trainings' keys: equal plans have equal keys.</summary>
    public Digest Key { get; }

    /// <summary>
    /// Strategies asked for, or their number where there are many, and the plan's key: the experiment's folder unless it is given a name.
    /// </summary>
    public string DefaultName
    {
        get
        {
            var names = string.Join('+', Settings.Strategies.Select(strategy => strategy.Label.Replace(':', '_')));
            return $"{(names.Length <= LongestNames ? names : $"{Settings.Strategies.Length}-strategies")}-{Key}";
        }
    }

    /// <summary>Builds the trainings, or says which settings don't fit the data.</summary>
    public static Result<Plan> Create(ExperimentSettings settings, DatasetFacts data, EngineIdentity engine)
    {
        var faults = new List<Fault>();
        if (settings.Validation >= data.TrainCount)
        {
            faults.Add(settings.Values.Located(new Fault.BadSetting(
                TrainingSettings.Validation.Name, $"{settings.Validation}", $"fewer than the {data.TrainCount} training images")
            {
                Example = "0",
            }));
        }
        ImmutableArray<int> sizes = [data.Inputs, .. settings.HiddenLayers, data.Classes];
        if (sizes.Zip(sizes.Skip(1)).Sum(pair => (long)pair.First * pair.Second) > MostWeights)
        {
            faults.Add(settings.Values.Located(new Fault.BadSetting(
                TrainingSettings.Layers.Name, string.Join('-', sizes),
                $"a network of at most {MostWeights} weights", "use smaller layers")));
        }
        if (faults.Count > 0) return faults.ToImmutableArray();

        var basis = new CellBasis(settings.Values, new Architecture(sizes), data.Hashes, engine);
        return new Plan(settings, basis, data.Labels, [.. settings.Seeds.SelectMany(seed => OfSeed(settings, basis, seed))]);
    }

    private static IEnumerable<Training> OfSeed(ExperimentSettings settings, CellBasis basis, Seed seed)
    {
        ImmutableArray<StrategyInfo> strategies = [.. settings.Strategies, .. settings.Compared];
        var bayesian = new Training(new Cell(basis, TrainingKind.Bayesian, Mask: null), seed, [])
        {
            KeepsSnapshots = strategies.Any(strategy => strategy.AllNeeds.HasFlag(Needs.Snapshots)),
        };
        var dense = new Training(new Cell(basis, TrainingKind.Dense, Mask: null), seed, []);
        yield return bayesian;
        yield return dense;
        foreach (var strategy in strategies)
        {
            foreach (var cut in Cuts(settings, strategy))
            {
                var mask = new MaskRecipe(strategy, cut);
                yield return new Training(new Cell(basis, TrainingKind.Ticket, mask), seed, [.. ParentsOf(mask, bayesian, dense)]);
            }
        }
    }

    /// <summary>The trainings of its seed that a mask is found from.</summary>
    private static IEnumerable<Parent> ParentsOf(MaskRecipe mask, Training bayesian, Training dense)
    {
        if (mask.Needs.HasFlag(Needs.Posterior)) yield return new Parent.Posterior(bayesian, Moment.Final);
        if (mask.Needs.HasFlag(Needs.Snapshots)) yield return new Parent.Snapshots(bayesian);
        if (mask.Needs.HasFlag(Needs.DenseWeights)) yield return new Parent.Weights(dense, Moment.Final);
    }

    private static IEnumerable<Cut> Cuts(ExperimentSettings settings, StrategyInfo strategy) => settings.Thresholds.IsEmpty
        ? settings.Densities.Select(density => new Cut.AtDensity(density, settings.Scope))
        : settings.Thresholds.Select<double, Cut>(value =>
            strategy == settings.Strategies[0] ? new Cut.AtThreshold(value) : new Cut.CountsOf(settings.Strategies[0], value));
}

/// <summary>What a plan needs to know about a data set.</summary>
/// <param name="Labels">Null where the classes weren't counted; no key depends on them.</param>
public sealed record DatasetFacts(int Inputs, int Classes, int TrainCount, DataHashes Hashes, LabelCounts? Labels = null)
{
    public static DatasetFacts Of(Dataset data) =>
        new(data.Train.Width, data.Classes, data.Train.Count, data.Hashes, LabelCounts.Of(data));
}
