using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Settings as a command line gives them: text by name; null is not given.</summary>
public sealed class Request() : Dictionary<string, string?>(StringComparer.Ordinal)
{
    /// <summary>The strategies that the plugins offer.</summary>
    public static readonly StrategyInfo[] Known =
    [
        Info("variance", Keep.Lowest, Needs.Posterior), Info("snr", Keep.Highest, Needs.Posterior),
        Info("magnitude", Keep.Highest, Needs.DenseWeights), Info("random", Keep.Highest, Needs.Nothing) with { Group = "control" },
    ];

    public static StrategyInfo Info(string name, Keep keep, Needs needs) =>
        new(name, $"what {name} is", keep, needs, "MaskStrategies.dll", "1.0.0", $"sha of {name}");

    public Result<ExperimentSettings> Read(params IEnumerable<Setting> more) => ExperimentSettings.Create(
        [.. TrainingSettings.All, .. more],
        this.Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => new Given(pair.Value!, OriginOf(pair.Key)), StringComparer.Ordinal),
        OriginOf,
        Known);

    public ExperimentSettings Settings => Read().OrThrow();

    /// <summary>The one arm of settings without lists that make several.</summary>
    public ArmSettings Arm => Assert.Single(Settings.Arms);

    public IReadOnlyList<Fault> Faults => Assert.IsType<Result<ExperimentSettings>.Failed>(Read()).Faults;

    public Plan Plan(DatasetFacts? facts = null, EngineIdentity? engine = null) =>
        Core.Plan.Create(Settings, facts ?? PlanTests.Facts, engine ?? PlanTests.Engine).OrThrow();

    private static Origin OriginOf(string setting) => new(setting, $"--{setting}", $"--{setting} {{0}}");
}
