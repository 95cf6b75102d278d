using Host.Experiments;

namespace Host.Consoles;

/// <summary>Writes times, shares and outcomes for people.</summary>
internal static class Readable
{
    public static string Duration(double seconds) => seconds switch
    {
        double.NaN or < 0 => "",
        < 60 => $"{Math.Ceiling(seconds):0} s",
        < 3600 => $"{Math.Floor(seconds / 60):0} min {seconds % 60:00} s",
        _ => $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds / 60) % 60:00} min",
    };

    public static string Percent(double fraction) => double.IsNaN(fraction) ? "" : $"{100 * fraction:0.00} %";

    public static string Describe(TrainingEnd end, TrainingProgress progress) => end.State switch
    {
        TrainingState.Reused => $"{progress.Name}: done before, reused",
        TrainingState.Trained => $"{progress.Name}: done, validation accuracy {Measured(progress.ValidationAccuracy)}",
        _ => $"{progress.Name}: failed: {string.Join("; ", end.Faults.Select(fault => fault.Describe()))}",
    };

    private static string Measured(double fraction) => double.IsNaN(fraction) ? "not measured" : Percent(fraction);
}
