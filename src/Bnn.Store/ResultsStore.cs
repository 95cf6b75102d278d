using System.Text.Json;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>The results folder: store.json with its format, trainings by key, experiments by name.</summary>
public sealed class ResultsStore
{
    public const int Format = 1;

    private const string FixFolder = $"{Disk.CheckRightsAndSpace}, or {OtherFolder}", OtherFolder = "give another folder for results";

    private ResultsStore(string root) => Root = root;

    public string Root { get; }

    /// <summary>
    /// Holds empty files that whoever trains keeps open. They are never deleted: deleting one that another process has just opened would
    /// let in a third.
    /// </summary>
    private const string LocksFolder = ".locks";

    /// <summary>The folder of trainings has had this name since the first format.</summary>
    private const string TrainingsFolder = "runs";

    public TrainingFolder Training(TrainingKey key) =>
        new(Path.Combine(Root, TrainingsFolder, key.Value), Path.Combine(Root, LocksFolder, key.Value));

    public ExperimentFolder Experiment(string name) => new(Path.Combine(Root, "experiments", name));

    /// <summary>The configs of all finished trainings; those that can't be read are left out.</summary>
    public IEnumerable<string> FinishedConfigs()
    {
        foreach (var path in Directory.EnumerateDirectories(Path.Combine(Root, TrainingsFolder)))
        {
            var folder = new TrainingFolder(path, lockFile: "");
            if (folder.IsDone && folder.TryReadConfig() is { } config) yield return config;
        }
    }

    /// <summary>Opens the folder, making it if it isn't there; refuses a newer format before anything is written.</summary>
    public static Result<ResultsStore> Open(string root) => Check(root, mustExist: false).Bind(store => Disk.Write(
        root,
        () =>
        {
            Directory.CreateDirectory(Path.Combine(root, TrainingsFolder));
            Directory.CreateDirectory(Path.Combine(root, LocksFolder));
            Directory.CreateDirectory(Path.Combine(root, "experiments"));
            if (!File.Exists(store.FormatFile)) AtomicFile.Write(store.FormatFile, $"{{\"format\": {Format}}}\n");
            return store;
        },
        FixFolder));

    /// <summary>Opens an existing folder without writing.</summary>
    public static Result<ResultsStore> OpenExisting(string root) => Check(root, mustExist: true);

    /// <summary>Whether results could be written there; leaves nothing behind. Returns the full path.</summary>
    public static Result<string> Probe(string root) => Check(root, mustExist: false).Bind(store =>
    {
        var existing = store.Root;
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        return Disk.Write(
            existing,
            () =>
            {
                var probe = Path.Combine(existing, $".host-probe-{Environment.ProcessId}");
                File.WriteAllText(probe, "");
                File.Delete(probe);
                return store.Root;
            },
            FixFolder);
    });

    private string FormatFile => Path.Combine(Root, "store.json");

    private static Result<ResultsStore> Check(string root, bool mustExist)
    {
        if (root.Length == 0) return new Fault.BadSetting("output", "nothing", "a folder for results", "leave it out for ./results");
        var store = new ResultsStore(Path.GetFullPath(root));
        for (var part = store.Root; part is not null; part = Path.GetDirectoryName(part))
            if (File.Exists(part)) return new Fault.Disk(part, "is a file where a folder for results is needed", OtherFolder);
        if (!File.Exists(store.FormatFile))
            return mustExist ? Damaged("a results folder with a store.json", "none", "give a folder that host run wrote") : store;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(store.FormatFile));
            var format = json.RootElement.GetProperty("format").GetInt32();
            return format <= Format
                ? store
                : Damaged($"format {Format} or older", $"format {format}", $"use the newer host that wrote it, or {OtherFolder}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return Damaged($"{{\"format\": {Format}}}", "something else", $"restore the file, or {OtherFolder}");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(store.FormatFile, e, "check its rights");
        }

        Fault.DamagedStore Damaged(string expected, string found, string fix) => new(store.FormatFile, expected, found, fix);
    }
}
