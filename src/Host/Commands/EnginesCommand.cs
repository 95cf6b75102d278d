using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Simd;
using Bnn.TF;
using Host.Engines;
using Host.Live;

namespace Host.Commands;

/// <summary><c>host engines</c>: what can train here, and why not where it can't.</summary>
public sealed class EnginesCommand : HostCommand
{
    private readonly Option<string?> _library = new("--tf-library") { Description = "TensorFlow's library: a file or a folder. [the usual places]", HelpName = "PATH" };

    public EnginesCommand()
        : base("engines",
            """
            List the engines that train: version, library, threads and devices, or why one can't be used here.

            Example:
              host engines
            """) => Options.Add(_library);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        var found = new List<Fault>();
        var simd = new SimdEngine(EngineChoice.Kernel(found) == "scalar");
        var tensorFlow = TensorFlowLibrary.Load(flags.Text(_library), Environment.GetEnvironmentVariable, AppContext.BaseDirectory).Match(
            library => (string[])[EngineChoice.TensorFlow, library.Version, library.Path, "1 a training (--tf-threads)", string.Join(", ", library.Devices())],
            missing =>
            {
                found.AddRange(missing);
                return [EngineChoice.TensorFlow, "not available, see below", "", "", ""];
            });
        Terminal.ShowRows(["engine", "version", "library", "threads", "devices"], [
            [EngineChoice.Simd, $"numerics {simd.Numerics}", "managed, none", "1 a training", $"CPU, {simd.Description}"], tensorFlow]);
        foreach (var fault in found) Console.Error.WriteLine($"host: {fault.Describe()}");
        return flags.Text(_library) is not null && found.Count > 0 ? ExitCode.For(found) : ExitCode.Done;
    }
}
