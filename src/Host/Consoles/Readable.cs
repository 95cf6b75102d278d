using Bnn.Core;
using Host.Experiments;

namespace Host.Consoles;

/// <summary>Writes times, shares and outcomes for people.</summary>
internal static class Readable
{
    private const int MostWaits = 5;

    public static string Duration(double seconds) => seconds switch
    {
        double.NaN or < 0 => "",
        < 60 => $"{Math.Ceiling(seconds):0} s",
        < 3600 => $"{Math.Floor(seconds / 60):0} min {seconds % 60:00} s",
        _ => $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds / 60) % 60:00} min",
    };

    /// <summary>How long ago, in the largest unit that there is at least one of: "3 days"; empty for null.</summary>
    public static string Age(TimeSpan? age) => age switch
    {
        null => "",
        { TotalSeconds: < 60 } seconds => $"{Math.Max(0, Math.Floor(seconds.TotalSeconds)):0} s",
        { TotalMinutes: < 60 } minutes => $"{Math.Floor(minutes.TotalMinutes):0} min",
        { TotalHours: < 24 } hours => $"{Math.Floor(hours.TotalHours):0} h",
        { TotalDays: < 2 } => "1 day",
        var days => $"{Math.Floor(days.Value.TotalDays):N0} days",
    };

    /// <summary>Bytes in the largest unit of thousands that there is at least one of: "3.5 MB".</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => $"{bytes / 1e3:0.0} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.0} MB",
        _ => $"{bytes / 1e9:0.0} GB",
    };

    public static string Percent(double fraction) => double.IsNaN(fraction) ? "" : $"{100 * fraction:0.00} %";

    /// <summary>How far each arm is, where there are several: "one-shot 12 of 40, iterative 3 of 100".</summary>
    /// <param name="arms">The arm of each training.</param>
    public static IEnumerable<string> ByArm(IReadOnlyList<TrainingProgress> all, IReadOnlyDictionary<TrainingKey, string> arms)
    {
        var counts = all.GroupBy(progress => arms.GetValueOrDefault(progress.Training.Key, ""), StringComparer.Ordinal)
            .Select(arm => (arm.Key, Ended: arm.Count(HasEnded), All: arm.Count())).ToList();
        if (counts.Count > 1) yield return string.Join(", ", counts.Select(arm => $"{arm.Key} {arm.Ended} of {arm.All}"));
    }

    private static bool HasEnded(TrainingProgress progress) =>
        progress.State is TrainingState.Trained or TrainingState.Reused or TrainingState.Failed;

    /// <summary>What other processes train that is waited for, with how long so far: a line each, the longest first.</summary>
    public static IEnumerable<string> Waiting(IReadOnlyList<TrainingProgress> all)
    {
        var waits = all.Where(progress => progress.State == TrainingState.Elsewhere)
            .OrderByDescending(progress => progress.Waited).ToList();
        foreach (var progress in waits.Take(MostWaits))
            yield return $"{progress.Name}: another process trains it, for {Duration(progress.Waited.TotalSeconds)} so far";
        if (waits.Count > MostWaits) yield return $"and {waits.Count - MostWaits} more that other processes train";
    }

    public static string Describe(TrainingEnd end, TrainingProgress progress) => end.State switch
    {
        TrainingState.Reused => $"{progress.Name}: done before, reused",
        TrainingState.Trained => $"{progress.Name}: done, validation accuracy {Measured(progress.ValidationAccuracy)}",
        _ => $"{progress.Name}: failed: {string.Join("; ", end.Faults.Select(fault => fault.Describe()))}",
    };

    private static string Measured(double fraction) => double.IsNaN(fraction) ? "not measured" : Percent(fraction);
}
