using System.Text.RegularExpressions;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>From how many images, and how early, masks are as good as the full posterior's: verdicts on made-up numbers.</summary>
public sealed class OpenQuestionTests
{
    private const string At = "bayesian-at", Images = "bayesian-images";

    /// <summary>Five seeds' deviations from the mean difference: their sd is 0.000474.</summary>
    private static readonly double[] Spread = [-0.0006, -0.0003, 0, 0.0003, 0.0006];

    [Fact]
    public void From_the_smallest_share_on_at_which_all_are_equivalent()
    {
        var question = Only(ByImages(("0.01", -0.02), ("0.1", -0.0003), ("0.25", -0.01), ("0.5", 0.0001), ("1", 0)));
        var line = Assert.Single(question.Lines);
        Assert.Equal(["0.01", "0.1", "0.25", "0.5", "1"], line.Points.Select(point => point.Value));
        // At 10 % they are equivalent too, but not at 25 %, which has more images.
        Assert.Equal("0.5", line.EquivalentFrom!.Value);
        Assert.Equal(["worse", "equivalent", "worse", "equivalent"], line.Partial.Select(point => point.ToFull!.Words));
        var sentence = Assert.Single(question.Sentences);
        Assert.StartsWith(
            "variance at 5 %: from 50 % of the images (500) on, tickets are equivalent to the full posterior’s within ±0.20 points (there "
                + "+0.01 points, 90 % interval −0.04 to +0.06, 5 seeds, p ",
            sentence);
        Assert.Contains(
            "for 300 Bayesian steps, as many as the full posterior’s. At 25 % of the images (250) they are worse by 1.00", sentence);
    }

    /// <summary>
    /// One of four is equivalent at 0.05 alone and not after Holm's correction: its p is the largest, but the first to be corrected are the
    /// others', which aren't below the level.
    /// </summary>
    [Fact]
    public void Equivalence_is_corrected_over_all_rows()
    {
        (string, double)[] far = [("0.01", -0.01), ("0.1", -0.01), ("0.25", -0.01)];
        var alone = Only(ByImages(("0.5", -0.00133), ("1", 0)));
        var among = Only(ByImages([.. far, ("0.5", -0.00133), ("1", 0)]));
        Assert.Equal("equivalent, though worse", alone.Lines[0].Points[^2].ToFull!.Words);
        var point = among.Lines[0].Points[^2].ToFull!;
        Assert.True(point.Equivalence.P < 0.05);
        Assert.Equal(4 * point.Equivalence.P, point.P, 12);
        Assert.False(point.IsEquivalent);
        Assert.Null(among.Lines[0].EquivalentFrom);
    }

    [Fact]
    public void Too_much_spread_is_undecided_and_no_sentence_says_equivalent_or_worse()
    {
        var question = Only(ByImages(6, ("0.5", -0.001), ("1", 0)));
        var sentence = Assert.Single(question.Sentences);
        Assert.StartsWith("variance at 5 %: undecided: even at 50 % of the images (500) these seeds don’t show tickets as good", sentence);
        Assert.Contains("90 % interval −0.3", sentence);
        Assert.DoesNotContain("worse", sentence);
        Assert.DoesNotContain("are equivalent", sentence);
    }

    [Fact]
    public void A_loss_that_is_shown_is_said()
    {
        var sentence = Assert.Single(Only(ByImages(("0.5", -0.01), ("1", 0))).Sentences);
        Assert.StartsWith(
            "variance at 5 %: at 50 % of the images (500) tickets are worse than the full posterior’s by 1.00 points", sentence);
    }

    [Fact]
    public void One_seed_decides_nothing()
    {
        var input = InputOf(from point in (string[])["0.5", "1"] select Inputs.Done(Ticket(1).With(Images, point), 0.97));
        Assert.Equal(
            ["variance at 5 %: undecided at 50 % of the images (500): one seed shows no spread."], Only(input).Sentences);
    }

    [Fact]
    public void Without_the_full_posterior_nothing_is_compared()
    {
        var question = Only(ByImages(("0.25", 0), ("0.5", 0.0001)));
        Assert.Equal(
            ["variance at 5 %: no ticket of the full posterior has finished, so nothing can be compared with it."], question.Sentences);
        Assert.All(question.Lines[0].Points, point => Assert.Null(point.ToFull));
    }

    [Fact]
    public void Moments_are_in_order_of_time_with_their_cost()
    {
        var question = Only(ByMoments(("step200", -0.0001), ("step50", -0.01), ("final", 0)));
        Assert.Equal([50, 200, 300], question.Lines[0].Points.Select(point => point.Steps!.Value));
        Assert.Equal([0.5, 2.0, 3.0], question.Lines[0].Points.Select(point => point.Epochs!.Value));
        var sentence = Assert.Single(question.Sentences);
        Assert.Contains("from step 200 (2 epochs) on, tickets are equivalent", sentence);
        Assert.Contains("for 200 of 300 Bayesian steps (66.7 %). At step 50 (0.5 epochs) they are worse by 1.00 points", sentence);
        Assert.Equal(
            ["Early-bird rule: fewer than six moments were asked for, so it can’t be judged."], question.EarlyBirdSentences);
    }

