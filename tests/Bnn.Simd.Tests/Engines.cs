using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Tests;

/// <summary>Both sets of kernels: whatever one passes the other must.</summary>
public static class Engines
{
    public static IEnumerable<string> Names => ["vector", "scalar"];

    public static ITrainingEngine Named(string name) => new SimdEngine(scalar: name == "scalar");

    /// <summary>The latest step's outputs of the last layer, [batch, stride]; a ticket's stride is its classes.</summary>
    public static double[] Logits(Core.IStepper stepper) => EngineCase.Doubles(((ILogits)stepper).Logits());
}
