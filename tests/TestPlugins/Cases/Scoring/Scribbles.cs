using Bnn.Contract;
using Microsoft.Win32.SafeHandles;

namespace Scribbles;

/// <summary>Writes without end into the pipe that carries the host's answers.</summary>
[MaskStrategy("scribbles", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        var handle = nint.Parse(Environment.GetCommandLineArgs()[^1]);
        using var pipe = new FileStream(new SafeFileHandle(handle, ownsHandle: false), FileAccess.Write);
        var text = new byte[1 << 20];
        text.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 100; i++) pipe.Write(text);
    }
}
