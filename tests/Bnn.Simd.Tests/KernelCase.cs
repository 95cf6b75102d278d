using System.Runtime.InteropServices;
using Bnn.Core;

namespace Bnn.Simd.Tests;

/// <param name="Active">Share of inputs that aren't zero.</param>
/// <param name="Density">Share of weights that are kept.</param>
public readonly record struct CaseSize(int Inputs, int Outputs, int Batch, double Active, double Density, ulong Seed = 1);

/// <summary>
/// Numbers for a kernel, a function of the size and of the order in which they are requested. Two cases of one size are equal after two
/// kernels that compute the same: everything that was handed out is compared, and so are the bytes after its end.
/// </summary>
internal sealed unsafe class KernelCase : IDisposable
{
    /// <summary>Bytes after each array that no kernel may write.</summary>
    private const int Guard = 64;

    /// <summary>The byte wherever nothing was written.</summary>
    private const byte Unwritten = 0xA5;

    private readonly List<AlignedBuffer<byte>> _buffers = [];
    private readonly List<(nint Begin, int Bytes)> _compared = [];
    private readonly List<byte[]> _results = [];
    private readonly Random _random;
    private InputLists<ScalarKernels>? _lists;

    public KernelCase(CaseSize size) => (Size, _random) = (size, new Random((int)size.Seed));

    public CaseSize Size { get; }

    /// <summary>Elements of a kernel without rows.</summary>
    public int Elements => Size.Inputs * Lanes.Padded(Size.Outputs);

    /// <summary>The tilings of the outputs as a hidden layer's and as the classes.</summary>
    public IEnumerable<Tiling> Tilings => ((Tiling[])[Tiling.Of(Size.Outputs), Tiling.Whole(Size.Outputs)]).Distinct();

    /// <summary>A batch of examples; at least one input, which may be zero in all of them.</summary>
    public InputLists<ScalarKernels> Lists => _lists ??= MakeLists();

    public ExampleRows Examples => Lists.Examples(Size.Batch);

    public int Next(int below) => _random.Next(below);

    /// <summary>True with this probability.</summary>
    public bool Chance(double share) => _random.NextDouble() < share;

    /// <summary>An array that a kernel fills.</summary>
    public T* Room<T>(int count)
        where T : unmanaged
    {
        var begin = Allocate(count * sizeof(T));
        _compared.Add(((nint)begin, count * sizeof(T) + Guard));
        return (T*)begin;
    }

    /// <summary>An array that a kernel may fill with anything.</summary>
    public T* Scratch<T>(int count)
        where T : unmanaged
    {
        var begin = Allocate(count * sizeof(T));
        _compared.Add(((nint)begin + count * sizeof(T), Guard));
        return (T*)begin;
    }

    public T* Array<T>(int count, Func<int, T> value)
        where T : unmanaged
    {
        var array = Room<T>(count);
        for (var k = 0; k < count; k++) array[k] = value(k);
        return array;
    }

    /// <summary>Numbers of both signs between 2⁻³⁰ and 4, some of them 0.</summary>
    public float* Numbers(int count, float scale = 1) => Array(count, _ => scale * Number());

    /// <summary>Numbers above 0.</summary>
    public float* Positive(int count) => Array(count, _ => Math.Abs(Number()) + 1e-3f);

    /// <summary>Numbers that include all special ones: NaN, infinities, −0 and denormals.</summary>
    public float* Specials(int count) => Array(count, _ => _random.Next(3) > 0 ? Number() : Special());

    public float* Signs(int count) => Array(count, _ => Chance(0.5) ? -1f : 1f);

    public uint* Words(int count) => Array(count, _ => (uint)_random.NextInt64(1L << 32));

    public byte* Pixels(int count) => Array(count, _ => Chance(Size.Active) ? (byte)_random.Next(1, 256) : (byte)0);

