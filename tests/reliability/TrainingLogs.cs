using System.Globalization;
using System.Text.RegularExpressions;

namespace Reliability;

/// <summary>The logs of the trainings that were under way when a process was killed, and what the next process did again.</summary>
internal sealed partial class TrainingLogs
{
    private readonly Dictionary<string, string> _logs = new(StringComparer.Ordinal);

    private TrainingLogs()
    {
    }

    /// <param name="runs">The folder of the trainings.</param>
    public static TrainingLogs UnderWay(string runs)
    {
        var logs = new TrainingLogs();
        if (!Directory.Exists(runs)) return logs;
        foreach (var folder in Directory.GetDirectories(runs))
        {
            var log = Path.Combine(folder, "log.txt");
            if (File.Exists(log) && !File.Exists(Path.Combine(folder, "result.json"))) logs._logs[folder] = File.ReadAllText(log);
        }
        return logs;
    }

    /// <summary>
    /// The most time whose work was done again, in seconds: from the step that the training continued from to the last that its log
    /// has. Trainings that haven't been continued yet don't count.
    /// </summary>
    public double MostLost()
    {
        var most = 0.0;
        foreach (var (folder, before) in _logs)
        {
            var now = File.ReadAllText(Path.Combine(folder, "log.txt"));
            if (now == before) continue;
            var continues = now.StartsWith(before, StringComparison.Ordinal) ? Continues().Match(now, before.Length) : Match.Empty;
            var from = continues.Success ? int.Parse(continues.Groups["step"].Value, CultureInfo.InvariantCulture) : 0;
            most = Math.Max(most, DoneAgain(before, from));
        }
        return most;
    }

    /// <summary>
    /// The time that work behind a step took, in seconds. The time between two processes doesn't count, nor what the first of them did
    /// again itself: of every step counts the last process that did it.
    /// </summary>
    /// <param name="log">What a training's log had before.</param>
    /// <param name="from">The step that was continued from.</param>
    public static double DoneAgain(string log, int from)
    {
        var took = new Dictionary<int, TimeSpan>();
        TimeSpan? last = null;
        foreach (Match line in Lines().Matches(log))
        {
            var (time, text) = (TimeSpan.Parse(line.Groups["time"].Value, CultureInfo.InvariantCulture), line.Groups["text"].Value);
            if (Evaluated().Match(text) is { Success: true } at && last is { } before)
                took[int.Parse(at.Groups["step"].Value, CultureInfo.InvariantCulture)] = time - before;
            last = time;
        }
        return took.Where(step => step.Key > from).Sum(step => step.Value.TotalSeconds);
    }

    [GeneratedRegex("continues from step (?<step>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Continues();

    /// <summary>Every line; the first that a process writes says how it goes on, so that an evaluation is never the first.</summary>
    [GeneratedRegex(@"^(?<time>\d\d:\d\d:\d\d\.\d\d\d) (?<text>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Lines();

    [GeneratedRegex(@"^INF step (?<step>\d+):", RegexOptions.ExplicitCapture)]
    private static partial Regex Evaluated();
}
