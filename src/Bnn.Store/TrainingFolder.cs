using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>A finished training as its folder has it.</summary>
public sealed record StoredTraining(FinishedTraining Training, StoredResult Result);

/// <summary>
/// One training's folder. result.json comes last, by rename: its presence means done. It holds what the other files are known by, and each
/// of them is checked whenever it is read.
/// </summary>
/// <param name="files">How the disk is reached.</param>
/// <param name="path">The folder, whose name is the training's key.</param>
/// <param name="leases">Who may write in it.</param>
/// <param name="marks">Where it is told in one place which are done.</param>
public sealed class TrainingFolder(FileLayer files, string path, Leases leases, Marks marks)
{
    /// <summary>How to get rid of a damaged training.</summary>
    public const string Again = "delete that training's folder and run the same command again, or run it with --repair";

    public const string ConfigName = "config.json", LogName = "log.txt", MetricsName = "metrics.csv", ResultName = "result.json",
        MeasuresName = "measures.json", FailureName = "failure.json",
        PosteriorName = "posterior.safetensors", WeightsName = "weights.safetensors", SnapshotsName = "snapshots.safetensors";

    internal static readonly ImmutableArray<string> TensorNames = [PosteriorName, WeightsName, SnapshotsName];

    private const string PosteriorStem = "posterior", WeightsStem = "weights", TensorsSuffix = ".safetensors";

    /// <summary>The file of a net at a step of its training: posterior.step500.safetensors.</summary>
    public static string NameAt(TrainingKind kind, int step) =>
        $"{(kind.IsBayesian() ? PosteriorStem : WeightsStem)}.{Moment.After(step)}{TensorsSuffix}";

    /// <summary>Bytes: far more than the longest list of settings, and the rows of some million evaluations.</summary>
    private const long LargestConfig = 1 << 24, LargestMetrics = 1 << 28;

    public string Path { get; } = path;

    /// <summary>The key that the folder is named by.</summary>
    public string Key => System.IO.Path.GetFileName(Path);

    public string Config => In(ConfigName);

    public string Log => In(LogName);

    public string Metrics => In(MetricsName);

    public string Result => In(ResultName);

    public string Posterior => In(PosteriorName);

    public string Weights => In(WeightsName);

    /// <summary>The posterior during the training; there only if a strategy asked for it.</summary>
    public string Snapshots => In(SnapshotsName);

    /// <summary>Whether a training has finished here, whichever it was.</summary>
    public bool IsDone => files.Exists(Result);

    /// <summary>
    /// The same, also where another machine has finished it just now: this one may believe for a minute that a file isn't there which it
    /// looked for before, until the folder is opened.
    /// </summary>
    public bool IsDoneByNow
    {
        get
        {
            if (IsDone) return true;
            _ = files.NamesIn(Path);
            return IsDone;
        }
    }

    /// <summary>The step that a training which isn't finished would continue from; null where it would start anew.</summary>
    public int? ContinuesFrom => CheckpointFiles.StepsIn(Path) is [var newest, ..] && !IsDone ? newest : null;

    /// <summary>The files that hold what a child takes from its parent.</summary>
    public static ImmutableArray<string> FilesOf(Parent parent)
    {
        var whole = parent.Of.Kind.IsBayesian() ? PosteriorName : WeightsName;
        return (parent, parent.Step) switch
        {
            (Parent.Snapshots, _) => [SnapshotsName],
            (Parent.Start, { } step) => [NameAt(parent.Of.Kind, step)],
            (_, { } step) => [whole, NameAt(parent.Of.Kind, step)],
            _ => [whole],
        };
    }

    /// <summary>A file of the folder, by its name.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Whether a finished training here is the one asked for: its config.json is byte-identical and its result.json undamaged.
    /// </summary>
    public Result<bool> Matches(Training training)
    {
        if (!IsDone) return false;
        return Reading<bool>(Config, () => ConfigText() == training.Config
            ? true
            : new Fault.DamagedStore(Config, $"the settings of {training.Name}", "other settings", Again))
            .Bind(_ => ReadResult().Map(_ => (!training.KeepsSnapshots || File.Exists(Snapshots)) && Missing(training).IsEmpty));
    }

    /// <summary>The steps at which a training should have been kept and isn't: nothing asked for them when it was trained.</summary>
    public ImmutableArray<int> Missing(Training training)
    {
        if (training.KeptSteps.IsEmpty) return [];
        // A file that result.json doesn't name was left by a writer that was killed before it could say so.
        var known = ReadResult().Match(stored => stored.Files, _ => null);
        return [
            .. from step in training.KeptSteps
               let name = NameAt(training.Kind, step)
               where !File.Exists(In(name)) || (known is not null && !known.ContainsKey(name))
               select step];
    }

