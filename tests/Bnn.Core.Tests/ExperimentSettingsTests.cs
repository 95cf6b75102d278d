using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Flags, as people write them.</summary>
public sealed class ExperimentSettingsTests
{
    public static readonly StrategyInfo[] Known =
    [
        Info("variance", Keep.Lowest, Needs.Posterior), Info("snr", Keep.Highest, Needs.Posterior),
        Info("magnitude", Keep.Highest, Needs.DenseWeights), Info("random", Keep.Highest, Needs.Nothing),
    ];

    public static StrategyInfo Info(string name, Keep keep, Needs needs) => new(name, $"what {name} is", keep, needs, "MaskStrategies.dll", "1.0.0", $"sha of {name}");

    public static ExperimentSettings Ok(RunRequest request) => Assert.IsType<Result<ExperimentSettings>.Ok>(ExperimentSettings.Create(request, Known)).Value;

    private static IReadOnlyList<Fault> Faults(RunRequest request) => Assert.IsType<Result<ExperimentSettings>.Failed>(ExperimentSettings.Create(request, Known)).Faults;

    private static RunRequest Request(string property, string value)
    {
        var request = new RunRequest();
        typeof(RunRequest).GetProperty(property)!.SetValue(request, value);
        return request;
    }

    [Fact]
    public void Nothing_given_means_the_papers_experiment()
    {
        var settings = Ok(new RunRequest());
        Assert.Equal(["variance"], settings.Strategies.Select(strategy => strategy.Name));
        Assert.Equal(["magnitude", "random"], settings.Compared.Select(strategy => strategy.Name));
        Assert.Equal([0.2m, 0.1m, 0.05m, 0.02m, 0.01m], settings.Densities.Select(density => density.Value));
        Assert.Empty(settings.Thresholds);
        Assert.Equal(MaskScope.Paper, settings.Scope);
        Assert.Equal([300, 100], settings.HiddenLayers);
        Assert.Equal((30_000, 30_000, 60, 5_000, 100), (settings.Steps, settings.BayesianSteps, settings.Batch, settings.Validation, settings.EvalEvery));
        Assert.Equal(new Optimizer.Adam(0.0012, 0.9, 0.999, 1e-7), settings.Optimizer);
        Assert.Equal([new Seed(1)], settings.Seeds);
        Assert.Equal((1.0, 1.0), (settings.KlWeight, settings.PriorScale));
    }

    [Fact]
    public void Flags_are_taken()
    {
        var settings = Ok(new RunRequest
        {
            Strategy = "snr, variance",
            Compare = "variance,random",
            Density = "0.05,1,0.10,0.1",
            Scope = "global",
            Layers = "",
            Steps = "7",
            BayesianSteps = "9",
            Batch = "3",
            LearningRate = "1e-3",
            Optimizer = "sgd",
            Seeds = "3..5,4,18446744073709551615",
            Validation = "0",
            EvalEvery = "2",
            KlWeight = "0",
            PriorScale = "0.5",
        });
        Assert.Equal(["snr", "variance"], settings.Strategies.Select(strategy => strategy.Name));
        Assert.Equal(["random"], settings.Compared.Select(strategy => strategy.Name));
        Assert.Equal([1m, 0.1m, 0.05m], settings.Densities.Select(density => density.Value));
        Assert.Equal(MaskScope.Global, settings.Scope);
        Assert.Empty(settings.HiddenLayers);
        Assert.Equal((7, 9, 3, 0, 2), (settings.Steps, settings.BayesianSteps, settings.Batch, settings.Validation, settings.EvalEvery));
        Assert.Equal(new Optimizer.Sgd(1e-3), settings.Optimizer);
        Assert.Equal([3, 4, 5, ulong.MaxValue], settings.Seeds.Select(seed => seed.Value));
        Assert.Equal((0.0, 0.5), (settings.KlWeight, settings.PriorScale));
    }

    [Fact]
    public void A_Bayesian_net_trains_as_long_as_the_others_unless_told() => Assert.Equal(12, Ok(new RunRequest { Steps = "12" }).BayesianSteps);

    [Fact]
    public void Nothing_is_compared_on_request() => Assert.Empty(Ok(new RunRequest { Compare = "none" }).Compared);

    [Fact]
    public void A_threshold_takes_the_place_of_densities()
    {
        var settings = Ok(new RunRequest { Threshold = "0.01,-2.5e-3" });
        Assert.Empty(settings.Densities);
        Assert.Equal([0.01, -0.0025], settings.Thresholds);
    }

