using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>What made-up trainings say of made-up claims.</summary>
public sealed class ClaimCheckTests
{
    private static readonly ImmutableArray<NamedValue> Setup = [new("layers", "50"), new("steps", "300"), new(Factor.Data, "a1")];

    private static readonly ImmutableArray<NamedValue> Variance =
        [new(Factor.Kind, TrainingKind.Ticket.Name()), new(Factor.Strategy, "variance")];

    private static readonly ClaimTrainings Dense = new(Setup, [new(Factor.Kind, TrainingKind.Dense.Name())]);

    private static Claim Value(double expected, double tolerance, ClaimDirection direction = ClaimDirection.Near) => new(
        "Accuracy", "Someone 2020", Measures.TestAccuracyLast, ClaimForm.Value, new ClaimTrainings(Setup, Variance), null, Inputs.D(0.1m),
        direction, expected, tolerance);

    private static Claim ToDense(ClaimDirection direction, double expected, double tolerance) =>
        Value(expected, tolerance, direction) with { Form = ClaimForm.Difference, Against = Dense };

    private static Claim EarlyStop(double expected) =>
        ToDense(ClaimDirection.Below, expected, 0.05) with { Form = ClaimForm.Ratio, Measure = Measures.EarlyStopStep };

    private static FinishedTraining Ticket(ulong seed, double accuracy, decimal density = 0.1m, int? stop = 200) =>
        Inputs.Done(Inputs.Ticket("variance", density, seed), accuracy, stop);

    private static FinishedTraining Whole(ulong seed, double accuracy, int? stop = 200) =>
        Inputs.Done(Inputs.Dense(seed), accuracy, stop);

    private static ClaimObservation One(Claim claim, params FinishedTraining[] finished) =>
        Assert.Single(Assert.Single(ClaimCheck.Of([claim], finished)).Observations);

    private static void IsNotRun(Claim claim, params FinishedTraining[] finished)
    {
        var result = Assert.Single(ClaimCheck.Of([claim], finished));
        Assert.False(result.IsRun);
        Assert.Equal("not run", ClaimTable.Rows([result]).Single()[^1]);
    }

    [Theory]
    [InlineData(ClaimDirection.Above, 0.9, 1.5, ClaimVerdict.Replicated), InlineData(ClaimDirection.Above, 1.2, 3, ClaimVerdict.Replicated)]
    [InlineData(ClaimDirection.Above, 0.2, 0.89, ClaimVerdict.NotReplicated)]
    [InlineData(ClaimDirection.Above, 0.89, 1.5, ClaimVerdict.Undecided), InlineData(ClaimDirection.Above, 0, 0.9, ClaimVerdict.Undecided)]
    [InlineData(ClaimDirection.Below, 0.5, 1.1, ClaimVerdict.Replicated)]
    [InlineData(ClaimDirection.Below, -3, 0.8, ClaimVerdict.Replicated)]
    [InlineData(ClaimDirection.Below, 1.11, 1.8, ClaimVerdict.NotReplicated)]
    [InlineData(ClaimDirection.Below, 0.5, 1.11, ClaimVerdict.Undecided), InlineData(ClaimDirection.Below, 1.1, 2, ClaimVerdict.Undecided)]
    [InlineData(ClaimDirection.Near, 0.9, 1.1, ClaimVerdict.Replicated), InlineData(ClaimDirection.Near, 0.95, 1, ClaimVerdict.Replicated)]
    [InlineData(ClaimDirection.Near, 1.11, 1.8, ClaimVerdict.NotReplicated)]
    [InlineData(ClaimDirection.Near, 0.1, 0.89, ClaimVerdict.NotReplicated)]
    [InlineData(ClaimDirection.Near, 0.89, 1.05, ClaimVerdict.Undecided), InlineData(ClaimDirection.Near, 1, 1.11, ClaimVerdict.Undecided)]
    [InlineData(ClaimDirection.Near, 0, 5, ClaimVerdict.Undecided)]
    public void The_interval_decides(ClaimDirection direction, double low, double high, ClaimVerdict verdict) =>
        Assert.Equal(verdict, ClaimCheck.Verdict(Value(1, 0.1, direction), low, high));

