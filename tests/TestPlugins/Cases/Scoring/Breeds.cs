using System.Diagnostics;
using Bnn.Contract;

namespace Breeds;

/// <summary>Starts a process of its own and waits for it.</summary>
[MaskStrategy("breeds", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => Process.Start("sleep", "987")!.WaitForExit();
}
