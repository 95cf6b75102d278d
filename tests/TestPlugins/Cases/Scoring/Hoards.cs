using System.Runtime.InteropServices;
using Bnn.Contract;

namespace Hoards;

/// <summary>Takes memory from the system itself, where the heap's limit doesn't see it; stops before it harms the machine.</summary>
[MaskStrategy("hoards", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    private const int Chunk = 1 << 26, Chunks = 96;

    public unsafe void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < Chunks; i++) NativeMemory.Fill(NativeMemory.Alloc(Chunk), Chunk, 1);
        Thread.Sleep(1000);
        criterion.Fill(1);
    }
}