    /// <summary>The text of config.json, which must be the one that the folder is named by.</summary>
    public Result<string> ReadConfig() => Reading<string>(Config, () =>
    {
        var text = ConfigText();
        var key = TrainingKey.Of(text).Value;
        return key == Key ? text : new Fault.DamagedStore(Config, $"the settings of key {Key}", $"those of {key}", Again);
    });

    /// <summary>result.json, whose key must be the folder's and whose seal unbroken.</summary>
    public Result<StoredResult> ReadResult() => Reading(Result, () =>
        ResultFile.Parse(Result, ReadResultBytes()).Bind<StoredResult>(stored =>
            stored.Record.Key.Value == Key
                ? stored
                : new Fault.DamagedStore(Result, $"the result of {Key}", $"that of {stored.Record.Key}", Again)));

    /// <summary>result.json as it is.</summary>
    internal Result<byte[]> ReadResultText() => Reading<byte[]>(Result, () => ReadResultBytes());

    private byte[] ReadResultBytes()
    {
        try
        {
            return files.ReadAll(Result, ResultFile.LargestSize);
        }
        catch (FileNotFoundException) when (IsDoneByNow)
        {
            return files.ReadAll(Result, ResultFile.LargestSize);
        }
    }

    /// <summary>Names of the tensor files that may be here: those of every training, and those that are here for some steps.</summary>
    internal IEnumerable<string> PossibleTensors() => TensorNames.Concat(Directory.EnumerateFiles(Path, $"*{TensorsSuffix}")
        .Select(file => System.IO.Path.GetFileName(file))
        .Where(name => name.Split('.') is [PosteriorStem or WeightsStem, var moment, _] && Moment.TryParseStep(moment, out _)));

    /// <summary>The right to write here: one holder at a time, also among processes and machines. Null while another has it.</summary>
    public Lease? TryLease() => leases.TryTake(Key);

    /// <summary>Makes the folder, unless it is there.</summary>
    /// <returns>Whether it wasn't there.</returns>
    public bool Create() => files.CreateFolder(Path);

    /// <summary>Whether another holder has the right to write here now. Makes no file and keeps nothing.</summary>
    public bool IsLeased
    {
        get
        {
            try
            {
                return leases.IsTaken(Key);
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                return false;                   // a disk without rights: nobody can write here
            }
        }
    }

    /// <summary>Starts writing a training's files, which has been leased.</summary>
    public TrainingWriter Write(Training training, Lease lease)
    {
        AtomicFile.DeleteUnfinished(files, Path);
        return new TrainingWriter(files, this, training, lease);
    }

    /// <summary>
    /// Deletes what a writer that ended right after its last file left in the folder of a finished training; not while someone holds it.
    /// What can't be deleted now does no harm.
    /// </summary>
    public void Tidy()
    {
        if (!leases.WasThere(Key) && !CheckpointFiles.In(Path).Concat(AtomicFile.UnfinishedIn(Path)).Any()) return;
        try
        {
            using var lease = TryLease();
            if (lease is null || !IsDone) return;
            AtomicFile.DeleteUnfinished(files, Path);
            foreach (var checkpoint in CheckpointFiles.In(Path)) files.Remove(checkpoint);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // The next run tries again.
        }
    }

    /// <summary>Why it failed the last time that it was tried; null where it didn't, or nobody could write that down.</summary>
    public StoredFailure? ReadFailure()
    {
        try
        {
            return System.IO.Path.Exists(In(FailureName))
                ? FailureFile.Parse(files.ReadAll(In(FailureName), FailureFile.LargestSize))
                : null;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return null;
        }
    }

    /// <summary>Writes down why it failed. The folder must be leased.</summary>
    public void WriteFailure(StoredFailure failure)
    {
        AtomicFile.Write(files, In(FailureName), FailureFile.Write(failure));
    }

    /// <summary>Tells those who only list what is done that this is.</summary>
    public void MarkDone() => marks.Set(Key);

    /// <summary>Forgets that it was said to be done.</summary>
    public void Unmark() => marks.Clear(Key);

    /// <summary>Marks it as done, and forgets that it failed once.</summary>
    internal void Finished()
    {
        MarkDone();
        if (!System.IO.Path.Exists(In(FailureName))) return;
        files.Delete(In(FailureName));
    }

    /// <summary>Deletes the training, which must be leased; first what says that it is done.</summary>
    public void Delete()
    {
        Unmark();
        files.Remove(Result);
        files.FlushFolder(Path);
        files.DeleteFolder(Path);
    }

    /// <summary>The posterior before and after a Bayesian training.</summary>
    public Result<(PosteriorSnapshot Initial, PosteriorSnapshot Final)> ReadPosterior(Architecture net) =>
        ReadTensors(PosteriorName, net, Tensors.PosteriorFile);

