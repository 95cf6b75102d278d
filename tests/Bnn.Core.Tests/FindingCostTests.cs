using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>What it took to find a ticket's mask: everything before it, each training once, only as far as it was needed.</summary>
public sealed class FindingCostTests
{
    private static readonly Architecture Net = new([4, 3, 2]);

    /// <summary>12 and 6 weights: 2·12 + 3·6 multiply-adds for each example of a whole ordinary net.</summary>
    private const double WholeExample = 42;

    private const int Batch = 10;

    private static readonly StrategyInfo Variance = Info("variance", Needs.Posterior), Magnitude = Info("magnitude", Needs.DenseWeights),
        Random = Info("random", Needs.Nothing), Snip = Info("snip", Needs.Gradients), Grasp = Info("grasp", Needs.Curvature);

    private static readonly PlannedTraining Bayesian = Training("bayes", TrainingKind.Bayesian, null, 100);
    private static readonly PlannedTraining Dense = Training("dense", TrainingKind.Dense, null, 50);

    [Fact]
    public void A_criterion_of_the_posterior_costs_the_Bayesian_training_twice_an_ordinary_one_per_step()
    {
        var ticket = Training("ticket", TrainingKind.Ticket, Variance, 50, (Bayesian, ParentKind.Posterior, null));
        Assert.Equal((100, 100 * Batch * 2 * WholeExample), Cost(ticket, Bayesian, Dense, ticket));
    }

    [Fact]
    public void A_posterior_that_is_taken_early_costs_the_steps_up_to_that_moment()
    {
        var ticket = Training("ticket", TrainingKind.Ticket, Variance, 50, (Bayesian, ParentKind.Posterior, 20));
        Assert.Equal((20, 20 * Batch * 2 * WholeExample), Cost(ticket, Bayesian, Dense, ticket));
    }

    [Fact]
    public void Of_two_moments_of_a_training_the_later_counts_and_the_training_once()
    {
        var ticket = Training(
            "ticket", TrainingKind.Ticket, Variance, 50, (Bayesian, ParentKind.Posterior, 30), (Bayesian, ParentKind.Start, 10));
        Assert.Equal(30, Cost(ticket, Bayesian, ticket)!.Value.Steps);
    }

    [Fact]
    public void Rounds_cost_all_rounds_before_them_with_as_many_weights_as_these_kept()
    {
        var first = Training("first", TrainingKind.Ticket, Magnitude, 50, (Dense, ParentKind.Weights, null));
        var second = Training(
            "second", TrainingKind.Ticket, Magnitude, 50, (first, ParentKind.Weights, null), (first, ParentKind.Mask, null));
        // The first round kept 8 and 5 weights.
        Assert.Equal(
            (100, 50 * Batch * WholeExample + 50 * Batch * (2 * 8 + 3 * 5)),
            Cost(second, [Dense, first, second], key => key == first.Key ? Record(key, 8, 5) : Record(key, 12, 6)));
    }

    [Fact]
    public void A_round_that_is_rewound_starts_at_the_step_it_is_rewound_to()
    {
        var first = Training("first", TrainingKind.Ticket, Magnitude, 50, (Dense, ParentKind.Weights, null), (Dense, ParentKind.Start, 15))
            .With("rewind", "15");
        var second = Training(
            "second", TrainingKind.Ticket, Magnitude, 50, (first, ParentKind.Weights, null), (Dense, ParentKind.Start, 15));
        Assert.Equal(50 + 35, Cost(second, Dense, first, second)!.Value.Steps);
    }

    [Fact]
    public void Of_a_training_whose_mask_alone_is_taken_only_what_that_mask_took_counts()
    {
        var ticket = Training("ticket", TrainingKind.Ticket, Variance, 50, (Bayesian, ParentKind.Posterior, null));
        var control = Training("control", TrainingKind.Ticket, Random, 50, (ticket, ParentKind.Mask, null));
        Assert.Equal(100, Cost(control, Bayesian, ticket, control)!.Value.Steps);
    }

