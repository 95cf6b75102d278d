using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>What a net reaches that has learned nothing, and that no statement is made of such nets.</summary>
public sealed class ChanceTests
{
    /// <summary>Of 10,000 test images 1,135 are of the commonest class, as in MNIST.</summary>
    private static readonly LabelCounts Mnist = new(
        "a1", [6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000],
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);

    /// <summary>The largest k whose tail, summed in exact fractions, is above 0.001.</summary>
    [Theory]
    [InlineData(10_000, 0.1135, 1234)]
    [InlineData(1000, 0.1, 130)]
    [InlineData(90, 1 / 3.0, 44)]
    [InlineData(20, 0.1, 7)]
    [InlineData(10, 0.5, 9)]
    public void The_border_is_that_of_the_binomial_test(int images, double share, int right)
    {
        var chance = new Chance(share, images, IsCounted: true);
        Assert.True(chance.IsNoBetter((double)right / images));
        Assert.False(chance.IsNoBetter((right + 1.0) / images));
    }

    [Theory]
    [InlineData(9, 0.5)]      // even with all of nine right, luck is one in 512
    [InlineData(1, 0.9)]
    [InlineData(1000, 1)]     // one class alone
    public void Too_few_images_or_one_class_show_nothing(int images, double share) =>
        Assert.True(new Chance(share, images, IsCounted: true).IsNoBetter(1));

    [Fact]
    public void A_dense_net_at_chance_judges_nothing_and_that_is_said_first()
    {
        var summary = Summary.From(With(Mnist, [.. Seeds(dense: 0.0983, variance: 0.0983, magnitude: 0.0983)]));
        Assert.All(summary.Tickets, ticket => Assert.Equal(
            new Verdict(Outcome.CantBeJudged, "the dense net is no better than always answering the commonest class"), ticket.Verdict));
        var findings = Findings.Of(summary);
        Assert.Equal(
            "With all 3 seeds the dense net is no better than always answering the commonest class: it reaches at most 9.83 %, and that "
            + "has 11.35 % of 10,000 test images right. No ticket can be judged by it.",
            findings[0]);
        SaysNoneOf(
            findings, "wins", "winning", "level", "better than magnitude", "worse", "show no difference", "tell little", "more seeds");
    }

    [Fact]
    public void One_seed_at_chance_is_enough()
    {
        FinishedTraining[] trainings = [.. Seeds(dense: 0.97, variance: 0.975, magnitude: 0.974)];
        var summary = Summary.From(With(Mnist, [.. trainings.Select(training =>
            training.Training == Inputs.Dense(2) ? Inputs.Done(training.Training, 0.1135) : training)]));
        Assert.All(summary.Tickets, ticket => Assert.Equal(Outcome.CantBeJudged, ticket.Verdict.Outcome));
        Assert.StartsWith("With seed 2 the dense net is no better", Findings.Of(summary)[0]);
    }

    [Fact]
    public void Tickets_at_chance_lose_against_a_dense_net_that_learned_and_are_not_compared_with_each_other()
    {
        var summary = Summary.From(With(Mnist, [.. Seeds(dense: 0.97, variance: 0.1135, magnitude: 0.1135)]));
        Assert.All(summary.Tickets, ticket => Assert.Equal(Outcome.DoesNotWin, ticket.Verdict.Outcome));
        Assert.All(summary.Comparisons, comparison => Assert.Equal(Direction.CantBeCompared, comparison.Direction));
        Assert.All(summary.Rankings, ranking => Assert.Empty(ranking.Tickets));
        var findings = Findings.Of(summary);
        Assert.StartsWith("No better than always answering the commonest class", findings[0]);
        Assert.Contains(
            "variance and magnitude can't be compared at 10 %: both are no better than always answering the commonest class.", findings);
        SaysNoneOf(findings, "level", "show no difference", "not shown to differ");
    }

    [Fact]
    public void A_ticket_at_chance_is_worse_than_one_that_learned()
    {
        var summary = Summary.From(With(Mnist, [.. Seeds(dense: 0.97, variance: 0.1135, magnitude: 0.96)]));
        Assert.Equal(Direction.Worse, Assert.Single(summary.Comparisons).Direction);
        Assert.Contains(Findings.Of(summary), finding => finding.EndsWith("variance at 10 %.", StringComparison.Ordinal));
    }

