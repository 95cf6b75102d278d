using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Flags, as people write them.</summary>
public sealed class ExperimentSettingsTests
{
    [Fact]
    public void Nothing_given_means_the_papers_experiment()
    {
        var settings = new Request().Arm;
        Assert.Equal(["variance"], settings.Strategies.Select(strategy => strategy.Name));
        Assert.Equal(["magnitude", "random"], settings.Compared.Select(strategy => strategy.Name));
        Assert.Equal([0.2m, 0.1m, 0.05m, 0.02m, 0.01m], settings.Densities.Select(density => density.Value));
        Assert.Empty(settings.Thresholds);
        Assert.Equal(new ScopeChoice(MaskScope.Paper), settings.Scope);
        Assert.Equal([300, 100], settings.HiddenLayers);
        Assert.Equal((30_000, 30_000, 60, 5_000, 100), Numbers(settings));
        Assert.Equal(new Optimizer.Adam(0.0012, 0.9, 0.999, 1e-7), TrainingSettings.OptimizerOf(settings.Values));
        Assert.Equal([new Seed(1)], settings.Seeds);
        Assert.Equal((1.0, 1.0), Prior(settings));
    }

    [Fact]
    public void Flags_are_taken()
    {
        var settings = new Request
        {
            ["strategy"] = "snr, variance",
            ["compare"] = "variance,random",
            ["density"] = "0.05,1,0.10,0.1",
            ["scope"] = "global",
            ["layers"] = "",
            ["steps"] = "7",
            ["bayesian-steps"] = "9",
            ["batch"] = "3",
            ["lr"] = "1e-3",
            ["optimizer"] = "sgd",
            ["seeds"] = "3..5,4,18446744073709551615",
            ["validation"] = "0",
            ["eval-every"] = "2",
            ["kl-weight"] = "0",
            ["prior-scale"] = "0.5",
        }.Arm;
        Assert.Equal(["snr", "variance"], settings.Strategies.Select(strategy => strategy.Name));
        Assert.Equal(["random"], settings.Compared.Select(strategy => strategy.Name));
        Assert.Equal([1m, 0.1m, 0.05m], settings.Densities.Select(density => density.Value));
        Assert.Equal(new ScopeChoice(MaskScope.Global), settings.Scope);
        Assert.Empty(settings.HiddenLayers);
        Assert.Equal((7, 9, 3, 0, 2), Numbers(settings));
        Assert.Equal(new Optimizer.Sgd(1e-3), TrainingSettings.OptimizerOf(settings.Values));
        Assert.Equal([3, 4, 5, ulong.MaxValue], settings.Seeds.Select(seed => seed.Value));
        Assert.Equal((0.0, 0.5), Prior(settings));
    }

    [Fact]
    public void A_Bayesian_net_trains_as_long_as_the_others_unless_told() =>
        Assert.Equal((12, 12, 60, 5_000, 100), Numbers(new Request { ["steps"] = "12" }.Arm));

    [Fact]
    public void Nothing_is_compared_on_request() => Assert.Empty(new Request { ["compare"] = "none" }.Settings.Compared);

    [Fact]
    public void A_threshold_takes_the_place_of_densities()
    {
        var settings = new Request { ["threshold"] = "0.01,-2.5e-3" }.Arm;
        Assert.Empty(settings.Densities);
        Assert.Equal([0.01, -0.0025], settings.Thresholds);
    }

