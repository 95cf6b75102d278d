using Bnn.Contract;
using Microsoft.Win32.SafeHandles;

namespace Forges;

/// <summary>Answers in the host's stead, through the right pipe, and gives no scores.</summary>
[MaskStrategy("forges", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        var handle = nint.Parse(Environment.GetCommandLineArgs()[^1]);
        using var pipe = new FileStream(new SafeFileHandle(handle, ownsHandle: false), FileAccess.Write);
        pipe.Write("{\"Reason\":null,\"ElapsedMs\":1}\n"u8);
        pipe.Flush();
        Thread.Sleep(Timeout.Infinite);
    }
}
