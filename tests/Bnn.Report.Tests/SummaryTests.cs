using Bnn.Core;

namespace Bnn.Report.Tests;

public sealed class SummaryTests
{
    private static readonly CutPoint Five = new(Inputs.D(0.05m), null), Twenty = new(Inputs.D(0.2m), null);

    [Fact]
    public void Groups_stand_in_plan_order_and_hold_every_seed()
    {
        var summary = Summary.From(Inputs.Seeds(3));
        Assert.Equal(
            ["bayesian", "dense", "variance at 20 %", "variance at 5 %", "magnitude at 20 %", "magnitude at 5 %", "random at 20 %", "random at 5 %"],
            summary.Groups.Select(group => group.Label));
        Assert.All(summary.Groups, group => Assert.Equal(3, group.N));
        Assert.Equal([Twenty, Five], summary.Cuts);
        Assert.True(summary.Ticket("variance", Five)!.Asked);
        Assert.False(summary.Ticket("random", Five)!.Asked);
    }

    [Fact]
    public void A_groups_numbers_are_those_of_its_seeds()
    {
        var dense = Summary.From(Inputs.Seeds(3)).Dense!;
        Assert.Equal(0.977, dense.Last!.Mean, 12);
        Assert.Equal(0.001, dense.Last.Sd!.Value, 12);
        Assert.Equal(0.978, dense.EarlyStop!.Mean, 12);
        Assert.Equal(200, dense.EarlyStopStep!.Mean);
        Assert.Equal((1000, 1000), dense.Kept);
        Assert.Null(dense.ToDense);
    }

    [Fact]
    public void Differences_are_paired_by_seed()
    {
        // Variance at 5 %: 0.965 + 0.0009·seed; magnitude 0.975 + 0.001·seed: differences −0.0101, −0.0102, −0.0103.
        var difference = Summary.From(Inputs.Seeds(3)).Ticket("variance", Five)!.ToMagnitude!;
        Assert.Equal(-0.0102, difference.Last!.Mean, 12);
        Assert.Equal(3, difference.Last.N);
        // t(2) at 97.5 % is 4.302652729749; the sd 0.0001.
        Assert.Equal(-0.0102 - 4.302652729749 * 0.0001 / Math.Sqrt(3), difference.Last.Interval!.Low, 9);
        Assert.Equal(-0.0102, difference.EarlyStop!.Mean, 12);
    }

    [Fact]
    public void A_missing_seed_is_named_and_pairs_nothing()
    {
        var input = Inputs.Seeds(3);
        var gone = input.Finished.First(f => f.Training.Strategy == "magnitude" && f.Training.TargetDensity == Five.Target && f.Training.Seed.Value == 2).Training;
        var summary = Summary.From(input with
        {
            Finished = input.Finished.RemoveAll(f => f.Training == gone),
            Missing = [new MissingTraining(gone, "diverged")],
        });

        var magnitude = summary.Ticket("magnitude", Five)!;
        Assert.Equal(new MissingSeed(new Seed(2), "diverged"), Assert.Single(magnitude.Missing));
        Assert.Equal(2, magnitude.N);
        Assert.Equal(0.977, magnitude.Last!.Mean, 12);   // seeds 1 and 3
        Assert.Equal([1, 3], summary.Ticket("variance", Five)!.ToMagnitude!.Last!.Seeds.Select(seed => seed.Value));
        Assert.Equal(3, summary.Ticket("variance", Five)!.ToDense!.Last!.N);
    }

    [Fact]
    public void A_planned_training_without_result_or_reason_is_missing_too()
    {
        var input = Inputs.Seeds(2);
        var summary = Summary.From(input with { Finished = input.Finished.RemoveAt(0) });
        Assert.Equal(new Seed(1), Assert.Single(summary.Groups[0].Missing).Seed);
    }

