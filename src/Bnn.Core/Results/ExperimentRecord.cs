using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A cell as it is stored in plan.json.</summary>
/// <param name="Net">All layers, the inputs and the classes included.</param>
/// <param name="Label">For people: the kind, or the ticket's strategy and cut.</param>
/// <param name="Steps">Updates of each of its trainings.</param>
/// <param name="Strategy">A ticket's strategy with its arguments; null for nets that aren't pruned.</param>
/// <param name="Scope">paper, layerwise, global or threshold; null for nets that aren't pruned.</param>
/// <param name="Cut">Null for nets that aren't pruned.</param>
/// <param name="Factors">What distinguishes it from other cells, by name.</param>
public sealed record PlannedCell(
    Digest Id, TrainingKind Kind, Architecture Net, string Label, int Steps, string? Strategy, string? Scope, CutPoint? Cut,
    ImmutableArray<NamedValue> Factors)
{
    /// <summary>Whether reports show it; masks are found from the others, and nothing else was asked of them.</summary>
    public bool IsReported { get; init; } = true;

    /// <summary>The name of the control that it is, if it is nothing else in its experiment.</summary>
    public string? Control { get; init; }

    /// <summary>The names of the arms that asked for it; none where arms have no names.</summary>
    public ImmutableArray<string> Arms { get; init; } = [];

    public static PlannedCell Of(Training training)
    {
        var mask = training.Cell.Mask;
        return new PlannedCell(
            training.CellId, training.Kind, training.Cell.Net, training.Label, training.Steps,
            mask?.Strategy.Label, mask?.Cut.ScopeName, mask?.Cut.Point, training.Factors);
    }

    /// <summary>A training's cell, and what it is in its plan.</summary>
    public static PlannedCell Of(Training training, Plan plan) => Of(training) with
    {
        IsReported = !plan.Unreported.Contains(training.CellId),
        Control = plan.Controls.TryGetValue(training.CellId, out var control) ? control.Name() : null,
        Arms = plan.Settings.HasNamedArms ? plan.ArmsOf(training.CellId) : [],
    };

    /// <summary>
    /// The value of a factor; null where the cell doesn't have that factor. One that was added after the plan was written has the value
    /// that goes without saying.
    /// </summary>
    public string? this[string factor]
    {
        get
        {
            foreach (var own in Factors)
                if (own.Name == factor) return own.Value;
            return TrainingSettings.UsualFactors.TryGetValue(factor, out var usual) && HasPartOf(factor) ? usual : null;
        }
    }

    /// <summary>Whether its trainings, or those that its mask was found from, have such settings as the factor's.</summary>
    private bool HasPartOf(string factor) => TrainingSettings.All.First(setting => setting.Name == factor).Part switch
    {
        SettingPart.Masked => Strategy is not null,
        SettingPart.Ticket => Kind == TrainingKind.Ticket,
        SettingPart.Ordinary => !Kind.IsBayesian(),
        SettingPart.Bayesian => Has(TrainingSettings.BayesianSteps),
        // The moment that a mask is found at; in a plan with such moments, a ticket without one has its mask from several.
        _ => Strategy is not null && Has(TrainingSettings.BayesianSteps) && !Has(TrainingSettings.BayesianImages),
    };

    private bool Has(Setting setting)
    {
        foreach (var own in Factors)
            if (own.Name == setting.Name) return true;
        return false;
    }

    /// <summary>
    /// Whether two cells are the same in every factor that both have, apart from what kind of net they are and how their masks are found
    /// and cut: whether a difference between them says something about the masks.
    /// </summary>
    public bool AgreesWith(PlannedCell other)
    {
        foreach (var factor in Factors.Concat(other.Factors))
        {
            if (Factor.OfMasks.Contains(factor.Name) || factor.Name == Factor.Pruning) continue;
            if (this[factor.Name] is not { } own || other[factor.Name] is not { } value || value == own) continue;
            if (factor.Name != Factor.Scope || !HasCountsOf(other) && !other.HasCountsOf(this)) return false;
        }
        return true;
    }

    /// <summary>Whether it has the counts per layer that another cell has under the scope global.</summary>
    private bool HasCountsOf(PlannedCell other) =>
        other.Scope == MaskScope.Global.Name() && Scope == ScopeChoice.CountsOfPrefix + other.Strategy;

    /// <summary>
    /// Whether it has every factor of another cell, apart from those of masks, with the same value: whether its mask can have been found
    /// from a training of that cell, since a ticket's factors include those of its parents.
    /// </summary>
    public bool HasFactorsOf(PlannedCell other)
    {
        foreach (var factor in other.Factors)
            if (!Factor.OfMasks.Contains(factor.Name) && this[factor.Name] != factor.Value) return false;
        return true;
    }

    public bool Equals(PlannedCell? other) => other is not null && Id == other.Id;

    public override int GetHashCode() => Id.GetHashCode();
}

