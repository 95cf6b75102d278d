using System.Runtime.CompilerServices;
using Bnn.Contract;

namespace Recurses;

/// <summary>Calls itself until the stack is full.</summary>
[MaskStrategy("recurses", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(Deeper(1) + Deeper(2));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    private static double Deeper(double depth) => Deeper(depth + 1) + depth;
}
