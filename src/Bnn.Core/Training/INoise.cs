namespace Bnn.Core;

/// <summary>Flipout's random numbers, a matrix row at a time; each a pure function of layer (from 0), step (from 1), row and column.</summary>
public interface INoise
{
    /// <summary>ε of the weights that leave input <paramref name="row"/>: standard normal, the first <paramref name="columns"/> of <paramref name="destination"/>,
    /// which has room for a whole number of 16; what is written beyond them is never used but must be finite.</summary>
    void Epsilon(int layer, int step, int row, int columns, Span<float> destination);

    /// <summary>Signs on the inputs of example <paramref name="row"/>, a bit each, set for −1 (<see cref="SignDraws"/>).</summary>
    void InputSigns(int layer, int step, int row, Span<uint> words);

    /// <summary>Signs on the outputs of example <paramref name="row"/>.</summary>
    void OutputSigns(int layer, int step, int row, Span<uint> words);
}
