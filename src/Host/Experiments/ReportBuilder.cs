using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Studies;

namespace Host.Experiments;

/// <summary>What was read for a report.</summary>
/// <param name="Input">The report's input, in which a damaged training is a missing one.</param>
/// <param name="Damaged">What in the store is damaged.</param>
/// <param name="Unverified">Finished trainings without hashes, written by an earlier version: nothing shows whether they are
/// damaged.</param>
public sealed record ReportReading(ReportInput Input, ImmutableArray<Fault> Damaged, int Unverified)
{
    /// <summary>What belongs to the report beside the store and couldn't be read: it lacks that, and nothing else.</summary>
    public ImmutableArray<Fault> Unread { get; init; } = [];
}

/// <summary>
/// Makes the report from a plan and the trainings' folders; it is the same whether the trainings were done just now or a month ago.
/// </summary>
public sealed class ReportBuilder(ResultsStore store)
{
    /// <summary>Reads the results of those trainings that are finished.</summary>
    /// <param name="reasons">Why trainings are missing, if it is known.</param>
    public ReportReading Read(string name, ExperimentRecord experiment, IReadOnlyDictionary<TrainingKey, string> reasons)
    {
        var faults = new List<Fault>();
        var finished = new List<FinishedTraining>();
        var missing = new List<MissingTraining>();
        var reader = new TrainingReader(store);
        var unverified = 0;
        foreach (var training in experiment.Trainings)
        {
            if (!store.Training(training.Key).IsDone)
            {
                missing.Add(new MissingTraining(training, reasons.GetValueOrDefault(training.Key, "not done yet: run the command again")));
            }
            else if (reader.Read(training, faults) is { } stored)
            {
                finished.Add(stored.Training);
                if (!stored.Result.IsVerifiable) unverified++;
            }
            else
            {
                missing.Add(new MissingTraining(training, "its results are damaged"));
            }
        }
        finished = WithFinding(experiment, finished);
        var masks = new MaskReader(store, faults);
        var posterior = FirstPosterior(finished, faults);
        var unread = new List<Fault>();
        var claims = ShippedClaims.Read().ValueOr(unread);
        var input = new ReportInput(name, experiment, [.. finished], [.. missing], Sigmas(posterior, finished, masks))
        {
            Criterion = CriterionOf(posterior, experiment, finished, masks, faults),
            Overlaps = MaskPairs.Of(finished, masks.Of),
            Claims = claims.IsDefault ? [] : claims,
        };
        return new ReportReading(input, [.. faults.Distinct()], unverified) { Unread = [.. unread] };
    }

    /// <summary>Writes each export beside plan.json. Returns the path of the report that people open.</summary>
    public Result<string> Write(ReportInput input)
    {
        var folder = store.Experiment(input.Name);
        return folder.WriteExports(Exports.All.Select(export => (export.FileName, export.Write(input))))
            .Map(_ => folder.In(Exports.Main.FileName));
    }

    /// <summary>Finished trainings of an experiment with what it took to find their masks, where that is known.</summary>
    private static List<FinishedTraining> WithFinding(ExperimentRecord experiment, List<FinishedTraining> finished)
    {
        var records = finished.DistinctBy(done => done.Training.Key).ToDictionary(done => done.Training.Key, done => done.Record);
        var costs = FindingCost.Of(experiment, records.GetValueOrDefault);
        return finished.ConvertAll(done => costs.TryGetValue(done.Training.Key, out var cost)
            ? done with { Record = done.Record.WithFinding(cost) }
            : done);
    }

    /// <summary>The posterior that the report draws.</summary>
    private sealed record ReadPosterior(PlannedTraining Training, PosteriorSnapshot Initial, PosteriorSnapshot Final);

    /// <summary>The first one finished; null for none.</summary>
    private ReadPosterior? FirstPosterior(List<FinishedTraining> finished, List<Fault> faults)
    {
        if (finished.Find(done => done.Training.Kind == TrainingKind.Bayesian)?.Training is not { } bayesian) return null;
        var (initial, final) = store.Training(bayesian.Key).ReadPosterior(bayesian.Cell.Net).ValueOr(faults);
        return final is null ? null : new ReadPosterior(bayesian, initial, final);
    }

    /// <summary>The posterior's σ with the masks that were found from it.</summary>
    private static ImmutableArray<SigmaDistribution> Sigmas(ReadPosterior? posterior, List<FinishedTraining> finished, MaskReader masks)
    {
        if (posterior is not { Training: var bayesian }) return [];
        var tickets =
            from done in finished
            let cell = done.Training.Cell
            where cell is { Kind: TrainingKind.Ticket, Strategy: not null, Cut: not null }
            where cell[Factor.Pruning] != Factor.Iterative && done.Training.Seed == bayesian.Seed && cell.HasFactorsOf(bayesian.Cell)
            where MayBeFoundFrom(done.Training, bayesian)
            let mask = masks.Of(done.Training)
            where mask is not null
            select new MaskedBySigma(cell.Strategy!, cell.Cut!, mask);
        return SigmaDistribution.Of(bayesian, posterior.Final, [.. tickets]);
    }

    private CriterionDiagnostics? CriterionOf(
        ReadPosterior? posterior, ExperimentRecord experiment, List<FinishedTraining> finished, MaskReader masks, List<Fault> faults)
    {
        if (posterior is not { Training: var bayesian }) return null;
        var tickets =
            from done in Criterion.TicketsOf(bayesian, finished)
            let mask = masks.Of(done.Training)
            where mask is not null
            select new MaskedTicket(done.Training, mask);
        var posteriorStrategies = experiment.Strategies
            .Where(info => (info.AllNeeds & (Needs.Posterior | Needs.Snapshots)) != Needs.Nothing)
            .Select(info => info.Label).ToHashSet(StringComparer.Ordinal);
        var dense = finished.Find(done => done.Training is { Kind: TrainingKind.Dense, Cell.Control: null } net
            && net.Seed == bayesian.Seed && net.Cell.AgreesWith(bayesian.Cell))?.Training;
        // A file that was deleted to save space is no damage.
        var weights = dense is not null && Path.Exists(store.Training(dense.Key).Weights)
            ? store.Training(dense.Key).ReadWeights(dense.Cell.Net).ValueOr(faults)
            : null;
        return Criterion.Of(
            bayesian, posterior.Initial, posterior.Final, [.. tickets], posteriorStrategies.Contains,
            weights is null ? null : (weights.Initial, weights.Final));
    }

    /// <summary>A plan of an earlier version doesn't say what a mask was found from.</summary>
    private static bool MayBeFoundFrom(PlannedTraining ticket, PlannedTraining bayesian) =>
        ticket.Parents.IsDefaultOrEmpty || ticket.Parents.Any(parent => parent.Key == bayesian.Key);
}
