using System.Runtime.InteropServices;
using Bnn.Core;
using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>Kernels with a counterpart in Core agree with it.</summary>
public sealed unsafe class KernelMeaningTests
{
    [Fact]
    public void KL_of_rows_is_the_definitions_however_many_mantissas_make_a_product() =>
        Gen.Select(Gen.Int[1, 4000], Gen.Double[0.1, 3], Gen.ULong).Sample((outputs, prior, seed) =>
        {
            using var c = new KernelCase(new CaseSize(1, outputs, 1, 1, 1, seed));
            var stride = Lanes.Padded(outputs);
            var mu = c.Numbers(stride);
            var sigma = c.Room<float>(stride);
            var lanes = c.Array(Lanes.Count, _ => 0.0);
            var state = new FlipoutState
            {
                Mu = mu,
                Rho = c.Array(stride, _ => 30f * c.Next(1000) / 1000 - 20f),
                Sigma = sigma,
                Slope = c.Room<float>(stride),
                Keep = c.Array(stride / Lanes.Count, word => (ushort)((1 << Math.Clamp(outputs - word * Lanes.Count, 0, Lanes.Count)) - 1)),
                Kl = lanes,
            };
            VectorKernels.Refresh(new KlRule(1.0 / 60_000, prior, LayerPosterior.ScaleEpsilon), state, stride);
            var (expected, size) = (0.0, 0.0);
            for (var o = 0; o < outputs; o++)
            {
                var kl = NormalKl.Of(mu[o], sigma[o], prior);
                (expected, size) = (expected + kl, size + Math.Abs(kl) + 1);
            }
            var actual = outputs * (Math.Log(prior) - 0.5) + new ReadOnlySpan<double>(lanes, Lanes.Count).ToArray().Sum();
            return Math.Abs(actual - expected) <= 3e-6 * size;
        }, iter: 50);

