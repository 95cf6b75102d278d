using Bnn.Core;

namespace Bnn.Report.Tests;

public sealed class ManyFindingsTests
{
    [Fact]
    public void Winning_tickets_are_listed()
    {
        var findings = Of(ManyStrategies.Of());
        Assert.StartsWith("variance is worse than magnitude", findings[0]);
        // s24 at 10 % would win alone.
        Assert.Contains(
            "33 of 90 judged tickets win: at 20 % all but random; at 10 % magnitude, snr, variance and s25; none at 5 %.", findings);
    }

    [Fact]
    public void Each_density_has_one_sentence_with_the_best_and_the_known_ones()
    {
        var findings = Of(ManyStrategies.Of());
        Assert.Equal(
            "At 5 % of the weights the best of 30 strategies are magnitude (97.17 %), snr (97.13 %) and variance (97.09 %); "
            + "random is 30th (67.25 %).",
            findings.Single(finding => finding.StartsWith("At 5 %", StringComparison.Ordinal)));
        Assert.Equal(3, findings.Count(finding => finding.Contains("the best of 30", StringComparison.Ordinal)));
        Assert.Contains(findings, finding => finding.StartsWith("The ranks order means over 3 seeds", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_baseline_is_said_to_be_missing()
    {
        var findings = Of(ManyStrategies.Of(missing: (name, density, _) => name == "snr" && density == 0.05m));
        Assert.Contains(
            "At 5 % of the weights the best of 29 strategies are magnitude (97.17 %), variance (97.09 %) and s25 (97.05 %); "
            + "random is 29th (67.25 %); snr is missing.",
            findings);
        Assert.Contains(findings, finding => finding.StartsWith("3 of 276 trainings are missing", StringComparison.Ordinal));
    }

    [Fact]
    public void Shared_places_are_said_to_be_shared()
    {
        var findings = Of(Inputs.Of(
            Enumerable.Range(0, 8)
                .Select(i => Inputs.Done(Inputs.Ticket($"s{i}", 0.1m, 1), i == 7 ? 0.98 : 0.97))
                .Append(Inputs.Done(Inputs.Ticket("random", 0.1m, 1), 0.9)),
            null, "s0", "s1", "s2", "s3"));
        Assert.Contains(
            "At 10 % of the weights the best of 9 strategies are s7 (98.00 %), s0 (97.00 %) and s1 (97.00 %), "
            + "with 5 more level with the last of them; random is 9th (90.00 %).",
            findings);
        // One seed has its own sentence.
        Assert.DoesNotContain(findings, finding => finding.StartsWith("The ranks", StringComparison.Ordinal));
    }

    [Fact]
    public void No_winner_names_the_nearest_and_nothing_to_judge_says_why()
    {
        var input = ManyStrategies.Of();
        var finished = input.Finished.Select(f => f.Training.Kind == TrainingKind.Dense
            ? Inputs.Done(f.Training, 0.999 + 0.0001 * f.Training.Seed.Value)
            : f);
        Assert.Contains(Of(input with { Finished = [.. finished] }), finding => finding.StartsWith(
            "None of 90 judged tickets wins; the nearest is magnitude at 20 %: ", StringComparison.Ordinal));
        var ticketsAlone = Enumerable.Range(0, 8).Select(i => Inputs.Done(Inputs.Ticket($"s{i}", 0.1m, 1), 0.97));
        Assert.Equal(
            "No ticket can be judged: no dense net has finished to compare with.",
            Of(Inputs.Of(ticketsAlone, null, "s0", "s1", "s2", "s3"))[0]);
    }

    [Fact]
    public void One_asked_among_many_keeps_its_sentences_and_is_placed()
    {
        var findings = Of(ManyStrategies.Of(asked: ["s7"]));
        Assert.StartsWith("s7 is worse than magnitude by ", findings[0]);
        Assert.Contains(
            findings, finding => finding.StartsWith("s7 gives a winning ticket at 20 % of the weights.", StringComparison.Ordinal));
        Assert.Contains(
            "At 5 % of the weights the best of 30 strategies are magnitude (97.17 %), snr (97.13 %) and variance (97.09 %); "
            + "s7 is 22nd (96.33 %); random is 30th (67.25 %).",
            findings);
    }

    [Theory]
    [InlineData("magnitude")]
    [InlineData("random")]
    public void An_asked_baseline_is_compared_with_each_of_thirty_behind_the_ranks(string baseline)
    {
        var findings = Of(ManyStrategies.Of(asked: [baseline])).ToList();
        var ranks = findings.FindIndex(finding => finding.Contains("the best of 30 strategies", StringComparison.Ordinal));
        foreach (var strategy in (string[])["s1", "s7", "s25", "snr", "variance"])
            Assert.True(findings.FindIndex(finding => finding.StartsWith($"{strategy} is ", StringComparison.Ordinal)) > ranks, strategy);
        Assert.Contains("more findings</summary>", HtmlReport.Render(ManyStrategies.Of(asked: [baseline])), StringComparison.Ordinal);
    }

    [Fact]
    public void Thresholds_have_their_sentences()
    {
        var findings = Of(ManyStrategies.AtThreshold());
        Assert.Contains(findings, finding =>
            finding.StartsWith("At threshold 0.25 the best of 30 strategies are magnitude (", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Of(ReportInput input) => Findings.Of(Summary.From(input));
}
