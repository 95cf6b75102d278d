using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>How many weights of each input of the first layer a ticket keeps.</summary>
/// <param name="Kept">[inputs].</param>
/// <param name="Outputs">Weights of each input.</param>
public sealed record KeptByInput(string Strategy, CutPoint Cut, ImmutableArray<int> Kept, int Outputs);

/// <summary>How many weights in each bin of a distribution a ticket keeps.</summary>
/// <param name="Counts">[bins].</param>
public sealed record KeptInBins(string Strategy, CutPoint Cut, ImmutableArray<int> Counts);

/// <summary>How far σ of a layer's weights has moved, and what it goes with.</summary>
/// <param name="Layer">The layer's number, from 1.</param>
/// <param name="Low">Lower end of the first bin: the smallest ln(σ/σ₀), with σ₀ before and σ after the training.</param>
/// <param name="High">Upper end of the last bin: the largest.</param>
/// <param name="Counts">Weights in equal bins from <paramref name="Low"/> to <paramref name="High"/>.</param>
/// <param name="Kept">Those that tickets keep, bin by bin.</param>
/// <param name="WithMean">Spearman's correlation of σ² and |μ|; NaN where one of both is constant.</param>
/// <param name="WithMove">Spearman's correlation of σ² and |μ − μ₀|.</param>
/// <param name="Every">The correlations are of every so-manieth weight: 1 for all.</param>
public sealed record LayerCriterion(
    int Layer, LayerShape Shape, double Low, double High, ImmutableArray<int> Counts, ImmutableArray<KeptInBins> Kept, double WithMean,
    double WithMove, int Every);

/// <summary>What one posterior says about the strategies that make masks of it.</summary>
/// <param name="Posterior">The Bayesian training.</param>
/// <param name="Maps">Of its seed, each ticket's; of strategies that need no posterior, too.</param>
/// <param name="DeadInputs">
/// The inputs whose weights the dense net of its seed left exactly where they started: they were zero in every image that it trained on.
/// Null where there is no such net.
/// </param>
public sealed record CriterionDiagnostics(
    PlannedTraining Posterior, ImmutableArray<LayerCriterion> Layers, ImmutableArray<KeptByInput> Maps, ImmutableArray<int>? DeadInputs);
