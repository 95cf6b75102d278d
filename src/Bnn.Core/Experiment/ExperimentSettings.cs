using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>An experiment as asked for: the text of each flag that was given.</summary>
public sealed record RunRequest
{
    public string? Strategy { get; init; }
    public string? Compare { get; init; }
    public string? Density { get; init; }
    public string? Threshold { get; init; }
    public string? Scope { get; init; }
    public string? Layers { get; init; }
    public string? Steps { get; init; }
    public string? BayesianSteps { get; init; }
    public string? Batch { get; init; }
    public string? LearningRate { get; init; }
    public string? Optimizer { get; init; }
    public string? Seed { get; init; }
    public string? Seeds { get; init; }
    public string? Validation { get; init; }
    public string? EvalEvery { get; init; }
    public string? KlWeight { get; init; }
    public string? PriorScale { get; init; }
}

/// <summary>An experiment with every setting resolved, defaults included; what depends on the data comes with <see cref="Plan"/>.</summary>
/// <param name="Strategies">Asked for, in the order given.</param>
/// <param name="Compared">Added beside them.</param>
/// <param name="Densities">Highest first; empty when thresholds cut.</param>
public sealed record ExperimentSettings(
    ImmutableArray<StrategyInfo> Strategies, ImmutableArray<StrategyInfo> Compared,
    ImmutableArray<Density> Densities, ImmutableArray<double> Thresholds, MaskScope Scope,
    ImmutableArray<int> HiddenLayers, int Steps, int BayesianSteps, int Batch, Optimizer Optimizer,
    ImmutableArray<Seed> Seeds, int Validation, int EvalEvery, double KlWeight, double PriorScale)
{
    public const string DefaultStrategy = "variance", DefaultCompare = "magnitude,random", DefaultDensity = "0.2,0.1,0.05,0.02,0.01",
        DefaultScope = "paper", DefaultLayers = "300,100", DefaultSteps = "30000", DefaultBatch = "60", DefaultLearningRate = "0.0012",
        DefaultOptimizer = "adam", DefaultSeed = "1", DefaultValidation = "5000", DefaultEvalEvery = "100", DefaultKlWeight = "1",
        DefaultPriorScale = "1", None = "none", All = "all";

    public const int MostSteps = 100_000_000, MostUnits = 65_536, MostBatch = 65_536, MostSeeds = 10_000;

    /// <summary>Reads every flag and shows all faults together.</summary>
    /// <param name="known">Strategies that the plugins offer.</param>
    public static Result<ExperimentSettings> Create(RunRequest request, IReadOnlyList<StrategyInfo> known)
    {
        var faults = new List<Fault>();
        var strategies = Find("--strategy", request.Strategy ?? DefaultStrategy, known, faults);
        var compared = (request.Compare ?? DefaultCompare) == None
            ? []
            : Find("--compare", request.Compare ?? DefaultCompare, known, faults).Where(info => !strategies.Contains(info)).ToImmutableArray();
        var scope = Choice("--scope", request.Scope ?? DefaultScope, Scopes, faults);
        var densities = request.Threshold is not null ? [] : ParseList("--density", request.Density ?? DefaultDensity, Density.Parse, faults).Distinct().OrderByDescending(d => d.Value).ToImmutableArray();
        var thresholds = request.Threshold is null ? [] : ParseList("--threshold", request.Threshold, ParseThreshold, faults).Distinct().ToImmutableArray();
        if (request.Threshold is not null)
        {
            if (request.Density is not null)
                faults.Add(new Fault.BadCommandLine("--density and --threshold both say where to cut", "give one of them"));
            if (request.Scope is not null)
                faults.Add(new Fault.BadCommandLine("--scope says nothing with --threshold, which cuts all layers alike", "leave --scope out"));
            if (strategies.Length > 1)
                faults.Add(new Fault.BadCommandLine($"--threshold is a value of one strategy's criterion, but {strategies.Length} are asked for", "give one --strategy; those of --compare get its counts"));
        }
        var layers = ParseLayers(request.Layers ?? DefaultLayers, faults);
        var steps = Whole("--steps", request.Steps ?? DefaultSteps, 1, MostSteps, faults);
        var bayesianSteps = request.BayesianSteps is null ? steps : Whole("--bayesian-steps", request.BayesianSteps, 1, MostSteps, faults);
        var batch = Whole("--batch", request.Batch ?? DefaultBatch, 1, MostBatch, faults);
        var rate = Positive("--lr", request.LearningRate ?? DefaultLearningRate, DefaultLearningRate, faults);
        var optimizer = Choice("--optimizer", request.Optimizer ?? DefaultOptimizer, Optimizers(rate), faults);
        var seeds = ParseSeeds(request, faults);
        var validation = Whole("--validation", request.Validation ?? DefaultValidation, 0, int.MaxValue, faults);
        var evalEvery = Whole("--eval-every", request.EvalEvery ?? DefaultEvalEvery, 1, MostSteps, faults);
        var klWeight = NotNegative("--kl-weight", request.KlWeight ?? DefaultKlWeight, faults);
        var priorScale = Positive("--prior-scale", request.PriorScale ?? DefaultPriorScale, DefaultPriorScale, faults);

        if (faults.Count > 0) return faults.ToImmutableArray();
        return new ExperimentSettings(strategies, compared, densities, thresholds, scope, layers, steps, bayesianSteps, batch, optimizer!,
            seeds, validation, evalEvery, klWeight, priorScale);
    }

    public static string OptimizerName(Optimizer optimizer) => optimizer is Optimizer.Adam ? "adam" : "sgd";

    private static readonly ImmutableArray<(string, MaskScope)> Scopes =
        [.. Enum.GetValues<MaskScope>().Select(scope => (RunConfig.ScopeName(scope), scope))];

    private static ImmutableArray<(string, Optimizer)> Optimizers(double rate) => [("adam", new Optimizer.Adam(rate)), ("sgd", new Optimizer.Sgd(rate))];

    private static ImmutableArray<StrategyInfo> Find(string flag, string text, IReadOnlyList<StrategyInfo> known, List<Fault> faults)
    {
        var found = ImmutableArray.CreateBuilder<StrategyInfo>();
        foreach (var name in Items(text).SelectMany(item => item == All ? [.. known.Select(info => info.Name)] : (string[])[item]))
        {
            if (StrategyText.Parse(name, known).ValueOr(faults) is { } info && !found.Contains(info))
                found.Add(info);
        }
        if (Items(text).Length == 0) faults.Add(new Fault.BadSetting(flag, "an empty list", flag == "--compare" ? "names with commas between, or none" : "one name or more, with commas between", "host strategies lists them"));
        return found.ToImmutable();
    }

    private static T? Choice<T>(string flag, string text, ImmutableArray<(string Name, T Value)> choices, List<Fault> faults)
    {
        foreach (var (name, value) in choices)
            if (name == text) return value;
        faults.Add(new Fault.UnknownName($"value of {flag}", text, [.. choices.Select(choice => choice.Name)]));
        return default;
    }

    private static ImmutableArray<T> ParseList<T>(string flag, string text, Func<string, Result<T>> parse, List<Fault> faults)
    {
        var items = Items(text).Select(item => parse(item)).ToList();
        if (items.Count == 0) faults.Add(new Fault.BadSetting(flag, "an empty list", "one value or more, with commas between", "leave the flag out for the default"));
        foreach (var item in items) item.ValueOr(faults);
        return [.. items.OfType<Result<T>.Ok>().Select(ok => ok.Value)];
    }

    private static ImmutableArray<int> ParseLayers(string text, List<Fault> faults) => text is None or ""
        ? []
        : [.. Items(text).Select(item => Whole("--layers", item, 1, MostUnits, faults))];

    private static ImmutableArray<Seed> ParseSeeds(RunRequest request, List<Fault> faults)
    {
        if (request.Seed is not null && request.Seeds is not null)
            faults.Add(new Fault.BadCommandLine("--seed and --seeds are both given", "give one of them"));
        var (flag, text) = request.Seeds is not null ? ("--seeds", request.Seeds) : ("--seed", request.Seed ?? DefaultSeed);
        if (Items(text).Length == 0)
            faults.Add(new Fault.BadSetting(flag, "an empty list", "one seed or more", "for example --seeds 1..3"));
        var seeds = ImmutableArray.CreateBuilder<Seed>();
        foreach (var item in Items(text))
        {
            var ends = item.Split("..", 2, StringSplitOptions.None);
            var parsed = ends.Select(end => Seed.Parse(end, flag)).ToArray();
            var values = parsed.Select(seed => seed.ValueOr(faults).Value).ToArray();
            if (parsed.Any(seed => seed is not Result<Seed>.Ok)) continue;
            var (first, last) = (values[0], values[^1]);
            if (last < first || last - first >= MostSeeds)
            {
                faults.Add(new Fault.BadSetting("--seeds", item, $"a range first..last of 1 to {MostSeeds} seeds", "for example --seeds 1..3"));
                continue;
            }
            for (var value = first; ; value++)
            {
                if (!seeds.Contains(new Seed(value))) seeds.Add(new Seed(value));
                if (value == last) break;
            }
        }
        if (seeds.Count > MostSeeds)
            faults.Add(new Fault.BadSetting(flag, $"{seeds.Count} seeds", $"at most {MostSeeds}", "split them over several commands"));
        return seeds.ToImmutable();
    }

    private static Result<double> ParseThreshold(string text) => Number(text) is { } value && double.IsFinite(value)
        ? value
        : new Fault.BadSetting("--threshold", text, "a finite number, in units of the strategy's criterion", "for example --strategy variance --threshold 0.01");

    private static int Whole(string flag, string text, int least, int most, List<Fault> faults)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        var range = most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}";
        faults.Add(new Fault.BadSetting(flag, Shown(text), range, "see host run --help"));
        return least;
    }

    private static double Positive(string flag, string text, string example, List<Fault> faults)
    {
        if (Number(text) is { } value and > 0 && (float)value is > 0 and < float.PositiveInfinity) return value;
        faults.Add(new Fault.BadSetting(flag, Shown(text), "a number above 0 that single precision can hold", $"for example {flag} {example}"));
        return 1;
    }

    private static double NotNegative(string flag, string text, List<Fault> faults)
    {
        if (Number(text) is { } value and >= 0 && (float)value < float.PositiveInfinity) return Math.Abs(value);    // −0 is 0, in the key too
        faults.Add(new Fault.BadSetting(flag, Shown(text), "a number, 0 or more", $"for example {flag} 1"));
        return 1;
    }

    private static string Shown(string text) => text.Length == 0 ? "nothing" : text;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string[] Items(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