    /// <summary>The posterior of a Bayesian net at a step of its training.</summary>
    public Result<PosteriorSnapshot> ReadPosteriorAt(int step, Architecture net) => ReadTensors(
        NameAt(TrainingKind.Bayesian, step), net, (tensors, of) => Tensors.PosteriorAt(Moment.After(step), tensors, of));

    /// <summary>The weights of an ordinary net at a step of its training.</summary>
    public Result<PointWeights> ReadWeightsAt(int step, Architecture net) => ReadTensors(
        NameAt(TrainingKind.Dense, step), net, (tensors, of) => Tensors.WeightsAt(Moment.After(step), tensors, of));

    /// <summary>The mask that a masked net was trained with.</summary>
    public Result<Mask> ReadMask(TrainingKind kind, Architecture net) => kind.IsBayesian()
        ? ReadTensors(PosteriorName, net, Tensors.MaskOfPosterior)
        : ReadWeights(net).Map(weights => weights.Mask);

    /// <summary>The snapshots, earliest first.</summary>
    public Result<ImmutableArray<(int Step, PosteriorSnapshot Posterior)>> ReadSnapshots(Architecture net) =>
        ReadTensors(SnapshotsName, net, Tensors.SnapshotFile);

    /// <summary>An ordinary net's weights and mask.</summary>
    public Result<WeightsFile> ReadWeights(Architecture net) => ReadTensors(WeightsName, net, Tensors.WeightsFile);

    /// <summary>The net of a finished training that no plan is at hand for, told from its tensors' shapes.</summary>
    public Result<Architecture> ReadNet(TrainingKind kind) => ReadTensors(
        kind.IsBayesian() ? PosteriorName : WeightsName, "the tensors of a net", tensors => Tensors.NetOf(tensors, kind));

    /// <summary>What a finished training's folder says without its tensors.</summary>
    public Result<StoredTraining> ReadFinished(PlannedTraining training) => ReadConfig().Bind(_ => ReadResult()).Bind(stored =>
        ReadRows(stored)
            .Map(rows => new StoredTraining(new FinishedTraining(training, stored.Record.WithRows(rows), rows), stored)));

    private Result<ImmutableArray<MetricsRow>> ReadRows(StoredResult stored) => ReadVerified(stored, MetricsName, LargestMetrics)
        .Bind(content => MetricsFile.Parse(System.Text.Encoding.UTF8.GetString(content), Metrics));

    /// <summary>The file of the tensors that a net of a kind leaves whatever else is asked of it.</summary>
    public static string TensorsOf(TrainingKind kind) => kind.IsBayesian() ? PosteriorName : WeightsName;

    /// <summary>What a finished training left in <see cref="TensorsOf"/> its kind.</summary>
    public Result<TrainedTensors> ReadStored(TrainingKind kind, Architecture net) => kind.IsBayesian()
        ? ReadTensors<TrainedTensors>(PosteriorName, net, (tensors, of) =>
        {
            var (initial, final) = Tensors.PosteriorFile(tensors, of);
            return new TrainedTensors.Posterior(
                initial, final, kind == TrainingKind.MaskedBayesian ? Tensors.MaskOfPosterior(tensors, of) : null);
        })
        : ReadWeights(net).Map<TrainedTensors>(file => new TrainedTensors.Weights(file.Mask, file.Initial, file.EarlyStop, file.Final));

    /// <summary>
    /// Measures that were computed from the training's tensors, by name, with no value where one was computed and there is none; empty
    /// where none were, where their definition has changed since, or where they are of other tensors than those that are there.
    /// </summary>
    public Result<ImmutableDictionary<string, StoredMeasure>> ReadMeasures(StoredResult stored) =>
        Reading<ImmutableDictionary<string, StoredMeasure>>(In(MeasuresName), () =>
        {
            var none = ImmutableDictionary<string, StoredMeasure>.Empty;
            if (!System.IO.Path.Exists(In(MeasuresName))) return none;
            return MeasuresFile.Parse(In(MeasuresName), files.ReadAll(In(MeasuresName), MeasuresFile.LargestSize))
                .Bind<ImmutableDictionary<string, StoredMeasure>>(measures =>
            {
                if (measures.Key != Key)
                    return new Fault.DamagedStore(In(MeasuresName), $"measures of {Key}", $"those of {measures.Key}", MeasuresFile.Again);
                if (stored.Files is { } known && measures.Inputs.Any(input => known.GetValueOrDefault(input.Key)?.Sha256 != input.Value))
                    return none;
                return Measures.All
                    .Where(measure => measures.Measures.TryGetValue(measure.Name, out var own) && own.IsOf(measure))
                    .ToImmutableDictionary(measure => measure.Name, measure => measures.Measures[measure.Name]);
            });
        });

