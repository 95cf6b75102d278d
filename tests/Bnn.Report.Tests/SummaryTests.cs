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
            [
                "bayesian", "dense", "variance at 20 %", "variance at 5 %", "magnitude at 20 %", "magnitude at 5 %",
                "random at 20 %", "random at 5 %",
            ],
            summary.Groups.Select(group => group.Label));
        Assert.All(summary.Groups, group => Assert.Equal(3, group.N));
        Assert.Equal([Twenty, Five], summary.Cuts);
        Assert.True(Ticket(summary, "variance", Five)!.Asked);
        Assert.False(Ticket(summary, "random", Five)!.Asked);
    }

    /// <summary>A plan that was written before there was a choice of starts doesn't name it: its nets had their own.</summary>
    [Fact]
    public void A_factor_that_an_older_plan_lacks_has_its_usual_value()
    {
        const string Start = "start";
        var summary = Summary.From(Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.97), Inputs.Done(Inputs.Ticket("magnitude", 0.05m, 1), 0.96),
            Inputs.Done(Inputs.Dense(1).With(Start, "glorot"), 0.98),
            Inputs.Done(Inputs.Ticket("variance", 0.05m, 1).With(Start, "glorot"), 0.95)]));
        Assert.Equal(
            ["dense", "magnitude", "dense (start glorot)", "variance (start glorot)"], summary.Groups.Select(group => group.Name));
        Assert.Empty(summary.Comparisons);
        Assert.Equal(
            ["dense", "dense (start glorot)"], summary.Tickets.Select(ticket => summary.DenseOf(ticket)!.Name));
        var (older, glorot) = (Inputs.Dense(1).Cell, Inputs.Dense(1).With(Start, "glorot").Cell);
        Assert.False(older.AgreesWith(glorot));
        Assert.False(glorot.AgreesWith(older));
        Assert.True(older.AgreesWith(Inputs.Dense(1).With(Start, "posterior").Cell));
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
        var difference = Ticket(Summary.From(Inputs.Seeds(3)), "variance", Five)!.To("magnitude")!;
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
        var gone = input.Finished.First(
            f => f.Training.Cell.Strategy == "magnitude" && f.Training.Cell.Cut == Five && f.Training.Seed.Value == 2).Training;
        var summary = Summary.From(input with
        {
            Finished = input.Finished.RemoveAll(f => f.Training == gone),
            Missing = [new MissingTraining(gone, "diverged")],
        });

        var magnitude = Ticket(summary, "magnitude", Five)!;
        Assert.Equal(new MissingSeed(new Seed(2), "diverged"), Assert.Single(magnitude.Missing));
        Assert.Equal(2, magnitude.N);
        Assert.Equal(0.977, magnitude.Last!.Mean, 12);   // seeds 1 and 3
        Assert.Equal([1, 3], Ticket(summary, "variance", Five)!.To("magnitude")!.Last!.Seeds.Select(seed => seed.Value));
        Assert.Equal(3, Ticket(summary, "variance", Five)!.ToDense!.Last!.N);
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
    [InlineData(0.980, 250, Outcome.DoesNotWin)]   // later than dense
    [InlineData(0.979, 100, Outcome.DoesNotWin)]   // less accurate
    [InlineData(0.981, 100, Outcome.Wins)]
    public void One_seed_wins_by_early_stop_and_accuracy(double accuracy, int stop, Outcome expected) =>
        Assert.Equal(expected, Verdict(
            Inputs.Done(Inputs.Dense(1), 0.980, 200), Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), accuracy, stop)).Outcome);

    [Fact]
    public void One_seed_without_validation_can_not_be_judged()
    {
        var verdict = Verdict(Inputs.Done(Inputs.Dense(1), 0.98, null), Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), 0.99, null));
        Assert.Equal(Outcome.CantBeJudged, verdict.Outcome);
        Assert.Contains("without validation images", verdict.Reason);
    }

    [Fact]
    public void Without_a_dense_net_nothing_can_be_judged() =>
        Assert.Equal(Outcome.CantBeJudged, Verdict(Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), 0.99)).Outcome);

    [Theory]
    // A constant difference has an interval of no width, which shows nothing.
    [InlineData(-0.0020, -0.0020, -0.0020, Outcome.CantBeJudged)]
    [InlineData(0, 0, 0, Outcome.CantBeJudged)]
    [InlineData(-0.0019, -0.0019, -0.00191, Outcome.Wins)]
    [InlineData(-0.0021, -0.0021, -0.00211, Outcome.DoesNotWin)]
    [InlineData(0.0030, 0.0031, 0.0029, Outcome.Wins)]
    // Better on average, but so uneven that a loss can't be ruled out.
    [InlineData(0.0100, 0.0000, 0.0050, Outcome.DoesNotWin)]
    public void Several_seeds_win_by_the_lower_end_of_the_interval(double d1, double d2, double d3, Outcome expected)
    {
        double[] differences = [d1, d2, d3];
        Assert.Equal(expected, Verdict([.. differences.SelectMany((d, i) => (FinishedTraining[])[
            Inputs.Done(Inputs.Dense((ulong)i), 0.9783),
            Inputs.Done(Inputs.Ticket("variance", 0.05m, (ulong)i), 0.9783 + d, 300)])]).Outcome);
    }

    [Fact]
    public void Comparisons_say_only_what_the_interval_shows()
    {
        var summary = Summary.From(Inputs.Seeds(3));
        Direction Of(string against, CutPoint cut) =>
            summary.Comparisons.Single(c => c.Arm == "variance" && c.Against == against && c.Cut == cut).Direction;

        Assert.Equal(4, summary.Comparisons.Count());
        Assert.Equal(Direction.Worse, Of("magnitude", Five));
        Assert.Equal(Direction.Better, Of("random", Five));
        Assert.Equal(Direction.Undecided, Of("magnitude", Twenty));   // −0.0005, −0.0010, −0.0015: ± 0.0012
        Assert.All(Summary.From(Inputs.Seeds(1)).Comparisons, c => Assert.Equal(Direction.OneSeed, c.Direction));
    }

    [Fact]
    public void With_thresholds_strategies_meet_at_the_threshold_and_kept_weights_may_differ()
    {
        var summary = Summary.From(Inputs.Of(
            from seed in (ulong[])[1, 2]
            from name in (string[])["variance", "magnitude"]
            select Inputs.Done(Inputs.AtThreshold(name, 0.25, seed), name == "variance" ? 0.96 : 0.97, kept: 100 + (int)seed)));
        var variance = Ticket(summary, "variance", new CutPoint(null, 0.25))!;
        Assert.Equal((101, 102), variance.Kept);
        Assert.Equal("101 to 102", variance.KeptText);
        Assert.Equal(0.1015, variance.Density!.Value, 12);
        Assert.Equal(-0.01, variance.To("magnitude")!.Last!.Mean, 12);
        Assert.StartsWith("threshold 0.25 (10.", Assert.Single(summary.Comparisons).Where);
    }

    [Fact]
    public void Cells_that_differ_in_one_factor_are_different_rows_and_are_compared_with_their_own()
    {
        var summary = Summary.From(Inputs.Of(
            from seed in (ulong[])[1, 2, 3]
            from prior in (string[])["1", "0.5"]
            from layers in (string[])["10-50-10", "10-20-10"]
            from training in (FinishedTraining[])[
                Inputs.Done(Inputs.Bayesian(seed).With("layers", layers).With("prior-scale", prior), 0.97),
                Inputs.Done(Inputs.Dense(seed).With("layers", layers), layers == "10-50-10" ? 0.98 : 0.90),
                Inputs.Done(
                    Inputs.Ticket("variance", 0.05m, seed).With("layers", layers).With("prior-scale", prior),
                    prior == "1" ? 0.89 : 0.88),
                Inputs.Done(Inputs.Ticket("magnitude", 0.05m, seed).With("layers", layers), layers == "10-50-10" ? 0.95 : 0.87)]
            select training));
        Assert.Equal(4, summary.Groups.Count(group => group.Strategy == "variance"));
        Assert.Equal(
            [
                "variance (layers 10-20-10, prior-scale 0.5)", "variance (layers 10-20-10, prior-scale 1)",
                "variance (layers 10-50-10, prior-scale 0.5)", "variance (layers 10-50-10, prior-scale 1)",
            ],
            summary.Groups.Where(group => group.Strategy == "variance").Select(group => group.Name).Order(StringComparer.Ordinal));
        Assert.All(summary.Groups, group => Assert.Equal(3, group.N));
        var narrow = summary.Groups.Single(group => group.Name == "variance (layers 10-20-10, prior-scale 0.5)");
        Assert.Equal(0.88 - 0.90, narrow.ToDense!.Last!.Mean, 12);
        Assert.Equal(0.88 - 0.87, narrow.To("magnitude")!.Last!.Mean, 12);
        Assert.Equal(4, summary.Comparisons.Count());
        Assert.Null(summary.Dense);
        Assert.Equal("dense (layers 10-20-10)", summary.DenseOf(narrow)!.Name);
    }

    [Fact]
    public void What_could_be_compared_with_two_is_compared_with_none()
    {
        // Magnitude has no prior; it agrees with the tickets of both.
        var summary = Summary.From(Inputs.Of(
            from seed in (ulong[])[1, 2]
            from training in (FinishedTraining[])[
                Inputs.Done(Inputs.Dense(seed), 0.98), Inputs.Done(Inputs.Ticket("magnitude", 0.05m, seed), 0.97),
                Inputs.Done(Inputs.Ticket("variance", 0.05m, seed).With("prior-scale", "1"), 0.96),
                Inputs.Done(Inputs.Ticket("variance", 0.05m, seed).With("prior-scale", "2"), 0.95)]
            select training));
        Assert.Null(summary.Counterpart(Ticket(summary, "magnitude", Five)!, "variance"));
        Assert.Equal(2, summary.Comparisons.Count());
    }

    [Fact]
    public void Roles_are_data_and_not_names()
    {
        var input = Inputs.Seeds(3);
        var summary = Summary.From(input with
        {
            Experiment = input.Experiment with { Roles = new Roles(["magnitude"], ["random"], ["variance"], ["magnitude"]) },
        });
        Assert.Equal(["random"], summary.Baselines);
        Assert.NotNull(Ticket(summary, "magnitude", Five)!.To("random"));
        Assert.Null(Ticket(summary, "magnitude", Five)!.To("magnitude"));
        Assert.Equal([("magnitude", "random"), ("magnitude", "variance")], summary.Comparisons.Select(c => (c.Arm, c.Against)).Distinct());
        Assert.StartsWith("magnitude is better than random by", Findings.Of(summary)[0]);
        Assert.Contains(Findings.Of(summary), finding => finding.StartsWith("magnitude is better than variance", StringComparison.Ordinal));
    }

    private static GroupSummary? Ticket(Summary summary, string strategy, CutPoint cut) =>
        summary.Tickets.FirstOrDefault(group => group.Strategy == strategy && group.Cut == cut);

    /// <summary>Three seeds whose t of the difference to −0.2 points is 5: one-sided p of two degrees of freedom is 0.019.</summary>
    private static readonly double[] Near = [-0.001346, -0.001, -0.000654], Below = [-0.003346, -0.003, -0.002654],
        Anything = [0.0100, 0.0000, 0.0050];

    [Fact]
    public void Among_several_tickets_an_interval_that_would_do_alone_is_no_proof()
    {
        Assert.Equal((Outcome.Wins, false), Judged(Near));
        Assert.Equal((Outcome.DoesNotWin, true), Judged(Below));
        Assert.Equal((Outcome.DoesNotWin, false), Judged(Near, Anything));
        Assert.Equal((Outcome.DoesNotWin, false), Judged(Below, Anything));
        // Holm's correction of the smaller p is by the number of tickets, that of the larger by one less.
        Assert.Equal((Outcome.Wins, false), Judged(Near, [0.00500, 0.00501, 0.00499]));
        Assert.Contains(
            "among 2 tickets one such interval is no proof: p = 0.038 after Holm’s correction",
            Tickets(Near, Anything)[0].Verdict.Reason, StringComparison.Ordinal);

        static (Outcome, bool) Judged(params double[][] differences) =>
            Tickets(differences)[0].Verdict is var verdict ? (verdict.Outcome, verdict.ShowsLoss) : default;
    }

    [Fact]
    public void Findings_say_what_the_correction_leaves()
    {
        var sentence = Assert.Single(Findings.Of(Of(Near, Anything)), IsOfVariance);
        Assert.EndsWith(
            "The intervals don't show a loss of more than 0.20 points, but can't rule it out, after Holm’s correction over 2 tickets: "
                + "more seeds would.",
            sentence, StringComparison.Ordinal);
        // From five seeds on it is known how many.
        double[] five = [.. Anything, -0.004, 0.002];
        sentence = Assert.Single(Findings.Of(Of(five)), IsOfVariance);
        Assert.Matches("can't rule it out: if there is none, [0-9]+ to [0-9,]+ seeds would\\.$", sentence);

        static bool IsOfVariance(string text) => text.StartsWith("variance gives no", StringComparison.Ordinal);
    }

    /// <summary>Tickets of two strategies with given differences to the dense net, seed by seed.</summary>
    private static List<GroupSummary> Tickets(params double[][] differences) => [.. Of(differences).Tickets];

    private static Summary Of(params double[][] differences)
    {
        string[] names = ["variance", "snr"];
        return Summary.From(Inputs.Of([
            .. differences[0].Select((_, i) => Inputs.Done(Inputs.Dense((ulong)i), 0.9783)),
            .. differences.SelectMany((own, n) => own.Select((d, i) =>
                Inputs.Done(Inputs.Ticket(names[n], 0.05m, (ulong)i), 0.9783 + d, 300)))]));
    }

    private static Verdict Verdict(params FinishedTraining[] finished) => Summary.From(Inputs.Of(finished)).Tickets.First().Verdict;
}