/// <summary>A training as plan.json names it.</summary>
public sealed record PlannedTraining(TrainingKey Key, Seed Seed, PlannedCell Cell)
{
    public TrainingKind Kind => Cell.Kind;

    /// <summary>"variance 0.05, seed 1".</summary>
    public string Name => $"{Cell.Label}, seed {Seed}";

    /// <summary>What it takes from which training; empty too where a plan of an earlier version doesn't say.</summary>
    public ImmutableArray<PlannedParent> Parents { get; init; } = [];
}

/// <summary>A training that another one takes something from, as plan.json names it.</summary>
/// <param name="Step">The step during its training at which it is taken; null for its start and its end.</param>
public sealed record PlannedParent(TrainingKey Key, ParentKind Kind, int? Step)
{
    public static PlannedParent Of(Parent parent) => new(parent.Of.Key, parent.Kind, parent.Step);
}

/// <summary>The settings that were given for an arm, as texts.</summary>
/// <param name="Name">Empty where arms have no names.</param>
public sealed record StoredArm(string Name, ImmutableArray<NamedValue> Given);

/// <summary>A comparison that a study asks for.</summary>
/// <param name="Baseline">An arm's name or a strategy's.</param>
/// <param name="Margin">Percentage points of accuracy that count as no difference; null where none are given.</param>
public sealed record AskedComparison(string Baseline, double? Margin);

/// <summary>A name with a value as text: a setting, a factor, a strategy's argument.</summary>
public sealed record NamedValue(string Name, string Value);

