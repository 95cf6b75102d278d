using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A batch's inputs to a layer without their zeros, twice: by example (for the forward pass) and by input (for the gradient), both
/// ascending. Each entry holds the input x and, for Flipout, x times the input's sign.
/// </summary>
internal sealed unsafe class InputLists<TKernels> : IDisposable
    where TKernels : IKernels
{
    /// <summary>Inputs per block: their rows of one tile of weights stay in the first-level cache while all examples pass.</summary>
    private const int BlockInputs = 2 * Tiling.Widest;

    private readonly AlignedBuffer<int> _cut, _column, _inputBegin, _example, _active;
    private readonly AlignedBuffer<float> _x, _signedX, _inputX, _inputSignedX;
    private readonly int _blocks;
    private int _count;

    public InputLists(int batch, int width, bool signed)
    {
        (Batch, Width, _blocks) = (batch, width, (width + BlockInputs - 1) / BlockInputs);
        var most = checked(batch * width + Lanes.Count);
        (_cut, _inputBegin) = (new(batch * (_blocks + 1)), new(width + 1));
        (_column, _example, _active) = (new(most), new(most), new(width));
        (_x, _inputX) = (new(most), new(most));
        (_signedX, _inputSignedX) = (new(signed ? most : 0), new(signed ? most : 0));
    }

    public int Batch { get; }

    public int Width { get; }

    /// <summary>Inputs that are non-zero in some example, ascending.</summary>
    public ReadOnlySpan<int> ActiveInputs => new(_active.Pointer, ActiveCount);

    public int ActiveCount { get; private set; }

    public int* Column => _column.Pointer;

    public float* X => _x.Pointer;

    public float* SignedX => _signedX.Pointer;

    /// <summary>The lists by input.</summary>
    public InputRows Inputs => InputsFrom(0, Width);

    /// <summary>The lists by example, for a forward pass over the first <paramref name="batch"/> examples.</summary>
    public ExampleRows Examples(int batch) => new()
    {
        Batch = batch,
        Blocks = _blocks,
        Cut = _cut.Pointer,
        Column = Column,
        X = X,
        SignedX = SignedX,
    };

    /// <summary>The lists of <paramref name="count"/> inputs from one on.</summary>
    public InputRows InputsFrom(int input, int count) => new()
    {
        Count = count,
        Begin = _inputBegin.Pointer + input,
        Example = _example.Pointer,
        X = _inputX.Pointer,
        SignedX = _inputSignedX.Pointer,
    };

    /// <summary>Where example b's entries begin and end.</summary>
    public (int Begin, int End) EntriesOf(int b) => (_cut.Pointer[b * (_blocks + 1)], _cut.Pointer[b * (_blocks + 1) + _blocks]);

    /// <summary>Loads examples from rows of the samples, which must fit (<see cref="SamplesCheck"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(Samples samples, ReadOnlySpan<int> items)
    {
        _count = 0;
        if (samples.HasPixels)
        {
            fixed (byte* pixels = samples.Pixels)
            {
                Prefetch.Rows(pixels, items, Width);
                for (var b = 0; b < items.Length; b++)
                {
                    var image = pixels + (nint)items[b] * Width;
                    for (var i = 0; i < Width; i += BlockInputs)
                    {
                        Cut(b, i);
                        _count += TKernels.Pixels(image + i, Math.Min(BlockInputs, Width - i), i, Column + _count, X + _count);
                    }
                    Cut(b, Width);
                }
            }
            return;
        }
        for (var b = 0; b < items.Length; b++)
        {
            fixed (float* values = samples.Values(items[b]))
            {
                for (var i = 0; i < Width; i += BlockInputs)
                {
                    Cut(b, i);
                    _count += TKernels.NonZeros(values + i, Math.Min(BlockInputs, Width - i), i, Column + _count, X + _count);
                }
            }
            Cut(b, Width);
        }
    }

    /// <summary>Loads examples from the outputs of the layer below: ReLU without its zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(TiledMatrix<float> h, int batch)
    {
        _count = 0;
        var tiling = h.Tiling;
        for (var b = 0; b < batch; b++)
        {
            for (var tile = 0; tile < tiling.Count; tile++)
            {
                // A hidden layer's tiles are never wider than a block.
                var first = tile * tiling.Width;
                Cut(b, first);
                _count += TKernels.Rectify(h.Row(tile, b), tiling.ColumnsOf(tile), first, Column + _count, X + _count);
            }
            Cut(b, Width);
        }
    }

    /// <summary>Signs every entry: bit c mod 32 of word c/32 of its example flips input c.</summary>
    /// <param name="words">[batch, <paramref name="wordsPerRow"/>].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sign(uint* words, int wordsPerRow)
    {
        var column = Column;
        var x = (uint*)X;
        var signedX = (uint*)SignedX;
        for (var b = 0; b < Batch; b++)
        {
            var signs = words + (nint)b * wordsPerRow;
            var (begin, end) = EntriesOf(b);
            // The sign's bit, shifted to the top, flips x without a branch, half of which would be mispredicted.
            for (var k = begin; k < end; k++) signedX[k] = x[k] ^ (signs[column[k] >> 5] >> column[k] << 31);
        }
    }

    /// <summary>Finds the active inputs and where each one's list begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CountInputs()
    {
        var begin = _inputBegin.Pointer;
        var column = Column;
        new Span<int>(begin, Width + 1).Clear();
        for (var k = 0; k < _count; k++) begin[column[k] + 1]++;
        var active = _active.Pointer;
        var (activeCount, sum) = (0, 0);
        for (var i = 0; i < Width; i++)
        {
            // One place early: filling the lists moves each begin to its final place.
            var count = begin[i + 1];
            begin[i + 1] = sum;
            sum += count;
            active[activeCount] = i;
            activeCount += count > 0 ? 1 : 0;
        }
        ActiveCount = activeCount;
    }

    /// <summary>Fills the lists by input from the lists by example: a counting sort, which keeps the examples ascending.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SortByInput()
    {
        var next = _inputBegin.Pointer + 1;
        var column = Column;
        var x = X;
        var signedX = SignedX;
        var example = _example.Pointer;
        var inputX = _inputX.Pointer;
        var inputSignedX = _inputSignedX.Pointer;
        var isSigned = _signedX.Length > 0;
        for (var b = 0; b < Batch; b++)
        {
            var (begin, end) = EntriesOf(b);
            for (var k = begin; k < end; k++)
            {
                var place = next[column[k]]++;
                example[place] = b;
                inputX[place] = x[k];
                if (isSigned) inputSignedX[place] = signedX[k];
            }
        }
    }

    public void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<int>[])[_cut, _column, _inputBegin, _example, _active]) buffer.Dispose();
        foreach (var buffer in (AlignedBuffer<float>[])[_x, _signedX, _inputX, _inputSignedX]) buffer.Dispose();
    }

    /// <summary>
    /// Example b's entries for <paramref name="input"/> and above begin here; recorded where a block begins or the example ends.
    /// </summary>
    private void Cut(int b, int input)
    {
        if (input % BlockInputs == 0) _cut.Pointer[b * (_blocks + 1) + input / BlockInputs] = _count;
        if (input == Width) _cut.Pointer[b * (_blocks + 1) + _blocks] = _count;
    }
}
