using Bnn.Core;
using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>The lists by example and by input hold the inputs that aren't zero, each once and in ascending order.</summary>
public sealed unsafe class InputListsTests
{
    [Fact]
    public void Of_samples() => Gen.Select(Gen.Int[1, 400], Gen.Int[1, 20], Gen.Double[0, 1], Gen.Bool, Gen.Bool, Gen.ULong)
        .Sample((width, batch, active, pixels, signed, seed) =>
        {
            Check<ScalarKernels>();
            Check<VectorKernels>();

            void Check<TKernels>()
                where TKernels : IKernels
            {
                using var c = new KernelCase(new CaseSize(width, 1, batch, active, 1, seed));
                var bytes = new ReadOnlySpan<byte>(c.Pixels(batch * width), batch * width).ToArray();
                var samples = pixels
                    ? Samples.FromPixels(bytes, new byte[batch], width)
                    : Samples.FromValues(Array.ConvertAll(bytes, value => value == 0 ? 0f : 100f - value), new byte[batch], width);
                int[] items = [.. Enumerable.Range(0, batch).Select(_ => c.Next(batch))];
                using var lists = new InputLists<TKernels>(batch, width, signed);
                // What an earlier, larger load left must not count.
                var larger = Samples.FromValues([.. Enumerable.Repeat(7f, batch * width)], new byte[batch], width);
                lists.Load(larger, [.. Enumerable.Range(0, batch)]);
                lists.Load(samples, items);
                var x = new float[batch * width];
                for (var b = 0; b < batch; b++) samples.CopyRow(items[b], x.AsSpan(b * width, width));
                Laws(c, lists, x, signed);
            }
        }, iter: 60);

    [Fact]
    public void Of_the_layer_below() => Gen.Select(Gen.Int[1, 300], Gen.Int[1, 20], Gen.ULong).Sample((width, batch, seed) =>
    {
        using var c = new KernelCase(new CaseSize(1, width, batch, 1, 1, seed));
        using var h = new TiledMatrix<float>(batch, Tiling.Of(width));
        var values = new ReadOnlySpan<float>(c.Numbers(batch * width), batch * width).ToArray();
        h.CopyFrom(values);
        using var lists = new InputLists<VectorKernels>(batch, width, signed: true);
        lists.Load(h, batch);
        Laws(c, lists, Array.ConvertAll(values, value => Math.Max(value, 0)), signed: true);
    }, iter: 60);

    private static void Laws<TKernels>(KernelCase c, InputLists<TKernels> lists, float[] x, bool signed)
        where TKernels : IKernels
    {
        var (batch, width) = (lists.Batch, lists.Width);
        var wordsPerRow = SignDraws.WordsPerRow(width);
        var words = c.Words(batch * wordsPerRow);
        if (signed) lists.SortByInput(words, wordsPerRow);
        else lists.SortByInput();

        var (rows, inputs) = (lists.Examples(batch), lists.Inputs);
        Assert.Equal(width, inputs.Count);
        var entry = 0;
        for (var b = 0; b < batch; b++)
        {
            Assert.Equal((entry, rows.End(b)), lists.EntriesOf(b));
            Assert.Equal(entry, rows.Begin(b));
            for (var i = 0; i < width; i++)
            {
                if (i % lists.BlockInputs == 0) Assert.Equal(entry, rows.Cut[b * (rows.Blocks + 1) + i / lists.BlockInputs]);
                if (x[b * width + i] == 0) continue;
                Assert.Equal((i, x[b * width + i]), (rows.Column[entry], rows.X[entry]));
                if (signed) Assert.Equal(Signed(b, i), rows.SignedX[entry]);
                entry++;
            }
            Assert.Equal(entry, rows.End(b));
        }

        var active = new List<int>();
        for (var i = 0; i < width; i++)
        {
            var own = lists.InputsFrom(i, 1);
            Assert.True(inputs.Begin + i * inputs.Stride == own.Begin);
            var found = new ReadOnlySpan<InputEntry>(own.Begin, own.Length[0]).ToArray().AsEnumerable().GetEnumerator();
            for (var b = 0; b < batch; b++)
            {
                if (x[b * width + i] == 0) continue;
                Assert.True(found.MoveNext());
                Assert.Equal((b, x[b * width + i]), (found.Current.Example, found.Current.X));
                Assert.Equal(signed ? Signed(b, i) : x[b * width + i], found.Current.SignedX);
            }
            Assert.False(found.MoveNext());
            if (own.Length[0] > 0) active.Add(i);
        }
        Assert.Equal(active, lists.ActiveInputs.ToArray());
        Assert.Equal(active.Count, lists.ActiveCount);

        float Signed(int b, int i)
        {
            var ofExample = new ReadOnlySpan<uint>(words + b * wordsPerRow, wordsPerRow);
            return SignDraws.IsNegative(ofExample, i) ? -x[b * width + i] : x[b * width + i];
        }
    }
}
