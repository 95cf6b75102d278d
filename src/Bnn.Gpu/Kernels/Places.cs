namespace Bnn.Gpu;

/// <summary>Which kernels train a network.</summary>
internal enum NetKind
{
    /// <summary>An ordinary net, whole, frozen, or with 30 % of its weights or more.</summary>
    Dense,

    /// <summary>A Bayesian net likewise.</summary>
    Flipout,

    /// <summary>An ordinary net of few weights.</summary>
    Sparse,

    /// <summary>A Bayesian net of few weights.</summary>
    SparseFlipout,
}

/// <summary>
/// A layer's numbers in the memory of its net. Matrices of a dense layer are [inputs, <see cref="Stride"/>], those of a sparse one
/// [weights], ordered by output, then input. "By example" is [width, row], otherwise [row, width], width being the net's examples.
/// </summary>
internal struct LayerPlace
{
    /// <summary>Sizes; strides are multiples of 16.</summary>
    public int Inputs, Outputs, Stride, InputStride, Weights;

    /// <summary>Weights or means with their moments, [weights].</summary>
    public int W, M, V;

    /// <summary>ρ with its moments, ε and σ·ε of the step, [weights].</summary>
    public int Rho, RhoM, RhoV, Epsilon, Delta;

    /// <summary>Biases with their moments, [stride].</summary>
    public int Bias, BiasM, BiasV;

    /// <summary>Inputs: by input, and by example.</summary>
    public int X, XByExample;

    /// <summary>Inputs times their signs.</summary>
    public int SignedX, SignedXByExample;

    /// <summary>Outputs' gradient, and that times their signs: by output, and by example.</summary>
    public int G, GByExample, SignedG, SignedGByExample;

    /// <summary>A chunk's parts of the KL, [chunks, 16], and how the reference kernels cut their chunks.</summary>
    public int Kl, Chunks, ChunkRows, TileWidth;

    /// <summary>Among the integers: a word of 32 signs each, [width, words per row].</summary>
    public int InputSigns, InputWords, OutputSigns, OutputWords;

    /// <summary>
    /// Among the integers, of a sparse layer: where each output's weights begin, [outputs + 1], and each weight's input and output; for the
    /// gradient of the inputs where each input's begin, [inputs + 1], and the weights by input.
    /// </summary>
    public int Row, Input, Output, Column, OfColumn;

    /// <summary>Among the integers, of a sparse Flipout layer: each weight's number among the normal draws, and the weights in the order in
    /// which the reference kernels sum a KL.</summary>
    public int Draw, InOrder;

    /// <summary>The net's logits, [classes, width], and the cross entropies of a batch, [width]: the same for all its layers.</summary>
    public int Logits, Losses;

    /// <summary>Among the integers: the classes that the net gives to a batch, [width].</summary>
    public int Predicted;

    /// <summary>Among the bytes: 1 where a weight is kept, [weights] of a dense layer.</summary>
    public int Keep;

    /// <summary>Among the bytes, of the first layer: 1 where an input is not 0 in the whole batch, of two batches in turn.</summary>
    public int Active;
}

/// <summary>What a net's training goes by.</summary>
internal struct NetRule
{
    /// <summary>1 or 0: Adam; pruned weights exist; they are frozen.</summary>
    public int IsAdam, IsMasked, Freezes;

    /// <summary><see cref="Bnn.Simd.UpdateRule"/>.</summary>
    public float OneMinusBeta1, OneMinusBeta2, Epsilon;

    /// <summary><see cref="Bnn.Simd.KlRule"/>.</summary>
    public float ByPrior, Factor, HalfPrecision, ScaleEpsilon;

    /// <summary>The noise's seed, what is added to its step, and what is added to a layer's number.</summary>
    public ulong Seed;

    /// <inheritdoc cref="Seed"/>
    public int StepsBefore, LayersBefore;
}

/// <summary>What a group of threads is to do: steps or an evaluation of one net.</summary>
internal struct Work
{
    /// <summary>Which net.</summary>
    public int Slot;

    /// <summary>Steps to do, the first one's number, from 1, and its place among losses and step sizes.</summary>
    public int Steps, FirstStep, FirstLoss;

    /// <summary>Place of the first item among the items, and how many there are of an evaluation.</summary>
    public int FirstItem, Items;
}
