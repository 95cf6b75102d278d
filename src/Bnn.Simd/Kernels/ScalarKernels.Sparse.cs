using Bnn.Core;

namespace Bnn.Simd;

public readonly unsafe partial struct ScalarKernels
{
    public static void SparseForward(SparseLink* link, float* w, int count, float* x, float* h, int width)
    {
        for (var k = 0; k < count; k++)
        {
            for (var b = 0; b < width; b++)
            {
                ref var sum = ref h[link[k].Output * width + b];
                sum = Fma(w[k], x[link[k].Input * width + b], sum);
            }
        }
    }

    public static void SparseBack(
        int* begin, int inputs, SparseLink* link, float* w, float* g, float* x, float* below, int width, bool continued)
    {
        for (var at = 0; at < inputs * width; at++)
        {
            var sum = continued ? below[at] : 0f;
            for (var k = begin[at / width]; k < begin[at / width + 1]; k++) sum = Fma(w[k], g[link[k].Output * width + at % width], sum);
            below[at] = x[at] <= 0 ? 0f : sum;
        }
    }

    public static void SparseGradient(SparseLink* link, int count, float* x, float* g, float* lanes, int width, bool continued)
    {
        for (var k = 0; k < count; k++)
        {
            var sums = lanes + k * Lanes.Count;
            if (!continued) new Span<float>(sums, Lanes.Count).Clear();
            for (var b = 0; b < width; b++)
                sums[b % Lanes.Count] = Fma(x[link[k].Input * width + b], g[link[k].Output * width + b], sums[b % Lanes.Count]);
        }
    }

    public static void SparseUpdate(in UpdateRule rule, float* lanes, float* w, float* m, float* v, int count)
    {
        var unused = (M: 0f, V: 0f);
        for (var k = 0; k < count; k++)
        {
            var gradient = Lanes.Tree(new ReadOnlySpan<float>(lanes + k * Lanes.Count, Lanes.Count));
            if (rule.IsAdam) Step(rule, ref w[k], ref m[k], ref v[k], gradient);
            else Step(rule, ref w[k], ref unused.M, ref unused.V, gradient);
        }
    }

    public static void SparseTrees(float* lanes, float* gradient, int count)
    {
        for (var k = 0; k < count; k++) gradient[k] = Lanes.Tree(new ReadOnlySpan<float>(lanes + k * Lanes.Count, Lanes.Count));
    }

    public static void SignRows(float* from, uint* words, int wordsPerRow, int rows, byte* active, float* to, int width)
    {
        for (var i = 0; i < rows; i++)
        {
            if (active is not null && active[i] == 0) continue;
            for (var b = 0; b < width; b++)
                to[i * width + b] = (words[b * wordsPerRow + i / 32] >> (i % 32) & 1) != 0 ? -from[i * width + b] : from[i * width + b];
        }
    }

    public static void DrawKept(RandomStream stream, int step, uint* draw, int count, float* sigma, float* epsilon, float* delta)
    {
        for (var k = 0; k < count; k++)
        {
            var block = stream.Block(step, draw[k] >> 2);
            var (first, second) = (draw[k] & 2) == 0
                ? NormalDraws.BoxMuller(block.W0, block.W1)
                : NormalDraws.BoxMuller(block.W2, block.W3);
            epsilon[k] = (draw[k] & 1) == 0 ? first : second;
            delta[k] = sigma[k] * epsilon[k];
        }
    }

    public static void SpreadBias(float* bias, float* h, int outputs, int width)
    {
        for (var o = 0; o < outputs; o++) new Span<float>(h + o * width, width).Fill(bias[o]);
    }

    public static void RectifyInPlace(float* h, int count)
    {
        for (var i = 0; i < count; i++) h[i] = Formulas.Rectify(h[i]);
    }

    public static void CrossEntropyOfGroup(
        float* h, int classes, int* label, int count, float scale, float* gradient, float* nll, int* largest, int width)
    {
        for (var b = 0; b < width; b++)
        {
            var (max, best) = (h[b], 0);
            for (var o = 1; o < classes; o++)
                if (h[o * width + b] > max) (max, best) = (h[o * width + b], o);
            var sum = 0f;
            for (var o = 0; o < classes; o++) sum += PortableMath.Exp(h[o * width + b] - max);
            if (gradient is not null)
            {
                var factor = scale / sum;
                for (var o = 0; o < classes; o++)
                    gradient[o * width + b] = b < count ? PortableMath.Exp(h[o * width + b] - max) * factor : 0f;
            }
            if (b >= count) continue;
            if (gradient is not null) gradient[label[b] * width + b] -= scale;
            largest[b] = best;
            nll[b] = Formulas.CrossEntropy(sum, max, h[label[b] * width + b]);
        }
    }

    public static void TransposePixels(byte** rows, int columns, byte* pixels, int width)
    {
        for (var c = 0; c < columns; c++)
            for (var b = 0; b < Lanes.Count; b++) pixels[c * width + b] = rows[b][c];
    }

    public static void FindActive(byte* pixels, int rows, byte* active, int width)
    {
        for (var i = 0; i < rows; i++)
            for (var b = 0; b < width; b++)
                if (pixels[i * width + b] != 0) active[i] = 1;
    }

    public static void ScalePixels(byte* pixels, int rows, byte* active, float* x, int width)
    {
        for (var i = 0; i < rows; i++)
            for (var b = 0; active[i] != 0 && b < width; b++) x[i * width + b] = pixels[i * width + b] / 255f;
    }
}
