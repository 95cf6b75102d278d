using Bnn.Core;

namespace Bnn.Report;

/// <summary>What masks were found from, and whether it has learned anything.</summary>
internal sealed class Sources
{
    private readonly ExperimentRecord _experiment;
    private readonly Dictionary<TrainingKey, PlannedTraining> _planned;
    private readonly HashSet<TrainingKey> _atChance;
    private readonly bool _areNamed;

    /// <param name="finished">All that is finished, what no table shows included: masks are found from it.</param>
    public Sources(ExperimentRecord experiment, IEnumerable<FinishedTraining> finished)
    {
        _experiment = experiment;
        _planned = experiment.Trainings.DistinctBy(training => training.Key).ToDictionary(training => training.Key);
        _areNamed = experiment.Trainings.Any(training => !training.Parents.IsEmpty);
        var chances = new Dictionary<Digest, Chance>();
        _atChance = [.. finished.Where(done => ChanceOf(done.Training.Cell).IsNoBetter(done.Record.TestAccuracyLast))
            .Select(done => done.Training.Key)];

        Chance ChanceOf(PlannedCell cell) => chances.TryGetValue(cell.Id, out var known)
            ? known
            : chances[cell.Id] = Chance.Of(experiment.LabelsOf(cell), cell.Net.Sizes[^1]);
    }

    /// <summary>Whether some net of a kind that a ticket's mask was scored from, in any round, is no better than chance.</summary>
    public bool HaveLearnedNothing(PlannedTraining ticket, HindranceKind kind) =>
        (_areNamed ? Ancestors(ticket, kind) : ByFactors(ticket, kind)).Any(_atChance.Contains);

    private IEnumerable<TrainingKey> Ancestors(PlannedTraining ticket, HindranceKind kind)
    {
        var (seen, open) = (new HashSet<TrainingKey> { ticket.Key }, new Stack<PlannedTraining>([ticket]));
        while (open.TryPop(out var training))
        {
            foreach (var parent in training.Parents.Where(parent => parent.Kind != ParentKind.Start))
            {
                if (IsScoredFrom(parent.Kind, kind)) yield return parent.Key;
                if (seen.Add(parent.Key) && _planned.TryGetValue(parent.Key, out var further)) open.Push(further);
            }
        }
    }

    private static bool IsScoredFrom(ParentKind parent, HindranceKind kind) => kind == HindranceKind.Posterior
        ? parent is ParentKind.Posterior or ParentKind.Snapshots
        : parent == ParentKind.Weights;

    /// <summary>
    /// A plan of an earlier version doesn't say what a mask was found from: a whole net of the ticket's seed and factors, if its strategy
    /// needs such a net, or one that was asked for, since it may have the counts that that one has at its threshold.
    /// </summary>
    private IEnumerable<TrainingKey> ByFactors(PlannedTraining ticket, HindranceKind kind)
    {
        var cell = ticket.Cell;
        var (of, need) = kind == HindranceKind.Posterior
            ? (TrainingKind.Bayesian, Needs.Posterior | Needs.Snapshots)
            : (TrainingKind.Dense, Needs.DenseWeights);
        var needs = NeedsOf(cell.Strategy!);
        if (cell.Cut?.Threshold is not null)
            foreach (var asked in _experiment.Roles.Asked) needs |= NeedsOf(asked);
        return (needs & need) == Needs.Nothing
            ? []
            : _experiment.Trainings
                .Where(training => training.Kind == of && training.Seed == ticket.Seed && cell.HasFactorsOf(training.Cell))
                .Select(training => training.Key);
    }

    private Needs NeedsOf(string strategy) =>
        _experiment.Strategies.FirstOrDefault(info => info.Label == strategy)?.AllNeeds ?? Needs.Nothing;
}
