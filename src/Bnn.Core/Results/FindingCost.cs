using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>
/// What it took to find a ticket: everything that was trained before it could begin, each training once and only as far as something was
/// taken from it, and the gradients that its criterion is made of. Its own training isn't part of it.
/// </summary>
/// <param name="Steps">Updates of those trainings; 0 where nothing had to be trained.</param>
/// <param name="MultiplyAdds">
/// Of these updates, and of passes over the training images for gradients, curvature and activity; a whole number.
/// </param>
/// <param name="Parts">Those trainings.</param>
/// <remarks>
/// An update of a batch of B examples multiplies and adds B·Σ (2 + [l &gt; 1])·kₗ times, over layers l with kₗ kept weights: forwards, for
/// the weights' gradient and, above the first layer, for the inputs'. A Bayesian layer does all of it twice, with the means and with the
/// perturbation. Pruned weights that are frozen at a value aren't updated, but are part of the other products. What is done once per
/// weight or unit and not once per example, and evaluations, don't count.
/// </remarks>
public sealed record FindingCost(long Steps, double MultiplyAdds, ImmutableArray<FindingCost.Part> Parts)
{
    /// <summary>A training that was needed.</summary>
    /// <param name="Share">The share of its steps that was needed, in (0, 1].</param>
    public readonly record struct Part(TrainingKey Key, double Share);

    /// <summary>The costs of an experiment's masked nets, by key; those are left out of which too little is known.</summary>
    /// <param name="experiment">Its plan, with what each training takes from which.</param>
    /// <param name="record">A training's record; null where it isn't done or is damaged.</param>
    public static ImmutableDictionary<TrainingKey, FindingCost> Of(
        ExperimentRecord experiment, Func<TrainingKey, TrainingRecord?> record) => new Graph(experiment, record).Costs();

    /// <summary>That of one masked net; null where too little is known, and for whole nets.</summary>
    /// <inheritdoc cref="Of(ExperimentRecord, Func{TrainingKey, TrainingRecord?})"/>
    public static FindingCost? Of(ExperimentRecord experiment, PlannedTraining training, Func<TrainingKey, TrainingRecord?> record) =>
        training.Cell.Strategy is null ? null : new Graph(experiment, record).Of(training);

    private sealed class Graph(ExperimentRecord experiment, Func<TrainingKey, TrainingRecord?> record)
    {
        private const Needs Trained = Needs.Posterior | Needs.Snapshots | Needs.DenseWeights;

        private readonly Dictionary<TrainingKey, PlannedTraining> _trainings =
            experiment.Trainings.DistinctBy(training => training.Key).ToDictionary(training => training.Key);

        private readonly Dictionary<string, Needs> _needs = experiment.Strategies.DistinctBy(info => info.Label)
            .ToDictionary(info => info.Label, info => info.AllNeeds, StringComparer.Ordinal);

        public ImmutableDictionary<TrainingKey, FindingCost> Costs() =>
            _trainings.Values.Where(training => training.Cell.Strategy is not null)
                .Select(training => (training.Key, Cost: Of(training)))
                .Where(pair => pair.Cost is not null)
                .ToImmutableDictionary(pair => pair.Key, pair => pair.Cost!);

        public FindingCost? Of(PlannedTraining ticket)
        {
            if (!_needs.TryGetValue(ticket.Cell.Strategy!, out var needs)) return null;
            // A plan of an earlier version doesn't say what a training takes from which.
            if (ticket.Parents.IsEmpty && (needs & Trained) != Needs.Nothing) return null;
            var ends = new Dictionary<TrainingKey, int>();
            if (!Follow(ticket, ends)) return null;
            var (steps, sum) = (0L, PassesOf(ticket, needs));
            var parts = ImmutableArray.CreateBuilder<Part>();
            foreach (var (key, end) in ends)
            {
                var training = _trainings[key];
                var (first, all) = (FirstStepOf(training.Cell), training.Cell.Steps);
                var own = Math.Max(0, end - first);
                if (own == 0) continue;
                parts.Add(new Part(key, (double)own / (all - first)));
                if (record(key) is not { } done || OfUpdate(training.Cell, done.Kept) is not { } update) return null;
                steps += own;
                sum += own * update;
            }
            return sum is { } multiplyAdds ? new FindingCost(steps, multiplyAdds, parts.ToImmutable()) : null;
        }

        /// <summary>Adds all trainings that one begins after, with the step up to which each is needed; false if one isn't known.</summary>
        private bool Follow(PlannedTraining from, Dictionary<TrainingKey, int> ends)
        {
            foreach (var parent in from.Parents)
            {
                if (!_trainings.TryGetValue(parent.Key, out var training)) return false;
                var isNew = !ends.TryGetValue(parent.Key, out var known);
                // Of a training whose mask alone is taken nothing needs be trained.
                var end = parent.Kind == ParentKind.Mask ? 0 : parent.Step ?? training.Cell.Steps;
                ends[parent.Key] = Math.Max(known, end);
                if (isNew && !Follow(training, ends)) return false;
            }
            return true;
        }

        /// <summary>Passes over the training images before any step, one set per round; null where something isn't known.</summary>
        private double? PassesOf(PlannedTraining ticket, Needs needs)
        {
            var net = ticket.Cell.Net;
            var perImage = 0.0;
            if (needs.HasFlag(Needs.Curvature)) perImage = 3 * OfExample(net, net.Layers.Select(layer => layer.Weights));
            else if (needs.HasFlag(Needs.Gradients)) perImage = OfExample(net, net.Layers.Select(layer => layer.Weights));
            else if (needs.HasFlag(Needs.InputActivity)) perImage = net.Weights;
            if (perImage == 0) return 0;
            if (experiment.LabelsOf(ticket.Cell) is not { } labels || Whole(ticket.Cell, TrainingSettings.Validation) is not { } validation)
                return null;
            var rounds = ticket.Cell[Factor.Pruning] == Factor.Iterative ? ticket.Cell.Cut?.Round ?? 1 : 1;
            return rounds * perImage * (labels.Train.Sum(count => (long)count) - validation);
        }

        private static double? OfUpdate(PlannedCell cell, ImmutableArray<int> kept)
        {
            if (Whole(cell, TrainingSettings.Batch) is not { } batch) return null;
            var isFrozen = cell[TrainingSettings.Pruned.Name] is { } pruned && pruned != PrunedRule.Zero.Name();
            var updates = kept.Sum(count => (double)count);
            var example = isFrozen
                ? OfExample(cell.Net, cell.Net.Layers.Select(layer => layer.Weights)) - cell.Net.Weights + updates
                : OfExample(cell.Net, kept);
            return (cell.Kind.IsBayesian() ? 2 : 1) * (double)batch * example;
        }

        private static double OfExample(Architecture net, IEnumerable<int> kept) =>
            net.Layers.Zip(kept).Select((layer, l) => (l == 0 ? 2.0 : 3.0) * layer.Second).Sum();

        private static int FirstStepOf(PlannedCell cell) => Whole(cell, TrainingSettings.Rewind) ?? 0;

        private static int? Whole(PlannedCell cell, Setting setting) =>
            int.TryParse(cell[setting.Name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
