using Bnn.Core;
using Bnn.Store;
using Host.Experiments;

namespace Host.Commands;

/// <summary>Writes commands that people can type.</summary>
public static class CommandText
{
    /// <summary>Tells the program how it was called; the script <c>host</c> sets it.</summary>
    public const string CalledAs = "HOST_COMMAND";

    private const string Script = "host";

    /// <summary>How this program is called in a clone, where reports keep commands.</summary>
    internal const string InClone = $"./{Script}";

    /// <summary>How to call this program from where the user stands: as it was called, or else by its script or its file.</summary>
    public static string Program { get; } = HowToCall();

    /// <summary>A text with examples, each on a line that begins with <c>  host</c>, as they work here.</summary>
    public static string Called(string text) => text.Replace("\n  host ", $"\n  {Program} ", StringComparison.Ordinal);

    /// <summary>
    /// The command as a report keeps it: called as in a clone. Where it ran and how many trainings ran at a time is no part of it.
    /// </summary>
    /// <param name="given">Settings as texts.</param>
    public static string Kept(IEnumerable<NamedValue> given) => Run(InClone, given);

    /// <summary>The command to type where the user stands.</summary>
    /// <inheritdoc cref="Kept"/>
    public static string ToType(IEnumerable<NamedValue> given) => Run(Program, given);

    /// <summary>
    /// The same experiment with other seeds, to type. It is another plan, which can't have the same name: it gets the name that follows
    /// from its strategies and its key.
    /// </summary>
    public static string WithSeeds(IEnumerable<NamedValue> given, string seeds) => ToType(
        [.. given.Where(setting => setting.Name != TrainingSettings.Seed.Name && setting.Name != TrainingSettings.Seeds.Name
                && setting.Name != RunSettings.Name.Name),
            new NamedValue(TrainingSettings.Seeds.Name, seeds)]);

    /// <summary>A plan's settings with the results folder that it was read from, as it is named from the current folder.</summary>
    public static IEnumerable<NamedValue> In(string root, IEnumerable<NamedValue> given)
    {
        var output = FromHere(root);
        return output == RunSettings.DefaultOutput ? given : given.Append(new NamedValue(RunSettings.Output.Name, output));
    }

    /// <summary>
    /// The commands that repeat an experiment of a results folder, to type where the user stands: one, or those of all experiments that a
    /// common report is over.
    /// </summary>
    public static IEnumerable<string> ToRepeat(string root, ExperimentRecord experiment) =>
        experiment.Arms.IsEmpty && !experiment.Given.IsDefault && experiment.HasItsSettings
            && !experiment.Command.Contains('\n', StringComparison.Ordinal)
            ? [ToType(In(root, experiment.Given))]
            : experiment.Command.Split('\n').Select(command => command.StartsWith($"{InClone} ", StringComparison.Ordinal)
                ? $"{Program}{command[InClone.Length..]}"
                : command);

    private static string Run(string program, IEnumerable<NamedValue> given) =>
        $"{program} run" + string.Concat(given.Select(setting => $" {SettingFlags.OriginOf(setting.Name).Assign(Quoted(setting.Value))}"));

    private static string HowToCall()
    {
        if (Environment.GetEnvironmentVariable(CalledAs) is { Length: > 0 } typed && !typed.Any(char.IsControl)) return Quoted(typed);
        var script = Path.Combine(Places.OfProgram().Root, Script);
        if (!OperatingSystem.IsWindows() && File.Exists(script)) return Quoted(Runnable(FromHere(script)));
        return Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) is not "dotnet"
            ? Quoted(Runnable(FromHere(own)))
            : $"dotnet {Quoted(FromHere(typeof(CommandText).Assembly.Location))}";
    }

    /// <summary>A path as it is shortest from the current folder; the whole path where that is gone or far away.</summary>
    private static string FromHere(string path)
    {
        try
        {
            var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
            return relative.Length < path.Length ? relative : path;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return path;
        }
    }

    /// <summary>A shell looks for a bare name elsewhere than in the current folder.</summary>
    private static string Runnable(string path) =>
        path.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : Path.Combine(".", path);

    /// <summary>A word as a shell reads it.</summary>
    internal static string Quoted(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_.,/:+".Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
