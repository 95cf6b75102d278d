using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Rounds, rewinding, rules, subsets, moments and controls as trainings with parents: the graph, and the keys.</summary>
public sealed class RoundPlanTests
{
    private static Plan Of(Request request) => request.Plan();

    private static Training Find(Plan plan, string label) => Assert.Single(plan.Trainings, training => training.Label == label);

    private static string[] Parents(Training training) => [.. training.Parents.Select(parent => parent switch
    {
        Parent.Posterior p => $"posterior of {p.Of.Label} at {p.Moment}",
        Parent.Weights p => $"weights of {p.Of.Label} at {p.Moment}",
        Parent.Start p => $"start of {p.Of.Label} at {p.Moment}",
        Parent.MaskOf p => $"mask of {p.Of.Label}",
        _ => throw new InvalidOperationException($"{parent}"),
    })];

    [Fact]
    public void A_round_of_magnitude_is_found_from_the_ticket_of_the_round_before()
    {
        var plan = Of(new Request { ["strategy"] = "magnitude", ["compare"] = "none", ["rounds"] = "3" });
        Assert.Equal(
            ["bayesian", "dense", "magnitude round 1", "magnitude round 2", "magnitude round 3"],
            plan.Trainings.Select(training => training.Label));
        Assert.Equal(["weights of dense at final"], Parents(Find(plan, "magnitude round 1")));
        Assert.Equal(
            ["weights of magnitude round 1 at final", "mask of magnitude round 1"], Parents(Find(plan, "magnitude round 2")));
        Assert.Empty(plan.Unreported);
    }

    [Fact]
    public void A_round_of_variance_is_found_from_a_Bayesian_net_that_the_round_before_masked()
    {
        var plan = Of(new Request { ["strategy"] = "variance", ["compare"] = "none", ["rounds"] = "3", ["density"] = "0.51" });
        Assert.Equal(
            ["bayesian", "dense", "masked-bayesian variance round 1", "masked-bayesian variance round 2", "variance round 3"],
            plan.Trainings.Select(training => training.Label));
        Assert.Equal(["posterior of bayesian at final"], Parents(Find(plan, "masked-bayesian variance round 1")));
        string[] last = ["posterior of masked-bayesian variance round 2 at final", "mask of masked-bayesian variance round 2"];
        Assert.Equal(last, Parents(Find(plan, "variance round 3")));
        Assert.Equal(
            ["masked-bayesian variance round 1", "masked-bayesian variance round 2"],
            plan.Trainings.Where(training => plan.Unreported.Contains(training.CellId)).Select(training => training.Label));
    }

    /// <summary>
    /// Three chains of trainings on two jobs: in the plan's order the third would run alone at the end, for 23 units of time instead of 18.
    /// </summary>
    [Fact]
    public void A_chain_of_rounds_that_would_run_alone_at_the_end_begins_in_time()
    {
        var plan = Of(new Request { ["strategy"] = "magnitude", ["compare"] = "none", ["rounds"] = "10", ["seeds"] = "1..3" });
        Assert.Equal(36, plan.Trainings.Length);
        Assert.Equal(18, UnitsOfTime(new Schedule(plan.Trainings, _ => 1), jobs: 2));
        Assert.Equal(36, UnitsOfTime(new Schedule(plan.Trainings, _ => 1), jobs: 1));
        // The seeds are done one after the other all the same.
        var schedule = new Schedule(plan.Trainings, _ => 1);
        Assert.Equal([1, 1, 2, 2, 3, 3], schedule.ReadyFor(2).Select(training => (int)training.Seed.Value));
    }

    [Fact]
    public void Chains_end_within_a_unit_of_the_shortest_time() => Gen.Int[1, 4].Array[3].Sample(given =>
    {
        var (seeds, rounds, jobs) = (given[0], 2 * given[1], given[2]);
        var request = new Request { ["strategy"] = "magnitude", ["compare"] = "none" };
        (request["rounds"], request["seeds"]) = ($"{rounds}", $"1..{seeds}");
        var plan = Of(request);
        var least = Math.Max(rounds + 1, (plan.Trainings.Length + jobs - 1) / jobs);
        Assert.InRange(UnitsOfTime(new Schedule(plan.Trainings, _ => 1), jobs), least, least + 1);
    });

    /// <summary>How long jobs take for trainings of one unit each.</summary>
    private static int UnitsOfTime(Schedule schedule, int jobs)
    {
        for (var time = 0; ; time++)
        {
            Training[] taken = [.. schedule.ReadyFor(jobs).Take(jobs)];
            if (taken.Length == 0) return time;
            foreach (var training in taken) schedule.Finish(training);
        }
    }

