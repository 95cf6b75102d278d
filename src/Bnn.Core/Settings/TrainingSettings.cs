using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// The settings that decide what is trained: the one place where each is defined. Their order is that of help, of tables of settings and of
/// config.json; a new one is an entry here (docs/extending/setting.md).
/// </summary>
public static class TrainingSettings
{
    /// <summary>What stands for no strategy, or for every strategy.</summary>
    public const string None = "none", Every = "all";

    /// <summary>The strategies that sentences always mention, even when all strategies are asked for.</summary>
    public const string FeaturedOfAll = "variance,snr";

    /// <summary>The largest values that are accepted: updates, units of a layer, images of a batch, seeds.</summary>
    public const int MostSteps = 100_000_000, MostUnits = 65_536, MostBatch = 65_536, MostSeeds = 10_000;

    public static Setting<ImmutableArray<StrategyInfo>> Strategy { get; } = new()
    {
        Name = "strategy",
        ValueName = "NAMES",
        Help = $"Strategies to try, comma-separated, or {None} for the whole nets alone; host strategies lists them.",
        Part = SettingPart.Plan,
        Default = "variance",
        Parse = (text, context) => text == None
            ? ImmutableArray<StrategyInfo>.Empty
            : TrainingTexts.Strategies(text, context, $"names with commas between, or {None}"),
        Write = strategies => strategies.IsEmpty ? None : SettingText.List(strategies, strategy => strategy.Label),
    };

    public static Setting<ImmutableArray<StrategyInfo>> Compare { get; } = new()
    {
        Name = "compare",
        ValueName = "NAMES",
        Help = $"Strategies to compare with, or {None}.",
        Part = SettingPart.Plan,
        Default = "magnitude,random",
        Parse = (text, context) => text == None
            ? ImmutableArray<StrategyInfo>.Empty
            : TrainingTexts.Strategies(text, context, $"names with commas between, or {None}"),
        Write = strategies => strategies.IsEmpty ? None : SettingText.List(strategies, strategy => strategy.Label),
        Shown = values => values.Get(Compare!).Except(values.Get(Strategy)).ToList() is { Count: > 0 } compared
            ? SettingText.List(compared, strategy => strategy.Label)
            : None,
    };

    public static Setting<ImmutableArray<Density>> Density { get; } = new()
    {
        Name = "density",
        ValueName = "LIST",
        Help = "Shares of the weights to keep, each in (0, 1].",
        Part = SettingPart.Plan,
        Default = "0.2,0.1,0.05,0.02,0.01",
        Parse = (text, _) => TrainingTexts.Densities(text),
        Write = densities => SettingText.List(densities, density => density.ToString()),
        Shown = values => values.Find(Threshold!, out _) ? "as the threshold gives"
            : values.Get(Rounds!).Count > 0 && !values.IsGiven(Density!) ? "of every round"
            : Density!.Write(values.Get(Density)),
    };

    public static Setting<ImmutableArray<double>> Threshold { get; } = new()
    {
        Name = "threshold",
        ValueName = "LIST",
        Help = "Cut at a value of the one strategy's raw criterion instead; the compared ones get its counts.",
        Part = SettingPart.Plan,
        InsteadOf = Density,
        Parse = (text, _) => TrainingTexts.Thresholds(text),
        Write = TrainingTexts.WriteThresholds,
    };

    public static Setting<ScopeChoice> Scope { get; } = new()
    {
        Name = "scope",
        ValueName = "SCOPE",
        Help = "paper: each layer alone, the output layer at half the rate; layerwise: each layer at the same rate; "
            + "global: all layers together; counts-of:STRATEGY: as many in each layer as that one keeps under global.",
        Part = SettingPart.Plan,
        Default = "paper",
        Parse = TrainingTexts.Scope,
        Write = scope => scope.Name,
        Shown = values => values.Find(Threshold, out _) ? "all layers at the threshold" : values.Get(Scope!).Name,
    };

    public static Setting<PruningRounds> Rounds { get; } = new()
    {
        Name = "rounds",
        ValueName = "LIST",
        Help = "Rounds of pruning and training; 0 for tickets that are cut at once. 0,20 does both, at the counts of the rounds, and 0/20 "
            + "only cuts at these counts. Without densities every round is reported.",
        Part = SettingPart.Plan,
        Default = "0",
        Parse = (text, _) => PruningRounds.Parse(text),
        Write = rounds => rounds.ToString(),
    };

