using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>A key changes with all that can change a training's bits, and with nothing else.</summary>
public sealed class RunKeyTests
{
    private static readonly DataHashes Data = new("0a", "0b", "0c", "0d");
    private static readonly Optimizer.Adam Adam = new(0.0012);
    private static readonly SharedSettings Shared = new(new Architecture([784, 300, 100, 10]), Data, 5000, Adam, 60, 100, "simd", 1);
    private static readonly StrategyInfo Variance = ExperimentSettingsTests.Info("variance", Keep.Lowest, Needs.Posterior);
    private static readonly Cut AtTenth = new Cut.AtDensity(Density(0.1m), MaskScope.Paper);

    private static Density Density(decimal value) => Assert.IsType<Result<Density>.Ok>(Core.Density.Create(value)).Value;

    private static TrainingSpec Bayesian(SharedSettings shared) => new TrainingSpec.Bayesian(shared, new Seed(1), 30_000, 1, 1);

    private static TrainingSpec Dense(SharedSettings shared) => new TrainingSpec.Dense(shared, new Seed(1), 30_000);

    private static TrainingSpec Ticket(SharedSettings shared, StrategyInfo strategy, Cut cut, params ImmutableArray<RunKey> needs) =>
        new TrainingSpec.Ticket(shared, new Seed(1), 30_000, strategy, cut, needs);

    /// <summary>Another value of each shared setting, by its name.</summary>
    private static readonly Dictionary<string, SharedSettings[]> OtherShared = new(StringComparer.Ordinal)
    {
        [nameof(SharedSettings.Net)] = [Shared with { Net = new Architecture([784, 300, 10]) }, Shared with { Net = new Architecture([784, 100, 300, 10]) }],
        [nameof(SharedSettings.Data)] =
        [
            Shared with { Data = Data with { TrainImages = "0e" } }, Shared with { Data = Data with { TrainLabels = "0e" } },
            Shared with { Data = Data with { TestImages = "0e" } }, Shared with { Data = Data with { TestLabels = "0e" } },
        ],
        [nameof(SharedSettings.Validation)] = [Shared with { Validation = 0 }],
        [nameof(SharedSettings.Optimizer)] =
        [
            Shared with { Optimizer = new Optimizer.Sgd(0.0012) }, Shared with { Optimizer = new Optimizer.Sgd(0.1) },
            Shared with { Optimizer = Adam with { LearningRate = 0.1 } },
            Shared with { Optimizer = Adam with { Beta1 = 0.8 } }, Shared with { Optimizer = Adam with { Beta2 = 0.99 } },
            Shared with { Optimizer = Adam with { Epsilon = 1e-8 } },
            Shared with { Optimizer = Adam with { LearningRate = double.BitIncrement(0.0012) } },
        ],
        [nameof(SharedSettings.Batch)] = [Shared with { Batch = 61 }],
        [nameof(SharedSettings.EvalEvery)] = [Shared with { EvalEvery = 50 }],
        [nameof(SharedSettings.Engine)] = [Shared with { Engine = "tf" }],
        [nameof(SharedSettings.Numerics)] = [Shared with { Numerics = 2 }],
    };

    [Fact]
    public void Every_shared_setting_moves_every_kinds_key()
    {
        Assert.Equal(typeof(SharedSettings).GetProperties().Select(property => property.Name).Order(), OtherShared.Keys.Order());
        Func<SharedSettings, TrainingSpec>[] kinds = [Bayesian, Dense, shared => Ticket(shared, Variance, AtTenth)];
        foreach (var kind in kinds) Differ([kind(Shared), .. OtherShared.Values.SelectMany(others => others).Select(kind)]);
    }

    [Fact]
    public void Every_setting_of_its_own_moves_a_trainings_key()
    {
        var bayesian = (TrainingSpec.Bayesian)Bayesian(Shared);
        Covers<TrainingSpec.Bayesian>("Shared", "Seed", "Steps", "KlWeight", "PriorScale");
        Covers<TrainingSpec.Dense>("Shared", "Seed", "Steps");
        Differ([
            bayesian, bayesian with { Seed = new Seed(2) }, bayesian with { Steps = 1 }, bayesian with { KlWeight = 0.5 }, bayesian with { PriorScale = 0.5 },
            Dense(Shared), Dense(Shared) with { Seed = new Seed(2) }, Dense(Shared) with { Steps = 1 },
        ]);
    }

