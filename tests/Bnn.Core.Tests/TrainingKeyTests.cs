using System.Globalization;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>A key changes with all that can change a training's bits, and with nothing else.</summary>
public sealed class TrainingKeyTests
{
    private static readonly DataHashes Data = new("0a", "0b", "0c", "0d");
    private static readonly DatasetFacts Facts = new(784, 10, 60_000, Data);
    private static readonly StrategyInfo Variance = Request.Known[0];
    private static readonly Cut AtTenth = new Cut.AtDensity(Density("0.1"), MaskScope.Paper);

    private static Density Density(string text) => Core.Density.Parse(text).OrThrow();

    private static CellBasis Basis(Request? request = null) => (request ?? []).Plan(Facts).Basis;

    private static Training Bayesian(CellBasis basis, ulong seed = 1) =>
        new(new Cell(basis, TrainingKind.Bayesian, null), new Seed(seed), []);

    private static Training Dense(CellBasis basis, ulong seed = 1) => new(new Cell(basis, TrainingKind.Dense, null), new Seed(seed), []);

    private static Training Ticket(StrategyInfo strategy, Cut cut, params Parent[] parents) =>
        new(new Cell(Basis(), TrainingKind.Ticket, new MaskRecipe(strategy, cut)), new Seed(1), [.. parents]);

    /// <summary>Another value for each setting that is in keys.</summary>
    private static readonly Dictionary<string, string[]> Others = new(StringComparer.Ordinal)
    {
        ["validation"] = ["0", "5001"],
        ["layers"] = ["300", "100,300"],
        ["optimizer"] = ["sgd"],
        ["lr"] = ["0.1", "0.0012000000000000001"],
        ["batch"] = ["61"],
        ["eval-every"] = ["50"],
        ["seed"] = ["2", "18446744073709551615"],
        ["steps"] = ["1"],
        ["bayesian-steps"] = ["1"],
        ["kl-weight"] = ["0.5", "0"],
        ["prior-scale"] = ["0.5"],
        ["bayesian-images"] = ["0.5"],
        ["bayesian-noise"] = ["2"],
        ["start"] = ["glorot"],
        ["rewind"] = ["1", "final"],
        ["kept"] = ["reinit", "constant"],
        ["pruned"] = ["freeze"],
    };

    [Fact]
    public void Every_setting_that_belongs_to_a_training_moves_its_key_and_no_other_does()
    {
        // The learning rate is written by the optimizer.
        Assert.Equal(
            TrainingSettings.All.Where(setting => setting.IsInKeys).Select(setting => setting.Name).Append("lr").Order(),
            Others.Keys.Order());
        foreach (var setting in TrainingSettings.All)
        {
            foreach (var other in Others.GetValueOrDefault(setting.Name) ?? [])
            {
                var request = new Request { [setting.Name] = other };
                var (plan, usual) = (request.Plan(Facts), new Request().Plan(Facts));
                var (bayesian, dense) = (plan.Trainings[0].Key != usual.Trainings[0].Key, plan.Trainings[1].Key != usual.Trainings[1].Key);
                Assert.NotEqual(plan.Trainings[2].Key, usual.Trainings[2].Key);
                Assert.Equal(
                    setting.Part switch
                    {
                        SettingPart.Every or SettingPart.Replicate => (true, true),
                        SettingPart.Bayesian => (true, false),
                        SettingPart.Ordinary => (setting == TrainingSettings.Steps, true),  // the Bayesian net trains as long, unless told
                        _ => (false, false),
                    },
                    (bayesian, dense));
            }
        }
    }

    [Fact]
    public void Data_and_engine_move_every_key()
    {
        var usual = Basis();
        CellBasis[] others = [
            usual with { Data = Data with { TrainImages = "0e" } }, usual with { Data = Data with { TrainLabels = "0e" } },
            usual with { Data = Data with { TestImages = "0e" } }, usual with { Data = Data with { TestLabels = "0e" } },
            usual with { Engine = new EngineIdentity("tf", 1) }, usual with { Engine = new EngineIdentity("simd", 2) }];
        Differ([.. others.Prepend(usual).SelectMany(basis => (Training[])[Bayesian(basis), Dense(basis)])]);
    }

