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
    private readonly AlignedBuffer<int> _cut, _column, _length, _active;
    private readonly AlignedBuffer<float> _x, _signedX;
    private readonly AlignedBuffer<InputEntry> _entry;
    private readonly int _blocks;
    private int _count;

    public InputLists(int batch, int width, bool signed)
    {
        BlockInputs = signed || !Processor.LoadsAreScarce ? 2 * Tiling.Widest : 3 * Tiling.Widest;
        (Batch, Width, _blocks) = (batch, width, (width + BlockInputs - 1) / BlockInputs);
        var most = checked(batch * width + Lanes.Count);
        (_cut, _column, _length, _active) = (new(batch * (_blocks + 1)), new(most), new(width), new(width));
        (_x, _signedX, _entry) = (new(most), new(signed ? most : 0), new(checked(batch * width)));
    }

    public int Batch { get; }

    /// <summary>
    /// Inputs per block: rows of weights that stay in the first-level cache while all examples pass, if two matrices are read or two tiles
    /// at once; one tile of one matrix may take more rows, since the sums are loaded and stored with every block.
    /// </summary>
    public int BlockInputs { get; }

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
        Stride = Batch,
        Begin = _entry.Pointer + (nint)input * Batch,
        Length = _length.Pointer + input,
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

    /// <summary>
    /// Fills the lists by input from those by example. Every input has places for all examples, so that nothing is counted beforehand.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SortByInput()
    {
        _length.Span.Clear();
        int* column = Column, length = _length.Pointer;
        var x = (uint*)X;
        var entry = (ulong*)_entry.Pointer;
        for (var b = 0; b < Batch; b++)
        {
            var (begin, end) = EntriesOf(b);
            for (nint k = begin; k < end; k++)
            {
                nint input = column[k];
                entry[input * Batch + length[input]++] = InputEntry.Word(b, x[k], 0);
            }
        }
        FindActive();
    }

    /// <summary>The same, and signs every entry: bit c mod 32 of word c/32 of its example flips input c.</summary>
    /// <param name="words">[batch, <paramref name="wordsPerRow"/>].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SortByInput(uint* words, int wordsPerRow)
    {
        _length.Span.Clear();
        int* column = Column, length = _length.Pointer;
        uint* x = (uint*)X, signedX = (uint*)SignedX;
        var entry = (ulong*)_entry.Pointer;
        for (var b = 0; b < Batch; b++, words += wordsPerRow)
        {
            var (begin, end) = EntriesOf(b);
            for (nint k = begin; k < end; k++)
            {
                nint input = column[k];
                // The sign's bit, shifted to the top, flips x without a branch, half of which would be mispredicted.
                var sign = words[input >> 5] >> (int)input << 31;
                signedX[k] = x[k] ^ sign;
                entry[input * Batch + length[input]++] = InputEntry.Word(b, x[k], sign);
            }
        }
        FindActive();
    }

    public void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<int>[])[_cut, _column, _length, _active]) buffer.Dispose();
        foreach (var buffer in (AlignedBuffer<float>[])[_x, _signedX]) buffer.Dispose();
        _entry.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindActive()
    {
        int* active = _active.Pointer, length = _length.Pointer;
        var count = 0;
        for (var i = 0; i < Width; i++)
        {
            active[count] = i;
            count += length[i] > 0 ? 1 : 0;
        }
        ActiveCount = count;
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