    /// <summary>97.0, 97.1 and 97.2 %: t at 0.975 with 2 degrees of freedom is 4.302653, so ±0.2484.</summary>
    [Theory]
    [InlineData(97.1, 0.3, ClaimVerdict.Replicated), InlineData(97.1, 0.2, ClaimVerdict.Undecided)]
    [InlineData(97.9, 0.3, ClaimVerdict.NotReplicated), InlineData(96.3, 0.3, ClaimVerdict.NotReplicated)]
    [InlineData(97.4, 0.2, ClaimVerdict.Undecided)]
    public void A_value_is_judged_in_per_cent_by_Students_interval(double expected, double tolerance, ClaimVerdict verdict)
    {
        var seen = One(Value(expected, tolerance), Ticket(3, 0.972), Ticket(1, 0.970), Ticket(2, 0.971));
        Assert.Equal(verdict, seen.Verdict);
        Assert.Equal(97.1, seen.Mean, 9);
        Assert.Equal(96.8516, seen.Interval!.Value.Low, 4);
        Assert.Equal(97.3484, seen.Interval.Value.High, 4);
        Assert.Equal([1UL, 2, 3], seen.Seeds.Select(seed => seed.Value));
        Assert.Empty(seen.Trainings + seen.Reason);
    }

    /// <summary>Differences of 0.4, 0.5 and 0.6 points, though the nets' own accuracies differ by whole points.</summary>
    [Theory]
    [InlineData(ClaimDirection.Above, 0.3, ClaimVerdict.Replicated), InlineData(ClaimDirection.Above, 0.9, ClaimVerdict.NotReplicated)]
    [InlineData(ClaimDirection.Below, 0.7, ClaimVerdict.Replicated), InlineData(ClaimDirection.Below, 0.1, ClaimVerdict.NotReplicated)]
    [InlineData(ClaimDirection.Above, 0.5, ClaimVerdict.Undecided)]
    public void Differences_are_paired_by_seed(ClaimDirection direction, double expected, ClaimVerdict verdict)
    {
        var seen = One(
            ToDense(direction, expected, 0.1),
            Ticket(1, 0.904), Whole(1, 0.900), Ticket(2, 0.955), Whole(2, 0.950), Ticket(3, 0.986), Whole(3, 0.980), Ticket(4, 0.1),
            Whole(5, 0.9));
        Assert.Equal(verdict, seen.Verdict);
        Assert.Equal(0.5, seen.Mean, 9);
        Assert.Equal([1UL, 2, 3], seen.Seeds.Select(seed => seed.Value));
    }

    [Theory]
    [InlineData(0.6, ClaimVerdict.Replicated), InlineData(0.4, ClaimVerdict.NotReplicated), InlineData(0.45, ClaimVerdict.Undecided)]
    public void Ratios_are_those_of_means_over_seeds_in_pairs(double expected, ClaimVerdict verdict)
    {
        int[] own = [1000, 1100, 900, 1000, 1050], dense = [2000, 2100, 1900, 2100, 2000];
        FinishedTraining[] finished = [
            .. own.Select((stop, i) => Ticket((ulong)i + 1, 0.9, stop: stop)),
            .. dense.Select((stop, i) => Whole((ulong)i + 1, 0.9, stop))];
        var seen = One(EarlyStop(expected), finished);
        Assert.Equal(verdict, seen.Verdict);
        var ratio = RatioOfMeans.Of([.. own.Select(stop => (double)stop)], [.. dense.Select(stop => (double)stop)])!;
        Assert.Equal((ratio.Ratio, (ratio.Low, ratio.High)), (seen.Mean, seen.Interval!.Value));

        var few = One(EarlyStop(expected), [.. finished.Where(done => done.Training.Seed.Value < 5)]);
        Assert.Equal((ClaimVerdict.Undecided, "fewer than 5 seeds", null), (few.Verdict, few.Reason, few.Interval));
    }

    [Fact]
    public void What_shows_no_spread_decides_nothing()
    {
        var one = One(Value(97, 1), Ticket(1, 0.97));
        Assert.Equal((ClaimVerdict.Undecided, "one seed", null), (one.Verdict, one.Reason, one.Interval));
        var same = One(Value(97, 1), Ticket(1, 0.97), Ticket(2, 0.97));
        Assert.Equal((ClaimVerdict.Undecided, "all seeds give the same"), (same.Verdict, same.Reason));
        var constant = One(ToDense(ClaimDirection.Above, 0, 1), Ticket(1, 0.91), Whole(1, 0.9), Ticket(2, 0.96), Whole(2, 0.95));
        Assert.Equal((ClaimVerdict.Undecided, "all seeds give the same"), (constant.Verdict, constant.Reason));
    }

