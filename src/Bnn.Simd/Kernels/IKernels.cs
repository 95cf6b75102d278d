using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// The arithmetic of a step. Two implementations give the same bits: <see cref="ScalarKernels"/>, the plain reference, and
/// <see cref="VectorKernels"/>, which trains. Rows are padded with columns to a multiple of 16 (<see cref="Lanes.Count"/>), called stride.
/// </summary>
/// <remarks>
/// The order that makes the bits: a sum runs over ascending index by fused multiply-add; where it must cross columns, column o goes to logical
/// lane o mod 16 and the lanes are added by one fixed tree (<see cref="Lanes"/>). Inputs that are zero are left out of sums.
/// </remarks>
public unsafe interface IKernels
{
    /// <summary>h[b,o] = Σᵢ x[b,i]·w[i,o] + bias[o].</summary>
    /// <param name="rows">Entries of each example.</param>
    /// <param name="w">[inputs, stride].</param>
    /// <param name="h">Out, [batch, stride].</param>
    static abstract void Forward(in ExampleRows rows, float* w, float* bias, float* h, int stride);

    /// <summary>h[b,o] = Σᵢ x[b,i]·μ[i,o] + r[b,o]·Σᵢ x[b,i]·s[b,i]·δ[i,o] + bias[o].</summary>
    /// <param name="delta">δ = σ∘ε, [inputs, stride]; only rows of active inputs are read.</param>
    /// <param name="r">Output signs ±1, [batch, stride].</param>
    static abstract void ForwardFlipout(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, int stride);

    /// <summary>Writes the units above 0 and their values, ascending: ReLU without its zeros. NaN counts as active, so that it isn't lost.</summary>
    /// <returns>How many are active.</returns>
    static abstract int Rectify(float* h, int units, int* column, float* x);

    /// <summary>Σₒ w[o]·g[o] over the lanes' tree: the gradient of one active input of one example.</summary>
    static abstract float InputGradient(float* w, float* g, int stride);

    /// <summary>Σₒ μ[o]·g[o] + sign·Σₒ δ[o]·gr[o] over the lanes' tree.</summary>
    static abstract float InputGradientFlipout(float* mu, float* delta, float* g, float* gr, float sign, int stride);

    /// <summary>gradient[o] = Σ_b x[b]·g[b,o] over the <paramref name="count"/> examples in which an input is active.</summary>
    static abstract void RowGradient(int* example, float* x, int count, float* g, float* gradient, int stride);

    /// <summary>byMu[o] = Σ_b x[b]·g[b,o] and byDelta[o] = Σ_b x[b]·s[b]·gr[b,o].</summary>
    static abstract void RowGradientFlipout(int* example, float* x, float* signedX, int count, float* g, float* gr, float* byMu, float* byDelta, int stride);

    /// <summary>gradient[o] = Σ_b g[b,o]: the bias's.</summary>
    static abstract void BiasGradient(float* g, int batch, float* gradient, int stride);

    /// <summary>One row's optimizer step; pruned elements' gradient, moments and weight are +0 by selection.</summary>
    /// <param name="keep">All bits set where a weight is kept, none where it is pruned, [stride].</param>
    static abstract void Update(in UpdateRule rule, float* w, float* m, float* v, float* gradient, uint* keep, int stride);

