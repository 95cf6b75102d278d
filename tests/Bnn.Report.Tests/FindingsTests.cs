using Bnn.Core;

namespace Bnn.Report.Tests;

public sealed class FindingsTests
{
    [Fact]
    public void Wins_are_said_with_the_smallest_winning_ticket()
    {
        var findings = Of(Inputs.Seeds(3));
        Assert.Contains(
            "variance gives a winning ticket at 20 % of the weights. The smallest keeps 200 of 1,000 weights and reaches 97.80 %, "
            + "0.10 points above the dense net (95 % interval +0.10 to +0.10, 3 seeds).",
            findings);
        var loses = findings.Single(finding => finding.StartsWith("variance does not win", StringComparison.Ordinal));
        Assert.StartsWith(
            "variance does not win at 5 % of the weights: 1.02 points below the dense net (95 % interval −1.04 to −1.00, 3 seeds).", loses);
        Assert.Contains("show a loss of more than 0.20 points", loses);
    }

    [Fact]
    public void Variance_against_magnitude_is_said_per_density_with_its_interval()
    {
        var findings = Of(Inputs.Seeds(3));
        Assert.Equal("variance is worse than magnitude by 1.02 points [1.00, 1.04] at 5 %, 3 seeds, p < 0.001.", findings[0]);
        Assert.Equal(
            "variance against magnitude is undecided: −0.10 points [−0.22, 0.02] at 20 %, 3 seeds, p = 0.074.", findings[1]);
        Assert.Contains(
            "variance is better than random by 0.60 points [0.60, 0.60] at 20 % and by 1.48 [1.46, 1.50] at 5 %, 3 seeds, each p < 0.001.",
            findings);
    }

    [Fact]
    public void One_seed_claims_no_interval_and_says_how_to_get_one()
    {
        var findings = Of(Inputs.Seeds(1));
        Assert.Contains(findings, finding => finding.StartsWith("One seed gives no interval: the seeds 1..5", StringComparison.Ordinal));
        Assert.Contains(
            "variance is 0.05 points below magnitude at 20 % and 1.01 points below at 5 % (one seed, no interval).", findings);
        Assert.All((string[])["95 %", "is better", "is worse", "p ="], words =>
            Assert.DoesNotContain(findings, finding => finding.Contains(words, StringComparison.Ordinal)));
    }

    [Fact]
    public void Several_seeds_are_not_told_to_add_seeds() =>
        Assert.DoesNotContain(Of(Inputs.Seeds(3)), finding => finding.Contains("One seed gives no interval", StringComparison.Ordinal));

    [Fact]
    public void Missing_seeds_are_named_with_their_reason()
    {
        var input = Inputs.Seeds(3);
        var gone = input.Finished.First(f => f.Training.Cell.Strategy == "random" && f.Training.Seed.Value == 2).Training;
        var findings = Of(input with
        {
            Finished = input.Finished.RemoveAll(f => f.Training == gone),
            Missing = [new MissingTraining(gone, "stopped")],
        });
        Assert.Contains("1 of 24 trainings is missing and enters no mean: random at 20 %, seed 2 (stopped).", findings);
    }

    [Fact]
    public void High_densities_tell_little_only_where_random_masks_say_so()
    {
        Assert.Contains(
            Of(Inputs.Seeds(3)),
            finding => finding.StartsWith("Comparisons at 20 % of the weights tell little", StringComparison.Ordinal));
        var poor = Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98),
            Inputs.Done(Inputs.Ticket("variance", 0.2m, 1), 0.97),
            Inputs.Done(Inputs.Ticket("random", 0.2m, 1), 0.90)]);
        Assert.DoesNotContain(Of(poor), finding => finding.Contains("tell little", StringComparison.Ordinal));
    }

    [Fact]
    public void Shares_at_which_several_arms_have_the_same_control_are_named_once()
    {
        var random = Inputs.Ticket("random", 0.2m, 1);
        var findings = Of(Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98),
            Inputs.Done(Inputs.Ticket("variance", 0.2m, 1), 0.97),
            Inputs.Done(random.With("pruning", "one-shot"), 0.975),
            Inputs.Done(random.With("pruning", "iterative"), 0.975)]));
        var said = Assert.Single(findings, finding => finding.Contains("tell little", StringComparison.Ordinal));
        Assert.StartsWith("Comparisons at 20 % of the weights tell little", said, StringComparison.Ordinal);
        Assert.Single(said.Split("0.50 points below").Skip(1));
    }

    [Fact]
    public void Without_validation_it_says_why_nothing_stopped_early()
    {
        var findings = Of(Inputs.Seeds(1, stop: null));
        Assert.Contains(
            findings,
            finding => finding.StartsWith("variance can't be judged at 20 % and 5 % of the weights", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.StartsWith("No images were held back for validation", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_finished_is_said_and_no_more()
    {
        var planned = Inputs.Dense(1);
        Assert.Equal(
            [
                "No training has finished, so nothing can be said yet.",
                "1 of 1 trainings is missing and enters no mean: dense, seed 1 (waits).",
            ],
            Of(Inputs.Of([], [new MissingTraining(planned, "waits")])));
    }

    private static IReadOnlyList<string> Of(ReportInput input) => Findings.Of(Summary.From(input));
}
