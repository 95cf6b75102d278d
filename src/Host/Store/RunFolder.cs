using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;

namespace Host.Store;

/// <summary>One training's folder. result.json comes last, by rename: its presence means done.</summary>
public sealed class RunFolder(string path, string lockFile)
{
    private const string Again = "delete that folder and run the same command again";

    public string Path { get; } = path;

    public string Config => In("config.json");

    public string Log => In("log.txt");

    public string Metrics => In("metrics.csv");

    public string Result => In("result.json");

    public string Posterior => In("posterior.safetensors");

    public string Weights => In("weights.safetensors");

    /// <summary>The posterior on the way; there only if a strategy asked for it.</summary>
    public string Snapshots => In("snapshots.safetensors");

    public bool IsDone => File.Exists(Result);

    /// <summary>Whether a finished training here is the one asked for: the same config.json, to the byte.</summary>
    public Result<bool> Matches(TrainingSpec training)
    {
        if (!IsDone) return false;
        if (training is TrainingSpec.Bayesian { KeepsSnapshots: true } && !File.Exists(Snapshots)) return false;
        try
        {
            return File.ReadAllText(Config) == training.Config
                ? true
                : new Fault.DamagedStore(Config, $"the settings of {training.Label}, seed {training.Seed}", "other settings", Again);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.DamagedStore(Config, "a readable file", e.Message.TrimEnd('.'), Again);
        }
    }

    /// <summary>One writer at a time, also among processes: null while another has it.</summary>
    public IDisposable? TryLock()
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

    /// <summary>How each system says that another has the file: EAGAIN, EWOULDBLOCK, ERROR_SHARING_VIOLATION.</summary>
    private const int LinuxBusy = 11, MacBusy = 35, WindowsBusy = unchecked((int)0x80070020);

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
                .Select(moment => (Moment: moment, Step: int.TryParse(moment.AsSpan(StepPrefix.Length), System.Globalization.CultureInfo.InvariantCulture, out var step) ? step : -1))
                .OrderBy(pair => pair.Step);
            var snapshots = steps.Select(pair => (pair.Step, Posterior: Tensors.Posterior(tensors, pair.Moment, net))).ToList();
            return snapshots.Count > 0 && snapshots.All(pair => pair is { Step: > 0, Posterior: not null })
                ? snapshots.Select(pair => (pair.Step, pair.Posterior!)).ToImmutableArray()
                : new Fault.DamagedStore(Snapshots, $"mu, rho and bias of {net} after some steps", "others", Again);
        });

    /// <param name="moment">initial, earlystop or final.</param>
    public Result<PointWeights> ReadWeights(string moment, Architecture net) =>
        Safetensors.Read(Weights).Bind<PointWeights>(tensors => Tensors.Weights(tensors, moment, net) is { } weights
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
            if (RunKey.Of(File.ReadAllText(Config)) != training.Key) return new Fault.DamagedStore(Config, $"the settings of key {training.Key}", "other settings", Again);
            return ResultFile.Parse(Result, File.ReadAllText(Result)).Bind(run =>
                MetricsFile.Parse(File.ReadAllText(Metrics), Metrics).Map(rows => new FinishedTraining(training, run, rows)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.DamagedStore(Path, "result.json and metrics.csv of a finished training", e.Message.TrimEnd('.'), Again);
        }
    }

    /// <summary>Snapshots are named by their steps: step3000.layer1.mu.</summary>
    public const string StepPrefix = "step";

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>Parameters as named tensors; layers count from 1.</summary>
public static class Tensors
{
    public static IEnumerable<NamedTensor> Of(string moment, PosteriorSnapshot posterior) => posterior.Layers.SelectMany((layer, l) => (NamedTensor[])[
        NamedTensor.Of($"{moment}.layer{l + 1}.mu", Shape(layer.Shape), layer.Mu),
        NamedTensor.Of($"{moment}.layer{l + 1}.rho", Shape(layer.Shape), layer.Rho),
        NamedTensor.Of($"{moment}.layer{l + 1}.bias", [layer.Shape.Outputs], layer.Bias)]);

    public static IEnumerable<NamedTensor> Of(string moment, PointWeights weights) => weights.Layers.SelectMany((layer, l) => (NamedTensor[])[
        NamedTensor.Of($"{moment}.layer{l + 1}.weight", Shape(layer.Shape), layer.Weight),
        NamedTensor.Of($"{moment}.layer{l + 1}.bias", [layer.Shape.Outputs], layer.Bias)]);

    public static IEnumerable<NamedTensor> Of(Mask mask) =>
        mask.Layers.Select((layer, l) => NamedTensor.Of($"layer{l + 1}.mask", Shape(layer.Shape), layer.Kept));

    public static PosteriorSnapshot? Posterior(IReadOnlyDictionary<string, NamedTensor> tensors, string moment, Architecture net) =>
        All(net, (shape, l) => Floats(tensors, $"{moment}.layer{l}.mu", shape.Weights) is { } mu && Floats(tensors, $"{moment}.layer{l}.rho", shape.Weights) is { } rho
            && Floats(tensors, $"{moment}.layer{l}.bias", shape.Outputs) is { } bias ? new LayerPosterior(shape, mu, rho, bias) : null) is { } layers ? new(layers) : null;

    public static PointWeights? Weights(IReadOnlyDictionary<string, NamedTensor> tensors, string moment, Architecture net) =>
        All(net, (shape, l) => Floats(tensors, $"{moment}.layer{l}.weight", shape.Weights) is { } weight
            && Floats(tensors, $"{moment}.layer{l}.bias", shape.Outputs) is { } bias ? new LayerWeights(shape, weight, bias) : null) is { } layers ? new(layers) : null;

    public static Mask? Mask(IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net) =>
        All(net, (shape, l) => tensors.GetValueOrDefault($"layer{l}.mask")?.Bytes is { } kept && kept.Length == shape.Weights ? new LayerMask(shape, kept) : null) is { } layers
            ? new(layers)
            : null;

    private static ImmutableArray<T>? All<T>(Architecture net, Func<LayerShape, int, T?> read)
        where T : class
    {
        var layers = net.Layers.Select((shape, l) => read(shape, l + 1)).ToList();
        return layers.Contains(null) ? null : [.. layers.OfType<T>()];
    }

    private static float[]? Floats(IReadOnlyDictionary<string, NamedTensor> tensors, string name, int count) =>
        tensors.GetValueOrDefault(name)?.Floats is { } values && values.Length == count ? values : null;

    private static int[] Shape(LayerShape shape) => [shape.Inputs, shape.Outputs];
}
