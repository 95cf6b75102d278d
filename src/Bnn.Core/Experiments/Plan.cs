using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// An experiment as a list of trainings, each once whatever shares it, in the order of its table: seed by seed and arm by arm the Bayesian
/// net, the dense net, the tickets with what they are found from, the controls.
/// </summary>
public sealed class Plan
{
    /// <summary>The largest network that is accepted, in weights without biases.</summary>
    public const long MostWeights = 1L << 28;

    /// <summary>More trainings than a plan's file and the memory of a laptop hold.</summary>
    private const long MostTrainings = 1_000_000;

    private const int LongestNames = 80;

    private Plan(ExperimentSettings settings, LabelCounts? labels, ImmutableArray<ArmPlan> arms)
    {
        (Settings, Basis, Labels) = (settings, arms[0].Basis, labels);
        var uses = Uses.Of(settings.Seeds, arms);
        Trainings = [.. uses.Select(use => use.Kept())];
        var cells = uses.GroupBy(use => use.Training.CellId).ToList();
        Unreported = [.. cells.Where(cell => cell.All(use => !use.IsReported)).Select(cell => cell.Key)];
        Controls = cells.Where(cell => cell.Any(use => use.IsReported) && cell.All(use => !use.IsReported || use.Control is not null))
            .ToImmutableDictionary(cell => cell.Key, cell => cell.First(use => use.IsReported).Control!.Value);
        Arms = uses.ToImmutableDictionary(use => use.Training.Key, use => use.Arms[0]);
        _armsOfCells = cells.ToDictionary(
            cell => cell.Key, cell => cell.SelectMany(use => use.Arms).Distinct(StringComparer.Ordinal).ToImmutableArray());
        Key = Digest.Of(string.Join('\n', Trainings.Select(training => training.Key.Value)));
    }

    private readonly Dictionary<Digest, ImmutableArray<string>> _armsOfCells;

    public ExperimentSettings Settings { get; }

    /// <summary>The data and the engine, which all its trainings share, and the settings of its first arm.</summary>
    public CellBasis Basis { get; }

    /// <summary>How often each class occurs in the data; null where that wasn't counted.</summary>
    public LabelCounts? Labels { get; }

    /// <summary>The network of its first arm.</summary>
    public Architecture Net => Basis.Net;

    public ImmutableArray<Training> Trainings { get; }

    /// <summary>Cells that masks are found from, and that nothing else was asked of.</summary>
    public ImmutableHashSet<Digest> Unreported { get; }

    /// <summary>The cells that are there as controls alone.</summary>
    public ImmutableDictionary<Digest, ControlKind> Controls { get; }

    /// <summary>The name of the first arm that each training belongs to; empty where arms have no names.</summary>
    public ImmutableDictionary<TrainingKey, string> Arms { get; }

    /// <summary>The names of all arms that asked for a cell, in the arms' order.</summary>
    public ImmutableArray<string> ArmsOf(Digest cell) => _armsOfCells[cell];

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
            if (names.Length == 0) names = "whole-nets";
            return $"{(names.Length <= LongestNames ? names : $"{Settings.Strategies.Length}-strategies")}-{Key}";
        }
    }

    /// <summary>Builds the trainings, or says which settings don't fit the data.</summary>
    public static Result<Plan> Create(ExperimentSettings settings, DatasetFacts data, EngineIdentity engine)
    {
        var faults = new List<Fault>();
        var arms = settings.Arms.Select(arm => ArmPlan.Create(arm, data, engine).ValueOr(faults)).OfType<ArmPlan>().ToImmutableArray();
        if (faults.Count == 0 && arms.Sum(arm => (long)arm.OfSeed(arm.Arm.Seeds[0]).Count() * arm.Arm.Seeds.Length) is var count
            && count > MostTrainings)
        {
            faults.Add(new Fault.BadRequest(
                $"that is {count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} trainings, and a plan has at most "
                    + $"{MostTrainings.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)}",
                "make several experiments of it"));
        }
        return faults.Count > 0
            ? faults.DistinctBy(fault => fault.Describe()).ToImmutableArray()
            : new Plan(settings, data.Labels, arms);
    }

    /// <summary>All that a training is there for.</summary>
    private sealed class Uses(Training training)
    {
        private bool _keepsSnapshots = training.KeepsSnapshots;
        private readonly SortedSet<int> _keptSteps = [];

        public Training Training => training;

        /// <summary>The arms that it belongs to: of those that only find masks from it, the first alone.</summary>
        public List<string> Arms { get; } = [];

        public bool IsReported { get; private set; }

        /// <summary>The control that it is, if it is nothing else.</summary>
        public ControlKind? Control { get; private set; }

        public static IReadOnlyList<Uses> Of(ImmutableArray<Seed> seeds, ImmutableArray<ArmPlan> arms)
        {
            var (byKey, inOrder) = (new Dictionary<TrainingKey, Uses>(), new List<Uses>());
            foreach (var seed in seeds)
            {
                foreach (var arm in arms.Where(arm => arm.Arm.Seeds.Contains(seed)))
                {
                    foreach (var planned in arm.OfSeed(seed))
                    {
                        if (!byKey.TryGetValue(planned.Training.Key, out var use))
                        {
                            byKey[planned.Training.Key] = use = new Uses(planned.Training);
                            inOrder.Add(use);
                        }
                        use.Add(planned, arm.Arm.Name);
                    }
                }
            }
            foreach (var parent in inOrder.SelectMany(use => use.Training.Parents))
                if (parent.Step is { } step && byKey.TryGetValue(parent.Of.Key, out var use)) use._keptSteps.Add(step);
            return inOrder;
        }

        /// <summary>The training with everything that is needed of it.</summary>
        public Training Kept() => training.KeepsSnapshots == _keepsSnapshots && _keptSteps.Count == 0
            ? training
            : training.Keeping(_keepsSnapshots, [.. _keptSteps]);

        private void Add(ArmTraining planned, string arm)
        {
            if ((Arms.Count == 0 || planned.IsReported) && !Arms.Contains(arm)) Arms.Add(arm);
            _keepsSnapshots |= planned.Training.KeepsSnapshots;
            if (!planned.IsReported) return;
            Control = IsReported && Control is null ? null : planned.Control;
            IsReported = true;
        }
    }
}

/// <summary>What a plan needs to know about a data set.</summary>
/// <param name="Labels">Null where the classes weren't counted; no key depends on them.</param>
public sealed record DatasetFacts(int Inputs, int Classes, int TrainCount, DataHashes Hashes, LabelCounts? Labels = null)
{
    public static DatasetFacts Of(Dataset data) =>
        new(data.Train.Width, data.Classes, data.Train.Count, data.Hashes, LabelCounts.Of(data));
}
