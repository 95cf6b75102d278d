using Bnn.Core;

namespace Bnn.TF;

/// <summary>Where a graph's noise comes from.</summary>
internal abstract record GraphNoise
{
    private GraphNoise()
    {
    }

    /// <summary>The noise is fed, step by step.</summary>
    public sealed record Fed(INoise Noise) : GraphNoise;

    /// <summary>The graph draws the noise; the generators' seeds are fed.</summary>
    public sealed record Drawn(NoiseSeeds Seeds) : GraphNoise;
}
