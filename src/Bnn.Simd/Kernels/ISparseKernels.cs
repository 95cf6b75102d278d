using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// The arithmetic of a network with few weights. Only kept weights exist, each with its input and output, and the lanes of a vector are
/// examples: a weight meets its whole group of up to 64 examples at once, so that cost follows the number of weights.
/// </summary>
/// <remarks>
/// <para>The order that determines the bits: an output is its bias plus products over ascending input, an input's gradient products over
/// ascending output, by fused multiply-add; a weight's gradient runs over examples, example b in logical lane b mod 16, and the lanes are
/// added by <see cref="Lanes.Tree"/>. Inputs that are zero in the whole batch are left out of the first layer.</para>
/// <para>Matrices are [rows, width], width being the group's examples padded to whole vectors; groups are <see cref="LaneMatrix"/>'s.
/// Parameters, alignment, padding and overlap are as in <see cref="IKernels"/>; links, begins and the weights of a range may begin
/// anywhere.</para>
/// </remarks>
public unsafe interface ISparseKernels
{
    /// <summary>
    /// h[output,b] += w[k]·x[input,b] for the weights k from 0 to <paramref name="count"/>, whose ends <paramref name="link"/> holds.
    /// </summary>
    /// <param name="link">[<paramref name="count"/>], as is <paramref name="w"/>.</param>
    /// <param name="x">[inputs, width].</param>
    /// <param name="h">[outputs, width].</param>
    static abstract void SparseForward(SparseLink* link, float* w, int count, float* x, float* h, int width);

    /// <summary>
    /// below[i,b] = Σ w[k]·g[output,b] over the weights of input i, those from begin[i] to begin[i + 1],
    /// and 0 where ReLU set x[i,b] to 0.
    /// </summary>
    /// <param name="begin">[<paramref name="inputs"/> + 1]: places in <paramref name="link"/> and <paramref name="w"/>.</param>
    /// <param name="g">[outputs, width].</param>
    /// <param name="x">[inputs, width], as is <paramref name="below"/>.</param>
    /// <param name="continued">Adds to the values in below where x is above 0.</param>
    static abstract void SparseBack(
        int* begin, int inputs, SparseLink* link, float* w, float* g, float* x, float* below, int width, bool continued);

    /// <summary>lanes[k] = Σ_b x[input,b]·g[output,b] in sixteen lanes.</summary>
    /// <param name="link">[<paramref name="count"/>].</param>
    /// <param name="x">[inputs, width].</param>
    /// <param name="g">[outputs, width].</param>
    /// <param name="lanes">[count, 16].</param>
    /// <param name="continued">Adds to the lanes of the previous group.</param>
    static abstract void SparseGradient(SparseLink* link, int count, float* x, float* g, float* lanes, int width, bool continued);

    /// <summary>
    /// An optimizer step of <paramref name="count"/> weights, a multiple of 16, whose gradients are the trees of
    /// <paramref name="lanes"/>, [count, 16].
    /// </summary>
    static abstract void SparseUpdate(in UpdateRule rule, float* lanes, float* w, float* m, float* v, int count);

    /// <summary>gradient[k] = the tree of lanes[k], for a count that is a multiple of 16.</summary>
    /// <param name="lanes">[count, 16], as <see cref="SparseGradient"/> leaves them.</param>
    static abstract void SparseTrees(float* lanes, float* gradient, int count);

    /// <summary>to[i,b] = ±from[i,b] by bit i mod 32 of word i/32 of example b's words, set for −.</summary>
    /// <param name="from">[rows, width]; may be <paramref name="to"/>.</param>
    /// <param name="words">[width, <paramref name="wordsPerRow"/>].</param>
    /// <param name="active">By row, 0 where a row is left unchanged; null if none is.</param>
    static abstract void SignRows(float* from, uint* words, int wordsPerRow, int rows, byte* active, float* to, int width);

    /// <summary>
    /// ε[k] = the normal with number draw[k] and δ[k] = σ[k]·ε[k], for a count that is a multiple of 16: normal n of a stream is
    /// the (n mod 4)th of the four that block n/4 gives (<see cref="NormalDraws"/>).
    /// </summary>
    static abstract void DrawKept(RandomStream stream, int step, uint* draw, int count, float* sigma, float* epsilon, float* delta);

    /// <summary>h[o,b] = bias[o].</summary>
    static abstract void SpreadBias(float* bias, float* h, int outputs, int width);

    /// <summary>ReLU in place; NaN stays.</summary>
    static abstract void RectifyInPlace(float* h, int count);

    /// <summary>
    /// Each example's −ln softmax(h)[label], the classes summed ascending, its largest class (the lowest on ties) and, unless null, its
    /// gradient times <paramref name="scale"/>, [classes, width]; the gradient is 0 from example <paramref name="count"/> on.
    /// </summary>
    static abstract void CrossEntropyOfGroup(
        float* h, int classes, int* label, int count, float scale, float* gradient, float* nll, int* largest, int width);

    /// <summary>pixels[c,b] = rows[b][c] for sixteen rows, written <paramref name="width"/> apart.</summary>
    static abstract void TransposePixels(byte** rows, int columns, byte* pixels, int width);

    /// <summary>Which rows of pixels, [rows, width], have one above 0: active[i] becomes 1 there and otherwise stays.</summary>
    static abstract void FindActive(byte* pixels, int rows, byte* active, int width);

    /// <summary>x[i,b] = pixels[i,b]/255 in active rows; the others are left unchanged.</summary>
    static abstract void ScalePixels(byte* pixels, int rows, byte* active, float* x, int width);
}
