using Bnn.Core;
using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>Every vector kernel equals its scalar reference bit for bit: any width up to past a tile, ragged counts, zeros, signs, tiny and huge numbers.</summary>
public sealed unsafe class KernelTests
{
    private static readonly Gen<(int Inputs, int Outputs, int Batch, ulong Seed)> Sizes = Gen.Select(Gen.Int[1, 37], Gen.Int[1, 150], Gen.Int[1, 9], Gen.ULong);

    [Fact]
    public void Forward() => Sizes.Sample(size =>
    {
        using var c = new Case(size);
        var (x, y) = (c.Out(), c.Out());
        ScalarKernels.Forward(c.Rows, c.W, c.Bias, x.Pointer, c.Stride);
        VectorKernels.Forward(c.Rows, c.W, c.Bias, y.Pointer, c.Stride);
        return Same(x, y);
    }, iter: 200);

    [Fact]
    public void ForwardFlipout() => Sizes.Sample(size =>
    {
        using var c = new Case(size);
        var (x, y) = (c.Out(), c.Out());
        ScalarKernels.ForwardFlipout(c.Rows, c.W, c.Delta, c.Bias, c.Signs, x.Pointer, c.Stride);
        VectorKernels.ForwardFlipout(c.Rows, c.W, c.Delta, c.Bias, c.Signs, y.Pointer, c.Stride);
        return Same(x, y);
    }, iter: 200);

    [Fact]
    public void Rectify_keeps_what_is_above_zero_and_what_is_not_a_number() => Sizes.Sample(size =>
    {
        using var c = new Case(size);
        var h = c.Out();
        if (size.Seed % 3 == 0) h.Pointer[size.Outputs / 2] = float.NaN;
        if (size.Seed % 5 == 0) h.Pointer[0] = -0f;
        int[] columns = new int[size.Outputs], expectedColumns = new int[size.Outputs];
        float[] values = new float[size.Outputs], expected = new float[size.Outputs];
        fixed (int* p = columns, q = expectedColumns)
        {
            fixed (float* v = values, e = expected)
            {
                return VectorKernels.Rectify(h.Pointer, size.Outputs, p, v) == ScalarKernels.Rectify(h.Pointer, size.Outputs, q, e)
                    && columns.AsSpan().SequenceEqual(expectedColumns)
                    && Bits(values).SequenceEqual(Bits(expected));
            }
        }
    }, iter: 300);

    [Fact]
    public void InputGradients() => Sizes.Sample(size =>
    {
        using var c = new Case(size);
        var sign = size.Seed % 2 == 0 ? 1f : -1f;
        return Bits(ScalarKernels.InputGradient(c.W, c.Delta, c.Stride)) == Bits(VectorKernels.InputGradient(c.W, c.Delta, c.Stride))
            && Bits(ScalarKernels.InputGradientFlipout(c.W, c.Delta, c.G, c.Gr, sign, c.Stride)) == Bits(VectorKernels.InputGradientFlipout(c.W, c.Delta, c.G, c.Gr, sign, c.Stride));
    }, iter: 200);

    [Fact]
    public void RowGradients() => Sizes.Sample(size =>
    {
        using var c = new Case(size);
        c.Lists.SortByInput(signed: true);
        for (var i = 0; i < size.Inputs; i++)
        {
            var begin = c.Lists.InputBegin[i];
            var count = c.Lists.InputBegin[i + 1] - begin;
            var (a, b, x, y) = (c.Row(), c.Row(), c.Row(), c.Row());
            ScalarKernels.RowGradientFlipout(c.Lists.Example + begin, c.Lists.InputX + begin, c.Lists.InputSignedX + begin, count, c.G, c.Gr, a.Pointer, b.Pointer, c.Stride);
            VectorKernels.RowGradientFlipout(c.Lists.Example + begin, c.Lists.InputX + begin, c.Lists.InputSignedX + begin, count, c.G, c.Gr, x.Pointer, y.Pointer, c.Stride);
            if (!Same(a, x) || !Same(b, y)) return false;
        }
        var (bias, vectorBias) = (c.Row(), c.Row());
        ScalarKernels.BiasGradient(c.G, size.Batch, bias.Pointer, c.Stride);
        VectorKernels.BiasGradient(c.G, size.Batch, vectorBias.Pointer, c.Stride);
        return Same(bias, vectorBias);
    }, iter: 200);