    /// <summary>The ticket may do well: its mask was then found by a posterior that knows nothing.</summary>
    [Fact]
    public void Of_a_posterior_at_chance_nothing_is_said()
    {
        var input = With(Mnist, [
            .. Seeds(dense: 0.97, variance: 0.98, magnitude: 0.96),
            .. new ulong[] { 1, 2, 3 }.Select(seed => Inputs.Done(Inputs.Bayesian(seed), 0.09 + 0.001 * seed))]);
        StrategyInfo Needing(string name, Needs needs) => ManyStrategies.Info(name, "own") with { Needs = needs };
        var summary = Summary.From(input with
        {
            Experiment = input.Experiment with
            {
                Strategies = [Needing("variance", Needs.Posterior), Needing("magnitude", Needs.DenseWeights)],
            },
        });
        Assert.Equal(Outcome.CantBeJudged, summary.Tickets.Single(ticket => ticket.Strategy == "variance").Verdict.Outcome);
        Assert.NotEqual(Outcome.CantBeJudged, summary.Tickets.Single(ticket => ticket.Strategy == "magnitude").Verdict.Outcome);
        Assert.Equal(Direction.CantBeCompared, Assert.Single(summary.Comparisons).Direction);
        Assert.Equal(["magnitude"], Assert.Single(summary.Rankings).Tickets.Select(ticket => ticket.Group.Name));
        Assert.StartsWith("With all 3 seeds the Bayesian net is no better", Findings.Of(summary)[0]);
    }

    /// <summary>
    /// The masked Bayesian net of round 1 is shown in no table. The mask of round 2 comes from its posterior, that of round 3 from a net
    /// that the mask of round 2 masks; magnitude's comes from the weights of its own rounds.
    /// </summary>
    [Fact]
    public void Of_a_posterior_of_an_earlier_round_at_chance_nothing_is_said()
    {
        PlannedTraining Of(TrainingKind kind, string strategy, int round, params PlannedParent[] parents)
        {
            var training = Inputs.Ticket(strategy, 1m / (round + 1), 1);
            var id = Digest.Of($"{kind} {strategy} {round}");
            return training with
            {
                Key = new TrainingKey(id.Value),
                Cell = training.Cell with { Id = id, Kind = kind, IsReported = kind == TrainingKind.Ticket },
                Parents = [.. parents],
            };
        }

        PlannedParent Takes(ParentKind kind, PlannedTraining from) => new(from.Key, kind, null);

        var (whole, dense) = (Inputs.Bayesian(1), Inputs.Dense(1));
        var masked = Of(TrainingKind.MaskedBayesian, "variance", 1, Takes(ParentKind.Posterior, whole));
        PlannedParent[] fromMasked = [Takes(ParentKind.Posterior, masked), Takes(ParentKind.Mask, masked)];
        var second = Of(TrainingKind.MaskedBayesian, "variance", 2, fromMasked);
        var ofTwo = Of(TrainingKind.Ticket, "variance", 2, fromMasked);
        var ofThree = Of(TrainingKind.Ticket, "variance", 3, Takes(ParentKind.Posterior, second), Takes(ParentKind.Mask, second));
        var ofOne = Of(TrainingKind.Ticket, "variance", 1, Takes(ParentKind.Posterior, whole));
        var magnitude = Of(TrainingKind.Ticket, "magnitude", 1, Takes(ParentKind.Weights, dense));
        var afterChance = Of(
            TrainingKind.Ticket, "magnitude", 2, Takes(ParentKind.Weights, magnitude), Takes(ParentKind.Mask, magnitude));
        Hindrance?[] Found(double ofMasked, double ofMagnitude)
        {
            var summary = Summary.From(With(Mnist, [
                Inputs.Done(whole, 0.97), Inputs.Done(dense, 0.97), Inputs.Done(masked, ofMasked), Inputs.Done(second, 0.97),
                Inputs.Done(ofOne, 0.97), Inputs.Done(ofTwo, 0.97), Inputs.Done(ofThree, 0.97), Inputs.Done(magnitude, ofMagnitude),
                Inputs.Done(afterChance, 0.97)]));
            return [.. new[] { ofOne, ofTwo, ofThree, magnitude, afterChance }
                .Select(ticket => summary.Groups.Single(group => group.Cell.Id == ticket.Cell.Id).Hindrance)];
        }

        Assert.All(Found(0.97, 0.97), Assert.Null);
        HindranceKind?[] ofPosterior = [null, HindranceKind.Posterior, HindranceKind.Posterior, null, null];
        Assert.Equal(ofPosterior, Found(0.1135, 0.97).Select(hindrance => hindrance?.Kind));
        HindranceKind?[] ofWeights = [null, null, null, null, HindranceKind.Weights];
        Assert.Equal(ofWeights, Found(0.97, 0.1135).Select(hindrance => hindrance?.Kind));
    }

