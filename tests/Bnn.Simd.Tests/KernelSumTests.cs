using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>
/// Sums agree with the same sums in double within their rounding errors: each of n roundings may be off by half a unit in the last place
/// of a partial sum, and no partial sum exceeds the sum of the terms' sizes.
/// </summary>
public sealed unsafe class KernelSumTests
{
    /// <summary>Half a unit in the last place of a number of size 1.</summary>
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Sixteen lanes become one number in four additions.</summary>
    private const int TreeRoundings = 4;

    [Fact]
    public void Forward() => Everywhere(c =>
    {
        var (lists, tiling) = (c.Lists, Tiling.Of(c.Size.Outputs));
        var (w, h) = (c.Matrix(lists.Width, tiling), c.MatrixRoom(c.Size.Batch, tiling));
        var bias = c.Numbers(tiling.Stride);
        VectorKernels.Forward(c.Examples, w, bias, h);
        return Holds(c.Size.Batch, tiling.Stride, (b, o) =>
        {
            var sum = new Sum();
            var (begin, end) = lists.EntriesOf(b);
            for (var k = begin; k < end; k++) sum.Add(lists.X[k], At(w, lists.Column[k], o));
            sum.Add(bias[o]);
            return sum.Allows(At(h, b, o), roundings: end - begin + 1);
        });
    });

    [Fact]
    public void ForwardFlipout() => Everywhere(c =>
    {
        var (lists, width) = (c.Lists, Tiling.Of(c.Size.Outputs).WidthOf(0));
        var mu = c.Numbers(lists.Width * width);
        var delta = c.Numbers(lists.Width * width);
        var bias = c.Numbers(width);
        var r = c.Signs(c.Size.Batch * width);
        var h = c.Room<float>(c.Size.Batch * width);
        VectorKernels.ForwardFlipout(c.Examples, mu, delta, bias, r, h, c.Scratch<float>(c.Size.Batch * width), width);
        return Holds(c.Size.Batch, width, (b, o) =>
        {
            var sum = new Sum();
            var (begin, end) = lists.EntriesOf(b);
            for (var k = begin; k < end; k++)
            {
                sum.Add(lists.X[k], mu[lists.Column[k] * width + o]);
                sum.Add(r[b * width + o] * lists.SignedX[k], delta[lists.Column[k] * width + o]);
            }
            sum.Add(bias[o]);
            return sum.Allows(h[b * width + o], roundings: end - begin + 2);
        });
    });

    [Fact]
    public void InputGradients() => Everywhere(c =>
    {
        var (lists, tiling, below) = (c.Lists, Tiling.Of(c.Size.Outputs), Tiling.Of(c.Lists.Width));
        var (mu, delta) = (c.Matrix(lists.Width, tiling), c.Matrix(lists.Width, tiling));
        var (g, gr) = (c.Matrix(c.Size.Batch, tiling), c.Matrix(c.Size.Batch, tiling));
        var (plain, flipout) = (c.MatrixRoom(c.Size.Batch, below), c.MatrixRoom(c.Size.Batch, below));
        VectorKernels.InputGradients(lists.Inputs, mu, g, plain);
        VectorKernels.InputGradientsFlipout(lists.Inputs, mu, delta, g, gr, flipout);
        var roundings = tiling.Stride / Lanes.Count + TreeRoundings;
        return Holds(c.Size.Batch, 1, (b, _) =>
        {
            var (begin, end) = lists.EntriesOf(b);
            return Holds(end - begin, 1, (k, _) =>
            {
                var (sum, both) = (new Sum(), new Sum());
                var input = lists.Column[begin + k];
                var sign = lists.X[begin + k] == lists.SignedX[begin + k] ? 1 : -1;
                for (var o = 0; o < mu.Columns; o++)
                {
                    sum.Add(At(mu, input, o), At(g, b, o));
                    both.Add(At(mu, input, o), At(g, b, o));
                    both.Add(sign * At(delta, input, o), At(gr, b, o));
                }
                return sum.Allows(At(plain, b, input), roundings) && both.Allows(At(flipout, b, input), roundings + 1);
            });
        });
    });

