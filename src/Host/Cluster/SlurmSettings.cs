using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Bnn.Core;

namespace Host.Cluster;

/// <summary>How workers are asked for on a cluster: flags of run and study, and keys of slurm.toml.</summary>
public static partial class SlurmSettings
{
    /// <summary>The key and the flag of lines that none of the settings is for.</summary>
    public const string Lines = "sbatch";

    private const int MostWorkers = 1_000_000, MostCores = 4096;

    /// <summary>Of days, hours, minutes or seconds of a time limit.</summary>
    private const long Most = 1_000_000_000;

    /// <summary>Milliseconds that a pattern may take.</summary>
    private const int Patience = 1000;

    public static Setting<int> Workers { get; } = new()
    {
        Name = "workers",
        ValueName = "N",
        Help = "With --slurm: workers to start, at most one for each training that is left.",
        Part = SettingPart.Immaterial,
        Default = "10",
        Parse = Parse.Whole(1, MostWorkers),
        Write = workers => $"{workers}",
    };

    public static Setting<int> Cores { get; } = new()
    {
        Name = "cpus",
        ValueName = "N",
        Help = "With --slurm: cores of each worker, which does one training at a time on each.",
        Part = SettingPart.Immaterial,
        Default = "1",
        Parse = Parse.Whole(1, MostCores),
        Write = cores => $"{cores}",
    };

    public static Setting<string> Time { get; } = new()
    {
        Name = "time",
        ValueName = "LIMIT",
        Help = "With --slurm: time limit of a worker, as Slurm writes it; what isn't done then is continued.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "the partition's",
        Parse = (text, _) =>
            TimePattern().IsMatch(text) ? text : Wrong(text, "minutes, or hours:minutes:seconds, or days-hours", "4:00:00"),
        Write = time => time,
    };

    public static Setting<string> Memory { get; } = new()
    {
        Name = "mem",
        ValueName = "SIZE",
        Help = "With --slurm: memory of each worker, as Slurm writes it.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "the partition's",
        Parse = (text, _) => MemoryPattern().IsMatch(text) ? text : Wrong(text, "a whole number with K, M, G or T", "4G"),
        Write = size => size,
    };

    public static Setting<string> Partition { get; } = Word("partition", "NAME", "With --slurm: partition to run in.");

    public static Setting<string> Account { get; } = Word("account", "NAME", "With --slurm: account to charge.");

    public static Setting<string> Constraint { get; } = Word("constraint", "LIST", "With --slurm: features that nodes must have.");

    public static ImmutableArray<Setting> Table { get; } = [Workers, Partition, Account, Time, Cores, Memory, Constraint];

    /// <summary>
    /// Seconds of a time limit as Slurm writes it: minutes, minutes:seconds, hours:minutes:seconds, or days-hours, with minutes and seconds
    /// behind colons.
    /// </summary>
    public static long SecondsOf(string limit)
    {
        var (days, clock) = limit.Split('-') is [var before, var behind] ? (Number(before), behind) : (0, limit);
        var parts = clock.Split(':').Select(Number).ToList();
        return limit.Contains('-', StringComparison.Ordinal)
            ? (days * 24 + parts[0]) * 3600 + parts.ElementAtOrDefault(1) * 60 + parts.ElementAtOrDefault(2)
            : parts switch
            {
                [var minutes] => minutes * 60,
                [var minutes, var seconds] => minutes * 60 + seconds,
                _ => parts[0] * 3600 + parts[1] * 60 + parts[2],
            };

        // A limit beyond any has to end somewhere.
        static long Number(string text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, Most) : Most;
    }

    /// <summary>What is wrong with a line for sbatch; null if nothing is.</summary>
    public static Fault? Wrong(Given line) => line.Text.StartsWith('-') && !line.Text.Any(char.IsControl)
        ? null
        : new Fault.BadSetting(Lines, line.Text.Length > 0 ? line.Text : "nothing", "an option of sbatch on one line")
        {
            Origin = line.Origin,
            Example = "--mail-type=END",
        };

    private static Fault.BadSetting Wrong(string text, string expected, string example) =>
        new("", text.Length > 0 ? text : "nothing", expected) { Example = example };

    private static Setting<string> Word(string name, string valueName, string help) => new()
    {
        Name = name,
        ValueName = valueName,
        Help = help,
        Part = SettingPart.Immaterial,
        DefaultInWords = "the cluster's",
        Parse = (text, _) => WordPattern().IsMatch(text)
            ? text
            : new Fault.BadSetting("", text.Length > 0 ? text : "nothing", "a name without spaces", "see sinfo for those of the cluster"),
        Write = text => text,
    };

    [GeneratedRegex(@"^(\d+|\d+:\d{1,2}|\d+:\d{1,2}:\d{1,2}|\d+-\d{1,2}(:\d{1,2}){0,2})$", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex TimePattern();

    [GeneratedRegex("^[0-9]+[KMGT]?$", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex MemoryPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_.,:;&|*\[\]()@/+=-]+$", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex WordPattern();
}
