using Bnn.Core;

namespace Bnn.TF;

/// <summary>
/// Seeds of TensorFlow's own stateless generators, where they draw the noise inside the graph: numbers other than the host's streams,
/// from the same distributions. Each tensor has a key of its own from the stream; the second half of the generator's seed is the step.
/// </summary>
internal sealed class NoiseSeeds(NoiseSource.OfSeed source)
{
    /// <summary>The generator's seed for a tensor at a step.</summary>
    public (long Key, long Step) Of(StreamName name, int layer, int step)
    {
        var block = source.Stream(name, layer).Block(0, 0);
        return ((long)(block.W0 | (ulong)block.W1 << 32), step);
    }
}
