using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What kind of net a training trains.</summary>
public enum TrainingKind
{
    Bayesian,

    /// <summary>The whole ordinary net.</summary>
    Dense,

    /// <summary>An ordinary net with a mask.</summary>
    Ticket,

    /// <summary>A Bayesian net with a mask.</summary>
    MaskedBayesian,
}

/// <summary>The names of the kinds of training, in files and for people.</summary>
public static class TrainingKinds
{
    public static string Name(this TrainingKind kind) => kind switch
    {
        TrainingKind.Bayesian => "bayesian",
        TrainingKind.Dense => "dense",
        TrainingKind.Ticket => "ticket",
        TrainingKind.MaskedBayesian => "masked-bayesian",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static bool IsBayesian(this TrainingKind kind) => kind is TrainingKind.Bayesian or TrainingKind.MaskedBayesian;
}

/// <summary>The engine that trains, as keys name it: engines that give the same bits share a name.</summary>
/// <param name="Numerics">The version of its arithmetic: raised when its bits change.</param>
public sealed record EngineIdentity(string Name, int Numerics);

/// <summary>What all cells of an experiment share: the data and the engine.</summary>
public sealed record CellBasis(SettingValues Values, Architecture Net, DataHashes Data, EngineIdentity Engine);

/// <summary>
/// How a mask is found: a strategy's ranking, and where it is cut. What the strategy scores from are the training's parents.
/// </summary>
/// <param name="Transform">What becomes of the mask that was found; null where nothing does.</param>
public sealed record MaskRecipe(StrategyInfo Strategy, Cut Cut, MaskTransform? Transform = null)
{
    /// <summary>What the mask's strategy needs, and what the strategy needs whose counts per layer are used.</summary>
    public Needs Needs => Strategy.AllNeeds | (Reference?.AllNeeds ?? Needs.Nothing);

    /// <summary>The strategy whose counts per layer are used; null where that is its own, or none.</summary>
    public StrategyInfo? Reference => Cut switch
    {
        Cut.CountsOf counts => counts.Reference,
        Cut.CountsOfGlobal counts => counts.Reference,
        _ => null,
    };
}

/// <summary>
/// Everything that defines a training but its seed. Trainings of one cell are replicates: reports average over them and nothing else.
/// </summary>
/// <param name="Mask">Null for a whole net.</param>
public sealed record Cell(CellBasis Basis, TrainingKind Kind, MaskRecipe? Mask)
{
    public Architecture Net => Basis.Net;

    /// <summary>Number of updates.</summary>
    public int Steps => Get(Kind.IsBayesian() ? TrainingSettings.BayesianSteps : TrainingSettings.Steps);

    public int Batch => Get(TrainingSettings.Batch);

    public int EvalEvery => Get(TrainingSettings.EvalEvery);

    /// <summary>Number of training images held back for validation.</summary>
    public int Validation => Get(TrainingSettings.Validation);

    public Optimizer Optimizer => TrainingSettings.OptimizerOf(Basis.Values);

    public double KlWeight => Get(TrainingSettings.KlWeight);

    /// <summary>s₀ of the prior N(0, s₀²).</summary>
    public double PriorScale => Get(TrainingSettings.PriorScale);

    /// <summary>What ordinary nets start from.</summary>
    public StartRule Start => Get(TrainingSettings.Start);

    /// <summary>What a masked net's kept weights are rewound to.</summary>
    public Moment Rewind => Mask is null ? Moment.Initial : Get(TrainingSettings.Rewind);

    /// <summary>What a ticket's kept weights start from.</summary>
    public KeptRule Kept => Get(TrainingSettings.Kept);

    /// <summary>What a ticket's pruned weights become.</summary>
    public PrunedRule Pruned => Get(TrainingSettings.Pruned);

    /// <summary>The share of the training images that a Bayesian net trains on.</summary>
    public Density Images => Get(TrainingSettings.BayesianImages).Single();

