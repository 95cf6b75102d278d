using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>
/// What comparisons say, on made-up numbers; and for each kind of sentence numbers with the same mean for which it would be wrong.
/// </summary>
public sealed class ComparisonTests
{
    /// <summary>Ten values with mean 0 and standard deviation 1, none of them 0.</summary>
    private static readonly ImmutableArray<double> Shape = Standardised([-1.6, -1.1, -0.8, -0.4, -0.1, 0.2, 0.3, 0.7, 1.2, 1.6]);

    [Fact]
    public void A_loss_beyond_chance_is_worse_and_the_same_mean_with_more_spread_is_not()
    {
        var findings = Of(Differences(mean: -0.0074, sd: 0.003, n: 10));
        // t(9) at 97.5 % is 2.262157: 0.0074 ± 2.262157·0.003/√10 is 0.525 to 0.955 points.
        Assert.Contains("variance is worse than magnitude by 0.74 points [0.53, 0.95] at 5 %, 10 seeds, p < 0.001.", findings);
        Assert.Contains(
            "variance is better than magnitude by 0.74 points [0.53, 0.95] at 5 %, 10 seeds, p < 0.001.",
            Of(Differences(mean: 0.0074, sd: 0.003, n: 10)));
        var wide = Of(Differences(mean: -0.0074, sd: 0.012, n: 10));
        Assert.DoesNotContain(wide, finding => finding.Contains("is worse", StringComparison.Ordinal));
        Assert.Contains(wide, finding => finding.StartsWith(
            "variance against magnitude is undecided: −0.74 points [−1.60, 0.12] at 5 %, 10 seeds, p = 0.083; ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_loss_below_the_margin_is_worse_by_less_than_the_margin_and_otherwise_only_worse()
    {
        var findings = Of(Differences(mean: -0.0008, sd: 0.0004, n: 10));
        Assert.Contains(findings, finding => finding.StartsWith(
            "variance is worse than magnitude, by less than the margin of 0.2 points: −0.08 points [−0.10, −0.06] at 5 % (90 % interval), "
            + "10 seeds, p < 0.001.",
            StringComparison.Ordinal));
        Assert.Contains(
            Of(Differences(mean: -0.0019, sd: 0.0004, n: 10)),
            finding => finding.StartsWith("variance is worse than magnitude by 0.19 points", StringComparison.Ordinal));
    }

    [Fact]
    public void Level_tickets_are_equivalent_only_where_a_difference_as_large_as_the_margin_is_ruled_out()
    {
        Assert.Contains(Of(Differences(mean: 0.0001, sd: 0.001, n: 10)), finding => finding.StartsWith(
            "variance is equivalent to magnitude within ±0.2 points: +0.01 points [−0.05, 0.07] at 5 % (90 % interval), 10 seeds, "
            + "p < 0.001.",
            StringComparison.Ordinal));
        foreach (var (sd, n) in ((double, int)[])[(0.004, 10), (0.002, 3)])
        {
            Assert.DoesNotContain(
                Of(Differences(mean: 0.0001, sd, n)), finding => finding.Contains("equivalent to", StringComparison.Ordinal));
        }
    }

    /// <summary>At one cut of many the interval leaves 0 out; after Holm's correction over them it may be chance.</summary>
    [Fact]
    public void One_interval_without_0_among_many_is_undecided_after_correction()
    {
        decimal[] others = [0.5m, 0.4m, 0.3m, 0.2m, 0.1m];
        var alone = Differences(mean: -0.004, sd: 0.0045, n: 10);
        Assert.Contains(
            Of(alone), finding => finding.StartsWith("variance is worse than magnitude by 0.40 points", StringComparison.Ordinal));
        var among = Of([.. alone, .. others.SelectMany(density => Differences(0.0001, 0.0045, 10, density))]);
        Assert.Contains(among, finding => finding.StartsWith(
            "variance against magnitude is undecided after correction: −0.40 points [−0.72, −0.08] at 5 %, 10 seeds; p = 0.020 alone, "
            + "p = 0.12 with Holm's correction over 6 comparisons.",
            StringComparison.Ordinal));
        Assert.DoesNotContain(among, finding => finding.Contains("is worse", StringComparison.Ordinal));
    }

    [Fact]
    public void Cuts_that_show_the_same_have_one_sentence()
    {
        var findings = Of([.. Differences(-0.0074, 0.003, 10), .. Differences(-0.012, 0.003, 10, 0.02m)]);
        Assert.Contains(
            "variance is worse than magnitude by 0.74 points [0.53, 0.95] at 5 % and by 1.20 [0.99, 1.41] at 2 %, 10 seeds, "
            + "each p < 0.001.",
            findings);
    }

    /// <summary>Below five seeds their spread says too little of how many would be enough.</summary>
    [Fact]
    public void How_many_seeds_are_needed_is_said_from_five_on()
    {
        Assert.Contains(
            Of(Differences(0.0005, 0.003, 4)), finding => finding.StartsWith("From five seeds on", StringComparison.Ordinal));
        var findings = Of(Differences(0.0005, 0.003, 5));
        Assert.Contains(findings, finding => finding.EndsWith(" seeds would show 0.2 points.", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.StartsWith("To show a difference with 80 % power", StringComparison.Ordinal)
            && finding.Contains("0.1 points", StringComparison.Ordinal) && finding.Contains("0.5 points", StringComparison.Ordinal));
    }

    [Fact]
    public void One_seed_has_no_interval_and_no_verdict()
    {
        var findings = Of(Differences(-0.0074, 0, 1));
        Assert.Contains("variance is 0.74 points below magnitude at 5 % (one seed, no interval).", findings);
        Assert.DoesNotContain(findings, finding => finding.Contains("is worse", StringComparison.Ordinal));
    }

    [Fact]
    public void Wilcoxons_test_is_named_where_it_disagrees_and_where_it_cannot_speak()
    {
        // One seed is far off: the t test sees spread, the ranks see nine differences of one sign.
        double[] skewed = [-0.001, -0.0012, -0.0011, -0.0013, -0.0009, -0.0014, -0.0008, -0.0015, -0.0007, -0.03];
        Assert.Contains(Of(Given(skewed)), finding =>
            finding.Contains("; Wilcoxon's signed-rank test disagrees at 5 % (p = 0.002)", StringComparison.Ordinal));
        Assert.DoesNotContain(Of(Differences(-0.0074, 0.003, 10)), finding => finding.Contains("disagrees", StringComparison.Ordinal));
        Assert.Contains(Of(Differences(-0.0074, 0.001, 5)), finding => finding.StartsWith(
            "With 5 seeds Wilcoxon's signed-rank test can't reach 0.05 whatever the differences are (its smallest p is 0.0625)",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Seeds_that_only_one_has_are_named_and_left_out()
    {
        FinishedTraining[] all = [.. Differences(-0.0074, 0.003, 10), Inputs.Done(Inputs.Ticket("variance", 0.05m, 77), 0.5)];
        var findings = Of(all);
        Assert.Contains("Only one of both has seed 77, which is left out of variance against magnitude at 5 %.", findings);
        Assert.Contains(findings, finding => finding.StartsWith(
            "variance is worse than magnitude by 0.74 points [0.53, 0.95] at 5 %, 10 seeds", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_arm_has_its_sentence_against_the_baseline_however_many_are_asked_for()
    {
        string[] arms = ["variance", "snr", "movement", "random"];
        var input = Inputs.Of(
            arms.SelectMany(arm => Given([.. Shape.Select(x => -0.0275 + 0.001 * x)], arm: arm)).DistinctBy(done => done.Training.Key),
            null, [.. arms, "magnitude"]);
        var findings = Findings.Of(Summary.From(input));
        foreach (var arm in arms[..3])
        {
            Assert.Contains(findings, finding => finding.StartsWith(
                $"{arm} is worse than magnitude by 2.75 points [2.68, 2.82] at 5 %, 10 seeds", StringComparison.Ordinal));
        }
        Assert.Contains(
            findings, finding => finding.StartsWith("magnitude is better than random by 2.75 points", StringComparison.Ordinal));
        Assert.StartsWith("variance is worse than magnitude", findings[0]);
    }

    [Fact]
    public void Arms_of_a_study_are_compared_with_the_arm_that_it_names()
    {
        FinishedTraining In(FinishedTraining done, string arm, string moment)
        {
            var training = done.Training.With("bayesian-at", moment);
            return done with
            {
                Training = training with { Cell = training.Cell with { Arms = [arm] } },
                Record = done.Record with { Key = training.Key },
            };
        }

        var input = Inputs.Of([
            .. Given([.. Shape.Select(x => 0.001 * x)]).Select(done => done.Training.Cell.Strategy == "magnitude"
                ? In(Inputs.Done(Inputs.Ticket("variance", 0.05m, done.Training.Seed.Value), done.Record.TestAccuracyLast), "end", "final")
                : In(Inputs.Done(done.Training, done.Record.TestAccuracyLast - 0.01), "early", "step100"))]);
        var summary = Summary.From(input with
        {
            Experiment = input.Experiment with { Comparisons = [new AskedComparison("end", 0.5)] },
        });
        var family = Assert.Single(summary.Families);
        Assert.Equal(("end", 0.005), (family.Baseline, family.Margin));
        var pair = Assert.Single(family.Pairs);
        Assert.Equal(("variance (bayesian-at step100)", "variance", Direction.Worse), (pair.Arm, pair.Against, pair.Direction));
    }

    [Fact]
    public void A_strategy_with_other_values_is_compared_with_its_plain_form()
    {
        var plain = Given([.. Shape.Select(x => 0.001 * x)]).Where(done => done.Training.Cell.Strategy == "magnitude").ToList();
        var input = Inputs.Of([
            .. plain, .. plain.Select((done, i) => Inputs.Done(
                done.Training.With("kept", "reinit"), done.Record.TestAccuracyLast - 0.01 + 0.0001 * (i % 3)))]);
        var summary = Summary.From(input with
        {
            Experiment = input.Experiment with { Comparisons = [new AskedComparison("magnitude", null)] },
        });
        var pair = Assert.Single(Assert.Single(summary.Families).Pairs);
        Assert.Equal(("magnitude (kept reinit)", "magnitude", Direction.Worse), (pair.Arm, pair.Against, pair.Direction));
    }

    [Fact]
    public void Over_many_arms_Friedmans_test_ranks_the_best_first()
    {
        string[] arms = ["variance", "snr", "movement"];
        var input = Inputs.Of(
            arms.SelectMany((arm, i) => Given([.. Shape.Select(x => -0.01 * (i + 1) + 0.001 * x)], arm: arm))
                .DistinctBy(done => done.Training.Key),
            null, [.. arms, "magnitude"]);
        // Four arms in one order for all ten seeds: ranks 1, 2, 3, 4; chi² = 30 with 3 degrees of freedom.
        Assert.Contains(Findings.Of(Summary.From(input)), finding => finding.StartsWith(
            "At 5 % Friedman's test over 4 arms and 10 seeds finds differences (p < 0.001); mean ranks, 1 the best: magnitude 1, "
            + "variance 2, snr 3 and movement 4; ranks nearer than 1.48",
            StringComparison.Ordinal));
        var level = Inputs.Of(
            arms.SelectMany((arm, i) => Given([.. Shape.Select((_, s) => 0.001 * ((s + i) % 4 - 1.5))], arm: arm))
                .DistinctBy(done => done.Training.Key),
            null, [.. arms, "magnitude"]);
        Assert.Contains(Findings.Of(Summary.From(level)), finding => finding.Contains("finds no difference", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_common_seeds_there_is_no_comparison_but_an_unpaired_one()
    {
        FinishedTraining[] all = [
            .. Enumerable.Range(1, 6).Select(seed => Inputs.Done(Inputs.Ticket("magnitude", 0.05m, (ulong)seed), 0.97 + 0.0002 * seed)),
            .. Enumerable.Range(11, 6).Select(seed => Inputs.Done(Inputs.Ticket("variance", 0.05m, (ulong)seed), 0.95 + 0.0002 * seed))];
        var summary = Summary.From(Inputs.Of(all));
        Assert.Equal("no seed has both", Assert.Single(summary.Comparisons).Reason);
        var pairs = ComparisonFamily.PairsBy(summary, ComparisonFamily.ByStrategy, "magnitude").OrThrow();
        var unpaired = Assert.Single(UnpairedComparison.Of(pairs));
        Assert.Equal(("worse", (6, 6)), (unpaired.Words, unpaired.Seeds));
        Assert.Equal(-0.018, unpaired.Test!.Difference, 12);
    }

    [Theory, InlineData("strategie", "magnitude", "unknown factor 'strategie': did you mean 'strategy'?")]
    [InlineData("strategy", "magnitud", "unknown strategy 'magnitud': did you mean 'magnitude'?")]
    public void Unknown_factors_and_values_are_named(string by, string baseline, string message)
    {
        var summary = Summary.From(Inputs.Seeds(3));
        var fault = Assert.Single(Assert.IsType<Result<ImmutableArray<TicketPair>>.Failed>(
            ComparisonFamily.PairsBy(summary, by, baseline)).Faults);
        Assert.StartsWith(message, fault.Describe());
    }

    private static IReadOnlyList<string> Of(IEnumerable<FinishedTraining> trainings) => Findings.Of(Summary.From(Inputs.Of(trainings)));

    /// <summary>Tickets of variance and magnitude whose differences have exactly this mean and standard deviation.</summary>
    private static FinishedTraining[] Differences(double mean, double sd, int n, decimal density = 0.05m) =>
        Given([.. (n == 1 ? [0] : Standardised(Shape.AsSpan()[..n].ToArray())).Select(x => mean + sd * x)], density);

    /// <summary>Dense nets, and tickets of two strategies with these differences, seed by seed.</summary>
    private static FinishedTraining[] Given(double[] differences, decimal density = 0.05m, string arm = "variance") => [
        .. differences.SelectMany((difference, i) => (FinishedTraining[])[
            Inputs.Done(Inputs.Dense((ulong)i + 1), 0.98 + 0.0003 * (i % 4)),
            Inputs.Done(Inputs.Ticket("magnitude", density, (ulong)i + 1), 0.95 + 0.0007 * (i % 5)),
            Inputs.Done(Inputs.Ticket(arm, density, (ulong)i + 1), 0.95 + 0.0007 * (i % 5) + difference)])];

    private static ImmutableArray<double> Standardised(double[] x)
    {
        var (mean, sd) = (Sample.Mean(x), Sample.StandardDeviation(x));
        return [.. x.Select(value => (value - mean) / sd)];
    }
}
