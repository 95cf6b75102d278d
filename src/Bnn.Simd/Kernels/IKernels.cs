using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// The arithmetic of a step. Two implementations give the same bits: <see cref="ScalarKernels"/>, the plain reference, and
/// <see cref="VectorKernels"/>, which trains. Matrices are one tile of a <see cref="TiledMatrix{T}"/>, [rows, stride]; the stride is a
/// multiple of 16 (<see cref="Lanes.Count"/>), with columns of padding.
/// </summary>
/// <remarks>
/// <para>The order that determines the bits: a sum runs over ascending index by fused multiply-add; where it must cross columns, column o
/// goes to logical lane o mod 16 and the lanes are added by one fixed tree (<see cref="Lanes"/>). Inputs that are zero are left out of
/// sums. A KL is summed in single precision within a call, in double over the calls.</para>
/// <para>Parameters come in this order: which entries, what is read, what is written, scratch room, width. Matrices and vectors begin at
/// a multiple of 64 bytes, lists of entries anywhere; padding exists in memory, may be read and is written. What a kernel writes overlaps
/// nothing else that it is given, unless its summary says that it changes something in place. Nothing is checked.</para>
/// </remarks>
public unsafe interface IKernels : ISparseKernels
{
    /// <summary>Writes the indices of the non-zero pixels, ascending, and their values x = pixel/255.</summary>
    /// <param name="pixels">[<paramref name="count"/>].</param>
    /// <param name="first">Index of the first pixel.</param>
    /// <param name="column">Has room for one vector more than there are pixels, as has <paramref name="x"/>.</param>
    /// <returns>How many were written.</returns>
    static abstract int Pixels(byte* pixels, int count, int first, int* column, float* x);

    /// <summary>The same for float inputs: keeps the non-zero ones.</summary>
    /// <param name="values">[<paramref name="count"/>].</param>
    static abstract int NonZeros(float* values, int count, int first, int* column, float* x);

    /// <summary>
    /// The same for units: keeps those above 0, which is ReLU without its zeros. NaN is kept, so that divergence stays visible.
    /// </summary>
    /// <param name="h">[<paramref name="units"/>].</param>
    static abstract int Rectify(float* h, int units, int first, int* column, float* x);

    /// <summary>h[b,o] = Σᵢ x[b,i]·w[i,o] + bias[o].</summary>
    /// <param name="rows">Entries of each example.</param>
    /// <param name="w">[inputs, outputs].</param>
    /// <param name="bias">[stride] over all tiles.</param>
    /// <param name="h">[batch, outputs].</param>
    static abstract void Forward(in ExampleRows rows, in TileRows w, float* bias, in TileRows h);

    /// <summary>h[b,o] = Σᵢ x[b,i]·μ[i,o] + r[b,o]·Σᵢ x[b,i]·s[b,i]·δ[i,o] + bias[o].</summary>
    /// <param name="rows">Entries of each example.</param>
    /// <param name="mu">[inputs, stride].</param>
    /// <param name="delta">δ = σ∘ε, [inputs, stride]; only rows of active inputs are read.</param>
    /// <param name="bias">[stride].</param>
    /// <param name="r">Output signs ±1, [batch, stride].</param>
    /// <param name="h">[batch, stride].</param>
    /// <param name="room">For the second sum, [batch, stride].</param>
    static abstract void ForwardFlipout(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, int stride);

    /// <summary>below[b,i] = Σₒ w[i,o]·g[b,o] over the lanes' tree, for every entry of the inputs; the rest is left unchanged.</summary>
    /// <param name="inputs">Entries of every input, from the first on.</param>
    /// <param name="w">[inputs, outputs].</param>
    /// <param name="g">[batch, outputs].</param>
    /// <param name="below">[batch, inputs].</param>
    static abstract void InputGradients(in InputRows inputs, in TileRows w, in TileRows g, in TileRows below);

    /// <summary>
    /// below[b,i] = Σₒ μ[i,o]·g[b,o] + s·Σₒ δ[i,o]·gr[b,o] over the lanes' tree, where s = ±1 is the sign of the entry, whose signed x is
    /// s·x; otherwise as <see cref="InputGradients"/>.
    /// </summary>
    /// <param name="mu">[inputs, outputs], as is <paramref name="delta"/>.</param>
    /// <param name="g">[batch, outputs], as is <paramref name="gr"/> = g∘R.</param>
    static abstract void InputGradientsFlipout(
        in InputRows inputs, in TileRows mu, in TileRows delta, in TileRows g, in TileRows gr, in TileRows below);

    /// <summary>gradient[i,o] = Σ_b x[b,i]·g[b,o] over the examples in which input i is active.</summary>
    /// <param name="g">[batch, outputs].</param>
    /// <param name="gradient">Tile after tile, each [inputs, its width].</param>
    static abstract void RowGradients(in InputRows inputs, in TileRows g, float* gradient);

