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
    /// <summary>With more kept weights per unit than this, in every layer, nothing is cut off but by intent.</summary>
    private const int FewPerUnit = 10;

    /// <summary>Reads the results of those trainings that are finished.</summary>
    /// <param name="reasons">Why trainings are missing, if it is known.</param>
    public ReportReading Read(string name, ExperimentRecord experiment, IReadOnlyDictionary<TrainingKey, string> reasons)
    {
        var faults = new List<Fault>();
        var finished = new List<FinishedTraining>();
        var missing = new List<MissingTraining>();
        var sources = new SourceCheck(store);
        var unverified = 0;
        foreach (var training in experiment.Trainings)
        {
            var folder = store.Training(training.Key);
            if (!folder.IsDone)
            {
                missing.Add(new MissingTraining(training, reasons.GetValueOrDefault(training.Key, "not done yet: run the command again")));
            }
            else if (Read(folder, training, sources).ValueOr(faults) is { } stored)
            {
                finished.Add(WithConnectivity(WithLater(folder, stored, faults), faults));
                if (!stored.Result.IsVerifiable) unverified++;
            }
            else
            {
                missing.Add(new MissingTraining(training, "its results are damaged"));
            }
        }
        var sigmas = Sigmas(finished, faults);
        var unread = new List<Fault>();
        var claims = ShippedClaims.Read().ValueOr(unread);
        return new ReportReading(
            new ReportInput(name, experiment, [.. finished], [.. missing], sigmas) { Claims = claims.IsDefault ? [] : claims },
            [.. faults.Distinct()],
            unverified)
        {
            Unread = [.. unread],
        };
    }

    /// <summary>The results of those of some trainings that are finished, without anything else that a report needs.</summary>
    /// <param name="faults">What in the store is damaged is added.</param>
    public IEnumerable<FinishedTraining> Finished(IEnumerable<PlannedTraining> trainings, ICollection<Fault> faults)
    {
        var sources = new SourceCheck(store);
        foreach (var training in trainings)
        {
            var folder = store.Training(training.Key);
            if (folder.IsDone && Read(folder, training, sources).ValueOr(faults) is { } stored)
                yield return WithLater(folder, stored, faults);
        }
    }

    /// <summary>A training with the measures that were computed after it was done.</summary>
    private static FinishedTraining WithLater(TrainingFolder folder, StoredTraining stored, ICollection<Fault> faults) =>
        folder.ReadMeasures(stored.Result).ValueOr(faults) is { } later
            ? stored.Training with { Record = stored.Training.Record.WithLater(later) }
            : stored.Training;

    /// <summary>
    /// A masked net's record with what its mask leaves connected. Records that were written before it was counted get it from the mask,
    /// which is read only where few weights are left.
    /// </summary>
    private FinishedTraining WithConnectivity(FinishedTraining done, List<Fault> faults)
    {
        var (record, net) = (done.Record, done.Training.Cell.Net);
        if (done.Training.Kind != TrainingKind.Ticket || record[Measures.ConnectedClasses] is not null) return done;
        if (!record.Kept.Zip(net.Layers).Any(layer => layer.First < FewPerUnit * layer.Second.Outputs)) return done;
        return store.Training(done.Training.Key).ReadWeights(net).ValueOr(faults)?.Mask is { } mask
            ? done with { Record = record.WithConnectivity(MaskConnectivity.Of(mask)) }
            : done;
    }

    /// <summary>Writes each export beside plan.json. Returns the path of the report that people open.</summary>
    public Result<string> Write(ReportInput input)
    {
        var folder = store.Experiment(input.Name);
        return folder.WriteExports(Exports.All.Select(export => (export.FileName, export.Write(input))))
            .Map(_ => folder.In(Exports.Main.FileName));
    }

    private static Result<StoredTraining> Read(TrainingFolder folder, PlannedTraining training, SourceCheck sources) =>
        folder.ReadFinished(training).Bind<StoredTraining>(stored =>
            sources.Of(folder, stored.Result) is { } wrong ? wrong : stored);

    /// <summary>The posterior that the report draws, which is the first one finished, with the masks that were found from it.</summary>
    private ImmutableArray<SigmaDistribution> Sigmas(List<FinishedTraining> finished, List<Fault> faults)
    {
        if (finished.Find(done => done.Training.Kind == TrainingKind.Bayesian)?.Training is not { } bayesian) return [];
        var net = bayesian.Cell.Net;
        var (_, final) = store.Training(bayesian.Key).ReadPosterior(net).ValueOr(faults);
        if (final is null) return [];
        var tickets =
            from done in finished
            let cell = done.Training.Cell
            where cell is { Kind: TrainingKind.Ticket, Strategy: not null, Cut: not null }
            where cell[Factor.Pruning] != Factor.Iterative && done.Training.Seed == bayesian.Seed && cell.HasFactorsOf(bayesian.Cell)
            let mask = store.Training(done.Training.Key).ReadWeights(net).ValueOr(faults)?.Mask
            where mask is not null
            select new MaskedBySigma(cell.Strategy!, cell.Cut!, mask);
        return SigmaDistribution.Of(bayesian, final, [.. tickets]);
    }
}