    [Theory]
    [InlineData("density", "0"), InlineData("density", "1.5"), InlineData("density", "-0.1")]
    [InlineData("density", "NaN"), InlineData("density", "abc")]
    [InlineData("density", ""), InlineData("density", ","), InlineData("density", "0.1,x")]
    [InlineData("density", "1e400"), InlineData("density", "Infinity")]
    [InlineData("threshold", "NaN"), InlineData("threshold", "Infinity")]
    [InlineData("threshold", "x"), InlineData("threshold", ""), InlineData("threshold", "1e999")]
    [InlineData("layers", "0"), InlineData("layers", "300,x"), InlineData("layers", "-1")]
    [InlineData("layers", "1.5"), InlineData("layers", "65537")]
    [InlineData("steps", "0"), InlineData("steps", "x"), InlineData("steps", "-3")]
    [InlineData("steps", ""), InlineData("steps", "99999999999")]
    [InlineData("bayesian-steps", "0"), InlineData("bayesian-steps", "1e3")]
    [InlineData("batch", "0"), InlineData("batch", "-1"), InlineData("batch", "65537")]
    [InlineData("lr", "0"), InlineData("lr", "-0.1"), InlineData("lr", "NaN"), InlineData("lr", "Infinity")]
    [InlineData("lr", "1e300"), InlineData("lr", "1e-300"), InlineData("lr", "fast"), InlineData("lr", "")]
    [InlineData("lr", "0,1")]
    [InlineData("seed", "x"), InlineData("seed", "-1"), InlineData("seed", "3..1")]
    [InlineData("seed", "18446744073709551616"), InlineData("seed", "1.5")]
    [InlineData("seed", "")]
    [InlineData("seeds", "x"), InlineData("seeds", "3..1"), InlineData("seeds", "1..")]
    [InlineData("seeds", "..3"), InlineData("seeds", "1..2..3")]
    [InlineData("seeds", "1..10001")]
    [InlineData("seeds", "0..18446744073709551615"), InlineData("seeds", ",")]
    [InlineData("validation", "-1"), InlineData("validation", "x"), InlineData("eval-every", "0"), InlineData("eval-every", "often")]
    [InlineData("kl-weight", "-1"), InlineData("kl-weight", "NaN"), InlineData("kl-weight", "x"), InlineData("kl-weight", "1e300")]
    [InlineData("rounds", "-1"), InlineData("rounds", "x"), InlineData("rounds", ""), InlineData("rounds", "5,10")]
    [InlineData("rounds", "0/0"), InlineData("rounds", "0/x"), InlineData("rounds", "2001"), InlineData("rounds", "1.5")]
    [InlineData("per-round", "0"), InlineData("per-round", "1"), InlineData("per-round", "x"), InlineData("per-round", "")]
    [InlineData("rewind", "-1"), InlineData("rewind", "end"), InlineData("rewind", ""), InlineData("rewind", "0.5")]
    [InlineData("rewind", "30000")]
    [InlineData("controls-at", "0"), InlineData("controls-at", "x")]
    [InlineData("bayesian-images", "0"), InlineData("bayesian-images", "1.5"), InlineData("bayesian-images", "half")]
    [InlineData("bayesian-at", "0"), InlineData("bayesian-at", "-1"), InlineData("bayesian-at", "step:0")]
    [InlineData("bayesian-at", "step:x")]
    [InlineData("bayesian-at", "soon"), InlineData("bayesian-at", ",")]
    [InlineData("bayesian-noise", "0"), InlineData("bayesian-noise", "65537"), InlineData("bayesian-noise", "x")]
    [InlineData("prior-scale", "0"), InlineData("prior-scale", "-1"), InlineData("prior-scale", "NaN"), InlineData("prior-scale", "1e-300")]
    public void A_value_that_cannot_be_is_refused_under_its_flag(string property, string value)
    {
        var faults = new Request { [property] = value }.Faults.Select(fault => Assert.IsType<Fault.BadSetting>(fault)).ToArray();
        var flag = property == "seed" ? "--seed" : $"--{property}";
        Assert.NotEmpty(faults);
        Assert.All(faults, fault =>
        {
            Assert.Equal(flag, fault.Origin?.Where);
            Assert.StartsWith($"{flag}: expected ", fault.Describe(), StringComparison.Ordinal);
            Assert.NotEmpty(fault.Found);
            Assert.NotEmpty(fault.Fix + fault.Example);
            if (fault.Found is not ("nothing" or "an empty list")) Assert.Contains(fault.Found, value, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("strategy", "varience", "variance")]
    [InlineData("strategy", "random,magnitud", "magnitude")]
    [InlineData("compare", "sn", "snr")]
    public void An_unknown_name_comes_with_the_nearest_known_one(string property, string value, string nearest)
    {
        var fault = Assert.IsType<Fault.UnknownName>(Assert.Single(new Request { [property] = value }.Faults));
        Assert.Contains($"did you mean '{nearest}'?", fault.Describe(), StringComparison.Ordinal);
    }

    [Theory, InlineData("scope", "globl", "global"), InlineData("optimizer", "Adam", "adam"), InlineData("optimizer", "sdg", "sgd")]
    public void An_unknown_value_comes_with_the_nearest_known_one(string property, string value, string nearest) => Assert.StartsWith(
        $"unknown value of --{property} '{value}': did you mean '{nearest}'?",
        Assert.IsType<Fault.UnknownValue>(Assert.Single(new Request { [property] = value }.Faults)).Describe(),
        StringComparison.Ordinal);

    [Fact]
    public void An_unknown_name_where_there_is_none_says_so() =>
        Assert.Equal("unknown strategy 'snr'. Known: none", new Fault.UnknownName("strategy", "snr", []).Describe());

    [Fact]
    public void An_unknown_name_far_from_all_comes_with_the_known_ones()
    {
        var fault = Assert.Single(new Request { ["strategy"] = "entropy-of-the-moon" }.Faults);
        Assert.EndsWith("'. Known: variance, snr, magnitude, random", fault.Describe(), StringComparison.Ordinal);
    }

    public static TheoryData<Request> Contradictions =>
    [
        new Request { ["threshold"] = "0.01", ["density"] = "0.1" },
        new Request { ["threshold"] = "0.01", ["scope"] = "global" },
        new Request { ["threshold"] = "0.01", ["strategy"] = "variance,snr" },
        new Request { ["seed"] = "1", ["seeds"] = "1..2" },
        new Request { ["threshold"] = "0.01", ["rounds"] = "3" },
        new Request { ["scope"] = "counts-of:snr", ["rounds"] = "3" },
        new Request { ["threshold"] = "0.01", ["scope"] = "counts-of:snr" },
        new Request { ["per-round"] = "0.3" },
        new Request { ["rewind"] = "100", ["kept"] = "shuffle" },
        new Request { ["controls-at"] = "0.1" },
        new Request { ["threshold"] = "0.01", ["controls"] = "reinit", ["controls-at"] = "0.1" },
        new Request { ["pruned"] = "towards-zero" },            // random is compared with, and found from no trained net
    ];

    [Theory, MemberData(nameof(Contradictions))]
    public void Flags_that_contradict_each_other_are_refused(Request request) =>
        Assert.IsType<Fault.BadRequest>(Assert.Single(request.Faults));

    [Fact]
    public void What_contradicts_what_is_shown_beside_values_that_cannot_be()
    {
        var faults = new Request { ["threshold"] = "0.01", ["scope"] = "global", ["lr"] = "-1" }.Faults;
        Assert.Equal(2, faults.Count);
        Assert.Single(faults.OfType<Fault.BadRequest>());
    }

    [Fact]
    public void A_fault_that_several_choices_have_is_shown_once() =>
        Assert.Single(new Request { ["bayesian-images"] = "1,0.1", ["bayesian-at"] = "1,2", ["lr"] = "-1" }.Faults);

    [Fact]
    public void A_list_that_cannot_be_is_told_once() => Assert.Single(new Request { ["bayesian-images"] = "0,5" }.Faults);

    [Theory]
    [InlineData("0", 0, true, false), InlineData("20", 20, false, true), InlineData("0,20", 20, true, true)]
    [InlineData("20,0", 20, true, true), InlineData("0/20", 20, true, false), InlineData("5,5", 5, false, true)]
    public void Rounds_are_a_number_none_or_both(string text, int count, bool oneShot, bool iterative)
    {
        var rounds = new Request { ["rounds"] = text }.Arm.Rounds;
        Assert.Equal(new PruningRounds(count, oneShot, iterative), rounds);
        Assert.Equal(rounds, new Request { ["rounds"] = rounds.ToString() }.Arm.Rounds);
    }

    [Fact]
    public void Lists_of_what_a_training_has_one_of_make_an_arm_for_each_choice()
    {
        var settings = new Request
        {
            ["bayesian-images"] = "1,0.1",
            ["bayesian-at"] = "0.5,final",
            ["bayesian-noise"] = "1,2",
        }.Settings;
        Assert.Equal(8, settings.Arms.Length);
        Assert.Equal(8, settings.Arms.Select(arm => (
            arm.Values.Get(TrainingSettings.BayesianImages).Single(),
            arm.BayesianAt,
            arm.Values.Get(TrainingSettings.BayesianNoise).Single()))
            .Distinct().Count());
        Assert.Contains(settings.Values.Shown, setting => setting is { Name: "bayesian-images", Value: "1,0.1" });
    }

    [Fact]
    public void All_faults_are_shown_together()
    {
        var faults = new Request { ["strategy"] = "varience", ["density"] = "2", ["layers"] = "0", ["lr"] = "-1", ["seed"] = "x" }.Faults;
        Assert.Equal(5, faults.Count);
        Assert.Equal(["'varience'", "--density", "--layers", "--lr", "--seed"],
            faults.Select(fault => fault is Fault.UnknownName unknown ? $"'{unknown.Found}'" : fault.Origin!.Where));
    }

    [Fact]
    public void An_empty_list_of_seeds_is_shown_beside_other_faults() =>
        Assert.Equal(2, new Request { ["seeds"] = ",", ["lr"] = "0" }.Faults.Count);

    [Fact]
    public void A_strategy_is_needed() => Assert.Single(new Request { ["strategy"] = "," }.Faults);

    [Fact]
    public void A_fault_says_where_its_value_came_from_and_how_it_would_be_given_there()
    {
        var place = new Origin("kl-weight", "study.toml, line 3, column 1: kl-weight", "kl-weight = {0}");
        var given = new Dictionary<string, Given> { ["kl-weight"] = new("-1", place) };
        var faults = Assert.IsType<Result<ExperimentSettings>.Failed>(
            ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, Request.Known)).Faults;
        Assert.Equal(
            "study.toml, line 3, column 1: kl-weight: expected a number, 0 or more, found -1; for example kl-weight = 1",
            Assert.Single(faults).Describe());
    }

    private static (int, int, int, int, int) Numbers(ArmSettings settings) => (
        settings.Values.Get(TrainingSettings.Steps), settings.Values.Get(TrainingSettings.BayesianSteps),
        settings.Values.Get(TrainingSettings.Batch), settings.Validation, settings.Values.Get(TrainingSettings.EvalEvery));

    private static (double, double) Prior(ArmSettings settings) =>
        (settings.Values.Get(TrainingSettings.KlWeight), settings.Values.Get(TrainingSettings.PriorScale));
}