    [Fact]
    public void Random_rounds_need_no_training_before_them()
    {
        var plan = Of(new Request { ["strategy"] = "random", ["compare"] = "none", ["rounds"] = "20", ["density"] = "0.05" });
        Assert.Equal(["bayesian", "dense", "random round 14"], plan.Trainings.Select(training => training.Label));
        Assert.Empty(plan.Trainings[2].Parents);
    }

    [Fact]
    public void Each_density_names_the_nearest_round_once()
    {
        var plan = Of(new Request
        {
            ["strategy"] = "random",
            ["compare"] = "none",
            ["rounds"] = "0,20",
            ["density"] = "0.5,0.52,0.05,1",
        });
        Assert.Equal(
            ["random as round 3", "random as round 14", "random round 3", "random round 14"],
            plan.Trainings.Select(training => training.Label).Skip(2));
        Assert.Equal(
            [new CutPoint(null, null, 3), new CutPoint(null, null, 14)],
            plan.Trainings.Skip(2).Select(training => training.Cell.Mask!.Cut.Point).Distinct());
    }

    [Fact]
    public void A_density_beyond_the_last_round_is_refused()
    {
        var settings = new Request { ["rounds"] = "5", ["density"] = "0.05" }.Settings;
        var faults = Assert.IsType<Result<Plan>.Failed>(Plan.Create(settings, PlanTests.Facts, PlanTests.Engine)).Faults;
        var told = Assert.Single(faults).Describe();
        Assert.StartsWith("--density: ", told, StringComparison.Ordinal);
        Assert.Contains("13 rounds", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Rewound_tickets_start_from_the_whole_net_at_the_step_which_it_keeps()
    {
        var plan = Of(new Request { ["strategy"] = "variance", ["compare"] = "magnitude", ["rounds"] = "2", ["rewind"] = "500" });
        Assert.Equal(
            ["posterior of bayesian at final", "start of dense at step500"], Parents(Find(plan, "variance round 1 rewind 500")));
        Assert.Equal(
            ["posterior of bayesian at final", "start of bayesian at step500"],
            Parents(Find(plan, "masked-bayesian variance round 1 rewind 500")));
        Assert.Equal([500], Find(plan, "dense").KeptSteps);
        Assert.Equal([500], Find(plan, "bayesian").KeptSteps);
        Assert.Equal(500, Find(plan, "magnitude round 2 rewind 500").FirstStep);
        var final = Of(new Request { ["strategy"] = "magnitude", ["compare"] = "none", ["density"] = "0.1", ["rewind"] = "final" });
        Assert.Equal(["weights of dense at final", "start of dense at final"], Parents(final.Trainings[^1]));
        Assert.Equal(0, final.Trainings[^1].FirstStep);
        Assert.Empty(Find(final, "dense").KeptSteps);
    }

    /// <summary>What was trained before there were these settings keeps its key.</summary>
    [Theory]
    [InlineData("rounds", "0"), InlineData("rewind", "0"), InlineData("kept", "rewind"), InlineData("pruned", "zero")]
    [InlineData("start", "posterior"), InlineData("controls", "none"), InlineData("bayesian-images", "1")]
    [InlineData("bayesian-at", "final"), InlineData("bayesian-at", "step:30000"), InlineData("bayesian-noise", "1")]
    public void Given_defaults_change_no_key(string setting, string text) => Assert.Equal(
        Of(new Request()).Trainings.Select(training => training.Key),
        Of(new Request { [setting] = text }).Trainings.Select(training => training.Key));

    [Theory]
    [InlineData("rewind", "500", "bayesian dense"), InlineData("kept", "shuffle", "bayesian dense")]
    [InlineData("pruned", "freeze", "bayesian dense"), InlineData("start", "glorot", "bayesian")]
    [InlineData("bayesian-images", "0.1", "dense magnitude random"), InlineData("bayesian-at", "1", "bayesian dense magnitude random")]
    [InlineData("bayesian-noise", "2", "dense magnitude random"), InlineData("scope", "global", "bayesian dense")]
    public void A_setting_moves_the_keys_of_the_trainings_that_it_belongs_to(string setting, string text, string same)
    {
        var before = Of(new Request { ["density"] = "0.1" }).Trainings.Select(training => training.Key).ToHashSet();
        var now = Of(new Request { ["density"] = "0.1", [setting] = text });
        Assert.Equal(same.Split(' '), now.Trainings.Where(training => before.Contains(training.Key)).Select(
            training => training.Cell.Mask?.Strategy.Name ?? training.Kind.Name()));
    }

    [Fact]
    public void Choices_share_what_they_have_in_common()
    {
        var plan = Of(new Request
        {
            ["strategy"] = "snr",
            ["compare"] = "none",
            ["density"] = "0.1",
            ["bayesian-images"] = "1,0.1",
            ["bayesian-at"] = "1,final",
        });
        Assert.Equal(
            ["bayesian", "dense", "snr 0.1 bayesian-at step917", "snr 0.1", "bayesian bayesian-images 0.1",
                "snr 0.1 bayesian-at step917 bayesian-images 0.1", "snr 0.1 bayesian-images 0.1"],
            plan.Trainings.Select(training => training.Label));
        Assert.Equal([917], Find(plan, "bayesian").KeptSteps);
        Assert.Equal([917], Find(plan, "bayesian bayesian-images 0.1").KeptSteps);
    }

    [Fact]
    public void The_counts_of_a_strategy_are_those_that_it_keeps_of_all_layers_together()
    {
        var plan = Of(new Request { ["strategy"] = "snr", ["compare"] = "magnitude", ["density"] = "0.1", ["scope"] = "counts-of:snr" });
        var global = Of(new Request { ["strategy"] = "snr", ["compare"] = "none", ["density"] = "0.1", ["scope"] = "global" });
        Assert.Equal(global.Trainings[^1].Key, Find(plan, "snr 0.1").Key);
        Assert.Equal(
            ["posterior of bayesian at final", "weights of dense at final"], Parents(Find(plan, "magnitude 0.1 as snr")));
        var (snr, magnitude) = (PlannedCell.Of(plan.Trainings[2], plan), PlannedCell.Of(plan.Trainings[3], plan));
        Assert.True(snr.AgreesWith(magnitude) && magnitude.AgreesWith(snr));
    }

    [Fact]
    public void A_random_control_of_equal_counts_is_one_training_for_all_strategies()
    {
        var plan = Of(new Request
        {
            ["strategy"] = "variance,magnitude",
            ["compare"] = "none",
            ["rounds"] = "0,4",
            ["density"] = "0.41",
            ["controls"] = "random",
        });
        var control = Assert.Single(plan.Controls);
        Assert.Equal(ControlKind.Random, control.Value);
        Assert.Equal("random as round 4", Find(plan, "random as round 4").Label);
        Assert.Equal(Find(plan, "random as round 4").CellId, control.Key);
    }

    [Fact]
    public void A_random_control_of_global_masks_is_each_tickets_own()
    {
        var plan = Of(new Request
        {
            ["strategy"] = "variance,snr",
            ["compare"] = "none",
            ["density"] = "0.1",
            ["scope"] = "global",
            ["controls"] = "random",
        });
        Assert.Equal(2, plan.Controls.Count);
        Assert.Equal(["posterior of bayesian at final"], Parents(Find(plan, "snr 0.1 shuffle-layers")));
    }

    [Fact]
    public void What_is_compared_with_is_no_control_even_if_it_would_be_one()
    {
        var plan = Of(new Request { ["compare"] = "random", ["density"] = "0.1", ["controls"] = "random" });
        Assert.Empty(plan.Controls);
        Assert.Equal(4, plan.Trainings.Length);
    }

    [Fact]
    public void Controls_are_at_the_densities_that_were_asked_for_or_the_rounds_near_them()
    {
        var plan = Of(new Request
        {
            ["strategy"] = "magnitude",
            ["compare"] = "none",
            ["rounds"] = "20",
            ["rewind"] = "100",
            ["controls"] = "reinit,shuffle-inputs,random-live,glorot-start",
            ["controls-at"] = "0.2,0.05",
        });
        Assert.Equal(
            ["magnitude round 7 kept reinit", "magnitude round 14 kept reinit", "magnitude round 7 shuffle-inputs rewind 100",
                "magnitude round 14 shuffle-inputs rewind 100", "random as round 7 live-inputs rewind 100",
                "random as round 14 live-inputs rewind 100", "dense start glorot"],
            plan.Trainings.Where(training => plan.Controls.ContainsKey(training.CellId)).Select(training => training.Label));
        Assert.Equal(
            ["weights of magnitude round 6 rewind 100 at final", "mask of magnitude round 6 rewind 100"],
            Parents(Find(plan, "magnitude round 7 kept reinit")));
    }

    [Theory]
    [InlineData("bayesian-at", "1000", "--bayesian-at"), InlineData("bayesian-at", "step:40000", "--bayesian-at")]
    [InlineData("bayesian-at", "0.00001", "--bayesian-at"), InlineData("controls", "inverted", "inverted")]
    public void What_the_data_or_the_rounds_have_no_place_for_is_refused(string setting, string text, string named)
    {
        var settings = new Request { [setting] = text, ["rounds"] = "3" }.Settings;
        var faults = Assert.IsType<Result<Plan>.Failed>(Plan.Create(settings, PlanTests.Facts, PlanTests.Engine)).Faults;
        Assert.Contains(named, Assert.Single(faults).Describe(), StringComparison.Ordinal);
    }

    /// <summary>A training's factors are found once, however many children it has.</summary>
    [Fact]
    public void Ten_thousand_trainings_of_long_chains_are_planned_at_once()
    {
        var plan = Of(new Request { ["strategy"] = "variance,snr", ["compare"] = "magnitude", ["rounds"] = "40", ["seeds"] = "1..50" });
        Assert.InRange(plan.Trainings.Length, 10_000, 11_000);
        Assert.All(plan.Trainings, training => Assert.Contains(training.Factors, factor => factor.Name == Factor.Data));
    }

    /// <summary>A masked Bayesian net's mask may depend on what ordinary nets start from.</summary>
    [Fact]
    public void The_start_is_in_the_key_of_a_masked_Bayesian_net_whose_mask_depends_on_it()
    {
        var strategy = Request.Info("both", Keep.Highest, Needs.Posterior | Needs.InputActivity);
        TrainingKey Masked(StrategyInfo found, string start) => new Training(
            new Cell(
                new Request { ["start"] = start }.Plan().Basis,
                TrainingKind.MaskedBayesian,
                new MaskRecipe(found, new Cut.AtRound(1, default, MaskScope.Paper))),
            new Seed(1),
            []).Key;
        Assert.NotEqual(Masked(strategy, "posterior"), Masked(strategy, "glorot"));
        Assert.Equal(Masked(Request.Known[0], "posterior"), Masked(Request.Known[0], "glorot"));
    }

    [Fact]
    public void What_an_arm_reports_is_reported_whatever_another_is_found_from()
    {
        Dictionary<string, Given> Arm(params (string Name, string Text)[] more) => ((string, string)[])[
            ("strategy", "magnitude"), ("compare", "none"), ("rounds", "3"), .. more] is var all
                ? all.ToDictionary(pair => pair.Item1, pair => new Given(pair.Item2, Origin.Named(pair.Item1)))
                : [];
        var settings = ExperimentSettings.Create(
            TrainingSettings.All,
            [new GivenArm("one", Arm(("seeds", "1"), ("density", "0.512"))), new GivenArm("all", Arm(("seeds", "2..3")))],
            Origin.Named,
            Request.Known).OrThrow();
        var plan = Plan.Create(settings, PlanTests.Facts, PlanTests.Engine).OrThrow();
        Assert.Empty(plan.Unreported);
    }

    [Theory]
    [InlineData("500", "bayesian-at", "step:300", "step 500")]
    [InlineData("500", "bayesian-at", "step:500", "step 500")]
    public void A_moment_before_the_nets_of_the_rounds_start_is_refused(string rewind, string setting, string text, string told)
    {
        var settings = new Request { ["rounds"] = "2", ["rewind"] = rewind, [setting] = text }.Settings;
        var faults = Assert.IsType<Result<Plan>.Failed>(Plan.Create(settings, PlanTests.Facts, PlanTests.Engine)).Faults;
        Assert.Contains(told, Assert.Single(faults).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_of_a_density_that_is_no_rounds_is_told_as_its_own()
    {
        var settings = new Request
        {
            ["rounds"] = "5",
            ["density"] = "0.51",
            ["controls"] = "reinit",
            ["controls-at"] = "0.001",
        }.Settings;
        var faults = Assert.IsType<Result<Plan>.Failed>(Plan.Create(settings, PlanTests.Facts, PlanTests.Engine)).Faults;
        Assert.StartsWith("--controls-at: ", Assert.Single(faults).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_trainings_are_the_most()
    {
        var settings = new Request
        {
            ["strategy"] = "magnitude",
            ["compare"] = "none",
            ["rounds"] = "200",
            ["seeds"] = "1..10000",
        }.Settings;
        var faults = Assert.IsType<Result<Plan>.Failed>(Plan.Create(settings, PlanTests.Facts, PlanTests.Engine)).Faults;
        Assert.Contains("2,020,000 trainings", Assert.Single(faults).Describe(), StringComparison.Ordinal);
    }
}
