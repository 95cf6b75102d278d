using System.Runtime.InteropServices;
using Bnn.Contract;

namespace Meddles;

/// <summary>Changes what it was given.</summary>
[MaskStrategy("meddles", "a case of the tests", Keep.Highest, Needs = Needs.Posterior)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        Writable(layer.Mu).Fill(7);
        criterion.Fill(1);
    }

    private static Span<float> Writable(ReadOnlySpan<float> values) =>
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(values), values.Length);
}
