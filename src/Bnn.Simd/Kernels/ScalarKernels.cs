using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The reference kernels: one number at a time, in the order that defines the bits. Slow, and meant to be read.</summary>
public readonly unsafe partial struct ScalarKernels : IKernels
{
    public static int Pixels(byte* pixels, int count, int first, int* column, float* x)
    {
        var found = 0;
        for (var i = 0; i < count; i++)
        {
            if (pixels[i] == 0) continue;
            (column[found], x[found]) = (first + i, pixels[i] / 255f);
            found++;
        }
        return found;
    }

    public static int NonZeros(float* values, int count, int first, int* column, float* x)
    {
        var found = 0;
        for (var i = 0; i < count; i++)
        {
            if (values[i] == 0) continue;
            (column[found], x[found]) = (first + i, values[i]);
            found++;
        }
        return found;
    }

    public static int Rectify(float* h, int units, int first, int* column, float* x)
    {
        var found = 0;
        for (var i = 0; i < units; i++)
        {
            if (h[i] <= 0) continue;
            (column[found], x[found]) = (first + i, h[i]);
            found++;
        }
        return found;
    }

    public static void Forward(in ExampleRows rows, in TileRows w, float* bias, in TileRows h)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            for (var o = 0; o < w.Columns; o++)
            {
                var sum = 0f;
                for (var k = rows.Begin(b); k < rows.End(b); k++) sum = Fma(rows.X[k], *w.At(rows.Column[k], o), sum);
                *h.At(b, o) = sum + bias[o];
            }
        }
    }

    public static void ForwardFlipout(
        in ExampleRows rows, float* mu, float* delta, float* bias, float* r, float* h, float* room, int stride)
    {
        for (var b = 0; b < rows.Batch; b++)
        {
            for (var o = 0; o < stride; o++)
            {
                var (mean, perturbation) = (0f, 0f);
                for (var k = rows.Begin(b); k < rows.End(b); k++)
                {
                    var at = rows.Column[k] * stride + o;
                    mean = Fma(rows.X[k], mu[at], mean);
                    perturbation = Fma(rows.SignedX[k], delta[at], perturbation);
                }
                h[b * stride + o] = Fma(r[b * stride + o], perturbation, mean) + bias[o];
            }
        }
    }

    public static void InputGradients(in InputRows inputs, in TileRows w, in TileRows g, in TileRows below)
    {
        Span<float> lanes = stackalloc float[Lanes.Count];
        for (var i = 0; i < inputs.Count; i++)
        {
            foreach (var entry in Entries(inputs, i))
            {
                lanes.Clear();
                AddProducts(lanes, w, i, g, entry.Example);
                *below.At(entry.Example, i) = Lanes.Tree(lanes);
            }
        }
    }

    public static void InputGradientsFlipout(
        in InputRows inputs, in TileRows mu, in TileRows delta, in TileRows g, in TileRows gr, in TileRows below)
    {
        Span<float> mean = stackalloc float[Lanes.Count], perturbation = stackalloc float[Lanes.Count];
        for (var i = 0; i < inputs.Count; i++)
        {
            foreach (var entry in Entries(inputs, i))
            {
                mean.Clear();
                perturbation.Clear();
                AddProducts(mean, mu, i, g, entry.Example);
                AddProducts(perturbation, delta, i, gr, entry.Example);
                var sign = entry.Flagged < 0 ? -1f : 1f;
                for (var lane = 0; lane < Lanes.Count; lane++) mean[lane] = Fma(sign, perturbation[lane], mean[lane]);
                *below.At(entry.Example, i) = Lanes.Tree(mean);
            }
        }
    }

    public static void RowGradients(in InputRows inputs, in TileRows g, float* gradient) =>
        RowGradients(inputs, g, gradient, signed: false);

    public static void RowGradientsFlipout(in InputRows inputs, float* g, float* gr, float* byMu, float* byDelta, int stride)
    {
        RowGradients(inputs, new TileRows { Begin = g, Tiles = 1, Width = stride, Columns = stride }, byMu, signed: false);
        RowGradients(inputs, new TileRows { Begin = gr, Tiles = 1, Width = stride, Columns = stride }, byDelta, signed: true);
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

    public static void Update(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count)
    {
        for (var o = 0; o < count; o++)
        {
            if (IsPruned(keep, o))
            {
                w[o] = 0f;
                if (rule.IsAdam) (m[o], v[o]) = (0f, 0f);
                continue;
            }
            Step(rule, ref w[o], ref m[o], ref v[o], gradient[o]);
        }
    }

    public static void UpdateRows(
        in UpdateRule rule, in InputRows inputs, float* g, float* w, float* m, float* v, ushort* keep, float* room, int width)
    {
        RowGradients(inputs, new TileRows { Begin = g, Tiles = 1, Width = width, Columns = width }, room);
        Update(rule, w, m, v, room, keep, inputs.Count * width);
    }

    public static void UpdateFreezing(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count)
    {
        for (var o = 0; o < count; o++)
        {
            if (!IsPruned(keep, o)) Step(rule, ref w[o], ref m[o], ref v[o], gradient[o]);
            else if (rule.IsAdam) (m[o], v[o]) = (0f, 0f);
        }
    }

    public static void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutState state, float* byMu, float* byDelta, int count)
    {
        for (var o = 0; o < count; o++)
        {
            if (IsPruned(state.Keep, o))
            {
                (state.Mu[o], state.Rho[o]) = (0f, 0f);
                if (rule.IsAdam) (state.MuM[o], state.MuV[o], state.RhoM[o], state.RhoV[o]) = (0f, 0f, 0f, 0f);
                continue;
            }
            var gradientOfMu = Formulas.GradientOfMu(kl.ByPrior, byMu[o], state.Mu[o]);
            var gradientOfRho = Formulas.GradientOfRho(
                kl.ByPrior, kl.Factor, byDelta[o], state.Epsilon[o], state.Sigma[o], state.Slope[o]);
            Step(rule, ref state.Mu[o], ref state.MuM[o], ref state.MuV[o], gradientOfMu);
            Step(rule, ref state.Rho[o], ref state.RhoM[o], ref state.RhoV[o], gradientOfRho);
        }
        Refresh(kl, state, count);
    }

    public static void Refresh(in KlRule kl, in FlipoutState state, int count)
    {
        for (var begin = 0; begin < count; begin += Lanes.Count * Lanes.MantissasPerProduct)
        {
            var end = Math.Min(count, begin + Lanes.Count * Lanes.MantissasPerProduct);
            for (var lane = 0; lane < Lanes.Count; lane++)
            {
                var (product, exponents, squares) = (1f, 0f, 0f);
                for (var o = begin + lane; o < end; o += Lanes.Count)
                {
                    if (IsPruned(state.Keep, o))
                    {
                        (state.Sigma[o], state.Slope[o]) = (0f, 0f);
                        continue;
                    }
                    var (softplus, slope) = PortableMath.Softplus(state.Rho[o]);
                    var sigma = kl.ScaleEpsilon + softplus;
                    (state.Sigma[o], state.Slope[o]) = (sigma, slope);
                    Formulas.AddToKl(ref product, ref exponents, ref squares, sigma, state.Mu[o]);
                }
                state.Kl[lane] += Formulas.Kl(kl.HalfPrecision, product, exponents, squares);
            }
        }
    }

    public static void DrawRows(
        RandomStream stream, int step, uint blocksPerRow, uint firstBlock,
        int* rows, int count, float* sigma, float* epsilon, float* delta, int stride)
    {
        for (var k = 0; k < count; k++)
        {
            var at = rows[k] * stride;
            NormalRow(stream, step, (uint)rows[k] * blocksPerRow + firstBlock, epsilon + at, stride);
            Multiply(sigma + at, epsilon + at, delta + at, stride);
        }
    }

    public static void Words(RandomStream stream, int step, uint firstBlock, int blocks, uint* words)
    {
        for (var j = 0; j < blocks; j++)
        {
            var block = stream.Block(step, firstBlock + (uint)j);
            (words[4 * j], words[4 * j + 1], words[4 * j + 2], words[4 * j + 3]) = (block.W0, block.W1, block.W2, block.W3);
        }
    }

    public static void Multiply(float* a, float* b, float* product, int count)
    {
        for (var k = 0; k < count; k++) product[k] = a[k] * b[k];
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
        return Formulas.CrossEntropy(sum, max, h[label]);
    }

    public static void NormalRow(RandomStream stream, int step, uint firstBlock, float* destination, int stride) =>
        NormalDraws.Fill(stream, step, firstBlock, new Span<float>(destination, stride));

    public static void Flush(float* values, int count)
    {
        for (var i = 0; i < count; i++) values[i] = Formulas.Flush(values[i]);
    }

    public static void FlushKept(float* values, ushort* keep, int count)
    {
        for (var i = 0; i < count; i++)
            if (!IsPruned(keep, i)) Flush(values + i, 1);
    }

    private static bool IsPruned(ushort* keep, int weight) =>
        keep is not null && (keep[weight / Lanes.Count] >> (weight % Lanes.Count) & 1) == 0;

    private static ReadOnlySpan<InputEntry> Entries(in InputRows inputs, int i) =>
        new(inputs.Begin + (nint)i * inputs.Stride, inputs.Length[i]);

    private static void RowGradients(in InputRows inputs, in TileRows g, float* gradient, bool signed)
    {
        for (var tile = 0; tile < g.Tiles; tile++)
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                for (var o = tile * g.Width; o < tile * g.Width + g.WidthOf(tile); o++)
                {
                    var sum = 0f;
                    foreach (var entry in Entries(inputs, i)) sum = Fma(signed ? entry.SignedX : entry.X, *g.At(entry.Example, o), sum);
                    *gradient++ = sum;
                }
            }
        }
    }

    private static void AddProducts(Span<float> lanes, in TileRows w, int row, in TileRows g, int example)
    {
        for (var o = 0; o < w.Columns; o++)
        {
            ref var lane = ref lanes[o % Lanes.Count];
            lane = Fma(*w.At(row, o), *g.At(example, o), lane);
        }
    }

    private static void Step(in UpdateRule rule, ref float p, ref float m, ref float v, float g)
    {
        if (rule.IsAdam) Formulas.Adam(rule.StepSize, rule.OneMinusBeta1, rule.OneMinusBeta2, rule.Epsilon, g, ref p, ref m, ref v);
        else Formulas.Descend(rule.StepSize, g, ref p);
    }

    private static float Fma(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);
}
