using Bnn.Contract;

namespace CpuArm64;

/// <summary>Built for Arm64 alone.</summary>
[MaskStrategy("cpu-arm64", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        criterion.Fill(1);
    }
}