    [Theory]
    [InlineData(new[] { 0.5, 0.05, 0.05, 0.05 }, false, null)]              // four pairs
    [InlineData(new[] { 0.09, 0.09, 0.09, 0.09, 0.09 }, true, 5)]
    [InlineData(new[] { 0.09, 0.09, 0.1, 0.09, 0.09 }, true, null)]        // 10 % isn't below 10 %
    [InlineData(new[] { 0.5, 0.09, 0.09, 0.09, 0.09, 0.09, 0.01 }, true, 6)]
    [InlineData(new[] { 0.01, 0.01, 0.01, 0.01, 0.5, 0.01, 0.01 }, true, null)]
    public void The_early_bird_rule_looks_back_on_five_pairs(double[] replaced, bool judged, int? moment)
    {
        var bird = EarlyBird.Of(new Seed(1), [.. replaced]);
        Assert.Equal(judged, bird is not null);
        Assert.Equal(moment, bird?.Moment);
    }

    [Fact]
    public void The_early_bird_rule_is_judged_by_the_masks_and_says_what_it_would_have_saved()
    {
        string[] moments = ["step10", "step50", "step100", "step150", "step200", "step250", "final"];
        var input = ByMoments([.. moments.Select(moment => (moment, 0.0))]);
        // 20 kept weights: all go after the first moment, then one of them at each.
        input = input with
        {
            Overlaps = MaskPairs.Of(input.Finished, ticket => MaskFrom(
                ticket.Cell[At] == "step10" ? 400 : Array.IndexOf(moments, ticket.Cell[At]!))),
        };
        var line = Only(input).Lines[0];
        Assert.Equal(MaskPairs.MostSeeds, line.EarlyBirds.Length);
        Assert.All(line.EarlyBirds, bird => Assert.Equal((6, 0.05), (bird.Moment, Math.Round(bird.Last, 12))));
        Assert.Equal(
            ["Early-bird rule, variance at 5 %: holds only at the end (seeds 1, 2 and 3), which would have saved nothing."],
            Only(input).EarlyBirdSentences);
        // With all the masks close to one another it would have held one moment earlier.
        input = input with { Overlaps = MaskPairs.Of(input.Finished, ticket => MaskFrom(Array.IndexOf(moments, ticket.Cell[At]!))) };
        Assert.Equal(
            ["Early-bird rule, variance at 5 %: holds from step 250 (2.5 epochs) on (seeds 1, 2 and 3), which would have saved 50 of 300 "
                + "Bayesian steps."],
            Only(input).EarlyBirdSentences);
        Assert.Equal(1 - 5 / 20.0, line.Points[1].Overlaps[0].Overlap.Intersection / 20.0, 12);
    }

    [Fact]
    public void The_report_has_a_part_for_each_question_that_was_asked()
    {
        var page = HtmlReport.Render(ByImages(("0.1", -0.01), ("0.5", 0.0001), ("1", 0)));
        var figure = Regex.Match(page, "<figure id=\"images-needed\"[^>]*>.*?</figure>", RegexOptions.Singleline).Value;
        Assert.Contains("from 50&nbsp;% of the images (500) on", figure);
        Assert.Contains("chart-images-needed-accuracy", figure);
        Assert.Contains("their overlap isn’t drawn", figure);
        Assert.Contains("<td>full</td>", figure);
        Assert.DoesNotContain("moment-needed", page);
        Assert.DoesNotContain("images-needed", HtmlReport.Render(Inputs.Seeds(2)));
    }

    private static OpenQuestion Only(ReportInput input) => Assert.Single(OpenQuestion.All(input, Summary.From(input)));

    private static ReportInput ByImages(params (string Value, double Difference)[] points) => ByImages(1, points);

    private static ReportInput ByImages(double spread, params (string Value, double Difference)[] points) => InputOf(
        from point in points
        from seed in Enumerable.Range(0, 5)
        let own = point.Value == "1" ? 0 : spread * Spread[seed]
        select Inputs.Done(Ticket((ulong)seed + 1).With(Images, point.Value), 0.96 + 0.001 * seed + point.Difference + own));

    private static ReportInput ByMoments(params (string Value, double Difference)[] points) => InputOf(
        from point in points
        from seed in Enumerable.Range(0, 5)
        let own = point.Value == "final" ? 0 : Spread[seed]
        select Inputs.Done(Ticket((ulong)seed + 1).With(At, point.Value), 0.96 + 0.001 * seed + point.Difference + own));

    /// <summary>1,000 images train, 10 a step: 100 steps are an epoch.</summary>
    private static ReportInput InputOf(IEnumerable<FinishedTraining> finished)
    {
        var input = Inputs.Of(finished);
        return input with { Experiment = input.Experiment with { Labels = [new LabelCounts("a1", [.. Counts(110)], [.. Counts(100)])] } };

        static IEnumerable<int> Counts(int each) => Enumerable.Repeat(each, 10);
    }

    private static PlannedTraining Ticket(ulong seed) => Inputs.Ticket("variance", 0.05m, seed)
        .With(Factor.Pruning, Factor.OneShot).With(Factor.Places, Factor.Chosen)
        .With("bayesian-steps", "300").With("batch", "10").With("validation", "100")
        .With(At, "final").With(Images, "1");

    /// <summary>Twenty weights of the first layer, from one on.</summary>
    private static Mask MaskFrom(int first) => new([.. Inputs.Net.Layers.Select((shape, l) =>
    {
        var kept = new byte[shape.Weights];
        if (l == 0) kept.AsSpan(first, 20).Fill(1);
        return new LayerMask(shape, kept);
    })]);
}