    /// <summary>byMu[i,o] = Σ_b x[b,i]·g[b,o] and byDelta[i,o] = Σ_b x[b,i]·s[b,i]·gr[b,o].</summary>
    /// <param name="g">[batch, stride], as is <paramref name="gr"/> = g∘R.</param>
    /// <param name="byMu">[inputs, stride], as is <paramref name="byDelta"/>.</param>
    static abstract void RowGradientsFlipout(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, int stride);

    /// <summary>gradient[o] = Σ_b g[b,o]: the gradient of the bias.</summary>
    /// <param name="g">[batch, stride].</param>
    /// <param name="gradient">[stride].</param>
    static abstract void BiasGradient(float* g, int batch, float* gradient, int stride);

    /// <summary>An optimizer step of neighbouring weights; pruned elements' gradient, moments and weight are +0 by selection.</summary>
    /// <param name="w">[<paramref name="count"/>], a multiple of 16, as are the moments, null without Adam, and the gradient.</param>
    /// <param name="keep">
    /// One bit per weight, set where it is kept: that of weight k is bit k mod 16 of word k/16; null where all are real and kept.
    /// </param>
    static abstract void Update(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count);

    /// <summary>
    /// <see cref="Update"/> of the weights of some inputs from one tile of g = ∂loss/∂h: their gradients are <see cref="RowGradients"/>'.
    /// </summary>
    /// <param name="g">[batch, width].</param>
    /// <param name="w">[inputs, width], as are the moments, null without Adam.</param>
    /// <param name="keep">As for <see cref="Update"/>.</param>
    /// <param name="room">For gradients, [inputs, width].</param>
    static abstract void UpdateRows(
        in UpdateRule rule, in InputRows inputs, float* g, float* w, float* m, float* v, ushort* keep, float* room, int width);

    /// <summary><see cref="Update"/>, except that pruned weights stay as they are, bit for bit.</summary>
    static abstract void UpdateFreezing(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count);

    /// <summary>
    /// A step of neighbouring μ and ρ: ∂μ = byMu + c·μ/s₀², ∂σ = byDelta·ε + c·(σ/s₀² − 1/σ), ∂ρ = ∂σ·slope, c = KL weight/N; then
    /// <see cref="Refresh"/>. Pruned elements' μ, ρ and moments are +0 by selection.
    /// </summary>
    /// <param name="state">[<paramref name="count"/>], a multiple of 16.</param>
    /// <param name="byMu">[<paramref name="count"/>], as is <paramref name="byDelta"/>.</param>
    static abstract void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int count);

    /// <summary>
    /// From μ and ρ: σ = ε₀ + softplus(ρ), slope = dσ/dρ, and their part of the KL added to 16 lanes of <see cref="FlipoutState.Kl"/>.
    /// Where a weight is pruned σ and slope are +0, and it is no part of the KL.
    /// </summary>
    static abstract void Refresh(in KlRule kl, in FlipoutState state, int count);

    /// <summary>
    /// ε and δ = σ∘ε of the chosen rows, from block row · blocksPerRow + firstBlock of the stream onwards (<see cref="NormalDraws"/>).
    /// </summary>
    /// <param name="rows">[<paramref name="count"/>].</param>
    /// <param name="sigma">[inputs, stride], as are <paramref name="epsilon"/> and <paramref name="delta"/>, whose other rows stay
    /// unchanged.</param>
    static abstract void DrawRows(
        RandomStream stream, int step, uint blocksPerRow, uint firstBlock,
        int* rows, int count, float* sigma, float* epsilon, float* delta, int stride);

    /// <summary>One row of standard normals, all of the stride: <see cref="NormalDraws"/>, bit for bit.</summary>
    static abstract void NormalRow(RandomStream stream, int step, uint firstBlock, float* destination, int stride);

    /// <summary>Words of whole blocks, in order: <see cref="SignDraws"/>.</summary>
    /// <param name="words">[4 · <paramref name="blocks"/>], anywhere.</param>
    static abstract void Words(RandomStream stream, int step, uint firstBlock, int blocks, uint* words);

    /// <summary>out[k] = a[k]·b[k].</summary>
    static abstract void Multiply(float* a, float* b, float* product, int count);

    /// <summary>±1 from bits, set for −1: the sign of column o is bit o mod 32 of word o/32.</summary>
    static abstract void ExpandSigns(uint* words, float* signs, int stride);

    /// <summary>
    /// One example's −ln softmax(h)[label] and, unless null, its gradient scaled by <paramref name="scale"/>; padding becomes 0.
    /// </summary>
    static abstract float CrossEntropy(float* h, int classes, int label, float scale, float* gradient, int stride);

    /// <summary>Numbers below 10⁻³⁰ in size become +0 (<see cref="OptimizerDefinition.Smallest"/>).</summary>
    static abstract void Flush(float* values, int count);

    /// <summary><see cref="Flush"/> of kept weights alone.</summary>
    /// <param name="values">[<paramref name="count"/>], a multiple of 16.</param>
    /// <param name="keep">One bit per weight, as for <see cref="Update"/>.</param>
    static abstract void FlushKept(float* values, ushort* keep, int count);
}