    public static Setting<RoundRate> PerRound { get; } = new()
    {
        Name = "per-round",
        ValueName = "SHARE",
        Help = "Share of the weights left that a round prunes; half of it in the output layer if the scope is paper.",
        Part = SettingPart.Plan,
        Default = default(RoundRate).ToString(),
        Parse = (text, _) => RoundRate.Parse(text),
        Write = share => share.ToString(),
        Shown = values => values.Get(Rounds).Count > 0 ? values.Get(PerRound!).ToString() : null,
    };

    public static Setting<Moment> Rewind { get; } = new()
    {
        Name = "rewind",
        ValueName = "STEP",
        Help = "The step of the whole net whose weights and biases masked nets start from; final: as many steps more.",
        Part = SettingPart.Masked,
        Default = "0",
        AddedLater = true,
        Parse = (text, _) => text == Moment.Final.ToString()
            ? Moment.Final
            : Parse.Whole(0, MostSteps)(text, new SettingContext([])).Match<Result<Moment>>(
                step => step == 0 ? Moment.Initial : Moment.After(step),
                _ => new Fault.BadSetting("", text.Length == 0 ? "nothing" : text, "0, a step, or final") { Example = "500" }),
        Write = TrainingTexts.WriteRewind,
        InKey = (json, moment, _) => json.WriteString("rewind", TrainingTexts.WriteRewind(moment)),
    };

    public static Setting<KeptRule> Kept { get; } = OneOf<KeptRule>(
        "kept",
        "RULE",
        "What kept weights start from: rewind, to their initial values; reinit, drawn anew; shuffle, permuted within the layer; both also "
            + "-same-sign; constant.",
        SettingPart.Ticket,
        KeptRules.Name);

    public static Setting<PrunedRule> Pruned { get; } = OneOf<PrunedRule>(
        "pruned",
        "RULE",
        "What pruned weights become: zero; freeze, at their initial value; towards-zero, which freezes those that training moved away from "
            + "zero.",
        SettingPart.Ticket,
        PrunedRules.Name);

    public static Setting<StartRule> Start { get; } = OneOf<StartRule>(
        "start",
        "START",
        "What ordinary nets start from: posterior, the Bayesian net's initial means; glorot, Keras' glorot_normal, biases 0.",
        SettingPart.Ordinary,
        StartRules.Name);

    public static Setting<ImmutableArray<ControlKind>> Controls { get; } = new()
    {
        Name = "controls",
        ValueName = "NAMES",
        Help = "Controls beside the tickets, comma-separated: random, random-live, shuffle-inputs, inverted, reinit, glorot-start.",
        Part = SettingPart.Plan,
        Default = None,
        Parse = (text, context) => text == None
            ? ImmutableArray<ControlKind>.Empty
            : Parse.List(text, item => Parse.Choice("controls", [.. Enum.GetValues<ControlKind>().Select(kind => (kind.Name(), kind))])(
                item, context)).Map(kinds => kinds.Distinct().ToImmutableArray()),
        Write = kinds => kinds.IsEmpty ? None : SettingText.List(kinds, kind => kind.Name()),
    };

    public static Setting<ImmutableArray<Density>> ControlsAt { get; } = new()
    {
        Name = "controls-at",
        ValueName = "LIST",
        Help = "Densities, or the rounds nearest to them, at which controls are trained.",
        Part = SettingPart.Plan,
        DefaultInWords = "all",
        Parse = (text, _) => TrainingTexts.Densities(text),
        Write = densities => SettingText.List(densities, density => density.ToString()),
    };

    public static Setting<int> Validation { get; } = new()
    {
        Name = "validation",
        ValueName = "N",
        Help = "Training images held back for early stopping, chosen by seed; 0 for none.",
        Part = SettingPart.Every,
        Default = "5000",
        Parse = Parse.Whole(0, int.MaxValue),
        Write = SettingText.Whole,
        InKey = (json, images, _) => json.WriteNumber("validation", images),
    };

    public static Setting<ImmutableArray<int>> Layers { get; } = new()
    {
        Name = "layers",
        ValueName = "LIST",
        Help = "Hidden units, comma-separated, or \"\" for no hidden layer.",
        Part = SettingPart.Every,
        Default = "300,100",
        Parse = (text, context) => text is None or ""
            ? ImmutableArray<int>.Empty
            : Parse.List(text, item => Parse.Whole(1, MostUnits)(item, context)),
        Write = units => SettingText.List(units, SettingText.Whole),
        InKey = (json, _, context) =>
        {
            json.WriteStartArray("layers");
            foreach (var size in context.Net.Sizes) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteString("initialisation", Initialisation.Name);
        },
    };