    [Fact]
    public void RowGradients() => Everywhere(c =>
    {
        var (lists, tiling) = (c.Lists, Tiling.Of(c.Size.Outputs));
        var (g, gradient) = (c.Matrix(c.Size.Batch, tiling), c.MatrixRoom(lists.Width, tiling));
        var inputs = lists.Inputs;
        VectorKernels.RowGradients(inputs, g, gradient.Begin);
        var width = tiling.WidthOf(0);
        var byMu = c.Room<float>(lists.Width * width);
        var byDelta = c.Room<float>(lists.Width * width);
        VectorKernels.RowGradientsFlipout(inputs, g.Begin, g.Begin, byMu, byDelta, width);
        return Holds(lists.Width, tiling.Stride, (i, o) =>
        {
            var (sum, signed) = (new Sum(), new Sum());
            var count = inputs.Length[i];
            foreach (var entry in new ReadOnlySpan<InputEntry>(inputs.Begin + i * inputs.Stride, count))
            {
                sum.Add(entry.X, At(g, entry.Example, o));
                signed.Add(entry.SignedX, At(g, entry.Example, o));
            }
            return sum.Allows(At(gradient, i, o), count)
                && (o >= width || (sum.Allows(byMu[i * width + o], count) && signed.Allows(byDelta[i * width + o], count)));
        });
    });

    [Fact]
    public void BiasGradient() => Everywhere(c =>
    {
        var (batch, stride) = (c.Size.Batch, Lanes.Padded(c.Size.Outputs));
        var g = c.Numbers(batch * stride);
        var gradient = c.Room<float>(stride);
        VectorKernels.BiasGradient(g, batch, gradient, stride);
        return Holds(1, stride, (_, o) =>
        {
            var sum = new Sum();
            for (var b = 0; b < batch; b++) sum.Add(g[b * stride + o]);
            return sum.Allows(gradient[o], batch);
        });
    });

    [Fact]
    public void SparseForward_and_SparseBack() => EverywhereSparse((c, link, count, width) =>
    {
        var (inputs, outputs) = (c.Size.Inputs + 1, c.Size.Outputs);
        var w = c.Numbers(count);
        var x = c.Numbers(inputs * width);
        var g = c.Numbers(outputs * width);
        var h = c.Array(outputs * width, k => g[k]);
        var below = c.Array(inputs * width, k => x[k]);
        VectorKernels.SparseForward(link, w, count, x, h, width);
        var active = c.Array(inputs * width, k => k % 3 == 0 ? 0f : 1f);
        VectorKernels.SparseBack(c.Begins(link, count), inputs, link, w, g, active, below, width, continued: true);
        var (forward, back) = (new Sum[outputs * width], new Sum[inputs * width]);
        for (var k = 0; k < forward.Length; k++) forward[k].Add(g[k]);
        for (var k = 0; k < back.Length; k++) back[k].Add(x[k]);
        for (var k = 0; k < count; k++)
        {
            for (var b = 0; b < width; b++)
            {
                var (from, to) = (link[k].Input * width + b, link[k].Output * width + b);
                forward[to].Add(w[k], x[from]);
                back[from].Add(w[k], g[to]);
            }
        }
        return Holds(outputs, width, (o, b) => forward[o * width + b].Allows(h[o * width + b], forward[o * width + b].Terms))
            && Holds(inputs, width, (i, b) => active[i * width + b] == 0
                ? below[i * width + b] == 0
                : back[i * width + b].Allows(below[i * width + b], back[i * width + b].Terms));
    });

    [Fact]
    public void SparseGradient() => EverywhereSparse((c, link, count, width) =>
    {
        var x = c.Numbers((c.Size.Inputs + 1) * width);
        var g = c.Numbers(c.Size.Outputs * width);
        var lanes = c.Numbers(count * Lanes.Count);
        VectorKernels.SparseGradient(link, count, x, g, lanes, width, continued: false);
        VectorKernels.SparseGradient(link, count, x, g, lanes, width, continued: true);
        return Holds(count, 1, (k, _) =>
        {
            var sum = new Sum();
            for (var b = 0; b < width; b++)
                for (var time = 0; time < 2; time++) sum.Add(x[link[k].Input * width + b], g[link[k].Output * width + b]);
            var tree = Lanes.Tree(new ReadOnlySpan<float>(lanes + k * Lanes.Count, Lanes.Count));
            return sum.Allows(tree, 2 * width / Lanes.Count + TreeRoundings);
        });
    });

