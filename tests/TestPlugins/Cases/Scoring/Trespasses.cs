using System.Runtime.InteropServices;
using Bnn.Contract;

namespace Trespasses;

/// <summary>Writes where it may only read.</summary>
[MaskStrategy("trespasses", "a case of the tests", Keep.Highest, Needs = Needs.Posterior | Needs.DenseWeights | Needs.Start)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        Writable(layer.Mu).Fill(7);
        Writable(layer.Sigma).Fill(7);
        Writable(layer.DenseFinal).Fill(7);
        Writable(layer.Start).Fill(7);
        criterion.Fill(1);
    }

    private static Span<float> Writable(ReadOnlySpan<float> values) =>
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(values), values.Length);
}
