using System.Collections.Immutable;
using System.Text;
using Bnn.Core;
using Bnn.Store;
using Host.Experiments;
using Host.Plugins;
using Host.Studies;
using Host.Tests;

namespace Reliability;

/// <summary>Reads bytes that may be anything.</summary>
/// <param name="Read">Null if they are accepted, otherwise why not. Whatever else it throws is a bug.</param>
/// <param name="Valid">Inputs that are accepted.</param>
internal sealed record Parser(string Name, Func<byte[], string?> Read, IReadOnlyList<byte[]> Valid)
{
    /// <summary>Makes a changed input pass the check of its own hash, so that what lies behind is reached; null without one.</summary>
    public Func<byte[], byte[]>? Seal { get; init; }
}

/// <summary>Every parser of files and texts that come from outside the program.</summary>
internal sealed class Parsers : IDisposable
{
    /// <summary>The collection of the tests that use them: some parsers read a file that is written anew for each input.</summary>
    public const string OneAtATime = "parsers";

    public static readonly string[] Names = [
        "safetensors", "checkpoint", "result", "metrics", "plan", "store", "sums", "seal", "idx", "idx-folder", "plugins", "strategy",
        "settings", "study", "measures", "claims", "gradients", "lease", "failure", "slurm"];

    /// <summary>Files that are parsed only by their path, in memory where the system has such a folder.</summary>
    private readonly string _files = Directory.Exists("/dev/shm")
        ? Path.Combine("/dev/shm", $"reliability-{Guid.NewGuid():n}")
        : Folders.Temporary("parsers");

    private readonly Dictionary<string, Parser> _all;

    /// <summary>What a study of gradients measured: one size, three repeats.</summary>
    private static GradientVariance Gradients() => new(
        new AskedVariance(new TrainingKey("0123456789ab"), new Seed(1), new Architecture([2, 3]), [Moment.Initial], [4], 3),
        [.. Perturbations.All.Select(perturbation => new GradientCell(Moment.Initial, 1, perturbation, 4, [0.5, 0.25, 1]))]);