    [Theory]
    [InlineData(0.980, 200, Outcome.Wins)]
    [InlineData(0.980, 300, Outcome.DoesNotWin)]   // later than dense
    [InlineData(0.979, 100, Outcome.DoesNotWin)]   // less accurate
    [InlineData(0.981, 100, Outcome.Wins)]
    public void One_seed_wins_by_early_stop_and_accuracy(double accuracy, int stop, Outcome expected) =>
        Assert.Equal(expected, Verdict(
            Inputs.Done(Inputs.Dense(1), 0.980, 200), Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), accuracy, stop)).Outcome);

    [Fact]
    public void One_seed_without_validation_can_not_be_judged()
    {
        var verdict = Verdict(Inputs.Done(Inputs.Dense(1), 0.98, null), Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), 0.99, null));
        Assert.Equal(Outcome.NotEnough, verdict.Outcome);
        Assert.Contains("--validation 0", verdict.Reason);
    }

    [Fact]
    public void Without_a_dense_net_nothing_can_be_judged() =>
        Assert.Equal(Outcome.NotEnough, Verdict(Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), 0.99)).Outcome);

    [Theory]
    // A constant difference has an interval of no width: the margin itself wins, rounding of the accuracies aside.
    [InlineData(-0.0020, -0.0020, -0.0020, Outcome.Wins)]
    [InlineData(-0.0021, -0.0021, -0.0021, Outcome.DoesNotWin)]
    [InlineData(0.0030, 0.0031, 0.0029, Outcome.Wins)]
    // Better on average, but so uneven that a loss can't be ruled out.
    [InlineData(0.0100, 0.0000, 0.0050, Outcome.DoesNotWin)]
    public void Several_seeds_win_by_the_lower_end_of_the_interval(double d1, double d2, double d3, Outcome expected)
    {
        double[] differences = [d1, d2, d3];
        Assert.Equal(expected, Verdict([.. differences.SelectMany((d, i) => (FinishedTraining[])[
            Inputs.Done(Inputs.Dense((ulong)i), 0.9783), Inputs.Done(Inputs.Ticket("variance", 0.05m, (ulong)i), 0.9783 + d, 300)])]).Outcome);
    }

    [Fact]
    public void Comparisons_say_only_what_the_interval_shows()
    {
        var summary = Summary.From(Inputs.Seeds(3));
        Direction Of(string against, CutPoint cut) => summary.Comparisons.Single(c => c.Strategy == "variance" && c.Against == against && c.Cut == cut).Direction;

        Assert.Equal(4, summary.Comparisons.Length);
        Assert.Equal(Direction.Worse, Of("magnitude", Five));
        Assert.Equal(Direction.Better, Of("random", Five));
        Assert.Equal(Direction.NotShown, Of("magnitude", Twenty));   // −0.0005, −0.0010, −0.0015: ± 0.0012
        Assert.All(Summary.From(Inputs.Seeds(1)).Comparisons, c => Assert.Equal(Direction.OneSeed, c.Direction));
    }

    [Fact]
    public void With_thresholds_strategies_meet_at_the_threshold_and_kept_weights_may_differ()
    {
        var summary = Summary.From(Inputs.Of(
            from seed in (ulong[])[1, 2]
            from name in (string[])["variance", "magnitude"]
            select Inputs.Done(Inputs.AtThreshold(name, 0.25, seed), name == "variance" ? 0.96 : 0.97, kept: 100 + (int)seed)));
        var variance = summary.Ticket("variance", new CutPoint(null, 0.25))!;
        Assert.Equal((101, 102), variance.Kept);
        Assert.Equal("101 to 102", variance.KeptText);
        Assert.Equal(0.1015, variance.Density!.Value, 12);
        Assert.Equal(-0.01, variance.ToMagnitude!.Last!.Mean, 12);
        Assert.StartsWith("threshold 0.25 (10.", Assert.Single(summary.Comparisons).Where);
    }

    private static Verdict Verdict(params FinishedTraining[] finished) => Summary.From(Inputs.Of(finished)).Tickets.First().Verdict;
}
