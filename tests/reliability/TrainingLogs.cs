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
            var steps = Steps().Matches(before).Select(match => (
                Time: TimeSpan.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture),
                Step: int.Parse(match.Groups["step"].Value, CultureInfo.InvariantCulture))).ToList();
            var lost = steps.Where(line => line.Step > from).ToList();
            if (lost.Count > 0) most = Math.Max(most, (lost[^1].Time - lost[0].Time).TotalSeconds);
        }
        return most;
    }

    [GeneratedRegex("continues from step (?<step>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Continues();

    [GeneratedRegex(@"^(?<time>\d\d:\d\d:\d\d\.\d\d\d) INF step (?<step>\d+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Steps();
}