    /// <summary>One bit for each of <paramref name="count"/> weights.</summary>
    public ushort* Keep(int count) => Array(count / Lanes.Count, _ =>
        (ushort)Enumerable.Range(0, Lanes.Count).Sum(lane => Chance(Size.Density) ? 1 << lane : 0));

    /// <summary>The kept weights by input and output; row 0 of the inputs is that of the biases.</summary>
    public SparseLink* Links(out int count)
    {
        List<SparseLink> links = [];
        for (var i = 0; i < Size.Inputs; i++)
            for (var o = 0; o < Size.Outputs; o++)
                if (Chance(Size.Density)) links.Add(new SparseLink(i + 1, o));
        count = links.Count;
        return Array(count, k => links[k]);
    }

    /// <summary>Where each input row's links begin, row 0's first.</summary>
    public int* Begins(SparseLink* link, int count)
    {
        var begins = new int[Size.Inputs + 2];
        for (var k = 0; k < count; k++) begins[link[k].Input + 1]++;
        for (var row = 1; row < begins.Length; row++) begins[row] += begins[row - 1];
        return Array(begins.Length, row => begins[row]);
    }

    /// <summary>A matrix of numbers.</summary>
    public TileRows Matrix(int rows, Tiling tiling) => Of(Numbers(rows * tiling.Stride), rows, tiling);

    /// <summary>A matrix that a kernel fills.</summary>
    public TileRows MatrixRoom(int rows, Tiling tiling) => Of(Room<float>(rows * tiling.Stride), rows, tiling);

    /// <summary>What a kernel returned, or wrote of an array of which it may write more.</summary>
    public void Result<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => _results.Add(MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Whether both hold the same bits.</summary>
    public bool IsSame(KernelCase other)
    {
        if (_compared.Count != other._compared.Count || _results.Count != other._results.Count) return false;
        for (var k = 0; k < _compared.Count; k++)
            if (!Bytes(_compared[k]).SequenceEqual(Bytes(other._compared[k]))) return false;
        for (var k = 0; k < _results.Count; k++)
            if (!_results[k].AsSpan().SequenceEqual(other._results[k])) return false;
        return true;
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers) buffer.Dispose();
        _lists?.Dispose();
    }

    private static ReadOnlySpan<byte> Bytes((nint Begin, int Bytes) array) => new((byte*)array.Begin, array.Bytes);

    private static TileRows Of(float* begin, int rows, Tiling tiling) =>
        new()
        {
            Begin = begin,
            Step = (nint)rows * tiling.Width,
            Tiles = tiling.Count,
            Width = tiling.Width,
            Columns = Lanes.Padded(tiling.Columns),
        };

    private byte* Allocate(int bytes)
    {
        var buffer = new AlignedBuffer<byte>(bytes + Guard);
        buffer.Span.Fill(Unwritten);
        _buffers.Add(buffer);
        return buffer.Pointer;
    }

    private float Number() => _random.Next(16) == 0 ? 0f : (_random.NextSingle() - 0.5f) * (1 << _random.Next(10)) / 64f;

    private float Special() => _random.Next(7) switch
    {
        0 => float.NaN,
        1 => -float.NaN,
        2 => float.PositiveInfinity,
        3 => float.NegativeInfinity,
        4 => -0f,
        5 => 1e-40f,
        _ => -float.Epsilon,
    };

    private InputLists<ScalarKernels> MakeLists()
    {
        var (batch, width) = (Size.Batch, Math.Max(1, Size.Inputs));
        var values = new float[batch * width];
        foreach (ref var value in values.AsSpan()) value = Chance(Size.Active) ? Number() + 5f : 0f;
        var lists = new InputLists<ScalarKernels>(batch, width, signed: true);
        lists.Load(Samples.FromValues(values, new byte[batch], width), [.. Enumerable.Range(0, batch)]);
        var wordsPerRow = SignDraws.WordsPerRow(width);
        lists.SortByInput(Words(batch * wordsPerRow), wordsPerRow);
        return lists;
    }
}