    [Fact]
    public void Strategy_cut_and_parents_move_a_tickets_key()
    {
        var (net, other) = (Bayesian(Basis()), Bayesian(Basis(new Request { ["prior-scale"] = "2" })));
        Parent final = new Parent.Posterior(net, Moment.Final);
        Differ([
            Ticket(Variance, AtTenth, final),
            Ticket(Variance with { PluginSha256 = "other" }, AtTenth, final),
            Ticket(Variance with { Name = "other" }, AtTenth, final),
            Ticket(Variance with { Arguments = [new("alpha", "1")] }, AtTenth, final),
            Ticket(Variance with { Of = Request.Known[1] }, AtTenth, final),
            Ticket(Variance, AtTenth), Ticket(Variance, AtTenth, new Parent.Posterior(other, Moment.Final)),
            Ticket(Variance, AtTenth, final, new Parent.Weights(Dense(Basis()), Moment.Final)),
            Ticket(Variance, AtTenth, new Parent.Posterior(net, Moment.After(100))),
            Ticket(Variance, AtTenth, new Parent.Posterior(net, Moment.Initial)),
            Ticket(Variance, AtTenth, new Parent.MaskOf(net)),
            .. from scope in Enum.GetValues<MaskScope>()
               from density in (string[])["0.2", "0.01", "1"]
               select Ticket(Variance, new Cut.AtDensity(Density(density), scope), final),
            Ticket(Variance, new Cut.AtThreshold(0.1), final), Ticket(Variance, new Cut.AtThreshold(0.2), final),
            Ticket(Variance, new Cut.CountsOf(Variance, 0.1), final), Ticket(Variance, new Cut.CountsOf(Variance, 0.2), final),
            Ticket(Variance, new Cut.CountsOf(Variance with { Name = "other" }, 0.1), final),
            Ticket(Variance, new Cut.CountsOf(Variance with { PluginSha256 = "other" }, 0.1), final),
        ]);
    }

    [Fact]
    public void What_a_plugin_says_of_itself_moves_no_key() => Assert.Equal(
        Ticket(Variance, AtTenth).Key,
        Ticket(Variance with { Description = "other", Plugin = "Other.dll", PluginVersion = "9" }, AtTenth).Key);

    [Fact]
    public void A_density_is_the_same_however_it_is_written() => Assert.Equal(
        Ticket(Variance, AtTenth).Config, Ticket(Variance, new Cut.AtDensity(Density("0.1000"), MaskScope.Paper)).Config);

    [Fact]
    public void A_setting_added_later_is_in_no_key_at_its_default_and_in_its_part_s_keys_otherwise()
    {
        var temperature = new Setting<double>
        {
            Name = "temperature",
            ValueName = "T",
            Help = "What a later version adds.",
            Part = SettingPart.Bayesian,
            Default = "1",
            AddedLater = true,
            Parse = Parse.Positive("1"),
            Write = value => value.ToString(CultureInfo.InvariantCulture),
            InKey = (json, value, _) => json.WriteNumber("temperature", value),
        };
        Plan Of(string? value) =>
            Plan.Create(new Request { ["temperature"] = value }.Read(temperature).OrThrow(), Facts, PlanTests.Engine).OrThrow();
        var before = new Request().Plan(Facts).Trainings.Select(training => training.Key);
        Assert.Equal(before, Of(null).Trainings.Select(training => training.Key));
        Assert.Equal(before, Of("1.0").Trainings.Select(training => training.Key));
        var after = Of("2").Trainings;
        Assert.Contains("\"temperature\": 2", after[0].Config, StringComparison.Ordinal);
        Assert.Equal(
            ["dense", "magnitude", "random"],
            after.Where(training => before.Contains(training.Key)).Select(training => training.Label.Split(' ')[0]).Distinct());
        Assert.Contains(after[0].Factors, factor => factor == new NamedValue("temperature", "2"));
    }

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

        """.ReplaceLineEndings("\n"), Dense(Basis()).Config);

    [Fact]
    public void Keys_are_those_of_the_first_results() => Assert.Equal(
        // With the included MNIST, the default settings and numerics 2: a results folder of version 0.1.0 is reused.
        ("a7c969208948", "2c40eb0e5bd3"), FirstKeys());

    private static (string, string) FirstKeys()
    {
        var plan = new Request().Plan(
            new DatasetFacts(784, 10, 60_000, new DataHashes(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")),
            new EngineIdentity("simd", 2));
        return (plan.Trainings[0].Key.Value, plan.Trainings[1].Key.Value);
    }

    [Fact]
    public void A_key_begins_the_SHA_256_of_the_config() =>
        Assert.Equal("ba7816bf8f01", TrainingKey.Of("abc").Value);       // FIPS 180-2, appendix B.1

    [Fact]
    public void Configs_and_keys_are_the_same_under_any_culture()
    {
        (string, string, string) All() => (
            Bayesian(Basis()).Config, Ticket(Variance, new Cut.AtThreshold(0.5)).Config, Ticket(Variance, AtTenth).Label);
        var (here, before) = (All(), CultureInfo.CurrentCulture);
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            commas.NumberFormat.NegativeSign = "−";
            CultureInfo.CurrentCulture = commas;
            Assert.Equal(here, All());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static void Differ(Training[] trainings) => Assert.All(trainings.GroupBy(training => training.Key), same =>
        Assert.True(same.Count() == 1, $"{same.Count()} trainings have one key: {same.First().Config}"));
}