    /// <summary>
    /// One row's step of μ and ρ: ∂μ = byMu + c·μ/s₀², ∂σ = byDelta·ε + c·(σ/s₀² − 1/σ), ∂ρ = ∂σ·slope, c = KL weight/N; then <see cref="Refresh"/>.
    /// </summary>
    static abstract void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutRow row, float* byMu, float* byDelta, int stride);

    /// <summary>From a row's μ and ρ: σ = ε₀ + softplus(ρ), slope = dσ/dρ, and its part of the KL added to 16 lanes of <see cref="FlipoutRow.Kl"/>.</summary>
    static abstract void Refresh(in KlRule kl, in FlipoutRow row, int stride);

    /// <summary>δ[o] = σ[o]·ε[o].</summary>
    static abstract void Perturb(float* sigma, float* epsilon, float* delta, int stride);

    /// <summary>out[o] = g[o]·r[o].</summary>
    static abstract void Multiply(float* g, float* r, float* product, int count);

    /// <summary>±1 from bits, set for −1: sign of column o is bit o mod 32 of word o/32.</summary>
    static abstract void ExpandSigns(uint* words, float* signs, int stride);

    /// <summary>One example's −ln softmax(h)[label] and, unless null, its gradient scaled by <paramref name="scale"/>; padding becomes 0.</summary>
    static abstract float CrossEntropy(float* h, int classes, int label, float scale, float* gradient, int stride);

    /// <summary>One row of standard normals, all of the stride: <see cref="NormalDraws"/>, bit for bit.</summary>
    static abstract void NormalRow(RandomStream stream, int step, uint firstBlock, float* destination, int stride);

    /// <summary>Numbers below 10⁻³⁰ in size become +0 (<see cref="OptimizerDefinition.Smallest"/>).</summary>
    static abstract void Flush(float* values, int count);
}

/// <summary>The entries of each example: from Begin[b] to End[b] of Column and X.</summary>
public unsafe struct ExampleRows
{
    public int Batch;
    public int* Begin, End, Column;
    public float* X, SignedX;
}

/// <summary>The optimizer's numbers of one step, in single precision.</summary>
public readonly struct UpdateRule
{
    public UpdateRule(Optimizer optimizer, int t)
    {
        IsAdam = optimizer is Optimizer.Adam;
        if (optimizer is Optimizer.Adam adam)
        {
            (OneMinusBeta1, OneMinusBeta2, Epsilon) = ((float)(1 - adam.Beta1), (float)(1 - adam.Beta2), (float)adam.Epsilon);
            StepSize = (float)adam.StepSize(t);
        }
        else
        {
            StepSize = (float)optimizer.LearningRate;
        }
    }

    public bool IsAdam { get; }

    public float StepSize { get; }

    public float OneMinusBeta1 { get; }

    public float OneMinusBeta2 { get; }

    public float Epsilon { get; }
}

/// <summary>The KL's numbers in single precision: c/s₀² and c in the gradient, 1/(2s₀²) in the sum, and ε₀ of σ.</summary>
public readonly struct KlRule(double factor, double priorScale, float scaleEpsilon)
{
    public float ByPrior { get; } = (float)(factor / (priorScale * priorScale));

    public float Factor { get; } = (float)factor;

    public float HalfPrecision { get; } = (float)(0.5 / (priorScale * priorScale));

    public float ScaleEpsilon { get; } = scaleEpsilon;
}

/// <summary>One row, [stride] each, of a Flipout layer's state. Valid has all bits set in real columns, none in padding.</summary>
public unsafe struct FlipoutRow
{
    public float* Mu, Rho, MuM, MuV, RhoM, RhoV, Sigma, Slope, Epsilon;
    public uint* Valid;

    /// <summary>16 sums, one a lane, of (σ²+μ²)/(2s₀²) − ln σ.</summary>
    public double* Kl;
}

/// <summary>Sums across columns: sixteen logical lanes and one fixed tree, whatever the machine's width.</summary>
public static class Lanes
{
    public const int Count = 16;

    /// <summary>Mantissas between 1 and 2 that may be multiplied before the product could overflow.</summary>
    public const int MantissasPerProduct = 64;

    public static int Padded(int columns) => (columns + Count - 1) / Count * Count;

    /// <summary>Lanes 8 apart are added, then 4, 2, 1 apart.</summary>
    public static float Tree(ReadOnlySpan<float> lanes)
    {
        Span<float> sums = stackalloc float[Count];
        lanes.CopyTo(sums);
        for (var half = Count / 2; half > 0; half /= 2)
            for (var i = 0; i < half; i++) sums[i] += sums[i + half];
        return sums[0];
    }
}