    [Theory]
    [InlineData("Density", "0"), InlineData("Density", "1.5"), InlineData("Density", "-0.1"), InlineData("Density", "NaN"), InlineData("Density", "abc")]
    [InlineData("Density", ""), InlineData("Density", ","), InlineData("Density", "0.1,x"), InlineData("Density", "1e400"), InlineData("Density", "Infinity")]
    [InlineData("Threshold", "NaN"), InlineData("Threshold", "Infinity"), InlineData("Threshold", "x"), InlineData("Threshold", ""), InlineData("Threshold", "1e999")]
    [InlineData("Layers", "0"), InlineData("Layers", "300,x"), InlineData("Layers", "-1"), InlineData("Layers", "1.5"), InlineData("Layers", "65537")]
    [InlineData("Steps", "0"), InlineData("Steps", "x"), InlineData("Steps", "-3"), InlineData("Steps", ""), InlineData("Steps", "99999999999")]
    [InlineData("BayesianSteps", "0"), InlineData("BayesianSteps", "1e3")]
    [InlineData("Batch", "0"), InlineData("Batch", "-1"), InlineData("Batch", "65537")]
    [InlineData("LearningRate", "0"), InlineData("LearningRate", "-0.1"), InlineData("LearningRate", "NaN"), InlineData("LearningRate", "Infinity")]
    [InlineData("LearningRate", "1e300"), InlineData("LearningRate", "1e-300"), InlineData("LearningRate", "fast"), InlineData("LearningRate", "")]
    [InlineData("LearningRate", "0,1")]
    [InlineData("Seed", "x"), InlineData("Seed", "-1"), InlineData("Seed", "3..1"), InlineData("Seed", "18446744073709551616"), InlineData("Seed", "1.5")]
    [InlineData("Seed", "")]
    [InlineData("Seeds", "x"), InlineData("Seeds", "3..1"), InlineData("Seeds", "1.."), InlineData("Seeds", "..3"), InlineData("Seeds", "1..2..3")]
    [InlineData("Seeds", "1..10001")]
    [InlineData("Seeds", "0..18446744073709551615"), InlineData("Seeds", ",")]
    [InlineData("Validation", "-1"), InlineData("Validation", "x"), InlineData("EvalEvery", "0"), InlineData("EvalEvery", "often")]
    [InlineData("KlWeight", "-1"), InlineData("KlWeight", "NaN"), InlineData("KlWeight", "x"), InlineData("KlWeight", "1e300")]
    [InlineData("PriorScale", "0"), InlineData("PriorScale", "-1"), InlineData("PriorScale", "NaN"), InlineData("PriorScale", "1e-300")]
    public void A_value_that_cannot_be_is_refused_under_its_flag(string property, string value)
    {
        var faults = Faults(Request(property, value)).Select(fault => Assert.IsType<Fault.BadSetting>(fault)).ToArray();
        string flag = property switch
        {
            "LearningRate" => "--lr",
            "BayesianSteps" => "--bayesian-steps",
            "EvalEvery" => "--eval-every",
            "KlWeight" => "--kl-weight",
            "PriorScale" => "--prior-scale",
            "Seeds" or "Seed" => "--seed",
            var name => $"--{name.ToLowerInvariant()}",
        };
        Assert.NotEmpty(faults);
        Assert.All(faults, fault =>
        {
            Assert.StartsWith(flag, fault.Name, StringComparison.Ordinal);
            Assert.NotEmpty(fault.Found);
            Assert.NotEmpty(fault.Fix);
            if (fault.Found is not ("nothing" or "an empty list")) Assert.Contains(fault.Found, value, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Strategy", "varience", "variance"), InlineData("Strategy", "random,magnitud", "magnitude"), InlineData("Compare", "sn", "snr")]
    [InlineData("Scope", "globl", "global"), InlineData("Optimizer", "Adam", "adam"), InlineData("Optimizer", "sdg", "sgd")]
    public void An_unknown_name_comes_with_the_nearest_known_one(string property, string value, string nearest)
    {
        var fault = Assert.IsType<Fault.UnknownName>(Assert.Single(Faults(Request(property, value))));
        Assert.Contains($"did you mean '{nearest}'?", fault.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_far_from_all_comes_with_the_known_ones()
    {
        var fault = Assert.Single(Faults(new RunRequest { Strategy = "entropy-of-the-moon" }));
        Assert.EndsWith("'. Known: variance, snr, magnitude, random", fault.Describe(), StringComparison.Ordinal);
    }

    public static TheoryData<RunRequest> Contradictions =>
    [
        new RunRequest { Threshold = "0.01", Density = "0.1" },
        new RunRequest { Threshold = "0.01", Scope = "global" },
        new RunRequest { Threshold = "0.01", Strategy = "variance,snr" },
        new RunRequest { Seed = "1", Seeds = "1..2" },
    ];

    [Theory, MemberData(nameof(Contradictions))]
    public void Flags_that_contradict_each_other_are_refused(RunRequest request) => Assert.IsType<Fault.BadCommandLine>(Assert.Single(Faults(request)));

    [Fact]
    public void All_faults_are_shown_together()
    {
        var faults = Faults(new RunRequest { Strategy = "varience", Density = "2", Layers = "0", LearningRate = "-1", Seed = "x" });
        Assert.Equal(5, faults.Count);
        Assert.Equal(["'varience'", "--density", "--layers", "--lr", "--seed"],
            faults.Select(fault => fault is Fault.UnknownName unknown ? $"'{unknown.Found}'" : ((Fault.BadSetting)fault).Name));
    }

    [Fact]
    public void An_empty_list_of_seeds_is_shown_beside_other_faults() =>
        Assert.Equal(2, Faults(new RunRequest { Seeds = ",", LearningRate = "0" }).Count);

    [Fact]
    public void A_strategy_is_needed() => Assert.Single(Faults(new RunRequest { Strategy = "," }));
}