    [Fact]
    public void Chance_costs_nothing_and_gradients_cost_passes_over_the_training_images()
    {
        var (random, snip, grasp) = (Training("random", TrainingKind.Ticket, Random, 50), Training("snip", TrainingKind.Ticket, Snip, 50),
            Training("grasp", TrainingKind.Ticket, Grasp, 50));
        Assert.Equal((0, 0), Cost(random, random));
        // 60 training images, of which 12 are held back; a product with the Hessian takes three gradients.
        Assert.Equal((0, 48 * WholeExample), Cost(snip, snip));
        Assert.Equal((0, 3 * 48 * WholeExample), Cost(grasp, grasp));
    }

    [Fact]
    public void Frozen_weights_are_multiplied_but_not_updated()
    {
        var first = Training("first", TrainingKind.Ticket, Magnitude, 50, (Dense, ParentKind.Weights, null)).With("pruned", "freeze");
        var second = Training("second", TrainingKind.Ticket, Magnitude, 50, (first, ParentKind.Weights, null));
        var (_, sum) = Cost(second, [Dense, first, second], key => key == first.Key ? Record(key, 8, 5) : Record(key, 12, 6))!.Value;
        Assert.Equal(50 * Batch * (WholeExample + (WholeExample - 18 + 13)), sum);
    }

    [Fact]
    public void What_is_not_known_has_no_cost()
    {
        var ticket = Training("ticket", TrainingKind.Ticket, Variance, 50, (Bayesian, ParentKind.Posterior, null));
        Assert.Null(Cost(ticket, [Bayesian, ticket], _ => null));
        Assert.Null(Cost(ticket, ticket));
        // A plan of an earlier version names no parents.
        Assert.Null(Cost(ticket with { Parents = [] }, Bayesian, ticket));
        // A training that a plan names twice is one.
        Assert.Equal(100, Cost(ticket, Bayesian, Bayesian, ticket, ticket)!.Value.Steps);
        Assert.DoesNotContain(Dense.Key, FindingCost.Of(Plan([Dense]), key => Record(key, 12, 6)).Keys);
    }

    private static (long Steps, double MultiplyAdds)? Cost(PlannedTraining ticket, params ImmutableArray<PlannedTraining> all) =>
        Cost(ticket, [.. all.Select(training => training.Key == ticket.Key ? ticket : training)], key => Record(key, 12, 6));

    private static (long Steps, double MultiplyAdds)? Cost(
        PlannedTraining ticket, ImmutableArray<PlannedTraining> all, Func<TrainingKey, TrainingRecord?> record)
    {
        var plan = Plan(all);
        var one = FindingCost.Of(plan, ticket, record);
        Assert.Equal(one?.Steps, FindingCost.Of(plan, record).GetValueOrDefault(ticket.Key)?.Steps);
        return one is null ? null : (one.Steps, one.MultiplyAdds);
    }

    private static ExperimentRecord Plan(ImmutableArray<PlannedTraining> trainings) => new(
        Digest.Of("plan"), "host run", [], Net, new DataHashes("data", "", "", ""), [], new Roles([], [], [], []),
        [Variance, Magnitude, Random, Snip, Grasp], trainings)
    {
        Labels = [new LabelCounts("data", [30, 30], [5, 5])],
    };

    private static TrainingRecord Record(TrainingKey key, params ImmutableArray<int> kept) =>
        new(key, kept, [12, 6], ImmutableDictionary<string, double>.Empty);

    private static StrategyInfo Info(string name, Needs needs) => new(name, name, Keep.Highest, needs, "p.dll", "1", "00");

    private static PlannedTraining Training(
        string name, TrainingKind kind, StrategyInfo? strategy, int steps,
        params (PlannedTraining Of, ParentKind Kind, int? Step)[] parents)
    {
        var cell = new PlannedCell(Digest.Of(name), kind, Net, name, steps, strategy?.Label, null, null, [
            new("batch", $"{Batch}"), new("validation", "12"), new("data", "data")]);
        return new PlannedTraining(new TrainingKey(Digest.Of(name).Value), new Seed(1), cell)
        {
            Parents = [.. parents.Select(parent => new PlannedParent(parent.Of.Key, parent.Kind, parent.Step))],
        };
    }
}

internal static class PlannedTrainings
{
    public static PlannedTraining With(this PlannedTraining training, string factor, string value) =>
        training with { Cell = training.Cell with { Factors = training.Cell.Factors.Add(new NamedValue(factor, value)) } };
}
