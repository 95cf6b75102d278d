using System.Text;
using System.Text.Json;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>The results folder: store.json with its format, trainings by key, experiments by name.</summary>
public sealed class ResultsStore
{
    public const int Format = 1;

    private const string FixFolder = $"{Disk.CheckRightsAndSpace}, or {OtherFolder}", OtherFolder = "give another folder for results";

    private readonly FileLayer _files;
    private readonly Marks _marks;

    private ResultsStore(string root, FileLayer files, LeasePace? pace, Holder? own)
    {
        (Root, _files) = (root, files);
        Leases = new Leases(
            files, Path.Combine(root, LeasesFolder), Path.Combine(root, LocksFolder), own ?? Holder.OfProcess, pace ?? LeasePace.Default,
            TimeProvider.System);
        _marks = new Marks(files, Path.Combine(root, DoneFolder));
    }

    public string Root { get; }

    /// <summary>
    /// Holds empty files that whoever trains keeps open. They are never deleted: deleting one that another process has just opened would
    /// let in a third.
    /// </summary>
    private const string LocksFolder = ".locks";

    /// <summary>Holds a file for each training that someone is at now.</summary>
    private const string LeasesFolder = ".leases";

    /// <summary>Holds an empty file for each training that is done.</summary>
    private const string DoneFolder = ".done";

    /// <summary>The folder of trainings has had this name since the first format.</summary>
    private const string TrainingsFolder = "runs";

    private const string ExperimentsFolder = "experiments";

    public const string FormatName = "store.json";
    private const long LargestFormatFile = 1 << 16;
    private static readonly string FormatText = $"{{\"format\": {Format}}}\n";

    /// <summary>Who may write where.</summary>
    public Leases Leases { get; }

    /// <summary>The folder that all trainings are in.</summary>
    public string TrainingsPath => Path.Combine(Root, TrainingsFolder);

    public TrainingFolder Training(TrainingKey key) => Training(key.Value);

    public ExperimentFolder Experiment(string name) =>
        new(_files, Path.Combine(Root, ExperimentsFolder, name), Leases);

    /// <summary>The folders of all trainings, done or not, by key.</summary>
    public IEnumerable<TrainingFolder> Trainings() => FoldersIn(TrainingsFolder).Select(Training);

    /// <summary>What few operations tell of all trainings: see <see cref="Marks"/> for how far it can be relied on.</summary>
    public Result<TrainingList> List()
    {
        // First what is done: one that ends in between is looked at, and not taken for one that was deleted.
        var done = _marks.All();
        try
        {
            var begun = _files.NamesIn(TrainingsPath, folders: true).ToHashSet(StringComparer.Ordinal);
            List<string> gone = [.. done.Where(key => !begun.Contains(key))];
            done.ExceptWith(gone);
            return new TrainingList(done, begun, gone);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(TrainingsPath, e, "check the folder and its rights");
        }
    }

    /// <summary>Keys of the trainings that are marked as done, whether they are there or not.</summary>
    public IReadOnlySet<string> Marked() => _marks.All();

    /// <summary>Takes the marks from what is marked as done and was deleted.</summary>
    public void UnmarkGone(TrainingList list)
    {
        foreach (var key in list.Gone) _marks.Clear(key);
    }

    /// <summary>The folders of all experiments by name.</summary>
    public IEnumerable<ExperimentFolder> Experiments() => FoldersIn(ExperimentsFolder).Select(Experiment).Where(folder => folder.IsPlanned);

