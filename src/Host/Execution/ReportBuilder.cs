using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Host.Store;

namespace Host.Execution;

/// <summary>From a plan.json and the runs to the report: the same whether the trainings were done just now or a month ago.</summary>
public sealed class ReportBuilder(ResultsStore store)
{
    private const int Bins = 80;
    private const string VarianceStrategy = "variance";

    /// <summary>Reads what is there.</summary>
    /// <param name="reasons">Why trainings are missing, where it is known.</param>
    /// <returns>The report's input, in which a damaged run is a missing one, and what is damaged.</returns>
    public (ReportInput Input, ImmutableArray<Fault> Damaged) Read(string name, ExperimentRecord experiment, IReadOnlyDictionary<RunKey, string> reasons)
    {
        var faults = new List<Fault>();
        var finished = new List<FinishedTraining>();
        var missing = new List<MissingTraining>();
        foreach (var training in experiment.Trainings)
        {
            var folder = store.Run(training.Key);
            if (!folder.IsDone)
            {
                missing.Add(new MissingTraining(training, reasons.GetValueOrDefault(training.Key, "not done yet: run the command again")));
                continue;
            }
            var read = folder.ReadFinished(training);
            if (read.ValueOr(faults) is { } done) finished.Add(done);
            else missing.Add(new MissingTraining(training, "its results are damaged"));
        }
        var sigmas = finished.Where(done => done.Training.Kind == "bayesian").SelectMany(done => Sigmas(done, finished, experiment.Net, faults)).ToImmutableArray();
        return (new ReportInput(name, experiment, [.. finished], [.. missing], sigmas), [.. faults.Distinct()]);
    }

    /// <summary>Writes report.html, table.csv and table.json beside plan.json.</summary>
    public Result<string> Write(ReportInput input)
    {
        var folder = store.Experiment(input.Name);
        var report = Path.Combine(folder, "report.html");
        try
        {
            AtomicFile.Write(Path.Combine(folder, "table.csv"), TableFiles.Csv(input));
            AtomicFile.Write(Path.Combine(folder, "table.json"), TableFiles.Json(input));
            AtomicFile.Write(report, HtmlReport.Render(input));
            return report;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.Disk(folder, $"can't be written ({e.Message.TrimEnd('.')})", "check its rights and the free space");
        }
    }

    /// <summary>Histograms of the final σ, and in each layer the largest σ that each ticket masked by variance kept.</summary>
    private IEnumerable<SigmaDistribution> Sigmas(FinishedTraining bayesian, List<FinishedTraining> finished, Architecture net, List<Fault> faults)
    {
        var (_, final) = store.Run(bayesian.Training.Key).ReadPosterior(net).ValueOr(faults);
        if (final is null) yield break;
        var masks = finished
            .Where(done => done.Training.Strategy == VarianceStrategy && done.Training.Seed == bayesian.Training.Seed)
            .Select(done => (done.Training.Label, Mask: store.Run(done.Training.Key).ReadMask(net).ValueOr(faults)))
            .ToList();
        for (var l = 0; l < net.Layers.Length; l++)
        {
            var sigma = final.Layers[l].Sigma();
            var (low, high) = (0.0, (double)sigma.Max());
            var counts = new int[Bins];
            foreach (var value in sigma) counts[Math.Min(Bins - 1, (int)(value / high * Bins))]++;
            var cuts = masks.Where(pair => pair.Mask is not null).Select(pair => new SigmaCut(pair.Label, LargestKept(sigma, pair.Mask!.Layers[l])));
            yield return new SigmaDistribution(bayesian.Training.Seed, l + 1, net.Layers[l], low, high, [.. counts], sigma.Average(value => (double)value), [.. cuts.Where(cut => cut.Sigma > 0)]);
        }
    }

    private static double LargestKept(float[] sigma, LayerMask mask)
    {
        var largest = 0f;
        for (var i = 0; i < sigma.Length; i++)
            if (mask.Kept[i] != 0) largest = Math.Max(largest, sigma[i]);
        return largest;
    }
}
