using Bnn.Core;

namespace Bnn.TF;

/// <summary>
/// Says that TensorFlow's own stateless generators make the noise, inside the graph: other numbers than the host's streams, of the same laws. Each tensor
/// has a key of its own from the seed; the second half of the generator's seed is the step.
/// </summary>
public sealed class GraphNoise(Seed seed) : INoise
{
    /// <summary>The generator's seed for a tensor at a step.</summary>
    public (long Key, long Step) SeedOf(StreamName name, int layer, int step)
    {
        var block = seed.Stream(name, layer).Block(0, 0);
        return ((long)(block.W0 | (ulong)block.W1 << 32), step);
    }

    public void Epsilon(int layer, int step, int row, int columns, Span<float> destination) => throw new NotSupportedException("the graph draws it");

    public void InputSigns(int layer, int step, int row, Span<uint> words) => throw new NotSupportedException("the graph draws them");

    public void OutputSigns(int layer, int step, int row, Span<uint> words) => throw new NotSupportedException("the graph draws them");
}