    [Fact]
    public void Updates_of_kept_and_pruned_weights() => Gen.Select(Sizes, Gen.Bool).Sample((size, isAdam) =>
    {
        Optimizer optimizer = isAdam ? new Optimizer.Adam(0.0012) : new Optimizer.Sgd(0.1);
        var rule = new UpdateRule(optimizer, 1 + (int)(size.Seed % 1000));
        using var one = new Case(size);
        using var two = new Case(size);
        ScalarKernels.Update(rule, one.W, one.M, one.V, one.G, one.Keep, one.Stride);
        VectorKernels.Update(rule, two.W, two.M, two.V, two.G, two.Keep, two.Stride);
        for (var o = 0; o < one.Stride; o++)
        {
            if (one.Keep[o] == 0 && (Bits(two.W[o]) != 0 || (isAdam && (Bits(two.M[o]) != 0 || Bits(two.V[o]) != 0)))) return false;
        }
        return Same(one, two);
    }, iter: 300);

    [Fact]
    public void Updates_of_Flipout_rows_with_sigma_slope_and_KL() => Gen.Select(Sizes, Gen.Bool, Gen.Double[0.1, 3]).Sample((size, isAdam, prior) =>
    {
        Optimizer optimizer = isAdam ? new Optimizer.Adam(0.0012) : new Optimizer.Sgd(0.1);
        var rule = new UpdateRule(optimizer, 1 + (int)(size.Seed % 1000));
        var kl = new KlRule(1.0 / 60_000, prior, LayerPosterior.ScaleEpsilon);
        using var one = new Case(size);
        using var two = new Case(size);
        ScalarKernels.Refresh(kl, one.Flipout, one.Stride);
        VectorKernels.Refresh(kl, two.Flipout, two.Stride);
        if (!Same(one, two)) return false;
        ScalarKernels.UpdateFlipout(rule, kl, one.Flipout, one.G, one.Gr, one.Stride);
        VectorKernels.UpdateFlipout(rule, kl, two.Flipout, two.G, two.Gr, two.Stride);
        return Same(one, two);
    }, iter: 300);

    [Fact]
    public void KL_of_rows_wider_than_a_product_of_mantissas() => Gen.Int[1, 4000].Sample(outputs =>
    {
        using var one = new Case((1, outputs, 1, 7));
        using var two = new Case((1, outputs, 1, 7));
        var kl = new KlRule(1.0 / 60_000, 1, LayerPosterior.ScaleEpsilon);
        ScalarKernels.Refresh(kl, one.Flipout, one.Stride);
        VectorKernels.Refresh(kl, two.Flipout, two.Stride);
        var expected = Enumerable.Range(0, outputs).Sum(o => NormalKl.Of(one.W[o], one.Flipout.Sigma[o], 1) + 0.5);
        var lanes = Enumerable.Range(0, Lanes.Count).Sum(lane => two.Flipout.Kl[lane]);
        return Same(one, two) && Math.Abs(lanes - expected) <= 1e-6 * (outputs + Math.Abs(expected));
    }, iter: 30);

    [Fact]
    public void CrossEntropy() => Gen.Select(Gen.Int[1, 40], Gen.ULong, Gen.Double[0.1, 200]).Sample((classes, seed, scale) =>
    {
        using var c = new Case((1, classes, 1, seed));
        var label = (int)(seed % (ulong)classes);
        for (var o = 0; o < classes; o++) c.W[o] *= (float)scale;
        var (x, y) = (c.Row(), c.Row());
        var scalar = ScalarKernels.CrossEntropy(c.W, classes, label, 1f / 60, x.Pointer, c.Stride);
        var vector = VectorKernels.CrossEntropy(c.W, classes, label, 1f / 60, y.Pointer, c.Stride);
        var logits = Enumerable.Range(0, classes).Select(o => (double)c.W[o]).ToArray();
        var exact = Bnn.Core.CrossEntropy.Of(logits, label);
        return Bits(scalar) == Bits(vector) && Same(x, y) && Math.Abs(vector - exact) <= 2e-6 * (1 + logits.Max(Math.Abs));
    }, iter: 300);

