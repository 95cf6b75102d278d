namespace Bnn.Core;

/// <summary>
/// Flipout's random numbers, one matrix row at a time, each a pure function of layer (from 0), step (from 1), row and column.
/// </summary>
public interface INoise
{
    /// <summary>ε of the weights that leave input <paramref name="row"/>: standard normal.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="step">From 1.</param>
    /// <param name="row">An input of the layer, from 0.</param>
    /// <param name="columns">The layer's outputs.</param>
    /// <param name="destination">Receives them in its first <paramref name="columns"/> places and has room for a multiple of 16; what is
    /// written beyond them is never used but must be finite.</param>
    void Epsilon(int layer, int step, int row, int columns, Span<float> destination);

    /// <summary>Signs on the inputs of example <paramref name="row"/>, one bit each, set for −1 (<see cref="SignDraws"/>).</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="step">From 1.</param>
    /// <param name="row">An example of the batch, from 0.</param>
    /// <param name="words">[<see cref="SignDraws.WordsPerRow"/> of the inputs]; all are written.</param>
    void InputSigns(int layer, int step, int row, Span<uint> words);

    /// <summary>Signs on the outputs of example <paramref name="row"/>, one bit each, set for −1.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="step">From 1.</param>
    /// <param name="row">An example of the batch, from 0.</param>
    /// <param name="words">[<see cref="SignDraws.WordsPerRow"/> of the outputs]; all are written.</param>
    void OutputSigns(int layer, int step, int row, Span<uint> words);
}

/// <summary>What the noise of a Bayesian training is; how it is drawn is up to the engine.</summary>
public abstract record NoiseSource
{
    private NoiseSource()
    {
    }

    /// <summary>
    /// The noise of a seed. An engine draws it from the seed's named streams, so that engines can be compared step by step, or, where its
    /// name says so, by a generator of its own.
    /// </summary>
    /// <param name="Seed">Whose streams they are.</param>
    /// <param name="Replicate">Which draw of ε and the signs, from 1 to <see cref="Replicates"/>; all else about a training follows from
    /// the seed alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such replicate.</exception>
    public sealed record OfSeed(Seed Seed, int Replicate = 1) : NoiseSource
    {
        /// <summary>How many replicates there are: as many as the upper half of a layer's number can tell apart.</summary>
        public const int Replicates = 1 << LayerBits;

        private const int LayerBits = 16;

        /// <summary>Which draw of ε and the signs, from 1.</summary>
        public int Replicate { get; } = Replicate is >= 1 and <= Replicates
            ? Replicate
            : throw new ArgumentOutOfRangeException(nameof(Replicate), Replicate, $"noise replicates go from 1 to {Replicates}");

        /// <summary>
        /// The stream of one kind of noise: the seed's, whose layer number is layer | (replicate − 1) · 2¹⁶, so that replicate 1 takes the
        /// layer's own.
        /// </summary>
        /// <param name="name">ε, input signs or output signs.</param>
        /// <param name="layer">From 0, below 2¹⁶.</param>
        public RandomStream Stream(StreamName name, int layer) => Seed.Stream(name, layer | (Replicate - 1) << LayerBits);
    }

    /// <summary>Noise that the caller provides.</summary>
    public sealed record Given(INoise Noise) : NoiseSource;
}
