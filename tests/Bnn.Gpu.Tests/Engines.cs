using Bnn.Core;
using Bnn.Gpu;
using Bnn.Simd;

namespace Bnn.Tests;

/// <summary>
/// The engine with a device, on which every net is trained, even a single one. <c>BNN_GPU_TESTS=cuda</c> takes a graphics processor, and
/// every test fails where there is none; otherwise threads stand for one.
/// </summary>
public static class Engines
{
    private static readonly Lazy<GpuEngine> Engine = new(() => Open(new GpuOptions { Nets = 6, Fewest = 1 }));

    public static IEnumerable<string> Names => [OnDevice ? "cuda" : "processor"];

    private static bool OnDevice => Environment.GetEnvironmentVariable("BNN_GPU_TESTS") switch
    {
        null or "" or "processor" => false,
        "cuda" => true,
        var other => throw new InvalidOperationException($"BNN_GPU_TESTS is cuda or processor, not '{other}'"),
    };

    public static ITrainingEngine Named(string name) => Engine.Value;

    /// <summary>The latest step's outputs of the last layer, [batch, stride].</summary>
    public static double[] Logits(Core.IStepper stepper) => EngineCase.Doubles(((ILogits)stepper).Logits());

    /// <param name="groupSize">Threads of a group where threads stand for a graphics processor: with more than one, each barrier waits for
    /// the system to let all of them run, which takes minutes beside other tests.</param>
    public static GpuEngine Open(GpuOptions options, int groupSize = 1) => OnDevice
        ? GpuEngine.Open(new SimdEngine(), options).OrThrow()
        : GpuEngine.OnProcessor(new SimdEngine(), options, groupSize);
}
