using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Bnn.Core;
using Bnn.Simd;
using Bnn.TF;
using Host.Consoles;
using Host.Engines;

namespace Host.Commands;

/// <summary><c>host engines</c>: lists the engines that can train here, and why others can't.</summary>
public sealed class EnginesCommand : HostCommand
{
    private SettingFlags _flags = null!;

    public EnginesCommand()
        : base("engines",
            """
            List the engines that train: version, library, threads and devices, or why one can't be used here.

            Examples:
              host engines
              host engines install tensorflow --from libtensorflow-cpu-linux-x86_64.tar.gz
            """)
    {
        Subcommands.Add(new InstallEngineCommand());
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [TensorFlowProvider.Library]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return SettingValues.Read(EngineRegistry.Settings, _flags.Given(flags), SettingFlags.OriginOf, new SettingContext([])).Map(values =>
        {
            var found = new List<Fault>();
            var rows = EngineRegistry.All.Select(provider => Row(provider, values, found)).ToList();
            Terminal.ShowRows(["engine", "version", "library", "threads", "devices"], rows);
            foreach (var fault in found) Console.Error.WriteLine($"host: {fault.Describe()}");
            return values.IsGiven(TensorFlowProvider.Library) && found.Count > 0 ? ExitCode.For(found) : ExitCode.Done;
        });
    }

    private static string[] Row(IEngineProvider provider, SettingValues values, List<Fault> found) =>
        provider.List(values).ValueOr(found) is { } listing
            ? [provider.Name, listing.Version, listing.Library, listing.Threads, listing.Devices]
            : [provider.Name, "not available, see below", "", "", ""];
}

/// <summary><c>host engines install tensorflow --from FILE</c>.</summary>
public sealed class InstallEngineCommand : HostCommand
{
    private readonly Argument<string?> _engine = new("ENGINE") { Description = "tensorflow", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> _from = new("--from")
    {
        Description = "What was downloaded: a libtensorflow tarball, a tensorflow wheel, a .nupkg.",
        HelpName = "FILE",
    };

    public InstallEngineCommand()
        : base("install",
            """
            Unpack an engine's library, and nothing else of what was downloaded, into the user's cache folder, and test it with a training
            step.

            Example:
              host engines install tensorflow --from tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
            """)
    {
        Arguments.Add(_engine);
        Options.Add(_from);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        var all = new List<Fault>(faults);
        if (flags.Text(_engine) is not TensorFlowProvider.EngineName and var engine)
            all.Add(new Fault.UnknownName("engine to install", engine ?? "", [TensorFlowProvider.EngineName]));
        if (flags.Text(_from) is not { Length: > 0 } from)
            all.Add(new Fault.BadRequest("--from says which file to take the library from", "see docs/tensorflow.md for where to get one"));
        else if (all.Count == 0)
            return Install(from);
        return all.ToImmutableArray();
    }

    private static Result<int> Install(string archive)
    {
        if (UserCache.Folder is null || LibraryPlaces.Cache(Environment.GetEnvironmentVariable) is not { } cache)
        {
            return new Fault.BadRequest(
                "there is no cache folder to unpack it in: neither XDG_CACHE_HOME nor HOME leads to one",
                "set one of them, or unpack it yourself and name the folder by --tf-library");
        }
        var folder = Path.Combine(cache, $"libtensorflow-{Digest.Of(Path.GetFullPath(archive))}");
        return LibraryArchive.Unpack(archive, folder).Bind(files =>
            TensorFlowLibrary.Load(folder, _ => null, AppContext.BaseDirectory).Map(library => Test(library, files)));
    }

    /// <summary>Shows the hashes of the library's files and does one training step.</summary>
    private static int Test(TensorFlowLibrary library, IEnumerable<string> files)
    {
        foreach (var file in files.Where(file => new FileInfo(file).LinkTarget is null))
        {
            using var content = File.OpenRead(file);
            Console.Out.WriteLine($"{Convert.ToHexStringLower(SHA256.HashData(content))}  {file}");
        }
        var loss = TestStep(new TensorFlowEngine(library, threads: 1, new SimdEngine().Noise));
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"TensorFlow {library.Version}: one Bayesian training step done, loss {loss:0.0000}"));
        return ExitCode.Done;
    }

    /// <summary>
    /// The loss of one step of a tiny Bayesian net, which needs the library's loading, graphs, gradients, Adam and noise to work.
    /// </summary>
    private static double TestStep(TensorFlowEngine engine)
    {
        var (net, seed) = (new Architecture([4, 3, 2]), new Seed(1));
        using var stepper = engine.Bayesian(
            new(Initialisation.Posterior(seed, net), new Optimizer.Adam(0.001), Batch: 2, KlFactor: 0.5, PriorScale: 1,
                LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(seed)),
            Samples.FromValues([1, 0, 0, 1, 0, 1, 1, 0], [0, 1], width: 4));
        return stepper.Step([0, 1]).Nll;
    }
}
