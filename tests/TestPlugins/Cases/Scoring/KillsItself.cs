using Bnn.Contract;

namespace KillsItself;

/// <summary>Ends without a word.</summary>
[MaskStrategy("kills-itself", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        System.Diagnostics.Process.GetCurrentProcess().Kill();
    }
}