    public Parsers(Laboratory laboratory)
    {
        Directory.CreateDirectory(_files);
        var whole = laboratory.NewFolder();
        var experiment = laboratory.Prepare(whole);
        Assert.Equal(0, Laboratory.CodeOf(Laboratory.Run(experiment, FileLayer.OfSystem)));
        var begun = laboratory.Begun();
        var plan = experiment.Plan;
        var (bayesian, dense, ticket) = (plan.Trainings[0], plan.Trainings[1], plan.Trainings[2]);
        byte[] Of(Training training, string name) => File.ReadAllBytes(Path.Combine(whole, "runs", training.Key.Value, name));
        byte[] OfExperiment(string name) => File.ReadAllBytes(Path.Combine(whole, "experiments", experiment.Name, name));
        var kept = Directory.GetFiles(Path.Combine(begun, "runs", bayesian.Key.Value), "checkpoint-*").Order(StringComparer.Ordinal).Last();
        var step = int.Parse(Path.GetFileNameWithoutExtension(kept).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
        var checkpoints = new CheckpointFiles(FileLayer.OfSystem, "", bayesian);
        var set = new IdxSet(size: 4, train: 60, test: 30);
        Parser[] all = [
            new("safetensors", bytes => Tensors(bytes, plan.Net), [
                Of(bayesian, "posterior.safetensors"), Of(bayesian, "snapshots.safetensors"), Of(ticket, "weights.safetensors")]),
            new("checkpoint", bytes => Why(checkpoints.Parse("checkpoint", step, new MemoryStream(bytes))), [File.ReadAllBytes(kept)])
            {
                Seal = SealTensors,
            },
            new("result", bytes => Why(ResultFile.Parse("result.json", bytes)), [
                Of(bayesian, "result.json"), Of(dense, "result.json"), Of(ticket, "result.json")]) { Seal = SealJson },
            new("measures", bytes => Why(MeasuresFile.Parse("measures.json", bytes)), [Text(MeasuresFile.Write(new StoredMeasures(
                "0123456789ab",
                ImmutableSortedDictionary<string, string>.Empty.Add("weights.safetensors", new string('a', 64)),
                ImmutableSortedDictionary<string, StoredMeasure>.Empty.Add("test_accuracy_untrained", new StoredMeasure(0.1, 1)))))])
            {
                Seal = SealJson,
            },
            new("gradients", bytes => Why(VarianceFile.Parse(VarianceFile.Name, bytes)), [Text(VarianceFile.Write(Gradients()))])
            {
                Seal = SealJson,
            },
            new("lease", bytes => LeaseFile.Parse(bytes) is null ? "no lease" : null, [
                LeaseFile.Write(new LeaseRecord(
                    "a", Holder.OfProcess, DateTimeOffset.UnixEpoch, LeaseFile.Beat(7, new LeaseProgress(9, 8)))),
                LeaseFile.Write(new LeaseRecord("b", new Holder("node7", "", 1, "", "812_3"), DateTimeOffset.UnixEpoch, ""))]),
            new("failure", bytes => FailureFile.Parse(bytes) is null ? "no failure" : null, [
                Text(FailureFile.Write(new StoredFailure("it diverged", Holder.OfProcess, DateTimeOffset.UnixEpoch)))]),
            new("metrics", bytes => Why(MetricsFile.Parse(Encoding.UTF8.GetString(bytes))), [
                Of(bayesian, "metrics.csv"), Of(dense, "metrics.csv")]),
            new("plan", bytes => Why(PlanFile.Parse("plan.json", bytes)), [
                OfExperiment("plan.json"), File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "plan-0.1.0.json"))])
            {
                Seal = SealJson,
            },
            new("store", bytes => Why(ResultsStore.ParseFormat("store.json", bytes)), [
                File.ReadAllBytes(Path.Combine(whole, "store.json"))]),
            new("sums", bytes => Why(SumsFile.Parse("SHA256SUMS", bytes, "")), [OfExperiment("SHA256SUMS")]),
            new("seal", bytes => Bnn.Store.Seal.Broken(bytes)?.Found, [Of(dense, "result.json"), OfExperiment("plan.json")]),
            new("idx", Idx, [set[IdxSet.TestImages], set[IdxSet.TestLabels]]),
            new("idx-folder", IdxFile(set), [set[IdxSet.TestImages], IdxSet.Packed(set[IdxSet.TestImages])]),
            new("plugins", PluginsJson, [
                "{\"folders\": [\"plugins\"]}"u8.ToArray(),
                Text("{\"folders\": [\"a\", \"../b\"], \"allow\": [\"/c\"], \"sha256\": {\"a/X.dll\": \"" + new string('a', 64)
                    + "\"}} // why")]),
            new("strategy", bytes => Why(StrategyText.Parse(Encoding.UTF8.GetString(bytes), laboratory.Plugins.Infos)), [
                "variance"u8.ToArray(), "snr-power:alpha=0.5"u8.ToArray(), "early-snr"u8.ToArray()]),
            new("settings", bytes => Settings(Encoding.UTF8.GetString(bytes), laboratory.Plugins), [
                Text("strategy=variance,snr\nseeds=1..5\ndensity=0.5,0.05\nlr=0.001\nlayers=300,100"),
                Text("strategy=snr-power:alpha=0.5\nthreshold=0.05\nsteps=100\nprior-scale=0.5\nname=first\njobs=3\noptimizer=sgd")]),
            new("study", Study, [
                .. new ShippedStudies(Path.Combine(AppContext.BaseDirectory, "studies")) is var shipped
                    ? shipped.Names.Select(name => Text(shipped.Text(name).OrThrow())) : []]),
            new("slurm", bytes => Why(SlurmFile.Parse(SlurmFile.Name, bytes, ["partition", "cpus", "sbatch"], ["sbatch"])), [
                Text("partition = \"short\"\ncpus = 4\nsbatch = [\"--hold\", \"--nice=5\"]\n")]),
            new("claims", bytes => Why(ClaimsFile.Parse(ClaimsFile.Name, bytes)), [File.ReadAllBytes(ShippedClaims.Path)]),
        ];
        _all = all.ToDictionary(parser => parser.Name, StringComparer.Ordinal);
    }

    public Parser this[string name] => _all[name];

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Closes the seal of a JSON text that ends with one; another text stays as it is.</summary>
    public static byte[] SealJson(byte[] content)
    {
        const string After = "\"\n}\n";
        var place = content.Length - After.Length - Bnn.Store.Seal.Digits;
        if (place < 0 || !content.AsSpan(0, place).EndsWith("\"sha256\": \""u8)
            || !content.AsSpan(^After.Length..).SequenceEqual(Text(After)))
            return content;
        var sealedContent = (byte[])content.Clone();
        Encoding.ASCII.GetBytes(Bnn.Store.Seal.Of(content, place), sealedContent.AsSpan(place));
        return sealedContent;
    }

    /// <summary>The same for a tensor file, whose seal is the first field of its header.</summary>
    public static byte[] SealTensors(byte[] content)
    {
        const int Place = 8 + 27;
        if (content.Length < Place + Bnn.Store.Seal.Digits) return content;
        var sealedContent = (byte[])content.Clone();
        Encoding.ASCII.GetBytes(Bnn.Store.Seal.Of(content, Place), sealedContent.AsSpan(Place));
        return sealedContent;
    }

    public void Dispose() => Directory.Delete(_files, recursive: true);

    private static string? Why<T>(Result<T> result) =>
        result.Match<string?>(_ => null, faults => string.Join("; ", faults.Select(fault => fault.Describe())));

    private static string? Tensors(byte[] bytes, Architecture net)
    {
        try
        {
            var tensors = Safetensors.Read(new MemoryStream(bytes), isSealed: false).Tensors;
            if (tensors.Keys.Any(name => name.StartsWith("step", StringComparison.Ordinal))) Bnn.Store.Tensors.SnapshotFile(tensors, net);
            else if (tensors.ContainsKey("layer1.mask")) Bnn.Store.Tensors.WeightsFile(tensors, net);
            else Bnn.Store.Tensors.PosteriorFile(tensors, net);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    private static string? Idx(byte[] bytes)
    {
        var why = "";
        foreach (var rank in (int[])[IdxFormat.ImageRank, IdxFormat.LabelRank])
        {
            var head = bytes.AsSpan(0, Math.Min(bytes.Length, IdxFormat.HeaderLength(rank)));
            var read = IdxFormat.ParseHeader("file", head, rank)
                .Bind(header => IdxFormat.CheckBody("file", header, bytes.Length - header.Length));
            if (Why(read) is not { } wrong) return null;
            why = wrong;
        }
        return why;
    }

    /// <summary>The test images among three files that are right.</summary>
    private Func<byte[], string?> IdxFile(IdxSet set)
    {
        var folder = Path.Combine(_files, "data");
        set.WriteTo(folder, gzip: false);
        return bytes =>
        {
            File.WriteAllBytes(Path.Combine(folder, IdxSet.TestImages), bytes);
            return Why(IdxFolder.ReadFiles(folder));
        };
    }

    private string? PluginsJson(byte[] bytes)
    {
        var path = Path.Combine(_files, "plugins.json");
        File.WriteAllBytes(path, bytes);
        return Why(PluginsFile.Read(path));
    }

    /// <summary>A study's file, and its variants.</summary>
    private static string? Study(byte[] bytes) =>
        Why(StudyFile.Parse("study.toml", bytes, StudySettings.Keys).Bind(study => study.Variants(StudySettings.Keys)));

    /// <summary>A line for each setting: name, equals sign, text.</summary>
    private static string? Settings(string text, PluginCatalog plugins)
    {
        var given = new Dictionary<string, Given>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            var pair = line.Split('=', 2);
            if (pair.Length == 2 && RunSettings.Table.Any(setting => setting.Name == pair[0]))
                given[pair[0]] = new Given(pair[1], Origin.Named(pair[0]));
        }
        return Why(ExperimentSettings.Create(RunSettings.Table, given, Origin.Named, plugins.Infos));
    }
}
