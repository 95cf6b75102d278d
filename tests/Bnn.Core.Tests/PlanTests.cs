using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Which trainings an experiment is made of, and in which order they can run.</summary>
public sealed class PlanTests
{
    public static readonly DatasetFacts Facts = new(784, 10, 60_000, new DataHashes("aa", "bb", "cc", "dd"));

    private static Plan Of(RunRequest request, DatasetFacts? facts = null) =>
        Assert.IsType<Result<Plan>.Ok>(Plan.Create(ExperimentSettingsTests.Ok(request), facts ?? Facts, "simd", 1)).Value;

    private static RunKey KeyOf(Plan plan, string label) => Assert.Single(plan.Trainings, training => training.Label == label).Key;

    [Fact]
    public void Per_seed_come_the_Bayesian_net_the_dense_net_and_the_tickets()
    {
        var plan = Of(new RunRequest { Strategy = "snr", Compare = "random", Density = "0.1,0.2", Seeds = "1..2" });
        string[] labels = ["bayesian", "dense", "snr 0.2", "snr 0.1", "random 0.2", "random 0.1"];
        Assert.Equal(labels.Concat(labels), plan.Trainings.Select(training => training.Label));
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], plan.Trainings.Select(training => training.Seed.Value));
        Assert.Equal([784, 300, 100, 10], plan.Net.Sizes);
        Assert.Equal($"snr-{plan.Key}", plan.DefaultName);
    }

    [Fact]
    public void Tickets_need_what_their_strategy_sees()
    {
        var plan = Of(new RunRequest { Strategy = "variance", Compare = "magnitude,random", Density = "0.1" });
        var byLabel = plan.Trainings.ToDictionary(training => training.Label);
        Assert.Empty(byLabel["bayesian"].Needs);
        Assert.Empty(byLabel["dense"].Needs);
        Assert.Equal([byLabel["bayesian"].Key], byLabel["variance 0.1"].Needs);
        Assert.Equal([byLabel["dense"].Key], byLabel["magnitude 0.1"].Needs);
        Assert.Empty(byLabel["random 0.1"].Needs);
    }

    [Fact]
    public void Tickets_with_the_counts_of_another_strategy_need_what_that_one_sees_too()
    {
        var plan = Of(new RunRequest { Strategy = "variance", Compare = "magnitude,random", Threshold = "0.002" });
        var byLabel = plan.Trainings.ToDictionary(training => training.Label);
        Assert.Equal([byLabel["bayesian"].Key], byLabel["variance at 0.002"].Needs);
        Assert.Equal([byLabel["bayesian"].Key, byLabel["dense"].Key], byLabel["magnitude as variance at 0.002"].Needs);
        Assert.Equal([byLabel["bayesian"].Key], byLabel["random as variance at 0.002"].Needs);
    }

    [Fact]
    public void Keys_are_twelve_lower_hex_digits_and_no_two_trainings_share_one()
    {
        var keys = Of(new RunRequest { Strategy = "variance,snr", Seeds = "1..3" }).Trainings.Select(training => training.Key).ToArray();
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{12}$", key.Value));
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Asking_for_more_changes_no_key_of_what_was_there()
    {
        var few = Of(new RunRequest { Strategy = "variance", Compare = "none", Density = "0.1" });
        var more = Of(new RunRequest { Strategy = "snr,variance", Compare = "random,magnitude", Density = "0.5,0.1", Seeds = "2,1" });
        Assert.Subset(more.Trainings.Select(training => training.Key).ToHashSet(), few.Trainings.Select(training => training.Key).ToHashSet());
        Assert.NotEqual(few.Key, more.Key);
    }

    [Theory, InlineData("KlWeight"), InlineData("PriorScale"), InlineData("BayesianSteps")]
    public void Settings_of_the_Bayesian_net_move_its_key_and_that_of_tickets_that_see_it_alone(string property)
    {
        var changed = new RunRequest { Density = "0.1" };
        typeof(RunRequest).GetProperty(property)!.SetValue(changed, "3");
        var (plan, other) = (Of(new RunRequest { Density = "0.1" }), Of(changed));
        var same = plan.Trainings.Where(training => other.Trainings.Any(o => o.Key == training.Key)).Select(training => training.Label);
        Assert.Equal(["dense", "magnitude 0.1", "random 0.1"], same);
    }

    [Fact]
    public void As_many_validation_images_as_there_are_are_refused()
    {
        var all = Plan.Create(ExperimentSettingsTests.Ok(new RunRequest { Validation = "60000" }), Facts, "simd", 1);
        Assert.Contains("60000", Assert.Single(Assert.IsType<Result<Plan>.Failed>(all).Faults).Describe(), StringComparison.Ordinal);
        Assert.IsType<Result<Plan>.Ok>(Plan.Create(ExperimentSettingsTests.Ok(new RunRequest { Validation = "59999" }), Facts, "simd", 1));
    }

    [Fact]
    public void A_net_too_large_for_memory_is_refused() =>
        Assert.IsType<Result<Plan>.Failed>(Plan.Create(ExperimentSettingsTests.Ok(new RunRequest { Layers = "65536,65536" }), Facts, "simd", 1));

    [Fact]
    public void What_is_ready_comes_in_the_plans_order()
    {
        var plan = Of(new RunRequest { Density = "0.1", Seeds = "1..2" });
        Assert.Equal(["bayesian", "dense", "random 0.1", "bayesian", "dense", "random 0.1"],
            Experiment.Ready(plan, new HashSet<RunKey>()).Select(training => training.Label));
        Assert.Equal(["dense", "variance 0.1", "random 0.1", "bayesian", "dense", "random 0.1"],
            Experiment.Ready(plan, new HashSet<RunKey> { KeyOf(Of(new RunRequest { Density = "0.1" }), "bayesian") }).Select(training => training.Label));
    }

    [Fact]
    public void In_any_order_of_finishing_every_training_gets_its_turn_and_none_before_its_needs() =>
        Gen.Select(Gen.Shuffle((string[])["variance", "snr", "magnitude", "random"]), Gen.Int[1, 4], Gen.Bool, Gen.Int[0, int.MaxValue])
            .Sample((names, asked, threshold, dice) =>
        {
            var plan = Of(new RunRequest
            {
                Strategy = threshold ? names[0] : string.Join(',', names[..asked]),
                Compare = names[(threshold ? 1 : asked)..] is { Length: > 0 } others ? string.Join(',', others) : "none",
                Density = threshold ? null : "0.5,0.1",
                Threshold = threshold ? "0.5,0.1" : null,
                Seeds = "1..2",
            });
            var (done, random) = (new HashSet<RunKey>(), new Random(dice));
            while (Experiment.Ready(plan, done).ToArray() is { Length: > 0 } ready)
            {
                var next = ready[random.Next(ready.Length)];
                Assert.All(next.Needs, need => Assert.Contains(need, done));
                Assert.True(done.Add(next.Key), "nothing is done twice");
            }
            Assert.Equal(plan.Trainings.Length, done.Count);
        });

    [Fact]
    public void Trainings_are_planned_under_the_names_of_the_record()
    {
        var plan = Of(new RunRequest { Strategy = "variance", Compare = "none", Density = "0.1", Scope = "global" });
        Assert.Equal(
            [("bayesian", null, null, null), ("dense", null, null, null), ("ticket", "variance", "global", 0.1m)],
            plan.Trainings.Select(PlannedTraining.Of).Select(planned => (planned.Kind, planned.Strategy, planned.Scope, planned.TargetDensity?.Value)));
        var cut = Of(new RunRequest { Strategy = "variance", Compare = "random", Threshold = "0.5" }).Trainings.Select(PlannedTraining.Of).ToArray()[2..];
        Assert.All(cut, planned => Assert.Equal(("threshold", null, 0.5), (planned.Scope, planned.TargetDensity?.Value, planned.Threshold)));
    }
}