/// <summary>
/// An experiment as stored in plan.json: all that a report needs beside the trainings' own results. Nothing says when or where it ran.
/// </summary>
/// <param name="Command">The command that repeats it.</param>
/// <param name="Given">The settings that were given, as texts: what a changed command is made from.</param>
/// <param name="Settings">Every setting, resolved.</param>
/// <param name="Strategies">All strategies that make masks in it.</param>
public sealed record ExperimentRecord(
    Digest PlanKey, string Command, ImmutableArray<NamedValue> Given, Architecture Net, DataHashes Data,
    ImmutableArray<NamedValue> Settings,
    Roles Roles, ImmutableArray<StrategyInfo> Strategies, ImmutableArray<PlannedTraining> Trainings)
{
    /// <summary>The arms of a study with what was given for each; none where an experiment has none.</summary>
    public ImmutableArray<StoredArm> Arms { get; init; } = [];

    /// <summary>The comparisons that a study asks for.</summary>
    public ImmutableArray<AskedComparison> Comparisons { get; init; } = [];

    /// <summary>What was given for each arm: one of no name where the experiment has none.</summary>
    public ImmutableArray<StoredArm> GivenArms => Arms.IsEmpty ? [new StoredArm("", Given)] : Arms;

    /// <summary>
    /// Whether it can be planned again from its settings: a plan of an earlier version has a command with settings, but no settings.
    /// </summary>
    public bool HasItsSettings => !Arms.IsEmpty || Given.IsEmpty != Command.Contains(" -", StringComparison.Ordinal);

    /// <summary>How often each class occurs, one for each data set; none in plans written before it was counted.</summary>
    public ImmutableArray<LabelCounts> Labels { get; init; } = [];

    /// <summary>
    /// Those of a cell's data; null where they aren't known. Sets with the same training images and other test images have one name: of
    /// these the one on which chance does best.
    /// </summary>
    public LabelCounts? LabelsOf(PlannedCell cell) =>
        cell[Factor.Data] is { } data ? Labels.Where(labels => labels.Data == data).MaxBy(labels => labels.CommonestShare) : null;

    public static ExperimentRecord Of(Plan plan, string command)
    {
        var settings = plan.Settings;
        var cells = new Dictionary<Digest, PlannedCell>();
        return new ExperimentRecord(
            plan.Key, command, settings.Values.GivenTexts, plan.Net, plan.Basis.Data, SettingsOf(plan),
            Roles.Of(settings), [.. settings.Strategies, .. settings.Compared],
            [.. plan.Trainings.Select(training =>
            {
                if (!cells.TryGetValue(training.CellId, out var cell)) cells[training.CellId] = cell = PlannedCell.Of(training, plan);
                return new PlannedTraining(training.Key, training.Seed, cell)
                {
                    Parents = [.. training.Parents.Select(PlannedParent.Of)],
                };
            })])
        {
            Labels = plan.Labels is { } labels ? [labels] : [],
            Arms = settings.HasNamedArms
                ? [.. settings.Arms.Select(arm => new StoredArm(arm.Name, arm.Values.GivenTexts))]
                : [],
        };
    }

    /// <summary>Every setting, resolved, and what follows from the data and the engine.</summary>
    public static ImmutableArray<NamedValue> SettingsOf(Plan plan) => [
        .. plan.Settings.Shown, new("network", plan.Net.ToString()),
        new("engine version", $"{plan.Basis.Engine.Name}, numerics {SettingText.Whole(plan.Basis.Engine.Numerics)}")];

    /// <summary>
    /// Several experiments as one, for a report over all their trainings. Settings that differ are shown with each value; what differs
    /// between trainings becomes a factor.
    /// </summary>
    public static ExperimentRecord Over(ImmutableArray<ExperimentRecord> experiments)
    {
        ImmutableArray<PlannedTraining> trainings =
            [.. experiments.SelectMany(experiment => experiment.Trainings).DistinctBy(training => training.Key)];
        var names = experiments.SelectMany(experiment => experiment.Settings)
            .Select(setting => setting.Name)
            .Distinct(StringComparer.Ordinal);
        return experiments[0] with
        {
            PlanKey = Digest.Of(string.Join('\n', trainings.Select(training => training.Key.Value))),
            Command = string.Join('\n', experiments.Select(experiment => experiment.Command).Distinct(StringComparer.Ordinal)),
            Given = [],
            Arms = [],
            Settings = [.. names.Select(name => new NamedValue(name, string.Join(" | ", experiments
                .SelectMany(experiment => experiment.Settings).Where(setting => setting.Name == name).Select(setting => setting.Value)
                .Distinct(StringComparer.Ordinal))))],
            Roles = new Roles(
                StrategiesOf(experiments, roles => roles.Asked),
                StrategiesOf(experiments, roles => roles.Baselines),
                StrategiesOf(experiments, roles => roles.Controls),
                StrategiesOf(experiments, roles => roles.Featured)),
            Strategies = [.. experiments.SelectMany(experiment => experiment.Strategies).DistinctBy(strategy => strategy.Label)],
            Trainings = trainings,
            Labels = [.. experiments.SelectMany(experiment => experiment.Labels).Distinct()],
        };
    }

    private static ImmutableArray<string> StrategiesOf(
        ImmutableArray<ExperimentRecord> experiments, Func<Roles, ImmutableArray<string>> role) =>
        [.. experiments.SelectMany(experiment => role(experiment.Roles)).Distinct(StringComparer.Ordinal)];
}