    /// <summary>
    /// Writes measures of a finished training that were computed from some of its files, in place of all that were written before. The
    /// folder must be leased.
    /// </summary>
    public bool WriteMeasures(
        StoredResult stored, IEnumerable<KeyValuePair<string, StoredMeasure>> measures, IEnumerable<string> inputs)
    {
        var hashes = inputs.ToImmutableSortedDictionary(
            name => name, name => (stored.Files?[name] ?? files.HashOf(In(name))!).Sha256, StringComparer.Ordinal);
        AtomicFile.Write(files, In(MeasuresName), MeasuresFile.Write(new StoredMeasures(
            Key, hashes, measures.ToImmutableSortedDictionary(StringComparer.Ordinal))));
        return true;
    }

    /// <summary>What a file of a finished training is known by: as result.json has it, or, where it doesn't, as it is now.</summary>
    public Result<FileHash> HashOf(string name) => ReadResult().Bind(stored => stored.Files is { } known
        ? known.TryGetValue(name, out var hash) ? hash : NotKnown(name)
        : Reading<FileHash>(In(name), () => files.HashOf(In(name)) is { } hash ? hash : Missing(name)));

    /// <summary>
    /// Everything that is wrong with the folder of a finished training: each file's content is compared with result.json. Files that were
    /// deleted to save space are not damaged.
    /// </summary>
    public ImmutableArray<Fault> Verify()
    {
        var faults = new List<Fault>();
        ReadConfig().ValueOr(faults);
        var result = ReadResult().ValueOr(faults);
        if (result is not null) ReadMeasures(result).ValueOr(faults);
        if (result is { Files: { } known })
        {
            foreach (var (name, hash) in known)
            {
                Reading<bool>(In(name), () => files.HashOf(In(name)) is not { } found || found == hash
                    ? true
                    : new Fault.DamagedStore(In(name), $"{hash}", $"{found}", Again)).ValueOr(faults);
            }
        }
        // Rows that no report can be made of are damage, whatever their hash.
        if (result is not null && faults.Count == 0 && System.IO.Path.Exists(Metrics)) ReadRows(result).ValueOr(faults);
        return [.. faults];
    }

    /// <summary>
    /// Files of a finished training whose size is another than result.json says: damage that can be seen without reading them.
    /// </summary>
    public IEnumerable<Fault> VerifySizes(StoredResult stored) =>
        from known in stored.Files ?? ImmutableSortedDictionary<string, FileHash>.Empty
        let file = new FileInfo(In(known.Key))
        where file.Exists && file.Length != known.Value.Bytes
        select new Fault.DamagedStore(file.FullName, $"{known.Value.Bytes} bytes", $"{file.Length} bytes", Again);

    /// <summary>What is wrong with the checkpoints of a training that isn't finished.</summary>
    public ImmutableArray<Fault> VerifyCheckpoints() => CheckpointFiles.Verify(files, Path, Key);

    private Result<T> ReadTensors<T>(
        string name, Architecture net, Func<IReadOnlyDictionary<string, NamedTensor>, Architecture, T> convert) =>
        ReadTensors(name, $"the tensors of {net}", tensors => convert(tensors, net));

    private Result<T> ReadTensors<T>(string name, string expected, Func<IReadOnlyDictionary<string, NamedTensor>, T> convert) =>
        ReadResult().Bind(stored => stored.Files is { } known && !known.ContainsKey(name)
            ? NotKnown(name)
            : Safetensors.Read(files, In(name), stored.Files?[name])).Bind<T>(stored =>
        {
            try
            {
                return convert(stored.Tensors);
            }
            catch (FormatException e)
            {
                return new Fault.DamagedStore(In(name), expected, e.Message, Again);
            }
        });

    private string ConfigText() => System.Text.Encoding.UTF8.GetString(files.ReadAll(Config, LargestConfig));

    private Result<byte[]> ReadVerified(StoredResult stored, string name, long most) => Reading<byte[]>(In(name), () =>
    {
        if (stored.Files is not { } known) return files.ReadAll(In(name), most);
        if (!known.TryGetValue(name, out var expected)) return NotKnown(name);
        using var file = files.Open(In(name));
        if (file.Length != expected.Bytes) return new Fault.DamagedStore(In(name), $"{expected}", $"{file.Length} bytes", Again);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        var found = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        return found == expected.Sha256 ? content : new Fault.DamagedStore(In(name), $"{expected}", $"SHA-256 {found}", Again);
    });

    private Fault.DamagedStore NotKnown(string name) => new(Result, $"the hash of {name}", "none", Again);

    private Fault.DamagedStore Missing(string name) => new(In(name), "a file of a finished training", "no such file", Again);

    private static Result<T> Reading<T>(string file, Func<Result<T>> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.DamagedStore(file, "a readable file of a finished training", Disk.Reason(e), Again);
        }
    }
}
