using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The reference kernels: one number at a time, in the order that defines the bits. Slow, and meant to be read.</summary>
public readonly unsafe struct ScalarKernels : IKernels
{
    public static void Forward(in ExampleRows rows, float* w, float* bias, float* h, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            for (var o = 0; o < stride; o++)
            {
                var sum = 0f;
                for (var k = rows.Begin[b]; k < rows.End[b]; k++) sum = Fma(rows.X[k], w[rows.Column[k] * stride + o], sum);
                h[b * stride + o] = sum + bias[o];
            }
        }
    }

    public static void ForwardFlipout(in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            for (var o = 0; o < stride; o++)
            {
                var (mean, perturbation) = (0f, 0f);
                for (var k = rows.Begin[b]; k < rows.End[b]; k++)
                {
                    var at = rows.Column[k] * stride + o;
                    mean = Fma(rows.X[k], mu[at], mean);
                    perturbation = Fma(rows.SignedX[k], delta[at], perturbation);
                }
                h[b * stride + o] = Fma(r[b * stride + o], perturbation, mean) + bias[o];
            }
        }
    }

    public static int Rectify(float* h, int units, int* column, float* x)
    {
        var count = 0;
        for (var i = 0; i < units; i++)
        {
            if (h[i] <= 0) continue;
            (column[count], x[count]) = (i, h[i]);
            count++;
        }
        return count;
    }

    public static float InputGradient(float* w, float* g, int stride)
    {
        Span<float> lanes = stackalloc float[Lanes.Count];
        lanes.Clear();
        for (var o = 0; o < stride; o++) lanes[o % Lanes.Count] = Fma(w[o], g[o], lanes[o % Lanes.Count]);
        return Lanes.Tree(lanes);
    }

    public static float InputGradientFlipout(float* mu, float* delta, float* g, float* gr, float sign, int stride)
    {
        Span<float> mean = stackalloc float[Lanes.Count], perturbation = stackalloc float[Lanes.Count];
        mean.Clear();
        perturbation.Clear();
        for (var o = 0; o < stride; o++)
        {
            var lane = o % Lanes.Count;
            mean[lane] = Fma(mu[o], g[o], mean[lane]);
            perturbation[lane] = Fma(delta[o], gr[o], perturbation[lane]);
        }
        for (var lane = 0; lane < Lanes.Count; lane++) mean[lane] = Fma(sign, perturbation[lane], mean[lane]);
        return Lanes.Tree(mean);
    }

    public static void RowGradient(int* example, float* x, int count, float* g, float* gradient, int stride)
    {
        for (var o = 0; o < stride; o++)
        {
            var sum = 0f;
            for (var k = 0; k < count; k++) sum = Fma(x[k], g[example[k] * stride + o], sum);
            gradient[o] = sum;
        }
    }

    public static void RowGradientFlipout(int* example, float* x, float* signedX, int count, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        RowGradient(example, x, count, g, byMu, stride);
        RowGradient(example, signedX, count, gr, byDelta, stride);
    }

    public static void BiasGradient(float* g, int batch, float* gradient, int stride)
    {
        for (var o = 0; o < stride; o++)
        {
            var sum = 0f;
            for (var b = 0; b < batch; b++) sum += g[b * stride + o];
            gradient[o] = sum;
        }
    }

    public static void Update(in UpdateRule rule, float* w, float* m, float* v, float* gradient, uint* keep, int stride)
    {
        for (var o = 0; o < stride; o++)
        {
            if (keep[o] == 0)
            {
                w[o] = 0f;
                if (rule.IsAdam) (m[o], v[o]) = (0f, 0f);
                continue;
            }
            Step(rule, ref w[o], ref m[o], ref v[o], gradient[o]);
        }
    }

    public static void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutRow row, float* byMu, float* byDelta, int stride)
    {
        for (var o = 0; o < stride; o++)
        {
            var gradientOfMu = Fma(kl.ByPrior, row.Mu[o], byMu[o]);
            var klBySigma = Fma(kl.ByPrior, row.Sigma[o], -(kl.Factor / row.Sigma[o]));
            var gradientOfRho = Fma(byDelta[o], row.Epsilon[o], klBySigma) * row.Slope[o];
            Step(rule, ref row.Mu[o], ref row.MuM[o], ref row.MuV[o], gradientOfMu);
            Step(rule, ref row.Rho[o], ref row.RhoM[o], ref row.RhoV[o], gradientOfRho);
        }
        Refresh(kl, row, stride);
    }

    public static void Refresh(in KlRule kl, in FlipoutRow row, int stride)
    {
        for (var begin = 0; begin < stride; begin += Lanes.Count * Lanes.MantissasPerProduct)
        {
            var end = Math.Min(stride, begin + Lanes.Count * Lanes.MantissasPerProduct);
            for (var lane = 0; lane < Lanes.Count; lane++)
            {
                // ln Πσ = ln of the mantissas' product + ln 2 · the exponents' sum: one logarithm for up to 64 scales.
                var (product, exponents, squares) = (1f, 0f, 0f);
                for (var o = begin + lane; o < end; o += Lanes.Count)
                {
                    var (softplus, slope) = PortableMath.Softplus(row.Rho[o]);
                    var sigma = kl.ScaleEpsilon + softplus;
                    (row.Sigma[o], row.Slope[o]) = (sigma, slope);
                    if (row.Valid[o] == 0) continue;
                    var bits = BitConverter.SingleToInt32Bits(sigma);
                    product *= BitConverter.Int32BitsToSingle((bits & 0x007FFFFF) | 0x3F800000);
                    exponents += (bits >> 23) - 127;
                    squares = Fma(sigma, sigma, Fma(row.Mu[o], row.Mu[o], squares));
                }
                var logSigma = Fma(exponents, PortableMath.Ln2, PortableMath.Log(product));
                row.Kl[lane] += Fma(kl.HalfPrecision, squares, -logSigma);
            }
        }
    }

    public static void Perturb(float* sigma, float* epsilon, float* delta, int stride) => Multiply(sigma, epsilon, delta, stride);

    public static void Multiply(float* g, float* r, float* product, int count)
    {
        for (var i = 0; i < count; i++) product[i] = g[i] * r[i];
    }

    public static void ExpandSigns(uint* words, float* signs, int stride)
    {
        for (var o = 0; o < stride; o++) signs[o] = (words[o / 32] >> (o % 32) & 1) != 0 ? -1f : 1f;
    }

    public static float CrossEntropy(float* h, int classes, int label, float scale, float* gradient, int stride)
    {
        var max = h[0];
        for (var o = 0; o < classes; o++) max = h[o] > max ? h[o] : max;
        Span<float> lanes = stackalloc float[Lanes.Count];
        lanes.Clear();
        for (var o = 0; o < classes; o++) lanes[o % Lanes.Count] += PortableMath.Exp(h[o] - max);
        var sum = Lanes.Tree(lanes);
        if (gradient is not null)
        {
            var factor = scale / sum;
            for (var o = 0; o < stride; o++) gradient[o] = o < classes ? PortableMath.Exp(h[o] - max) * factor : 0f;
            gradient[label] -= scale;
        }
        return float.IsFinite(sum) ? PortableMath.Log(sum) + (max - h[label]) : float.NaN;
    }

    public static void NormalRow(RandomStream stream, int step, uint firstBlock, float* destination, int stride) =>
        NormalDraws.FillRow(stream, step, (int)(firstBlock / NormalDraws.BlocksPerRow(stride)), new Span<float>(destination, stride));

    public static void Flush(float* values, int count)
    {
        for (var i = 0; i < count; i++)
            if (Math.Abs(values[i]) < (float)OptimizerDefinition.Smallest) values[i] = 0f;
    }

    private static void Step(in UpdateRule rule, ref float p, ref float m, ref float v, float g)
    {
        if (rule.IsAdam)
        {
            m = Fma(rule.OneMinusBeta1, g - m, m);
            v = Fma(rule.OneMinusBeta2, Fma(g, g, -v), v);
            p -= rule.StepSize * m / (float.Sqrt(v) + rule.Epsilon);
        }
        else
        {
            p = Fma(-rule.StepSize, g, p);
        }
    }

    private static float Fma(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);
}