    [Fact]
    public void Noise_of_chosen_weights_is_that_of_whole_rows() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 40], Gen.ULong).Sample((outputs, inputs, seed) =>
    {
        using var c = new KernelCase(new CaseSize(inputs, outputs, 1, 1, 1, seed));
        var stream = new Seed(seed).Stream(StreamName.Epsilon, 1);
        var weights = Enumerable.Range(0, 48).Select(_ => (Row: c.Next(inputs), Column: c.Next(outputs))).ToArray();
        var epsilon = c.Room<float>(48);
        var delta = c.Room<float>(48);
        var draw = c.Array(48, k => NormalDraws.NumberOf(weights[k].Row, weights[k].Column, outputs));
        VectorKernels.DrawKept(stream, 9, draw, 48, c.Array(48, k => 1f + k), epsilon, delta);
        var row = new float[outputs];
        for (var k = 0; k < 48; k++)
        {
            NormalDraws.FillRow(stream, 9, weights[k].Row, row);
            if (epsilon[k] != row[weights[k].Column] || delta[k] != epsilon[k] * (1f + k)) return false;
        }
        return true;
    }, iter: 30);

    [Fact]
    public void Sigma_and_slope_are_those_of_softplus() => Gen.ULong.Sample(seed =>
    {
        using var c = new KernelCase(new CaseSize(1, 160, 1, 1, 1, seed));
        var rho = c.Array(160, _ => 120f * c.Next(1000) / 1000 - 90f);
        var sigma = c.Room<float>(160);
        var slope = c.Room<float>(160);
        var state = new FlipoutState { Mu = rho, Rho = rho, Sigma = sigma, Slope = slope, Kl = c.Array(Lanes.Count, _ => 0.0) };
        VectorKernels.Refresh(new KlRule(1, 1, 0f), state, 160);
        for (var k = 0; k < 160; k++)
        {
            var (expected, expectedSlope) = (Elbo.Sigma(rho[k], 0), 1 / (1 + Math.Exp(-rho[k])));
            // Exponentials end at the smallest normal number.
            if (Math.Abs(sigma[k] - expected) > 1e-6 * expected + 1.2e-38) return false;
            if (Math.Abs(slope[k] - expectedSlope) > 1e-6 * expectedSlope + 1.2e-38) return false;
        }
        return true;
    }, iter: 30);

    [Fact]
    public void CrossEntropy_and_its_gradient() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 64], Gen.Double[0.1, 200], Gen.ULong).Sample((classes, count, scale, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, classes, count, 1, 1, seed));
        var (stride, width) = (Lanes.Padded(classes), Lanes.Padded(count));
        var h = c.Numbers(count * stride, (float)scale);
        var label = c.Array(count, _ => c.Next(classes));
        var gradient = c.Room<float>(stride);
        var turned = c.Array(classes * width, k => k % width < count ? h[k % width * stride + k / width] : 0f);
        var turnedGradient = c.Room<float>(classes * width);
        var nll = c.Room<float>(width);
        var largest = c.Room<int>(width);
        VectorKernels.CrossEntropyOfGroup(turned, classes, label, count, 1f / 60, turnedGradient, nll, largest, width);
        var byClass = new double[classes];
        for (var b = 0; b < count; b++)
        {
            var logits = new ReadOnlySpan<float>(h + b * stride, classes).ToArray().Select(value => (double)value).ToArray();
            var (exact, allowed) = (Bnn.Core.CrossEntropy.Of(logits, label[b]), 2e-6 * (1 + logits.Max(Math.Abs)));
            var actual = VectorKernels.CrossEntropy(h + b * stride, classes, label[b], 1f / 60, gradient, stride);
            if (Math.Abs(actual - exact) > allowed || Math.Abs(nll[b] - exact) > allowed) return false;
            if (largest[b] != Classification.Predict(logits)) return false;
            Bnn.Core.CrossEntropy.Gradient(logits, label[b], byClass);
            for (var o = 0; o < classes; o++)
            {
                if (Math.Abs(60 * gradient[o] - byClass[o]) > allowed) return false;
                if (Math.Abs(60 * turnedGradient[o * width + b] - byClass[o]) > allowed) return false;
            }
            for (var o = classes; o < stride; o++)
                if (gradient[o] != 0) return false;
        }
        for (var k = 0; k < classes * width; k++)
            if (k % width >= count && turnedGradient[k] != 0) return false;
        return true;
    }, iter: 100);

    [Fact]
    public void On_ties_the_lowest_class_is_the_largest()
    {
        using var c = new KernelCase(new CaseSize(1, 4, 16, 1, 1));
        var largest = c.Room<int>(16);
        var h = c.Array(64, k => k / 16 is 1 or 3 ? 2f : 1f);
        VectorKernels.CrossEntropyOfGroup(h, 4, c.Array(16, _ => 0), 16, 0f, null, c.Room<float>(16), largest, 16);
        Assert.Equal(Enumerable.Repeat(1, 16), new ReadOnlySpan<int>(largest, 16).ToArray());
    }

    [Fact]
    public void CrossEntropy_of_a_number_that_is_none_is_none()
    {
        Check<ScalarKernels>();
        Check<VectorKernels>();

        static void Check<TKernels>()
            where TKernels : IKernels
        {
            foreach (var bad in (float[])[float.NaN, float.PositiveInfinity])
            {
                foreach (var place in (int[])[0, 3, 9])
                {
                    using var c = new KernelCase(new CaseSize(1, 10, 16, 1, 1));
                    var h = c.Numbers(16);
                    h[place] = bad;
                    Assert.True(float.IsNaN(TKernels.CrossEntropy(h, 10, 2, 1f, null, 16)));

                    var group = c.Numbers(10 * 16);
                    group[place * 16 + 5] = bad;
                    var nll = c.Room<float>(16);
                    TKernels.CrossEntropyOfGroup(group, 10, c.Array(16, _ => 2), 16, 1f, c.Room<float>(160), nll, c.Room<int>(16), 16);
                    for (var b = 0; b < 16; b++) Assert.Equal(b == 5, float.IsNaN(nll[b]));
                }
            }
        }
    }

    [Fact]
    public void A_logit_of_minus_infinity_has_probability_0()
    {
        using var c = new KernelCase(new CaseSize(1, 10, 1, 1, 1));
        var h = c.Array(16, o => o == 3 ? float.NegativeInfinity : 0f);
        Assert.Equal(Math.Log(9), VectorKernels.CrossEntropy(h, 10, 2, 1f, null, 16), 1e-6);
        Assert.Equal(Math.Log(9), ScalarKernels.CrossEntropy(h, 10, 2, 1f, null, 16), 1e-6);
    }

    [Fact]
    public void Normals_are_those_of_Core() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[0, 2000], Gen.Int[0, 100_000], Gen.ULong).Sample((columns, row, step, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, columns, 1, 1, 1));
        var (stride, stream) = (Lanes.Padded(columns), new Seed(seed).Stream(StreamName.Epsilon, 2));
        var expected = new float[columns];
        NormalDraws.FillRow(stream, step, row, expected);
        var z = c.Room<float>(stride);
        VectorKernels.NormalRow(stream, step, (uint)row * NormalDraws.BlocksPerRow(columns), z, stride);
        return IsSame(expected, new ReadOnlySpan<float>(z, columns));
    }, iter: 200);

    [Fact]
    public void Rows_of_noise_in_tiles_are_the_normals_of_Core_times_sigma() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 40], Gen.ULong).Sample((columns, rows, seed) =>
    {
        using var c = new KernelCase(new CaseSize(rows, columns, 1, 1, 1, seed));
        var (tiling, stream) = (Tiling.Of(columns), new Seed(seed).Stream(StreamName.Epsilon, 1));
        var sigma = c.Positive(rows * tiling.Width);
        var (expected, product) = (new float[columns], new float[tiling.Width]);
        int[] chosen = [.. Enumerable.Range(0, rows).Where(row => row % 3 != 1)];
        for (var tile = 0; tile < tiling.Count; tile++)
        {
            var width = tiling.WidthOf(tile);
            var epsilon = c.Room<float>(rows * width);
            var delta = c.Room<float>(rows * width);
            fixed (int* rowNumbers = chosen)
            {
                VectorKernels.DrawRows(stream, 9, NormalDraws.BlocksPerRow(columns), (uint)(tile * NormalDraws.BlocksPerGroup),
                    rowNumbers, chosen.Length, sigma, epsilon, delta, width);
            }
            foreach (var row in chosen)
            {
                NormalDraws.FillRow(stream, 9, row, expected);
                var z = expected.AsSpan(tile * tiling.Width, tiling.ColumnsOf(tile));
                for (var o = 0; o < z.Length; o++) product[o] = sigma[row * width + o] * z[o];
                if (!IsSame(z, new ReadOnlySpan<float>(epsilon + row * width, z.Length))
                    || !IsSame(product.AsSpan(0, z.Length), new ReadOnlySpan<float>(delta + row * width, z.Length))) return false;
            }
        }
        return true;
    }, iter: 50);

    [Fact]
    public void Signs_are_those_of_Core() => Gen.Select(Gen.Int[1, 400], Gen.Int[1, 70], Gen.ULong).Sample((columns, batch, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, columns, batch, 1, 1));
        var stream = new Seed(seed).Stream(StreamName.OutputSigns, 1);
        var (wordsPerRow, stride) = (SignDraws.WordsPerRow(columns), Lanes.Padded(columns));
        var words = c.Room<uint>(batch * wordsPerRow);
        VectorKernels.Words(stream, 3, 0, batch * wordsPerRow / SignDraws.WordsPerBlock, words);
        var expected = new uint[wordsPerRow];
        var signs = c.Room<float>(stride);
        for (var b = 0; b < batch; b++)
        {
            SignDraws.FillRow(stream, 3, b, expected);
            VectorKernels.ExpandSigns(words + b * wordsPerRow, signs, stride);
            for (var o = 0; o < columns; o++)
                if (signs[o] != (SignDraws.IsNegative(expected, o) ? -1f : 1f)) return false;
        }
        return true;
    }, iter: 50);

    [Fact]
    public void Flush_leaves_nothing_below_the_smallest_but_positive_zero() =>
        Gen.Select(Gen.Int[0, 20], Gen.ULong).Sample((vectors, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, 1, 1, 1, 1, seed));
        var count = vectors * Lanes.Count;
        var before = c.Numbers(count, scale: 1e-30f);
        var after = c.Array(count, k => before[k]);
        VectorKernels.Flush(after, count);
        for (var k = 0; k < count; k++)
        {
            var expected = Math.Abs(before[k]) < (float)OptimizerDefinition.Smallest ? 0 : BitConverter.SingleToInt32Bits(before[k]);
            if (BitConverter.SingleToInt32Bits(after[k]) != expected) return false;
        }
        return true;
    }, iter: 100);

    [Fact]
    public void Flush_of_kept_weights_is_the_flush_and_leaves_the_others_alone() =>
        Gen.Select(Gen.Int[0, 20], Gen.ULong).Sample((vectors, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, 1, 1, 1, Density: 0.5, seed));
        var count = vectors * Lanes.Count;
        var keep = c.Keep(count);
        var before = c.Numbers(count, scale: 1e-30f);
        float* flushed = c.Array(count, k => before[k]), found = c.Array(count, k => before[k]);
        VectorKernels.Flush(flushed, count);
        VectorKernels.FlushKept(found, keep, count);
        return IsSelection(keep, flushed, before, found, count);
    }, iter: 100);

    [Fact]
    public void A_freezing_update_is_the_update_but_for_pruned_weights_which_it_leaves_alone() =>
        Gen.Select(Gen.Int[0, 20], Gen.Bool, Gen.ULong).Sample((vectors, isAdam, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, 1, 1, 1, Density: 0.5, seed));
        var count = vectors * Lanes.Count;
        var keep = c.Keep(count);
        float* before = c.Specials(count), first = c.Numbers(count), second = c.Positive(count), gradient = c.Specials(count);
        var rule = new UpdateRule(isAdam ? new Optimizer.Adam(0.0012) : new Optimizer.Sgd(0.1), 3);
        float* w = Copy(before), m = Copy(first), v = Copy(second);
        VectorKernels.Update(rule, w, m, v, gradient, keep, count);
        float* frozen = Copy(before), frozenM = Copy(first), frozenV = Copy(second);
        VectorKernels.UpdateFreezing(rule, frozen, frozenM, frozenV, gradient, keep, count);
        return IsSelection(keep, w, before, frozen, count)
            && IsSame(new ReadOnlySpan<float>(m, count), new ReadOnlySpan<float>(frozenM, count))
            && IsSame(new ReadOnlySpan<float>(v, count), new ReadOnlySpan<float>(frozenV, count));

        float* Copy(float* values) => c.Array(count, k => values[k]);
    }, iter: 100);

    /// <summary>Whether the numbers found are those of <paramref name="kept"/> where the bits are set, and elsewhere the others.</summary>
    private static bool IsSelection(ushort* keep, float* kept, float* pruned, float* found, int count)
    {
        for (var k = 0; k < count; k++)
        {
            var expected = (keep[k / Lanes.Count] >> k % Lanes.Count & 1) != 0 ? kept[k] : pruned[k];
            if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(found[k])) return false;
        }
        return true;
    }

    [Fact]
    public void Pixels_turned_into_lanes_are_pixel_over_255() => Gen.Select(Gen.Int[1, 200], Gen.Int[1, 4], Gen.Double[0, 0.2], Gen.ULong)
        .Sample((columns, vectors, share, seed) =>
        {
            using var c = new KernelCase(new CaseSize(columns, 1, 1, share, 1, seed));
            var width = vectors * Lanes.Count;
            var images = c.Pixels(width * columns);
            var pixels = c.Room<byte>(columns * width);
            var rows = stackalloc byte*[Lanes.Count];
            for (var lane = 0; lane < width; lane += Lanes.Count)
            {
                for (var j = 0; j < Lanes.Count; j++) rows[j] = images + (lane + j) * columns;
                VectorKernels.TransposePixels(rows, columns, pixels + lane, width);
            }
            var active = c.Array(columns, _ => (byte)0);
            VectorKernels.FindActive(pixels, columns, active, width);
            var x = c.Array(columns * width, _ => -1f);
            VectorKernels.ScalePixels(pixels, columns, active, x, width);
            for (var i = 0; i < columns; i++)
            {
                var any = Enumerable.Range(0, width).Any(b => images[b * columns + i] != 0);
                if (active[i] != (any ? 1 : 0)) return false;
                for (var b = 0; b < width; b++)
                    if (x[i * width + b] != (any ? images[b * columns + i] / 255f : -1f)) return false;
            }
            return true;
        }, iter: 100);

    private static bool IsSame(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        MemoryMarshal.AsBytes(a).SequenceEqual(MemoryMarshal.AsBytes(b));
}
