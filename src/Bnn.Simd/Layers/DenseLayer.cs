using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// An ordinary layer in training; a mask, if there is one, is applied to every update. Frozen weights are weights like the others, which
/// no update and no flush changes.
/// </summary>
internal sealed unsafe class DenseLayer<TKernels> : ITrainedLayer
    where TKernels : IKernels
{
    private readonly TiledMatrix<float> _w;
    private readonly TiledMatrix<float>? _m, _v;
    private readonly KeepBits _keep;
    private readonly AlignedBuffer<float> _gradient;
    private readonly int _chunkRows;
    private readonly bool _freezes;

    public DenseLayer(LayerWeights start, LayerMask? mask, bool freezesPruned, Optimizer optimizer, Tiling tiling)
    {
        (Shape, Tiling, _freezes) = (start.Shape, tiling, freezesPruned && mask is not null);
        _chunkRows = Chunk.Rows(tiling);
        _gradient = new(_chunkRows * tiling.Width);
        _keep = new(Shape, mask, tiling, _chunkRows);
        _w = new(Shape.Inputs, tiling);
        _w.CopyFrom(start.Weight);
        if (!_freezes) _keep.Clear(_w);
        Bias = new BiasVector<TKernels>(start.Bias, tiling, optimizer);
        if (optimizer is Optimizer.Adam) (_m, _v) = (new(Shape.Inputs, tiling), new(Shape.Inputs, tiling));
    }

    public LayerShape Shape { get; }

    public Tiling Tiling { get; }

    public BiasVector<TKernels> Bias { get; }

    public EvaluatedLayer<TKernels> Evaluated => new(_w, Bias);

    /// <summary>∂loss/∂x of the layer's active inputs from g = ∂loss/∂h, the rest 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Back(InputLists<TKernels> inputs, TiledMatrix<float> g, TiledMatrix<float> below)
    {
        below.All.Clear();
        TKernels.InputGradients(inputs.Inputs, Rows.Of(_w), Rows.Of(g), Rows.Of(below));
    }

    /// <summary>A step of every weight and bias from g = ∂loss/∂h.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(in UpdateRule rule, InputLists<TKernels> inputs, TiledMatrix<float> g)
    {
        for (var tile = 0; tile < Tiling.Count; tile++)
        {
            for (var i = 0; i < Shape.Inputs; i += _chunkRows)
            {
                var rows = inputs.InputsFrom(i, Math.Min(_chunkRows, Shape.Inputs - i));
                float* w = _w.Row(tile, i), m = _m is null ? null : _m.Row(tile, i), v = _v is null ? null : _v.Row(tile, i);
                if (_freezes)
                {
                    TKernels.RowGradients(rows, Rows.Of(g, tile, 1), _gradient.Pointer);
                    TKernels.UpdateFreezing(rule, w, m, v, _gradient.Pointer, _keep.Chunk(tile, i), rows.Count * Tiling.WidthOf(tile));
                }
                else
                {
                    TKernels.UpdateRows(rule, rows, g.Tile(tile), w, m, v, _keep.OrNull(tile, i), _gradient.Pointer, Tiling.WidthOf(tile));
                }
            }
        }
        Bias.Update(rule, g);
    }

    /// <summary>Adds batch · gradient, and each input's squares, to sums over the examples.</summary>
    public void AddTo(ProbeSums sums, int layer, InputLists<TKernels> inputs, TiledMatrix<float> g)
    {
        for (var i = 0; i < Shape.Inputs; i++)
        {
            for (var tile = 0; tile < Tiling.Count; tile++)
            {
                TKernels.RowGradients(inputs.InputsFrom(i, 1), Rows.Of(g, tile, 1), _gradient.Pointer);
                var to = i * Shape.Outputs + tile * Tiling.Width;
                for (var o = 0; o < Tiling.ColumnsOf(tile); o++) sums.Weight[layer][to + o] += (double)_gradient.Pointer[o] * inputs.Batch;
            }
            var entries = inputs.InputsFrom(i, 1);
            for (var k = 0; k < entries.Length[0]; k++)
            {
                double x = entries.Begin[k].X;
                sums.Squares[layer][i] += x * x;
            }
        }
        var bias = Bias.Gradient(g);
        for (var o = 0; o < Shape.Outputs; o++) sums.Bias[layer][o] += (double)bias[o] * inputs.Batch;
    }

    public void Flush()
    {
        if (_freezes) TKernels.FlushKept(_w.Tile(0), _keep.Chunk(0, 0), _w.All.Length);
        else TKernels.Flush(_w.Tile(0), _w.All.Length);
        foreach (var moments in (ReadOnlySpan<TiledMatrix<float>?>)[_m, _v])
            if (moments is not null) TKernels.Flush(moments.Tile(0), moments.All.Length);
        Bias.Flush();
    }

    public void CopyTo(LayerWeights destination)
    {
        _w.CopyTo(destination.Weight);
        Bias.Values.CopyTo(destination.Bias);
    }

    public void Transfer(StateTransfer state)
    {
        foreach (var matrix in (ReadOnlySpan<TiledMatrix<float>?>)[_w, _m, _v])
        {
            state.Pass(matrix);
            if (state.Restores && !(_freezes && matrix == _w)) _keep.Clear(matrix);
        }
        Bias.Transfer(state);
    }

    public void Dispose()
    {
        _w.Dispose();
        _m?.Dispose();
        _v?.Dispose();
        _keep.Dispose();
        _gradient.Dispose();
        Bias.Dispose();
    }
}