    [Fact]
    public void Strategy_cut_and_needs_move_a_tickets_key()
    {
        Covers<TrainingSpec.Ticket>("Shared", "Seed", "Steps", "Strategy", "Cut", "Requires");
        var ticket = Ticket(Shared, Variance, AtTenth, new RunKey("aa"));
        Differ([
            ticket, ticket with { Seed = new Seed(2) }, ticket with { Steps = 1 },
            Ticket(Shared, Variance with { PluginSha256 = "other" }, AtTenth, new RunKey("aa")),
            Ticket(Shared, Variance with { Name = "other" }, AtTenth, new RunKey("aa")),
            Ticket(Shared, Variance, AtTenth), Ticket(Shared, Variance, AtTenth, new RunKey("bb")), Ticket(Shared, Variance, AtTenth, new RunKey("aa"), new RunKey("bb")),
            .. Enum.GetValues<MaskScope>().SelectMany(scope => new[] { 0.2m, 0.01m, 1m }, (scope, density) =>
                Ticket(Shared, Variance, new Cut.AtDensity(Density(density), scope), new RunKey("aa"))),
            Ticket(Shared, Variance, new Cut.AtThreshold(0.1), new RunKey("aa")), Ticket(Shared, Variance, new Cut.AtThreshold(0.2), new RunKey("aa")),
            Ticket(Shared, Variance, new Cut.CountsOf(Variance, 0.1), new RunKey("aa")), Ticket(Shared, Variance, new Cut.CountsOf(Variance, 0.2), new RunKey("aa")),
            Ticket(Shared, Variance, new Cut.CountsOf(Variance with { Name = "other" }, 0.1), new RunKey("aa")),
            Ticket(Shared, Variance, new Cut.CountsOf(Variance with { PluginSha256 = "other" }, 0.1), new RunKey("aa")),
        ]);
    }

    [Fact]
    public void What_a_plugin_says_of_itself_moves_no_key() => Assert.Equal(
        Ticket(Shared, Variance, AtTenth).Key,
        Ticket(Shared, Variance with { Description = "other", Plugin = "Other.dll", PluginVersion = "9" }, AtTenth).Key);

    [Fact]
    public void A_density_is_the_same_however_it_is_written() => Assert.Equal(
        Ticket(Shared, Variance, AtTenth).Config,
        Ticket(Shared, Variance, new Cut.AtDensity(Density(0.1000m), MaskScope.Paper)).Config);

    [Fact]
    public void A_config_is_this_text() => Assert.Equal("""
        {
          "format": 1,
          "kind": "dense",
          "engine": "simd",
          "numerics": 1,
          "data": {
            "train_images": "0a",
            "train_labels": "0b",
            "test_images": "0c",
            "test_labels": "0d"
          },
          "validation": 5000,
          "layers": [
            784,
            300,
            100,
            10
          ],
          "initialisation": "tfp-default",
          "optimizer": {
            "name": "adam",
            "learning_rate": 0.0012,
            "beta1": 0.9,
            "beta2": 0.999,
            "epsilon": 1E-07
          },
          "batch": 60,
          "eval_every": 100,
          "seed": 1,
          "steps": 30000
        }

        """.ReplaceLineEndings("\n"), Dense(Shared).Config);

    [Fact]
    public void A_key_begins_the_SHA_256_of_the_config() =>
        Assert.Equal("ba7816bf8f01", RunKey.Of("abc").Value);       // FIPS 180-2, appendix B.1

    [Fact]
    public void Configs_and_keys_are_the_same_under_any_culture()
    {
        var here = (Bayesian(Shared).Config, Ticket(Shared, Variance, new Cut.AtThreshold(0.5)).Config, Ticket(Shared, Variance, AtTenth).Label);
        var before = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            commas.NumberFormat.NegativeSign = "−";
            CultureInfo.CurrentCulture = commas;
            Assert.Equal(here, (Bayesian(Shared).Config, Ticket(Shared, Variance, new Cut.AtThreshold(0.5)).Config, Ticket(Shared, Variance, AtTenth).Label));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Fails when a kind of training gets a setting that these tests don't know.</summary>
    private static void Covers<T>(params string[] settings) =>
        Assert.Equal(settings, Assert.Single(typeof(T).GetConstructors()).GetParameters().Select(parameter => parameter.Name));

    private static void Differ(TrainingSpec[] trainings) => Assert.All(trainings.GroupBy(training => training.Key), same =>
        Assert.True(same.Count() == 1, $"{same.Count()} trainings have one key: {same.First().Config}"));
}
