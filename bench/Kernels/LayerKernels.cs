using BenchmarkDotNet.Attributes;
using Bnn.Core;
using Bnn.Simd;

namespace Kernels;

/// <summary>
/// The kernels that take most of a step, each over the whole of the first layer: a batch of 60 images of MNIST, 784 inputs, 300 units, and
/// for the sparse kernels one weight in twenty. The reference kernels are measured beside those that train.
/// </summary>
[GenericTypeArguments(typeof(VectorKernels))]
[GenericTypeArguments(typeof(ScalarKernels))]
public unsafe class LayerKernels<TKernels>
    where TKernels : IKernels
{
    private const int Batch = 60, Inputs = 784, Outputs = 300, Classes = 10, OneOf = 20;

    private static readonly Tiling Tiling = Tiling.Of(Outputs);
    private static readonly int ChunkRows = Chunk.Rows(Tiling), ClassStride = Lanes.Padded(Classes);

    private readonly List<IDisposable> _owned = [];
    private readonly RandomStream _stream = new Seed(1).Stream(StreamName.Epsilon, 0);
    private readonly InputLists<TKernels> _lists = new(Batch, Inputs, signed: true);
    private readonly LaneMatrix _x = new(1 + Inputs, Batch), _gradients = new(1 + Outputs, Batch), _outputs = new(1 + Outputs, Batch);
    private readonly AlignedBuffer<ushort> _keep = new(ChunkRows * Tiling.Width / Lanes.Count);
    private readonly AlignedBuffer<double> _kl = new(Lanes.Count);
    private readonly AlignedBuffer<float> _byDelta = new(ChunkRows * Tiling.Width);

    /// <summary>The real columns of the last tile.</summary>
    private readonly KeepBits _real = new(new LayerShape(ChunkRows, Tiling.Columns), mask: null, Tiling, ChunkRows);

    private readonly TiledMatrix<float> _below = new(Batch, Tiling.Of(Inputs));
    private TiledMatrix<float> _w = null!, _delta = null!, _rho = null!, _m = null!, _v = null!, _rhoM = null!, _rhoV = null!;
    private TiledMatrix<float> _sigma = null!, _slope = null!, _epsilon = null!, _signs = null!, _h = null!, _room = null!, _g = null!;
    private float* _bias, _gradient, _logits, _logitGradient, _sparseW, _sparseM, _sparseV, _lanes;
    private AlignedBuffer<SparseLink> _link = null!;
    private int _links;

    /// <summary>Adam at rate 0: it does all its work, but repeating it never changes the weights.</summary>
    private readonly UpdateRule _rule = new(new Optimizer.Adam(0), t: 1);

    private readonly KlRule _klRule = new(1.0 / 60_000, 1, LayerPosterior.ScaleEpsilon);

    [GlobalSetup]
    public void Begin()
    {
        var images = Mnist.Load().Train;
        LoadLists(images);
        (_w, _m, _v) = (Normals(Inputs, 0.1f), Zeros(Inputs), Zeros(Inputs));
        (_rho, _rhoM, _rhoV) = (Normals(Inputs, 0.1f), Zeros(Inputs), Zeros(Inputs));
        (_sigma, _slope, _epsilon, _delta) = (Zeros(Inputs), Zeros(Inputs), Normals(Inputs, 1f), Normals(Inputs, 0.05f));
        (_signs, _h, _room, _g) = (Normals(Batch, 1f), Zeros(Batch), Zeros(Batch), Normals(Batch, 0.01f));
        foreach (ref var sign in _signs.All) sign = MathF.CopySign(1f, sign);
        foreach (ref var rho in _rho.All) rho -= 3f;
        _bias = Normals(1, 0.1f).Row(0, 0);
        _gradient = Normals(ChunkRows, 0.01f).Row(0, 0);
        _logits = Normals(Batch, 1f).Row(0, 0);
        _logitGradient = Zeros(Batch).Row(0, 0);
        _keep.Span.Fill(ushort.MaxValue);
        ForEachChunk((tile, row, rows) => TKernels.Refresh(_klRule, State(tile, row), rows * Tiling.WidthOf(tile)));
        LoadTicket(images);
    }

    [GlobalCleanup]
    public void End()
    {
        foreach (var owned in _owned) owned.Dispose();
        foreach (var owned in (IDisposable[])[_lists, _x, _gradients, _outputs, _keep, _kl, _byDelta, _real, _below]) owned.Dispose();
    }

    [Benchmark]
    public void SortByInput() => _lists.SortByInput();

    [Benchmark]
    public void Forward() => TKernels.Forward(_lists.Examples(Batch), Rows.Of(_w), _bias, Rows.Of(_h));

    [Benchmark]
    public void ForwardFlipout()
    {
        for (var tile = 0; tile < Tiling.Count; tile++)
        {
            TKernels.ForwardFlipout(_lists.Examples(Batch), _w.Tile(tile), _delta.Tile(tile), _bias + tile * Tiling.Width,
                _signs.Tile(tile), _h.Tile(tile), _room.Tile(tile), Tiling.WidthOf(tile));
        }
    }

    [Benchmark]
    public void RowGradients() => ForEachChunk((tile, row, rows) =>
        TKernels.RowGradients(_lists.InputsFrom(row, rows), Rows.Of(_g, tile, 1), _gradient));

    [Benchmark]
    public void Update() => ForEachChunk((tile, row, rows) => TKernels.Update(
        _rule, _w.Row(tile, row), _m.Row(tile, row), _v.Row(tile, row), _gradient, _keep.Pointer, rows * Tiling.WidthOf(tile)));

    [Benchmark]
    public void UpdateRows() => ForEachChunk((tile, row, rows) => TKernels.UpdateRows(
        _rule, _lists.InputsFrom(row, rows), _g.Tile(tile), _w.Row(tile, row), _m.Row(tile, row), _v.Row(tile, row),
        _real.OrNull(tile, row), _gradient, Tiling.WidthOf(tile)));

    [Benchmark]
    public void RowGradientsFlipout() => ForEachChunk((tile, row, rows) => TKernels.RowGradientsFlipout(
        _lists.InputsFrom(row, rows), _g.Tile(tile), _room.Tile(tile), _gradient, _byDelta.Pointer, Tiling.WidthOf(tile)));

    /// <summary>As if the images were hidden units.</summary>
    [Benchmark]
    public void InputGradients() => TKernels.InputGradients(_lists.Inputs, Rows.Of(_w), Rows.Of(_g), Rows.Of(_below));

    [Benchmark]
    public void InputGradientsFlipout() => TKernels.InputGradientsFlipout(
        _lists.Inputs, Rows.Of(_w), Rows.Of(_delta), Rows.Of(_g), Rows.Of(_room), Rows.Of(_below));

    [Benchmark]
    public void UpdateFlipoutAndRefresh()
    {
        _kl.Span.Clear();
        ForEachChunk((tile, row, rows) =>
            TKernels.UpdateFlipout(_rule, _klRule, State(tile, row), _gradient, _gradient, rows * Tiling.WidthOf(tile)));
    }

    [Benchmark]
    public void DrawRows()
    {
        fixed (int* rows = _lists.ActiveInputs)
        {
            for (var tile = 0; tile < Tiling.Count; tile++)
            {
                var firstBlock = (uint)(tile * NormalDraws.BlocksPerGroup);
                TKernels.DrawRows(
                    _stream, step: 1, NormalDraws.BlocksPerRow(Outputs), firstBlock, rows, _lists.ActiveCount,
                    _sigma.Tile(tile), _epsilon.Tile(tile), _delta.Tile(tile), Tiling.WidthOf(tile));
            }
        }
    }

    [Benchmark]
    public float CrossEntropy()
    {
        var sum = 0f;
        for (var b = 0; b < Batch; b++)
        {
            sum += TKernels.CrossEntropy(
                _logits + b * ClassStride, Classes, b % Classes, 1f / Batch, _logitGradient + b * ClassStride, ClassStride);
        }
        return sum;
    }

    [Benchmark]
    public void SparseForward()
    {
        TKernels.SpreadBias(_bias, _outputs.Of(0, 1), Outputs, _x.Width(0));
        TKernels.SparseForward(_link.Pointer, _sparseW, _links, _x.Of(0), _outputs.Of(0, 1), _x.Width(0));
    }

    [Benchmark]
    public void SparseGradient() => ForEachSparseChunk((from, count) =>
        TKernels.SparseGradient(_link.Pointer + from, count, _x.Of(0), _gradients.Of(0, 1), _lanes, _x.Width(0), continued: false));

    [Benchmark]
    public void SparseUpdate() => ForEachSparseChunk((from, count) =>
        TKernels.SparseUpdate(_rule, _lanes, _sparseW + from, _sparseM + from, _sparseV + from, Lanes.Padded(count)));

    /// <summary>The first images, by example and by input.</summary>
    private void LoadLists(Samples images)
    {
        _lists.Load(images, [.. Enumerable.Range(0, Batch)]);
        var wordsPerRow = SignDraws.WordsPerRow(Inputs);
        using var words = new AlignedBuffer<uint>(Batch * wordsPerRow);
        TKernels.Words(_stream, step: 1, firstBlock: 0, words.Length / SignDraws.WordsPerBlock, words.Pointer);
        _lists.SortByInput(words.Pointer, wordsPerRow);
    }

    /// <summary>The same images with the examples in the lanes, and weights kept at random of the inputs that are active.</summary>
    private void LoadTicket(Samples images)
    {
        var row = new float[Inputs];
        for (var b = 0; b < Batch; b++)
        {
            images.CopyRow(b, row);
            for (var i = 0; i < Inputs; i++) _x.Of(0, 1 + i)[b] = row[i];
            for (var o = 0; o < Outputs; o++) _gradients.Of(0, 1 + o)[b] = _g.Row(o / Tiling.Width, b)[o % Tiling.Width];
        }
        List<SparseLink> links = [];
        foreach (var i in _lists.ActiveInputs)
            for (var o = 0; o < Outputs; o++)
                if (_stream.Word(step: 0, (uint)(i * Outputs + o)) < uint.MaxValue / OneOf) links.Add(new SparseLink(1 + i, o));
        _links = links.Count;
        _link = Owned(new AlignedBuffer<SparseLink>(_links));
        links.CopyTo(_link.Span);
        var padded = Lanes.Padded(_links);
        _sparseW = Owned(new AlignedBuffer<float>(padded)).Pointer;
        _sparseM = Owned(new AlignedBuffer<float>(padded)).Pointer;
        _sparseV = Owned(new AlignedBuffer<float>(padded)).Pointer;
        for (var k = 0; k < _links; k++)
        {
            var (tile, column) = Math.DivRem(links[k].Output, Tiling.Width);
            _sparseW[k] = _w.Row(tile, links[k].Input - 1)[column];
        }
        _lanes = Owned(new AlignedBuffer<float>(Chunk.SparseWeights * Lanes.Count)).Pointer;
    }

    /// <summary>As in a layer: rows whose state is in the first-level cache.</summary>
    private static void ForEachChunk(Action<int, int, int> of)
    {
        for (var tile = 0; tile < Tiling.Count; tile++)
            for (var row = 0; row < Inputs; row += ChunkRows) of(tile, row, Math.Min(ChunkRows, Inputs - row));
    }

    private void ForEachSparseChunk(Action<int, int> of)
    {
        for (var from = 0; from < _links; from += Chunk.SparseWeights) of(from, Math.Min(Chunk.SparseWeights, _links - from));
    }

    private T Owned<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private TiledMatrix<float> Zeros(int rows) => Owned(new TiledMatrix<float>(rows, Tiling));

    private TiledMatrix<float> Normals(int rows, float scale)
    {
        var values = Zeros(rows);
        NormalDraws.FillRow(_stream, step: _owned.Count, row: 0, values.All);
        foreach (ref var value in values.All) value *= scale;
        return values;
    }

    private FlipoutState State(int tile, int row) => new()
    {
        Mu = _w.Row(tile, row),
        Rho = _rho.Row(tile, row),
        MuM = _m.Row(tile, row),
        MuV = _v.Row(tile, row),
        RhoM = _rhoM.Row(tile, row),
        RhoV = _rhoV.Row(tile, row),
        Sigma = _sigma.Row(tile, row),
        Slope = _slope.Row(tile, row),
        Epsilon = _epsilon.Row(tile, row),
        Keep = _real.OrNull(tile, row),
        Kl = _kl.Pointer,
    };
}