    [Fact]
    public void CrossEntropy_of_a_number_that_is_none_is_none()
    {
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity])
        {
            using var c = new Case((1, 10, 1, 1));
            c.W[3] = bad;
            Assert.True(float.IsNaN(VectorKernels.CrossEntropy(c.W, 10, 2, 1f, null, c.Stride)));
            Assert.True(float.IsNaN(ScalarKernels.CrossEntropy(c.W, 10, 2, 1f, null, c.Stride)));
        }
    }

    [Fact]
    public void Normal_rows_are_those_of_Core() => Gen.Select(Gen.Int[1, 400], Gen.Int[0, 2000], Gen.Int[0, 100_000], Gen.ULong).Sample((columns, row, step, seed) =>
    {
        var stride = Lanes.Padded(columns);
        var stream = new Seed(seed).Stream(StreamName.Epsilon, 2);
        var expected = new float[columns];
        NormalDraws.FillRow(stream, step, row, expected);
        var first = (uint)row * NormalDraws.BlocksPerRow(columns);
        using var x = new AlignedBuffer<float>(stride);
        using var y = new AlignedBuffer<float>(stride);
        ScalarKernels.NormalRow(stream, step, first, x.Pointer, stride);
        VectorKernels.NormalRow(stream, step, first, y.Pointer, stride);
        return Same(x, y) && Bits(y.Span[..columns].ToArray()).SequenceEqual(Bits(expected));
    }, iter: 200);

    [Fact]
    public void Signs_products_and_flushing() => Sizes.Sample(size =>
    {
        using var c = new Case(size);
        var words = new uint[SignDraws.WordsPerRow(c.Stride)];
        SignDraws.FillRow(new Seed(size.Seed).Stream(StreamName.InputSigns), 1, 2, words);
        var (a, b, x, y) = (c.Row(), c.Row(), c.Row(), c.Row());
        fixed (uint* p = words)
        {
            ScalarKernels.ExpandSigns(p, a.Pointer, c.Stride);
            VectorKernels.ExpandSigns(p, b.Pointer, c.Stride);
        }
        if (!Same(a, b) || Enumerable.Range(0, size.Outputs).Any(o => b.Pointer[o] < 0 != SignDraws.IsNegative(words, o))) return false;
        ScalarKernels.Multiply(c.W, c.G, x.Pointer, c.Stride);
        VectorKernels.Multiply(c.W, c.G, y.Pointer, c.Stride);
        if (!Same(x, y)) return false;
        for (var o = 0; o < c.Stride; o++) x.Pointer[o] = y.Pointer[o] = c.W[o] * (o % 3 == 0 ? 1e-29f : o % 3 == 1 ? 1e-31f : -1e-40f);
        ScalarKernels.Flush(x.Pointer, c.Stride);
        VectorKernels.Flush(y.Pointer, c.Stride);
        return Same(x, y) && Enumerable.Range(0, c.Stride).All(o => y.Pointer[o] == 0 ? Bits(y.Pointer[o]) == 0 : Math.Abs(y.Pointer[o]) >= 1e-30f);
    }, iter: 100);

    private static bool Same(AlignedBuffer<float> a, AlignedBuffer<float> b) => Bits(a.Span.ToArray()).SequenceEqual(Bits(b.Span.ToArray()));

    private static bool Same(Case a, Case b) => a.State.SequenceEqual(b.State);

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);

    private static IEnumerable<int> Bits(float[] values) => values.Select(Bits);

    /// <summary>Numbers for every kernel, a function of sizes and seed.</summary>
    private sealed class Case : IDisposable
    {
        private readonly List<IDisposable> _buffers = [];
        private readonly List<AlignedBuffer<float>> _state = [];
        private readonly AlignedBuffer<double> _kl = new(Lanes.Count);
        private readonly int _batch;
        private readonly ulong _seed;
        private int _purpose;

        public Case((int Inputs, int Outputs, int Batch, ulong Seed) size)
        {
            (_batch, _seed, Stride) = (size.Batch, size.Seed, Lanes.Padded(size.Outputs));
            Lists = new InputLists(size.Batch, size.Inputs);
            var signs = new uint[SignDraws.WordsPerRow(size.Inputs)];
            for (var b = 0; b < size.Batch; b++)
            {
                SignDraws.FillRow(new Seed(_seed).Stream(StreamName.InputSigns), 1, b, signs);
                var count = 0;
                for (var i = 0; i < size.Inputs; i++)
                {
                    if ((new Seed(_seed).Stream(StreamName.Shuffle).Word(b, (uint)i) & 3) != 0) continue;
                    (Lists.NextColumn[count], Lists.NextX[count]) = (i, (i + 1) / 16f);
                    count++;
                }
                Lists.EndExample(b, count, signs);
            }
            W = Random(size.Inputs * Stride).Pointer;
            Delta = Random(size.Inputs * Stride).Pointer;
            Bias = Random(Stride).Pointer;
            G = Random(size.Batch * Stride).Pointer;
            Gr = Random(size.Batch * Stride).Pointer;
            M = Random(Stride).Pointer;
            V = Random(Stride).Pointer;
            for (var o = 0; o < Stride; o++) V[o] = V[o] * V[o];
            var signRow = Random(size.Batch * Stride);
            foreach (ref var sign in signRow.Span) sign = sign < 0 ? -1 : 1;
            Signs = signRow.Pointer;
            var keep = new AlignedBuffer<uint>(Stride);
            _buffers.Add(keep);
            for (var o = 0; o < size.Outputs; o++) keep.Pointer[o] = _seed % 4 == 0 || (o * 7 + (int)(_seed % 5)) % 3 == 0 ? uint.MaxValue : 0;
            Keep = keep.Pointer;
            var valid = new AlignedBuffer<uint>(Stride);
            _buffers.Add(valid);
            valid.Span[..size.Outputs].Fill(uint.MaxValue);
            var rho = Random(Stride);
            foreach (ref var value in rho.Span) value = value * 20 - 3;
            var (rhoM, rhoV, sigma, slope, epsilon) = (Random(Stride), Random(Stride), Random(Stride), Random(Stride), Random(Stride));
            foreach (ref var value in rhoV.Span) value *= value;
            Flipout = new FlipoutRow
            {
                Mu = W,
                Rho = rho.Pointer,
                MuM = M,
                MuV = V,
                RhoM = rhoM.Pointer,
                RhoV = rhoV.Pointer,
                Sigma = sigma.Pointer,
                Slope = slope.Pointer,
                Epsilon = epsilon.Pointer,
                Valid = valid.Pointer,
                Kl = _kl.Pointer,
            };
        }

        public int Stride { get; }

        public InputLists Lists { get; }

        public ExampleRows Rows => Lists.Examples;

        public float* W { get; }

        public float* Delta { get; }

        public float* Bias { get; }

        public float* G { get; }

        public float* Gr { get; }

        public float* M { get; }

        public float* V { get; }

        public float* Signs { get; }

        public uint* Keep { get; }

        public FlipoutRow Flipout { get; }

        /// <summary>Every number that a kernel may have changed, as bits.</summary>
        public IEnumerable<long> State => _state.SelectMany(buffer => Bits(buffer.Span.ToArray()).Select(bits => (long)bits))
            .Concat(_kl.Span.ToArray().Select(BitConverter.DoubleToInt64Bits));

        public AlignedBuffer<float> Out() => Random(_batch * Stride);

        public AlignedBuffer<float> Row() => Random(Stride);

        public void Dispose()
        {
            Lists.Dispose();
            _kl.Dispose();
            foreach (var buffer in _buffers) buffer.Dispose();
        }

        private AlignedBuffer<float> Random(int length)
        {
            var buffer = new AlignedBuffer<float>(length);
            NormalDraws.FillRow(new Seed(_seed).Stream(StreamName.InitialMu, _purpose++), 0, 0, buffer.Span);
            _buffers.Add(buffer);
            _state.Add(buffer);
            return buffer;
        }
    }
}
