using System.Diagnostics;
using Bnn.Core;
using Bnn.Simd;
using Bnn.TF;

namespace Bnn.Tests;

/// <summary>
/// TensorFlow, if its library is available: in a folder ../shared/libtensorflow with a script that unpacks it, or in BNN_LIBTF_DIR.
/// </summary>
public static class Engines
{
    private static readonly Lazy<Result<TensorFlowLibrary>?> Library = new(Load);

    public static IEnumerable<string> Names => ["tensorflow"];

    /// <summary>The library. Without one a test is skipped with the reason, but one that exists must load.</summary>
    public static TensorFlowLibrary Loaded
    {
        get
        {
            Assert.SkipWhen(
                Library.Value is null,
                "TensorFlow's library is not here: no ../shared/libtensorflow beside the repository and no BNN_LIBTF_DIR");
            return Library.Value!.Match(library => library, faults => throw new InvalidOperationException(faults[0].Describe()));
        }
    }

    public static ITrainingEngine Named(string name) => new TensorFlowEngine(Loaded, threads: 1, new SimdEngine().Noise);

    /// <summary>The latest step's outputs of the last layer, [batch, classes].</summary>
    public static double[] Logits(IStepper stepper) => EngineCase.Doubles(((TensorFlowStepper)stepper).LatestLogits());

    private static Result<TensorFlowLibrary>? Load()
    {
        var script = Path.GetFullPath(Path.Combine(Golden.Folder, "..", "..", "..", "shared", "libtensorflow", "unpack"));
        if (Environment.GetEnvironmentVariable(LibraryPlaces.FolderVariable) is { Length: > 0 } folder) return Open(folder);
        if (!File.Exists(script)) return null;
        var start = new ProcessStartInfo("sh", [script, Path.Combine(Path.GetTempPath(), "bnn-libtensorflow")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var unpack = Process.Start(start)!;
        _ = unpack.StandardError.ReadToEndAsync();
        var place = unpack.StandardOutput.ReadToEnd().Trim();
        unpack.WaitForExit();
        return Open(place);
    }

    private static Result<TensorFlowLibrary> Open(string folder) => TensorFlowLibrary.Load(folder, _ => null, AppContext.BaseDirectory);
}
