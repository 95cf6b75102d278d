using Bnn.Core;

namespace Bnn.TF;

/// <summary>How a graph comes by its noise.</summary>
internal abstract record GraphNoise
{
    private GraphNoise()
    {
    }

    /// <summary>It is fed, step by step.</summary>
    public sealed record Fed(INoise Noise) : GraphNoise;

    /// <summary>The graph draws it; fed are the generators' seeds.</summary>
    public sealed record Drawn(NoiseSeeds Seeds) : GraphNoise;
}
