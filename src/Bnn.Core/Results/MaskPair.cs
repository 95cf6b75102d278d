using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Which weights of a layer two masks keep.</summary>
/// <param name="Weights">n, weights of the layer.</param>
/// <param name="First">a, weights that the first mask keeps.</param>
/// <param name="Second">b, weights that the second mask keeps.</param>
/// <param name="Both">i, weights that both keep.</param>
/// <param name="ExpectedByInput">
/// Σ aₖ·bₖ/outputs over the layer's inputs k: what i is on average if in both masks each input keeps its number of weights, at random
/// outputs.
/// </param>
public sealed record LayerOverlap(int Weights, int First, int Second, int Both, double ExpectedByInput);

/// <summary>Two masks that differ in one thing.</summary>
/// <param name="DiffersIn">The factor that differs, or <see cref="OtherSeed"/>.</param>
/// <param name="Layers">One for each layer.</param>
public sealed record MaskPair(PlannedTraining First, PlannedTraining Second, string DiffersIn, ImmutableArray<LayerOverlap> Layers)
{
    /// <summary>What trainings of one cell differ in.</summary>
    public const string OtherSeed = "seed";
}

/// <summary>The pairs of masks that a report compares.</summary>
/// <param name="Read">Number of masks that were read for it.</param>
/// <param name="Masks">Number of masks that there are.</param>
public sealed record MaskOverlaps(ImmutableArray<MaskPair> Pairs, int Read, int Masks)
{
    public static MaskOverlaps None { get; } = new([], 0, 0);
}