    [Fact]
    public void Without_a_training_that_it_speaks_of_a_claim_is_not_run()
    {
        IsNotRun(Value(97, 1));
        IsNotRun(Value(97, 1), Inputs.Done(Inputs.Ticket("snr", 0.1m, 1), 0.97), Whole(1, 0.97));
        IsNotRun(Value(97, 1), Ticket(1, 0.97, density: 0.11m));
        IsNotRun(ToDense(ClaimDirection.Above, 0, 1), Ticket(1, 0.97), Whole(2, 0.97));
        IsNotRun(Value(97, 1) with { Measure = ClaimMeasures.TestErrorOfPruning }, Ticket(1, 0.97), Ticket(2, 0.98));
        foreach (var (factor, value) in ((string, string)[])[
            ("steps", "600"), (Factor.Data, "b2"), ("kept", "reinit"), ("start", "glorot"), (Factor.Places, "shuffle-inputs")])
            IsNotRun(Value(97, 1), Inputs.Done(Inputs.Ticket("variance", 0.1m, 1).With(factor, value), 0.97));
        var other = Inputs.Ticket("variance", 0.1m, 1);
        IsNotRun(Value(97, 1), Inputs.Done(other with { Cell = other.Cell with { Net = new Architecture([10, 40, 10]) } }, 0.97));
    }

    [Theory]
    [InlineData("0.104", true), InlineData("0.096", true), InlineData("0.106", false), InlineData("0.094", false)]
    public void The_share_that_is_kept_may_be_near(string share, bool isRun)
    {
        var density = decimal.Parse(share, CultureInfo.InvariantCulture);
        var finished = Inputs.Done(Inputs.AtThreshold("variance", 0.01, 1), 0.97, kept: (int)(density * Inputs.Total));
        Assert.Equal(isRun, ClaimCheck.Of([Value(97, 1)], [finished])[0].IsRun);
    }

    [Fact]
    public void What_goes_without_saying_can_be_said()
    {
        var redrawn = Inputs.Done(Inputs.Ticket("variance", 0.1m, 1).With("kept", "reinit"), 0.960);
        var claim = Value(97, 1) with { Of = new ClaimTrainings(Setup, [.. Variance, new("kept", "reinit")]) };
        Assert.Equal(96, One(claim, redrawn, Ticket(1, 0.970)).Mean, 9);

        var against = claim with { Form = ClaimForm.Difference, Against = claim.Of.With([new("kept", "rewind")]) };
        var usual = Inputs.Done(Inputs.Ticket("variance", 0.1m, 1).With("kept", "rewind"), 0.970);
        Assert.Equal(-1, One(against, redrawn, usual, Inputs.Done(Inputs.Ticket("variance", 0.2m, 1).With("kept", "rewind"), 0.5)).Mean, 9);
    }

    [Fact]
    public void Only_what_agrees_otherwise_is_compared()
    {
        var claim = ToDense(ClaimDirection.Above, 0, 1);
        FinishedTraining With(PlannedTraining training, string engine, double accuracy) =>
            Inputs.Done(training.With(Factor.Engine, engine), accuracy);
        IsNotRun(claim, With(Inputs.Ticket("variance", 0.1m, 1), "simd", 0.97), With(Inputs.Dense(1), "tensorflow", 0.96));
        var result = ClaimCheck.Of([claim], [
            With(Inputs.Ticket("variance", 0.1m, 1), "simd", 0.97), With(Inputs.Ticket("variance", 0.1m, 1), "tensorflow", 0.98),
            With(Inputs.Dense(1), "tensorflow", 0.96), With(Inputs.Dense(1), "simd", 0.94)])[0];
        Assert.Equal([3.0, 2.0], result.Observations.Select(one => Math.Round(one.Mean, 9)));
        Assert.Equal(
            [
                "variance (engine simd), against dense (engine simd)", "variance (engine tensorflow), against dense (engine tensorflow)",
            ],
            result.Observations.Select(one => one.Trainings));
        Assert.Equal(2, ClaimTable.Rows([result]).Count());
    }

    [Fact]
    public void The_best_density_is_that_of_the_highest_mean()
    {
        var claim = Value(97, 1) with { Density = null, IsAtBestDensity = true };
        var seen = One(
            claim, Ticket(1, 0.95, 0.2m), Ticket(2, 0.99, 0.2m), Ticket(1, 0.975, 0.1m), Ticket(2, 0.976, 0.1m), Ticket(1, 0.1, 0.05m));
        Assert.Equal(97.55, seen.Mean, 9);
        Assert.Equal(2, seen.Seeds.Length);
    }

    [Fact]
    public void A_training_of_two_experiments_counts_once() =>
        Assert.Equal("one seed", One(Value(97, 1), Ticket(1, 0.97), Ticket(1, 0.97)).Reason);

