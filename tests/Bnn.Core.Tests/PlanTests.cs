using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Which trainings an experiment is made of, and in which order they can run.</summary>
public sealed class PlanTests
{
    public static readonly DatasetFacts Facts = new(784, 10, 60_000, new DataHashes("aa", "bb", "cc", "dd"));

    public static readonly EngineIdentity Engine = new("simd", 1);

    private static Plan Of(Request request) => request.Plan();

    private static Training TrainingOf(Plan plan, string label) => Assert.Single(plan.Trainings, training => training.Label == label);

    [Fact]
    public void Per_seed_come_the_Bayesian_net_the_dense_net_and_the_tickets()
    {
        var plan = Of(new Request { ["strategy"] = "snr", ["compare"] = "random", ["density"] = "0.1,0.2", ["seeds"] = "1..2" });
        string[] labels = ["bayesian", "dense", "snr 0.2", "snr 0.1", "random 0.2", "random 0.1"];
        Assert.Equal(labels.Concat(labels), plan.Trainings.Select(training => training.Label));
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], plan.Trainings.Select(training => training.Seed.Value));
        Assert.Equal([784, 300, 100, 10], plan.Net.Sizes);
        Assert.Equal($"snr-{plan.Key}", plan.DefaultName);
    }

    [Fact]
    public void Tickets_need_what_their_strategy_sees()
    {
        var plan = Of(new Request { ["strategy"] = "variance", ["compare"] = "magnitude,random", ["density"] = "0.1" });
        var byLabel = plan.Trainings.ToDictionary(training => training.Label);
        Assert.Empty(byLabel["bayesian"].Parents);
        Assert.Empty(byLabel["dense"].Parents.Select(parent => parent.Of.Key).Distinct());
        Assert.Equal([byLabel["bayesian"].Key], byLabel["variance 0.1"].Parents.Select(parent => parent.Of.Key).Distinct());
        Assert.Equal([byLabel["dense"].Key], byLabel["magnitude 0.1"].Parents.Select(parent => parent.Of.Key).Distinct());
        Assert.Empty(byLabel["random 0.1"].Parents.Select(parent => parent.Of.Key).Distinct());
    }

    [Fact]
    public void Tickets_with_the_counts_of_another_strategy_need_what_that_one_sees_too()
    {
        var plan = Of(new Request { ["strategy"] = "variance", ["compare"] = "magnitude,random", ["threshold"] = "0.002" });
        var byLabel = plan.Trainings.ToDictionary(training => training.Label);
        Assert.Equal([byLabel["bayesian"].Key], byLabel["variance at 0.002"].Parents.Select(parent => parent.Of.Key).Distinct());
        Assert.Equal(
            [byLabel["bayesian"].Key, byLabel["dense"].Key],
            byLabel["magnitude as variance at 0.002"].Parents.Select(parent => parent.Of.Key).Distinct());
        Assert.Equal([byLabel["bayesian"].Key], byLabel["random as variance at 0.002"].Parents.Select(parent => parent.Of.Key).Distinct());
    }

    [Fact]
    public void Keys_are_twelve_lower_hex_digits_and_no_two_trainings_share_one()
    {
        var plan = Of(new Request { ["strategy"] = "variance,snr", ["seeds"] = "1..3" });
        var keys = plan.Trainings.Select(training => training.Key).ToArray();
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{12}$", key.Value));
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Asking_for_more_changes_no_key_of_what_was_there()
    {
        var few = Of(new Request { ["strategy"] = "variance", ["compare"] = "none", ["density"] = "0.1" });
        var more = Of(new Request
        {
            ["strategy"] = "snr,variance",
            ["compare"] = "random,magnitude",
            ["density"] = "0.5,0.1",
            ["seeds"] = "2,1",
        });
        Assert.Subset(Keys(more), Keys(few));
        Assert.NotEqual(few.Key, more.Key);

        static HashSet<TrainingKey> Keys(Plan plan) => [.. plan.Trainings.Select(training => training.Key)];
    }

    [Theory, InlineData("kl-weight"), InlineData("prior-scale"), InlineData("bayesian-steps")]
    public void Settings_of_the_Bayesian_net_move_its_key_and_that_of_tickets_that_see_it_alone(string property)
    {
        var changed = new Request { ["density"] = "0.1", [property] = "3" };
        var (plan, other) = (Of(new Request { ["density"] = "0.1" }), Of(changed));
        var same = plan.Trainings.Where(training => other.Trainings.Any(o => o.Key == training.Key)).Select(training => training.Label);
        Assert.Equal(["dense", "magnitude 0.1", "random 0.1"], same);
    }

    [Fact]
    public void As_many_validation_images_as_there_are_are_refused()
    {
        var all = Plan.Create(new Request { ["validation"] = "60000" }.Settings, Facts, Engine);
        Assert.Contains("60000", Assert.Single(Assert.IsType<Result<Plan>.Failed>(all).Faults).Describe(), StringComparison.Ordinal);
        Assert.IsType<Result<Plan>.Ok>(Plan.Create(new Request { ["validation"] = "59999" }.Settings, Facts, Engine));
    }

    [Fact]
    public void A_net_too_large_for_memory_is_refused() =>
        Assert.IsType<Result<Plan>.Failed>(Plan.Create(new Request { ["layers"] = "65536,65536" }.Settings, Facts, Engine));

    [Fact]
    public void What_is_ready_comes_in_the_plans_order()
    {
        var plan = Of(new Request { ["density"] = "0.1", ["seeds"] = "1..2" });
        var schedule = new Schedule(plan.Trainings, _ => 1);
        Assert.Equal(
            ["bayesian", "dense", "random 0.1", "bayesian", "dense", "random 0.1"],
            schedule.Ready.Select(training => training.Label));
        schedule.Finish(TrainingOf(Of(new Request { ["density"] = "0.1" }), "bayesian"));
        Assert.Equal(
            ["dense", "variance 0.1", "random 0.1", "bayesian", "dense", "random 0.1"],
            schedule.Ready.Select(training => training.Label));
    }

    [Fact]
    public void In_any_order_of_finishing_what_is_ready_is_what_is_not_done_and_whose_parents_are() =>
        Gen.Select(Gen.Shuffle((string[])["variance", "snr", "magnitude", "random"]), Gen.Int[1, 4], Gen.Bool, Gen.Int[0, int.MaxValue])
            .Sample((names, asked, threshold, dice) =>
        {
            var plan = Of(new Request
            {
                ["strategy"] = threshold ? names[0] : string.Join(',', names[..asked]),
                ["compare"] = names[(threshold ? 1 : asked)..] is { Length: > 0 } others ? string.Join(',', others) : "none",
                ["density"] = threshold ? null : "0.5,0.1",
                ["threshold"] = threshold ? "0.5,0.1" : null,
                ["seeds"] = "1..2",
            });
            var (schedule, done, random) = (new Schedule(plan.Trainings, _ => 1), new HashSet<Training>(), new Random(dice));
            while (schedule.Ready.ToArray() is { Length: > 0 } ready)
            {
                Assert.Equal(plan.Trainings.Where(t => !done.Contains(t) && t.Parents.All(parent => done.Contains(parent.Of))), ready);
                var next = ready[random.Next(ready.Length)];
                Assert.True(done.Add(next), "nothing is done twice");
                schedule.Finish(next);
                Assert.True(schedule.IsDone(next));
            }
            Assert.Equal(plan.Trainings.Length, done.Count);
        });

    [Fact]
    public void A_child_that_was_done_before_its_parent_is_not_offered_again()
    {
        var plan = Of(new Request { ["density"] = "0.1" });
        var schedule = new Schedule(plan.Trainings, _ => 1);
        foreach (var training in plan.Trainings.Where(training => training.Kind == TrainingKind.Ticket)) schedule.Finish(training);
        schedule.Finish(TrainingOf(plan, "bayesian"));
        Assert.Equal(["dense"], schedule.Ready.Select(training => training.Label));
    }

    [Fact]
    public void A_seed_is_no_part_of_a_cell_and_everything_else_is()
    {
        var one = Of(new Request { ["density"] = "0.1", ["seeds"] = "1..3" });
        var cells = one.Trainings.GroupBy(training => training.CellId).ToList();
        Assert.All(cells, cell => Assert.Equal(3, cell.Count()));
        Assert.Equal(
            ["bayesian", "dense", "variance 0.1", "magnitude 0.1", "random 0.1"], cells.Select(cell => cell.First().Label));
        string[] CellsOf(Request request) => [.. Of(request).Trainings.Select(training => training.CellId.Value)];
        var all = CellsOf(new Request { ["density"] = "0.1" }).ToHashSet();
        // A posterior with another prior changes its own cell and that of the ticket masked by it, and no other.
        Assert.Equal(2, CellsOf(new Request { ["density"] = "0.1", ["prior-scale"] = "2" }).Count(cell => !all.Contains(cell)));
        Assert.Equal(3, CellsOf(new Request { ["density"] = "0.1", ["scope"] = "global" }).Count(cell => !all.Contains(cell)));
        Assert.Equal(5, CellsOf(new Request { ["density"] = "0.1", ["layers"] = "30" }).Count(cell => !all.Contains(cell)));
    }

    [Fact]
    public void Scores_are_remembered_by_all_that_they_are_computed_from()
    {
        Training Ticket(Request request) => TrainingOf(request.Plan(), "variance 0.1");
        var variance = Request.Known[0];
        var basic = Evidence.ScoresOf(Ticket(new Request { ["density"] = "0.1" }), variance);
        var elsewhereCut = new Request { ["density"] = "0.2,0.1", ["scope"] = "global", ["steps"] = "30000" };
        Assert.Equal(basic, Evidence.ScoresOf(Ticket(elsewhereCut), variance));
        Request[] others = [
            new() { ["seed"] = "2" }, new() { ["prior-scale"] = "2" }, new() { ["bayesian-steps"] = "9" },
            new() { ["layers"] = "30" }, new() { ["lr"] = "1" }, new() { ["validation"] = "7" }];
        Digest[] all = [basic, .. others.Select(other => Evidence.ScoresOf(Ticket(With(other)), variance))];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.NotEqual(basic, Evidence.ScoresOf(Ticket(new Request { ["density"] = "0.1" }), variance with { PluginSha256 = "other" }));
        var otherArguments = variance with { Arguments = [new("alpha", "2")] };
        Assert.NotEqual(basic, Evidence.ScoresOf(Ticket(new Request { ["density"] = "0.1" }), otherArguments));
        // Random scores have no parents, but a seed and a network.
        Training Random(Request request) => TrainingOf(With(request).Plan(), "random 0.1");
        Assert.NotEqual(
            Evidence.ScoresOf(Random([]), Request.Known[3]),
            Evidence.ScoresOf(Random(new() { ["seed"] = "2" }), Request.Known[3]));
        Assert.NotEqual(Evidence.StartOf(Random([])), Evidence.StartOf(Random(new() { ["layers"] = "30" })));
        Assert.Equal(Evidence.StartOf(Random([])), Evidence.StartOf(Random(new() { ["prior-scale"] = "2" })));

        static Request With(Request request)
        {
            request["density"] = "0.1";
            return request;
        }
    }

    [Fact]
    public void Ten_thousand_trainings_are_planned_and_scheduled_at_once()
    {
        var plan = Of(new Request { ["density"] = "0.5,0.2,0.1,0.05,0.02,0.01", ["seeds"] = "1..500" });
        Assert.Equal(10_000, plan.Trainings.Length);
        var schedule = new Schedule(plan.Trainings, _ => 1);
        foreach (var training in plan.Trainings.Take(9_990)) schedule.Finish(training);
        Assert.Equal(10, schedule.Ready.Count());
    }

    [Fact]
    public void Trainings_are_planned_under_the_names_of_the_record()
    {
        var plan = Of(new Request { ["strategy"] = "variance", ["compare"] = "none", ["density"] = "0.1", ["scope"] = "global" });
        Assert.Equal(
            [("bayesian", null, null, null), ("dense", null, null, null), ("ticket", "variance", "global", 0.1m)],
            plan.Trainings.Select(training => PlannedCell.Of(training, plan))
                .Select(cell => (cell.Kind.Name(), cell.Strategy, cell.Scope, cell.Cut?.Target?.Value)));
        var atThreshold = Of(new Request { ["strategy"] = "variance", ["compare"] = "random", ["threshold"] = "0.5" });
        var cut = atThreshold.Trainings.Select(training => PlannedCell.Of(training, atThreshold)).ToArray()[2..];
        Assert.All(cut, cell => Assert.Equal(("threshold", new CutPoint(null, 0.5)), (cell.Scope, cell.Cut)));
    }
}