    public static Setting<string> Optimizer { get; } = new()
    {
        Name = "optimizer",
        ValueName = "NAME",
        Help = "adam (Keras' form) or sgd.",
        Part = SettingPart.Every,
        Default = Adam,
        Parse = Parse.Choice("optimizer", (Adam, Adam), (Sgd, Sgd)),
        Write = name => name,
        Shown = values => OptimizerOf(values) is Bnn.Core.Optimizer.Adam adam
            ? $"{Adam} (beta1 {SettingText.Number(adam.Beta1)}, beta2 {SettingText.Number(adam.Beta2)}, "
                + $"epsilon {SettingText.Number(adam.Epsilon)})"
            : Sgd,
        InKey = (json, name, context) =>
        {
            json.WriteStartObject("optimizer");
            json.WriteString("name", name);
            json.WriteNumber("learning_rate", context.Values.Get(LearningRate!));
            if (OptimizerOf(context.Values) is Bnn.Core.Optimizer.Adam adam)
            {
                json.WriteNumber("beta1", adam.Beta1);
                json.WriteNumber("beta2", adam.Beta2);
                json.WriteNumber("epsilon", adam.Epsilon);
            }
            json.WriteEndObject();
        },
    };

    /// <summary>Written as part of the optimizer in keys.</summary>
    public static Setting<double> LearningRate { get; } = new()
    {
        Name = "lr",
        ValueName = "RATE",
        Help = "Learning rate.",
        Part = SettingPart.Every,
        Default = "0.0012",
        Parse = Parse.Positive("0.0012"),
        Write = SettingText.Number,
    };

    public static Setting<int> Batch { get; } = new()
    {
        Name = "batch",
        ValueName = "N",
        Help = "Images per update (batch size).",
        Part = SettingPart.Every,
        Default = "60",
        Parse = Parse.Whole(1, MostBatch),
        Write = SettingText.Whole,
        InKey = (json, images, _) => json.WriteNumber("batch", images),
    };

    public static Setting<int> EvalEvery { get; } = new()
    {
        Name = "eval-every",
        ValueName = "N",
        Help = "Steps between evaluations.",
        Part = SettingPart.Every,
        Default = "100",
        Parse = Parse.Whole(1, MostSteps),
        Write = SettingText.Whole,
        InKey = (json, steps, _) => json.WriteNumber("eval_every", steps),
    };

    public static Setting<ImmutableArray<Seed>> Seed { get; } = new()
    {
        Name = "seed",
        ValueName = "N",
        Help = "Fixes every random number.",
        Part = SettingPart.Replicate,
        Default = "1",
        ShownByAnother = true,
        Parse = (text, _) => TrainingTexts.Seeds(text),
        Write = WriteSeeds,
        InKey = (json, _, context) =>
        {
            if (context.Seed is { } seed) json.WriteNumber("seed", seed.Value);
        },
    };

    public static Setting<ImmutableArray<Seed>> Seeds { get; } = new()
    {
        Name = "seeds",
        ValueName = "LIST",
        Help = "Several seeds: 1..3 or 1,4,7. Differences are then paired by seed, with intervals.",
        Part = SettingPart.Plan,
        InsteadOf = Seed,
        Parse = (text, _) => TrainingTexts.Seeds(text),
        Write = WriteSeeds,
        FollowsFrom = values => values.Get(Seed),
    };

    public static Setting<int> Steps { get; } = new()
    {
        Name = "steps",
        ValueName = "N",
        Help = "Updates of the dense net and of each ticket.",
        Part = SettingPart.Ordinary,
        Default = "30000",
        Parse = Parse.Whole(1, MostSteps),
        Write = SettingText.Whole,
        InKey = (json, steps, _) => json.WriteNumber("steps", steps),
    };

    public static Setting<int> BayesianSteps { get; } = new()
    {
        Name = "bayesian-steps",
        ValueName = "N",
        Help = "Updates of the Bayesian net.",
        Part = SettingPart.Bayesian,
        DefaultInWords = "as steps",
        Parse = Parse.Whole(1, MostSteps),
        Write = SettingText.Whole,
        FollowsFrom = values => values.Get(Steps),
        InKey = (json, steps, _) => json.WriteNumber("steps", steps),
    };

    public static Setting<double> KlWeight { get; } = new()
    {
        Name = "kl-weight",
        ValueName = "W",
        Help = "Factor on KL/N in the Bayesian loss.",
        Part = SettingPart.Bayesian,
        Default = "1",
        Parse = Parse.NotNegative("1"),
        Write = SettingText.Number,
        InKey = (json, weight, _) => json.WriteNumber("kl_weight", weight),
    };