    [Fact]
    public void Without_counts_classes_are_taken_to_be_equally_common_and_that_is_said()
    {
        var input = Inputs.Of(Seeds(dense: 0.12, variance: 0.12, magnitude: 0.12));
        var findings = Findings.Of(Summary.From(input));
        Assert.Contains("has 10.00 % right if all classes are equally common", findings[0]);
        static bool IsAboutThePlan(string finding) =>
            finding.StartsWith("This plan doesn't say how often each class occurs", StringComparison.Ordinal);
        Assert.Contains(findings, IsAboutThePlan);
        Assert.DoesNotContain(Findings.Of(Summary.From(Inputs.Seeds(3))), IsAboutThePlan);
    }

    [Fact]
    public void Each_data_set_of_a_combined_report_has_its_own_chance()
    {
        var rare = new LabelCounts("b2", [50, 50], [95, 5]);
        var input = With(Mnist, [
            .. Seeds(dense: 0.94, variance: 0.94, magnitude: 0.93),
            .. Seeds(dense: 0.94, variance: 0.94, magnitude: 0.93)
                .Select(done => Inputs.Done(done.Training.With(Factor.Data, "b2"), done.Record.TestAccuracyLast))]);
        var summary = Summary.From(input with { Experiment = input.Experiment with { Labels = [Mnist, rare] } });
        Assert.Equal(
            [("dense (data a1)", 0), ("dense (data b2)", 3)],
            summary.DenseNets.Select(dense => (dense.Name, dense.AtChance.Length)));
        Assert.StartsWith("With all 3 seeds the dense net dense (data b2) is no better", Findings.Of(summary)[0]);
    }

    [Fact]
    public void Labels_that_are_missing_somewhere_are_named()
    {
        var labels = new LabelCounts("a1", [0, 5, 5, 0, 0, 0, 0, 0, 5, 5], [0, 5, 5, 0, 0, 0, 0, 1, 5, 0]);
        var findings = Findings.Of(Summary.From(With(labels, [.. Seeds(dense: 0.97, variance: 0.97, magnitude: 0.96)])));
        Assert.Contains(
            "The labels 0 and 3 to 6 never occur, so that only 5 of the network's 10 classes can be learned.", findings);
        Assert.Contains("Label 9 occurs among the training images alone and can't be tested.", findings);
        Assert.Contains("Label 7 occurs among the test images alone and can't be learned.", findings);
    }

    private static ReportInput With(LabelCounts labels, params FinishedTraining[] trainings)
    {
        var input = Inputs.Of(trainings);
        return input with { Experiment = input.Experiment with { Labels = [labels] } };
    }

    private static IEnumerable<FinishedTraining> Seeds(double dense, double variance, double magnitude) =>
        from seed in (ulong[])[1, 2, 3]
        let luck = dense < 0.2 ? 0 : 0.0001 * seed
        from finished in (FinishedTraining[])[
            Inputs.Done(Inputs.Dense(seed), dense + luck / 2),
            Inputs.Done(Inputs.Ticket("variance", 0.1m, seed), variance < 0.2 ? variance : variance + luck),
            Inputs.Done(Inputs.Ticket("magnitude", 0.1m, seed), magnitude < 0.2 ? magnitude : magnitude + luck * seed)]
        select finished;

    private static void SaysNoneOf(IReadOnlyList<string> findings, params string[] words) => Assert.All(words, word =>
        Assert.DoesNotContain(findings, finding => finding.Contains(word, StringComparison.Ordinal)));
}
