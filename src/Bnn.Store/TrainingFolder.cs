using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>One training's folder. result.json comes last, by rename: its presence means done.</summary>
public sealed class TrainingFolder(string path, string lockFile)
{
    /// <summary>How to get rid of a damaged training.</summary>
    public const string Again = "delete that training's folder and run the same command again";

    public string Path { get; } = path;

    public string Config => In("config.json");

    public string Log => In("log.txt");

    public string Metrics => In("metrics.csv");

    public string Result => In("result.json");

    public string Posterior => In("posterior.safetensors");

    public string Weights => In("weights.safetensors");

    /// <summary>The posterior during the training; there only if a strategy asked for it.</summary>
    public string Snapshots => In("snapshots.safetensors");

    /// <summary>Whether a training has finished here, whichever it was.</summary>
    public bool IsDone => File.Exists(Result);

    /// <summary>Whether a finished training here is the one asked for: its config.json is byte-identical.</summary>
    public Result<bool> Matches(Training training)
    {
        if (!IsDone) return false;
        if (training.KeepsSnapshots && !File.Exists(Snapshots)) return false;
        try
        {
            return File.ReadAllText(Config) == training.Config
                ? true
                : new Fault.DamagedStore(Config, $"the settings of {training.Name}", "other settings", Again);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.DamagedStore(Config, "a readable file", Disk.Reason(e), Again);
        }
    }

    /// <summary>The text of config.json; null where it can't be read.</summary>
    public string? TryReadConfig()
    {
        try
        {
            return File.ReadAllText(Config);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return null;
        }
    }

    /// <summary>The right to write here: one holder at a time, also among processes. Null while another has it.</summary>
    public IDisposable? TryClaim()
    {
        Directory.CreateDirectory(Path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(lockFile)!);
        try
        {
            return new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is LinuxBusy or MacBusy or WindowsBusy)
        {
            return null;
        }
    }

    /// <summary>Each system's code for "another process has the file": EAGAIN, EWOULDBLOCK, ERROR_SHARING_VIOLATION.</summary>
    private const int LinuxBusy = 11, MacBusy = 35, WindowsBusy = unchecked((int)0x80070020);

    /// <summary>The posterior before and after a Bayesian training.</summary>
    public Result<(PosteriorSnapshot Initial, PosteriorSnapshot Final)> ReadPosterior(Architecture net) =>
        Safetensors.Read(Posterior).Bind<(PosteriorSnapshot, PosteriorSnapshot)>(tensors =>
            Tensors.Posterior(tensors, "initial", net) is { } initial && Tensors.Posterior(tensors, "final", net) is { } final
                ? (initial, final)
                : new Fault.DamagedStore(Posterior, $"initial and final mu, rho and bias of {net}", "others", Again));

    /// <summary>The snapshots, earliest first.</summary>
    public Result<ImmutableArray<(int Step, PosteriorSnapshot Posterior)>> ReadSnapshots(Architecture net) =>
        Safetensors.Read(Snapshots).Bind<ImmutableArray<(int, PosteriorSnapshot)>>(tensors =>
        {
            var steps = tensors.Keys.Select(name => name.Split('.')[0]).Distinct(StringComparer.Ordinal)
                .Select(moment => (Moment: moment, Step: StepOf(moment)))
                .OrderBy(pair => pair.Step);
            var snapshots = steps.Select(pair => (pair.Step, Posterior: Tensors.Posterior(tensors, pair.Moment, net))).ToList();
            return snapshots.Count > 0 && snapshots.All(pair => pair is { Step: > 0, Posterior: not null })
                ? snapshots.Select(pair => (pair.Step, pair.Posterior!)).ToImmutableArray()
                : new Fault.DamagedStore(Snapshots, $"mu, rho and bias of {net} after some steps", "others", Again);
        });

    /// <summary>An ordinary net's weights at a moment.</summary>
    public Result<PointWeights> ReadWeights(Moment moment, Architecture net) =>
        Safetensors.Read(Weights).Bind<PointWeights>(tensors => Tensors.Weights(tensors, moment.ToString(), net) is { } weights
            ? weights
            : new Fault.DamagedStore(Weights, $"{moment} weight and bias of {net}", "others", Again));

    public Result<Mask> ReadMask(Architecture net) =>
        Safetensors.Read(Weights).Bind<Mask>(tensors => Tensors.Mask(tensors, net) is { } mask
            ? mask
            : new Fault.DamagedStore(Weights, $"the mask of {net}", "another", Again));

    public Result<FinishedTraining> ReadFinished(PlannedTraining training)
    {
        try
        {
            if (TrainingKey.Of(File.ReadAllText(Config)) != training.Key)
                return new Fault.DamagedStore(Config, $"the settings of key {training.Key}", "other settings", Again);
            return ResultFile.Parse(Result, File.ReadAllText(Result)).Bind(record =>
                MetricsFile.Parse(File.ReadAllText(Metrics), Metrics).Map(rows => new FinishedTraining(training, record, rows)));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.DamagedStore(Path, "result.json and metrics.csv of a finished training", Disk.Reason(e), Again);
        }
    }

    /// <summary>The steps of a moment's name; −1 for another name.</summary>
    private static int StepOf(string moment) =>
        moment.StartsWith(Moment.StepPrefix, StringComparison.Ordinal)
        && int.TryParse(moment.AsSpan(Moment.StepPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