    [Fact]
    public void Rows_say_what_was_expected_and_observed_with_units()
    {
        Claim[] claims = [
            Value(98, 0.1) with { Of = new ClaimTrainings(Setup, [new(Factor.Kind, "dense"), new("lr", "7")]), Says = "Not there" },
            Value(97.1, 0.3), ToDense(ClaimDirection.Above, 0.5, 0.1), EarlyStop(0.62),
            Value(200, 10, ClaimDirection.Below) with { Measure = Measures.EarlyStopStep, Density = null, IsAtBestDensity = true },
        ];
        var results = ClaimCheck.Of([.. claims], [
            Ticket(1, 0.970), Ticket(2, 0.971), Ticket(3, 0.972, stop: 300), Whole(1, 0.972), Whole(2, 0.9705), Whole(3, 0.970)]);
        Assert.Equal(
            [
                ["Accuracy, at 10 %", "Someone 2020", "97.10 %", "0.30", "97.10 %", "96.85 to 97.35", "3", "replicated"],
                ["Accuracy, at 10 %", "Someone 2020", "at least +0.50 points", "0.10", "+0.02 points", "−0.49 to +0.52", "3", "undecided"],
                ["Accuracy, at 10 %", "Someone 2020", "at most 0.62 times", "0.05", "1.17 times", "", "3", "undecided: fewer than 5 seeds"],
                [
                    "Accuracy, at the density that does best", "Someone 2020", "at most 200 steps", "10", "233 steps", "90 to 377", "3",
                    "undecided",
                ],
                ["Not there, at 10 %", "Someone 2020", "98.00 %", "0.10", "", "", "0", "not run"],
            ],
            ClaimTable.Rows(results));
        Assert.Equal("1 replicated, 3 undecided, 1 not run", ClaimTable.Counts(results));
    }

    [Fact]
    public void Csv_has_every_claim_in_order_at_full_precision_in_any_culture()
    {
        var claim = Value(97.1, 0.3) with { Says = "What \"they\" say, in short" };
        ImmutableArray<ClaimResult> Results() => ClaimCheck.Of(
            [claim with { Density = Inputs.D(0.5m) }, claim], [Ticket(1, 0.970), Ticket(2, 0.972)]);
        var csv = ClaimTable.Csv(Results());
        var lines = csv.Split('\n');
        Assert.StartsWith("claim,source,measure,compared,density,direction,expected,tolerance,trainings,n,observed,", lines[0]);
        const string Start = "\"What \"\"they\"\" say, in short\",Someone 2020,test_accuracy_last,value";
        Assert.Equal($"{Start},0.5,near,97.1,0.3,,0,,,,not run,", lines[1]);
        Assert.Matches($"^{Regex.Escape(Start)},0\\.1,near,97\\.1,0\\.3,,2,97\\.1\\d*,95\\.82\\d+,98\\.37\\d+,undecided,$", lines[2]);
        Assert.Equal(csv, Cultures.WithDecimalComma(() => ClaimTable.Csv(Results())));
    }

    [Fact]
    public void A_report_has_the_claims_that_its_trainings_bear_on_and_no_others()
    {
        var input = Inputs.Of([Ticket(1, 0.970), Ticket(2, 0.971), Ticket(3, 0.972), Whole(1, 0.97)]);
        Assert.DoesNotContain("id=\"claims\"", HtmlReport.Render(input), StringComparison.Ordinal);
        var other = Value(97, 1) with { Density = Inputs.D(0.5m), Says = "Elsewhere" };
        Assert.DoesNotContain("id=\"claims\"", HtmlReport.Render(input with { Claims = [other] }), StringComparison.Ordinal);

        const string Evil = "</td><script>alert(1)</script>";
        var page = HtmlReport.Render(input with { Claims = [other, Value(97.1, 0.3) with { Says = "Ours", Source = Evil }] });
        var section = page[page.IndexOf("<section id=\"claims\">", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("</section>", StringComparison.Ordinal)];
        Assert.Contains("<h2>Claims</h2>", section, StringComparison.Ordinal);
        Assert.Contains("beside these trainings: 1 replicated</span></caption>", section, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">Ours, at 10 %</th>", section, StringComparison.Ordinal);
        Assert.DoesNotContain("Elsewhere", section, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", section, StringComparison.Ordinal);
        Assert.Contains(System.Net.WebUtility.HtmlEncode(Evil), section, StringComparison.Ordinal);
    }
}