    [Fact]
    public void SparseUpdate_descends_by_the_trees_of_the_lanes() => Gen.Select(Gen.Int[0, 20], Gen.ULong).Sample((vectors, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, 1, 1, 1, 1, seed));
        var count = vectors * Lanes.Count;
        var lanes = c.Numbers(count * Lanes.Count);
        var start = c.Numbers(count);
        var w = c.Array(count, k => start[k]);
        var rule = new UpdateRule(new Bnn.Core.Optimizer.Sgd(0.1), 1);
        VectorKernels.SparseUpdate(rule, lanes, w, null, null, count);
        return Holds(count, 1, (k, _) =>
        {
            var sum = new Sum();
            for (var lane = 0; lane < Lanes.Count; lane++) sum.Add(-rule.StepSize, lanes[k * Lanes.Count + lane]);
            sum.Add(start[k]);
            return sum.Allows(w[k], TreeRoundings + 1);
        });
    }, iter: 50);

    [Fact]
    public void SparseUpdate_with_Adam() => Gen.Select(Gen.Int[0, 20], Gen.Int[1, 1000], Gen.ULong).Sample((vectors, t, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, 1, 1, 1, 1, seed));
        var (count, adam) = (vectors * Lanes.Count, new Bnn.Core.Optimizer.Adam(0.0012));
        var lanes = c.Numbers(count * Lanes.Count);
        var (w0, m0, v0) = (Copy(c.Numbers(count), count), Copy(c.Numbers(count), count), Copy(c.Positive(count), count));
        var w = c.Array(count, k => w0[k]);
        var m = c.Array(count, k => m0[k]);
        var v = c.Array(count, k => v0[k]);
        VectorKernels.SparseUpdate(new UpdateRule(adam, t), lanes, w, m, v, count);
        return Holds(count, 1, (k, _) =>
        {
            var (g, size) = (0.0, 0.0);
            for (var lane = 0; lane < Lanes.Count; lane++)
            {
                var term = lanes[k * Lanes.Count + lane];
                (g, size) = (g + term, size + Math.Abs(term));
            }
            var (expectedM, expectedV) = (m0[k] + (1 - adam.Beta1) * (g - m0[k]), v0[k] + (1 - adam.Beta2) * (g * g - v0[k]));
            var root = Math.Sqrt(expectedV) + adam.Epsilon;
            var step = adam.StepSize(t) * expectedM / root;

            // The error of the gradient's tree propagates to m and v, and from there to the step; each operation adds its own rounding.
            var ofG = (TreeRoundings + 1) * Unit * size;
            var ofM = (1 - adam.Beta1) * ofG + 3 * Unit * (Math.Abs(m0[k]) + Math.Abs(g));
            var ofV = (1 - adam.Beta2) * 2 * (Math.Abs(g) + ofG) * ofG + 3 * Unit * (v0[k] + g * g);
            var ofStep = adam.StepSize(t) * ofM / root + Math.Abs(step) * (ofV / expectedV + 8 * Unit);
            return Math.Abs(m[k] - expectedM) <= ofM && Math.Abs(v[k] - expectedV) <= ofV
                && Math.Abs(w[k] - (w0[k] - step)) <= ofStep + 2 * Unit * Math.Abs(w0[k] - step);
        });
    }, iter: 50);

    private delegate bool SparseLaw(KernelCase c, SparseLink* link, int count, int width);

    /// <summary>Small cases of all kinds, and the first layer of the net that is trained.</summary>
    private static void Everywhere(Func<KernelCase, bool> law)
    {
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 150], Gen.Int[1, 20], Gen.Double[0, 1], Gen.ULong)
            .Sample((inputs, outputs, batch, active, seed) => Holds(new CaseSize(inputs, outputs, batch, active, 1, seed)), iter: 20);
        Assert.True(Holds(new CaseSize(784, 300, 60, 0.19, 1)));

        bool Holds(CaseSize size)
        {
            using var c = new KernelCase(size);
            return law(c);
        }
    }

    private static void EverywhereSparse(SparseLaw law)
    {
        Gen.Select(Gen.Int[0, 80], Gen.Int[1, 80], Gen.Int[1, 4], Gen.Double[0, 1], Gen.ULong)
            .Sample((inputs, outputs, vectors, density, seed) =>
                Holds(new CaseSize(inputs, outputs, 1, 1, density, seed), vectors * Lanes.Count), iter: 40);
        Assert.True(Holds(new CaseSize(784, 300, 60, 0.19, 0.05), LaneMatrix.Group));

        bool Holds(CaseSize size, int width)
        {
            using var c = new KernelCase(size);
            var link = c.Links(out var count);
            return law(c, link, count, width);
        }
    }

    private static bool Holds(int rows, int columns, Func<int, int, bool> law)
    {
        for (var i = 0; i < rows; i++)
            for (var o = 0; o < columns; o++)
                if (!law(i, o)) return false;
        return true;
    }

    private static float At(TileRows matrix, int row, int column) => *matrix.At(row, column);

    private static float[] Copy(float* values, int count) => new ReadOnlySpan<float>(values, count).ToArray();

    /// <summary>A sum in double, where products of two floats are exact, and the sizes of its terms.</summary>
    private struct Sum
    {
        private double _value, _size;

        public int Terms { get; private set; }

        public void Add(double a, double b = 1)
        {
            (_value, _size) = (_value + a * b, _size + Math.Abs(a * b));
            Terms++;
        }

        /// <summary>One more rounding covers the products of the roundings.</summary>
        public readonly bool Allows(float actual, int roundings) => Math.Abs(actual - _value) <= (roundings + 1) * Unit * _size;
    }
}