    /// <summary>The number of a Bayesian net's draw of noise, from 1.</summary>
    public int Noise => Get(TrainingSettings.BayesianNoise).Single();

    /// <summary>For people: the kind, or how the mask is found.</summary>
    public string Label => Mask is null
        ? Kind.Name()
        : string.Concat(
            Kind == TrainingKind.MaskedBayesian ? $"{Kind.Name()} " : "", $"{Mask.Strategy.Label} {Mask.Cut.Label}",
            Mask.Transform is { } transform ? $" {transform.Name()}" : "");

    /// <summary>The settings that belong to it, in the table's order.</summary>
    public IEnumerable<Setting> Settings => Basis.Values.Table.Where(Owns);

    /// <summary>
    /// What distinguishes it from other cells, for people: kind, network, each setting that belongs to it, engine, data, and how its mask
    /// is found. The factors of an experiment are those whose values differ.
    /// </summary>
    public ImmutableArray<NamedValue> Factors => [
        new(Factor.Kind, Kind.Name()),
        .. Mask is null ? (NamedValue[])[] : [
            new(Factor.Strategy, Mask.Strategy.Label),
            new(Factor.Plugin, Mask.Strategy.PluginSha256),
            new(Factor.Scope, Mask.Cut.ScopeName),
            new(Factor.Cut, Mask.Cut.Point.Target?.ToString() ?? Mask.Cut.Label),
            new(Factor.Pruning, Mask.Cut.IsIterative ? Factor.Iterative : Factor.OneShot),
            .. Mask.Cut.RoundRate is { } share ? (NamedValue[])[new(TrainingSettings.PerRound.Name, share.ToString())] : [],
            new(Factor.Places, Mask.Transform?.Name() ?? Factor.Chosen)],
        .. from setting in Settings
           let text = setting == TrainingSettings.Layers ? Net.ToString() : setting.Show(Basis.Values)
           where text is not null
           select new NamedValue(setting.Name, text),
        new(Factor.Engine, $"{Basis.Engine.Name}, numerics {SettingText.Whole(Basis.Engine.Numerics)}"),
        new(Factor.Data, Basis.Data.Name)];

    /// <summary>Whether its mask depends on the weights that ordinary nets start from.</summary>
    private bool IsFoundAtStart => Mask is { } mask
        && (mask.Needs & (Needs.Start | Needs.Gradients | Needs.Curvature | Needs.InputActivity)) != Needs.Nothing;

    /// <summary>Whether a setting belongs to it.</summary>
    public bool Owns(Setting setting) => setting.Part switch
    {
        _ when setting == TrainingSettings.Start && IsFoundAtStart => true,
        SettingPart.Every => true,
        SettingPart.Bayesian => Kind.IsBayesian(),
        SettingPart.Ordinary => !Kind.IsBayesian(),
        SettingPart.Masked => Mask is not null,
        SettingPart.Ticket => Kind == TrainingKind.Ticket,
        _ => false,
    };

    private T Get<T>(Setting<T> setting)
        where T : notnull => Basis.Values.Get(setting);
}

/// <summary>Names of the factors that aren't settings.</summary>
public static class Factor
{
    public const string Kind = "kind", Strategy = "strategy", Plugin = "plugin", Scope = "scope", Cut = "cut";

    /// <summary>Whether a mask is found at once or round after round.</summary>
    public const string Pruning = "pruning", OneShot = "one-shot", Iterative = "iterative";

    /// <summary>Whether the places of the kept weights are those that the strategy chose.</summary>
    public const string Places = "places", Chosen = "as scored";

    public const string Engine = "engine", Data = "data";

    /// <summary>
    /// What kind of net it is, and how its mask is found and cut: scope apart, since masks of two scopes are not compared.
    /// </summary>
    public static ImmutableArray<string> OfMasks { get; } = [Kind, Strategy, Plugin, Cut];
}
