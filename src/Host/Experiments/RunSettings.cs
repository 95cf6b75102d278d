using System.Collections.Immutable;
using Bnn.Core;
using Host.Engines;

namespace Host.Experiments;

/// <summary>
/// The host's own settings of a run, such as where data comes from, where results go and how many trainings run at a time; and the table of
/// all settings.
/// </summary>
public static class RunSettings
{
    public const string DefaultOutput = "results";

    private const int MostJobs = 1024, LongestName = 100;
    private const double MostSeconds = 1e6;

    public static Setting<string> Data { get; } = new()
    {
        Name = "data",
        ValueName = "DIR",
        Help = "Folder with four IDX files, raw or .gz.",
        Part = SettingPart.Source,
        DefaultInWords = "the MNIST that is included",
        ShownByAnother = true,
        Parse = Parse.Text("a folder"),
        Write = folder => folder,
    };

    public static Setting<string> SecondData { get; } = new()
    {
        Name = "ood",
        ValueName = "DIR",
        Help = "Folder of a second data set with images of the same size: how well uncertainty tells them from the first's.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "none",
        Parse = Parse.Text("a folder"),
        Write = folder => folder,
    };

    public static Setting<int> Jobs { get; } = new()
    {
        Name = "jobs",
        ValueName = "N",
        Help = "Trainings at the same time, one thread each; changes no result.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "the number of cores",
        Parse = Parse.Whole(1, MostJobs, "leave it out for one job per core"),
        Write = jobs => $"{jobs}",
        FollowsFrom = values => EngineRegistry.Of(values).DefaultJobs,
    };

    public static Setting<string> Output { get; } = new()
    {
        Name = "output",
        ValueName = "DIR",
        Help = "Where results go.",
        Part = SettingPart.Immaterial,
        Default = DefaultOutput,
        Parse = Parse.Text("a folder"),
        Write = folder => folder,
    };

    public static Setting<string> Name { get; } = new()
    {
        Name = "name",
        ValueName = "NAME",
        Help = "The experiment's folder below results/experiments.",
        Part = SettingPart.Immaterial,
        DefaultInWords = "strategies and plan key",
        Parse = (text, _) => IsFolderName(text) ? text : new Fault.BadSetting("", text, "a plain folder name") { Example = "first-try" },
        Write = name => name,
    };

    public static Setting<TimeSpan> CheckpointEvery { get; } = OfSeconds(
        "checkpoint-every", usual: "30",
        "Seconds after which a running training's state is kept again, from which it continues if it is interrupted.");

    public static Setting<TimeSpan> PluginTimeout { get; } = OfSeconds(
        "plugin-timeout", usual: "600", "Seconds a strategy may take to score one seed.");

    public static Setting<TimeSpan> TakeOverAfter { get; } = OfSeconds(
        "take-over-after", usual: "120",
        "Seconds without a sign of life after which what a process of another machine was training is taken over.");

    /// <summary>Every setting of an experiment, in the order of the help.</summary>
    public static ImmutableArray<Setting> Table { get; } =
        [.. TrainingSettings.All, Data, .. EngineRegistry.Settings, SecondData, Jobs, Output, Name, PluginTimeout, CheckpointEvery,
        TakeOverAfter];

    private static Setting<TimeSpan> OfSeconds(string name, string usual, string help) => new()
    {
        Name = name,
        ValueName = "SECONDS",
        Help = help,
        Part = SettingPart.Immaterial,
        Default = usual,
        Parse = (text, _) => Seconds(text, usual),
        Write = Seconds,
    };

    private static Result<TimeSpan> Seconds(string text, string example) => Parse.Number(text) is { } seconds and > 0 and <= MostSeconds
        ? TimeSpan.FromSeconds(seconds)
        : new Fault.BadSetting("", text, $"seconds, above 0 and at most {MostSeconds}") { Example = example };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The folder of the data: the given one, or that of the included MNIST.</summary>
    public static string DataFolder(SettingValues values, Places places) => values.Find(Data, out var given) ? given : places.Mnist;

    /// <summary>The result of <paramref name="work"/>; its faults name the setting that would give another folder.</summary>
    public static Result<T> WithOrigin<T>(SettingValues values, Setting setting, Result<T> work) => work.MapFaults(fault => fault switch
    {
        { Origin: not null } => fault,
        Fault.MissingData or Fault.Disk or Fault.DamagedStore => fault with { Origin = values.OriginOf(setting) },
        _ => values.Located(fault),
    });

    public static bool IsFolderName(string name) =>
        name.Length is > 0 and <= LongestName && !name.StartsWith('.') && name == name.Trim() && !name.Any(char.IsControl)
        && !name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()) && !name.AsSpan().ContainsAny('/', '\\');
}