    public static Setting<double> PriorScale { get; } = new()
    {
        Name = "prior-scale",
        ValueName = "S",
        Help = "Standard deviation of the weights' prior.",
        Part = SettingPart.Bayesian,
        Default = "1",
        Parse = Parse.Positive("1"),
        Write = SettingText.Number,
        InKey = (json, scale, _) => json.WriteNumber("prior_scale", scale),
    };

    public static Setting<ImmutableArray<Density>> BayesianImages { get; } = new()
    {
        Name = "bayesian-images",
        ValueName = "LIST",
        Help = "Shares of the training images that the Bayesian net trains on, with as many updates.",
        Part = SettingPart.Bayesian,
        Default = "1",
        AddedLater = true,
        IsGrid = true,
        Parse = (text, _) => TrainingTexts.Densities(text),
        Write = shares => SettingText.List(shares, share => share.ToString()),
        InKey = (json, shares, _) => json.WriteNumber("images", shares.Single().Shortest),
    };

    public static Setting<ImmutableArray<AskedMoment>> BayesianAt { get; } = new()
    {
        Name = "bayesian-at",
        ValueName = "LIST",
        Help = "Moments of the Bayesian training that masks are found at: epochs, step:N, or final.",
        Part = SettingPart.Plan,
        Default = AskedMoment.Final.ToString(),
        IsGrid = true,
        Parse = (text, _) => Parse.List(text, AskedMoment.Parse).Map(moments => moments.Distinct().ToImmutableArray()),
        Write = moments => SettingText.List(moments, moment => moment.ToString()),
    };

    public static Setting<ImmutableArray<int>> BayesianNoise { get; } = new()
    {
        Name = "bayesian-noise",
        ValueName = "LIST",
        Help = "Numbers of draws of the Bayesian net's noise: two posteriors that differ in it alone show how far masks can agree.",
        Part = SettingPart.Bayesian,
        Default = "1",
        AddedLater = true,
        IsGrid = true,
        Parse = (text, context) => Parse.List(text, item => Parse.Whole(1, NoiseSource.OfSeed.Replicates)(item, context))
            .Map(numbers => numbers.Distinct().ToImmutableArray()),
        Write = numbers => SettingText.List(numbers, SettingText.Whole),
        InKey = (json, numbers, _) => json.WriteNumber("noise", numbers.Single()),
    };

    /// <summary>All of them, in their order.</summary>
    public static ImmutableArray<Setting> All { get; } = [
        Strategy, Compare, Density, Threshold, Scope, Rounds, PerRound, Rewind, Kept, Pruned, Start, Controls, ControlsAt, Validation,
        Layers, Optimizer, LearningRate, Batch, EvalEvery, Seed, Seeds, Steps, BayesianSteps, KlWeight, PriorScale, BayesianImages,
        BayesianAt, BayesianNoise];

    /// <summary>
    /// The factors that go without saying at one value, and that value: those of settings that were added later, and the moment that masks
    /// are found at.
    /// </summary>
    public static ImmutableDictionary<string, string> UsualFactors { get; } = All
        .Where(setting => setting.AddedLater)
        .Append(BayesianAt)
        .ToImmutableDictionary(setting => setting.Name, setting => setting.Default!, StringComparer.Ordinal);

    private const string Adam = "adam", Sgd = "sgd";

    /// <summary>The optimizer of a name and a learning rate.</summary>
    public static Bnn.Core.Optimizer OptimizerOf(SettingValues values) => values.Get(Optimizer) == Adam
        ? new Bnn.Core.Optimizer.Adam(values.Get(LearningRate))
        : new Bnn.Core.Optimizer.Sgd(values.Get(LearningRate));

    /// <summary>Seeds as a list: 1,2,3.</summary>
    public static string WriteSeeds(ImmutableArray<Seed> seeds) => SettingText.List(seeds, seed => seed.ToString());

    /// <summary>A setting that has one of an enumeration's values, by default the first. Keys have its name.</summary>
    private static Setting<T> OneOf<T>(string name, string valueName, string help, SettingPart part, Func<T, string> nameOf)
        where T : struct, Enum => new()
        {
            Name = name,
            ValueName = valueName,
            Help = help,
            Part = part,
            Default = nameOf(default),
            AddedLater = true,
            Parse = Parse.Choice(name, [.. Enum.GetValues<T>().Select(value => (nameOf(value), value))]),
            Write = nameOf,
            InKey = (json, value, _) => json.WriteString(name, nameOf(value)),
        };
}
