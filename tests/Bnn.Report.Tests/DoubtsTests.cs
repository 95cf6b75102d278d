using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>Masks that nothing follows from, trainings that ended too soon, and intervals without width.</summary>
public sealed class DoubtsTests
{
    /// <summary>An empty layer is seen in the counts, also where a result doesn't say what is connected.</summary>
    [Theory, InlineData(0, 10, null), InlineData(5, 5, 0)]
    public void A_mask_with_an_empty_layer_or_no_path_has_no_verdict(int first, int second, int? connected)
    {
        var summary = Summary.From(Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98), Cut(Inputs.Done(Inputs.Ticket("variance", 0.01m, 1), 0.5), [first, second], 0, connected),
            Inputs.Done(Inputs.Ticket("magnitude", 0.01m, 1), 0.9)]));
        var ticket = summary.Tickets.Single(group => group.Strategy == "variance");
        Assert.Equal(new Verdict(Outcome.CantBeJudged, "its mask leaves no path from the inputs to the outputs"), ticket.Verdict);
        Assert.Equal(Direction.CantBeCompared, Assert.Single(summary.Comparisons).Direction);
        Assert.Equal(["variance"], Assert.Single(summary.Rankings).Unranked.Select(group => group.Name));
        var findings = Findings.Of(summary);
        Assert.StartsWith("Masks without a path from the inputs to the outputs say nothing about a criterion", findings[0]);
        Assert.Contains($"variance at 1 % (seed 1 keeps {first} and {second} weights per layer)", findings[0]);
        Assert.Contains(
            "variance and magnitude can't be compared at 1 %: the mask of variance leaves no path from the inputs to the outputs.",
            findings);
    }

    [Fact]
    public void Classes_that_are_cut_off_are_said_beside_the_verdict_and_in_the_table()
    {
        var input = Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98), Cut(Inputs.Done(Inputs.Ticket("variance", 0.01m, 1), 0.5), [5, 5], 4, 7)]);
        var summary = Summary.From(input);
        Assert.Equal(Outcome.DoesNotWin, summary.Tickets.Single().Verdict.Outcome);
        Assert.Contains(Findings.Of(summary), finding =>
            finding.EndsWith("variance at 1 % 7 of 10 classes and 4 of 50 hidden units.", StringComparison.Ordinal));
        var header = TableFiles.Csv(input).Split('\n')[0];
        Assert.EndsWith($",run,living_units,connected_classes{FilesTests.LastColumns}", header, StringComparison.Ordinal);
        Assert.Contains("connected classes", HtmlReport.Render(input), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_never_occurs_may_be_cut_off()
    {
        var input = Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98), Cut(Inputs.Done(Inputs.Ticket("variance", 0.01m, 1), 0.5), [5, 5], 4, 9)]);
        var labels = new LabelCounts("a1", [0, 9, 9, 9, 9, 9, 9, 9, 9, 9], [0, 90, 90, 90, 90, 90, 90, 90, 90, 90]);
        var summary = Summary.From(input with { Experiment = input.Experiment with { Labels = [labels] } });
        Assert.DoesNotContain(Findings.Of(summary), finding => finding.Contains("cut classes off", StringComparison.Ordinal));
    }

    [Fact]
    public void Nets_on_a_share_of_the_images_saw_each_more_often_and_that_is_said()
    {
        var labels = new LabelCounts("a1", [6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000], [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
        string[] Said(params string[] shares)
        {
            var input = Inputs.Of([
                Inputs.Done(Inputs.Dense(1), 0.98),
                .. shares.Select(share => Inputs.Done(
                    Inputs.Bayesian(1).With("batch", "60").With("validation", "5000").With("bayesian-steps", "300")
                        .With("bayesian-images", share), 0.97))]);
            var summary = Summary.From(input with { Experiment = input.Experiment with { Labels = [labels] } });
            return [.. Findings.Of(summary).Where(finding => finding.StartsWith("A smaller share", StringComparison.Ordinal))];
        }

        Assert.Empty(Said("1"));
        Assert.Equal(
            "A smaller share of the images means more epochs for as many updates: 100 % of the images are 55,000, each seen 0.3273 times "
            + "in 300 updates; 10 % of the images are 5,500, each seen 3.273 times in 300 updates.",
            Assert.Single(Said("0.1", "1")));
    }

    [Fact]
    public void Where_nothing_is_cut_off_the_table_has_no_such_columns() =>
        Assert.EndsWith(
            $",run{FilesTests.LastColumns}",
            TableFiles.Csv(Inputs.Of([Cut(Inputs.Done(Inputs.Ticket("variance", 0.01m, 1), 0.5), [5, 5], 4, 10)])).Split('\n')[0],
            StringComparison.Ordinal);

    [Theory]
    [InlineData(300, 200, "the dense net was still improving")]
    [InlineData(200, 300, "the ticket was still improving")]
    [InlineData(300, 300, "the ticket and the dense net were still improving")]
    public void One_seed_that_still_improved_can_not_be_judged(int denseStop, int stop, string reason)
    {
        var summary = Summary.From(Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98, denseStop), Inputs.Done(Inputs.Ticket("variance", 0.1m, 1), 0.99, stop)]));
        Assert.Equal(Outcome.CantBeJudged, summary.Tickets.Single().Verdict.Outcome);
        Assert.StartsWith(reason, summary.Tickets.Single().Verdict.Reason);
        Assert.DoesNotContain(Findings.Of(summary), finding => finding.Contains("winning ticket", StringComparison.Ordinal));
    }

    [Fact]
    public void With_several_seeds_it_is_said_beside_the_verdict()
    {
        var summary = Summary.From(Inputs.Of(
            from seed in (ulong[])[1, 2, 3]
            from finished in (FinishedTraining[])[
                Inputs.Done(Inputs.Dense(seed), 0.97 + 0.0001 * seed, seed == 2 ? 300 : 200),
                Inputs.Done(Inputs.Ticket("variance", 0.1m, seed), 0.98)]
            select finished));
        var verdict = summary.Tickets.Single().Verdict;
        Assert.Equal(Outcome.Wins, verdict.Outcome);
        Assert.EndsWith("still improving when they ended: 0 of 3 tickets, 1 of 3 dense nets", verdict.Reason);
        Assert.Contains(Findings.Of(summary), finding =>
            finding.StartsWith("Still improving when training ended", StringComparison.Ordinal)
            && finding.Contains("dense (seed 2)", StringComparison.Ordinal));
    }

    [Fact]
    public void Differences_that_are_all_the_same_show_nothing()
    {
        var summary = Summary.From(Inputs.Of(
            from seed in (ulong[])[1, 2, 3]
            from finished in (FinishedTraining[])[
                Inputs.Done(Inputs.Dense(seed), 0.97), Inputs.Done(Inputs.Ticket("variance", 0.1m, seed), 0.97),
                Inputs.Done(Inputs.Ticket("magnitude", 0.1m, seed), 0.96)]
            select finished));
        Assert.All(summary.Tickets, ticket => Assert.Equal(Outcome.CantBeJudged, ticket.Verdict.Outcome));
        Assert.Equal(Direction.CantBeCompared, Assert.Single(summary.Comparisons).Direction);
        Assert.Contains(
            "variance can't be judged at 10 % of the weights: the differences of all 3 seeds are the same (0.00 points), and an interval "
            + "of width 0 shows no spread to judge by.",
            Findings.Of(summary));
    }

    private static FinishedTraining Cut(FinishedTraining done, int[] kept, int living, int? connected) => done with
    {
        Record = done.Record with
        {
            Kept = [.. kept],
            Values = connected is { } classes
                ? done.Record.Values.Add(Measures.LivingUnits.Name, living).Add(Measures.ConnectedClasses.Name, classes)
                : done.Record.Values,
        },
    };
}