    /// <summary>Whether a path leads to what the store alone writes: its folders and its format.</summary>
    public bool Keeps(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return full == FormatFile
            || ((string[])[TrainingsFolder, ExperimentsFolder, LocksFolder, LeasesFolder, DoneFolder])
            .Select(name => Path.Combine(Root, name))
            .Any(own => full == own || full.StartsWith(own + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    /// <summary>The configs of all finished trainings; those that can't be read are left out.</summary>
    public IEnumerable<string> FinishedConfigs() =>
        from folder in Trainings()
        where folder.IsDone
        let config = folder.ReadConfig().Match<string?>(text => text, _ => null)
        where config is not null
        select config;

    /// <summary>Opens the folder, making it if it isn't there; refuses a newer format before anything is written.</summary>
    /// <param name="files">How the disk is reached.</param>
    /// <param name="pace">How its leases are kept.</param>
    /// <param name="own">Who holds them: this process, unless others are made up.</param>
    public static Result<ResultsStore> Open(string root, FileLayer? files = null, LeasePace? pace = null, Holder? own = null) =>
        Check(root, mustExist: false, files ?? FileLayer.OfSystem, pace, own).Bind(store => Disk.Write(
            root,
            () =>
            {
                foreach (var folder in (string[])[TrainingsFolder, ExperimentsFolder])
                    store._files.CreateFolder(Path.Combine(store.Root, folder));
                store.Leases.CreateFolders();
                store._marks.CreateFolder();
                store.WriteFormat();
                return store;
            },
            FixFolder));

    /// <summary>Opens an existing folder without writing.</summary>
    public static Result<ResultsStore> OpenExisting(string root) => Check(root, mustExist: true, FileLayer.OfSystem);

    /// <summary>Whether results could be written there, and on what disk; leaves nothing behind.</summary>
    public static Result<FolderProbe> Probe(string root) => Check(root, mustExist: false, FileLayer.OfSystem).Bind(store =>
        Disk.Write(store.Root, () => FolderProbe.Of(store.Root), FixFolder));

    /// <summary>The folder as it is, without a check of what is in it; null where there is none.</summary>
    public static ResultsStore? At(string root) => OpenExisting(root).Match<ResultsStore?>(store => store, _ => null);

    /// <summary>Writes store.json where it is missing, and clears away what was left by processes that were killed as they did.</summary>
    private void WriteFormat()
    {
        // The folder may hold files of others, such as where it is the current one.
        const string Own = $"{FormatName}.*";
        const string Lease = "store";
        if (File.Exists(FormatFile) && !AtomicFile.UnfinishedIn(Root, Own).Any() && !Leases.WasThere(Lease)) return;
        using var lease = Leases.Take(Lease);
        AtomicFile.DeleteUnfinished(_files, Root, Own);
        if (!File.Exists(FormatFile)) AtomicFile.Write(_files, FormatFile, FormatText);
    }

    /// <summary>Reads store.json: the folder's format.</summary>
    /// <param name="path">What the file is called in messages.</param>
    public static Result<int> ParseFormat(string path, byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            var format = json.RootElement.GetProperty("format").GetInt32();
            if (format > Format)
                return Damaged($"format {Format} or older", $"format {format}", $"use the newer host that wrote it, or {OtherFolder}");
            if (content.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(FormatText))) return format;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // It is said below what it must be.
        }
        return Damaged(FormatText.TrimEnd(), "something else", $"restore the file, or {OtherFolder}");

        Fault.DamagedStore Damaged(string expected, string found, string fix) => new(path, expected, found, fix);
    }

    private TrainingFolder Training(string key) =>
        new(_files, Path.Combine(TrainingsPath, key), Leases, _marks);

    private IEnumerable<string> FoldersIn(string folder)
    {
        var path = Path.Combine(Root, folder);
        return Directory.Exists(path)
            ? Directory.EnumerateDirectories(path).Select(child => Path.GetFileName(child)).Order(StringComparer.Ordinal)
            : [];
    }

    private string FormatFile => Path.Combine(Root, FormatName);

    private static Result<ResultsStore> Check(string root, bool mustExist, FileLayer files, LeasePace? pace = null, Holder? own = null)
    {
        if (root.Length == 0) return new Fault.BadSetting("output", "nothing", "a folder for results", "leave it out for ./results");
        var store = new ResultsStore(Path.GetFullPath(root), files, pace, own);
        for (var part = store.Root; part is not null; part = Path.GetDirectoryName(part))
            if (File.Exists(part)) return new Fault.Disk(part, "is a file where a folder for results is needed", OtherFolder);
        if (!Path.Exists(store.FormatFile))
        {
            return mustExist
                ? new Fault.DamagedStore(
                    store.FormatFile, "a results folder with a store.json", "none", "give a folder that host run wrote")
                : store;
        }
        try
        {
            return ParseFormat(store.FormatFile, files.ReadAll(store.FormatFile, LargestFormatFile)).Map(_ => store);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unreadable(store.FormatFile, e, "check its rights");
        }
    }
}
