using Bnn.Core;
using Bnn.Store;
using Host.Experiments;
using Host.Plugins;
using Host.Tests;

[assembly: AssemblyFixture(typeof(Reliability.Laboratory))]

namespace Reliability;

/// <summary>Small experiments in this process, with any layer between them and the disk.</summary>
public sealed class Laboratory : IDisposable
{
    /// <summary>A Bayesian net with snapshots, a dense net and a ticket, on three steps each.</summary>
    private static readonly (string Name, string Text)[] Smallest = [
        ("strategy", "early-snr"), ("compare", "none"), ("density", "0.5"), ("layers", "3"), ("steps", "3"), ("eval-every", "2"),
        ("batch", "5"), ("validation", "10"), ("lr", "0.01"), ("jobs", "1")];

    private readonly string _folder = Folders.Temporary("laboratory");
    private readonly Lazy<PluginCatalog> _plugins;
    private readonly Lazy<Parsers> _parsers;
    private int _places;

    public Laboratory()
    {
        Data = Path.Combine(_folder, "data");
        new IdxSet(size: 4, train: 60, test: 30).WriteTo(Data, gzip: true);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Path.Combine(_folder, "cache"));
        _parsers = new Lazy<Parsers>(() => new Parsers(this));
        _plugins = new Lazy<PluginCatalog>(() => PluginCatalog.Load(Host.Places.OfProgram()).OrThrow());
    }

    /// <summary>A folder with a data set.</summary>
    public string Data { get; }

    internal PluginCatalog Plugins => _plugins.Value;

    internal Parsers Parsers => _parsers.Value;

    /// <summary>A path of a folder that isn't there yet; gone with the laboratory.</summary>
    public string NewFolder() => Path.Combine(_folder, $"{Interlocked.Increment(ref _places)}");

    /// <summary>The experiment that goes to a folder, with some settings of its own.</summary>
    internal PreparedExperiment Prepare(string output, params (string Name, string Text)[] more)
    {
        var given = Smallest.Append(("data", Data)).Append(("output", output)).Concat(more)
            .GroupBy(setting => setting.Item1, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => new Given(same.Last().Item2, Origin.Named(same.Key)), StringComparer.Ordinal);
        return ExperimentSettings.Create(RunSettings.Table, given, Origin.Named, Plugins.Infos)
            .Bind(settings => PreparedExperiment.Create(settings, Plugins, Host.Places.OfProgram())).OrThrow();
    }

    /// <summary>A results folder in which a run ended, as a kill would end it, when its first training had a checkpoint.</summary>
    internal string Begun(params (string Name, string Text)[] more)
    {
        for (var at = 30; at < 300; at += 5)
        {
            var folder = NewFolder();
            Run(Prepare(folder, [("checkpoint-every", "0.000001"), .. more]), new FaultingFiles(at, DiskFault.End));
            if (Directory.Exists(folder) && Directory.GetFiles(folder, "checkpoint-*.safetensors", SearchOption.AllDirectories).Length > 1)
                return folder;
        }
        throw new InvalidOperationException("no run ended with two checkpoints");
    }

    internal static Result<ExperimentOutcome> Run(PreparedExperiment experiment, FileLayer files, bool repairs = false) =>
        new ExperimentRunner(experiment, "the same", new NoView()) { Files = files, Repairs = repairs }.Run(CancellationToken.None);

    /// <summary>The faults of an outcome, whichever part they are of.</summary>
    internal static IEnumerable<Fault> FaultsOf(Result<ExperimentOutcome> outcome) => outcome.Match(
        done => done.Failed.SelectMany(end => end.Faults).Concat(done.Ends.SelectMany(end => end.Notes)).Concat(done.Reading.Damaged)
            .Concat(done.Unwritten),
        faults => faults);

    internal static int CodeOf(Result<ExperimentOutcome> outcome) =>
        outcome.Match(done => done.ExitCode, faults => Host.ExitCode.For(faults));

    public void Dispose()
    {
        if (_parsers.IsValueCreated) Parsers.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class NoView : IExperimentView
    {
        public void Begin(PreparedExperiment experiment)
        {
        }

        public void Repaired(IReadOnlyList<DeletedTraining> deleted)
        {
        }

        public void TrainAgain(IReadOnlyList<OutdatedTicket> tickets)
        {
        }

        public void Measure(int trainings)
        {
        }

        public IProgressView Follow(IReadOnlyList<TrainingProgress> all, int jobs) => new Nobody();
    }

    private sealed class Nobody : IProgressView
    {
        public void Ended(TrainingEnd end, TrainingProgress progress)
        {
        }

        public void Dispose()
        {
        }
    }
}
