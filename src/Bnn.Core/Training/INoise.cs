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
    public sealed record OfSeed(Seed Seed) : NoiseSource;

    /// <summary>Noise that the caller provides.</summary>
    public sealed record Given(INoise Noise) : NoiseSource;
}
