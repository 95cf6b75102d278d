using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>What an experiment would train, what of it is done, and what the rest costs on this machine.</summary>
/// <param name="Rows">Per kind: the kind, trainings that are done, that would continue, that are new, and the time of those that are
/// left.</param>
/// <param name="Summary">One sentence.</param>
public sealed record DryRun(ImmutableArray<string[]> Rows, string Summary)
{
    public static Result<DryRun> Of(PreparedExperiment experiment)
    {
        var root = experiment.Values.Get(RunSettings.Output);
        var store = ResultsStore.At(root);
        var (plan, costs) = (experiment.Plan, new MeasuredCosts(experiment.Engine, experiment.Data));
        var all = plan.Trainings.Select(training => Look(training, store?.Training(training.Key), costs)).ToList();
        ImmutableArray<string[]> rows = [
            .. all.GroupBy(look => look.Kind).Select(kind => Row(kind.Key.Name(), [.. kind])), Row("all", all)];
        var jobs = Math.Min(experiment.Jobs, plan.Trainings.Length);
        var seconds = Math.Max(all.Sum(look => look.Seconds) / jobs, all.Max(look => look.Seconds));
        var left = all.Count(look => !look.IsDone);
        return new DryRun(rows, left == 0
            ? $"Nothing is left to train; the report would be that of {experiment.Name}."
            : $"About {Time(seconds)}, {jobs} at a time, by steps measured just now; {Megabytes(all.Sum(look => look.Bytes))} on disk in "
                + $"{root}; the experiment is {experiment.Name}.");
    }

    private sealed record Looked(TrainingKind Kind, bool IsDone, bool Continues, double Seconds, long Bytes);

    private static Looked Look(Training training, TrainingFolder? folder, MeasuredCosts costs)
    {
        if (folder is { IsDone: true } && folder.Missing(training).IsEmpty) return new Looked(training.Kind, true, false, 0, 0);
        var from = folder?.ContinuesFrom;
        return new Looked(
            training.Kind, false, from is not null, costs.Seconds(training, from ?? training.FirstStep), MeasuredCosts.Bytes(training));
    }

    private static string[] Row(string kind, IReadOnlyCollection<Looked> looks) => [
        kind,
        Count(looks.Count(look => look.IsDone)),
        Count(looks.Count(look => look.Continues)),
        Count(looks.Count(look => !look.IsDone && !look.Continues)),
        Time(looks.Sum(look => look.Seconds))];

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(double seconds) => seconds switch
    {
        0 => "",
        < 1 => "1 s",
        < 120 => $"{Count((int)Math.Ceiling(seconds))} s",
        < 2 * 3600 => $"{Count((int)Math.Ceiling(seconds / 60))} min",
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
    };

    private static string Megabytes(long bytes) => bytes < 1 << 30
        ? $"{Count((int)Math.Ceiling(bytes / 1e6))} MB"
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
