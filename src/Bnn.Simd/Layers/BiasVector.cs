using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>A layer's bias in training: point values, never masked, without KL. [stride], padding 0.</summary>
internal sealed unsafe class BiasVector<TKernels> : IDisposable
    where TKernels : IKernels
{
    private readonly Tiling _tiling;
    private readonly AlignedBuffer<float> _values, _m, _v, _gradient;
    private readonly AlignedBuffer<ushort> _keep;

    public BiasVector(float[] start, Tiling tiling, Optimizer optimizer)
    {
        _tiling = tiling;
        (_values, _gradient, _keep) = (new(tiling.Stride), new(tiling.Stride), new(tiling.Stride / Lanes.Count));
        start.CopyTo(_values.Span);
        for (var o = 0; o < start.Length; o++) _keep.Pointer[o / Lanes.Count] |= (ushort)(1 << o % Lanes.Count);
        var moments = optimizer is Optimizer.Adam ? tiling.Stride : 0;
        (_m, _v) = (new(moments), new(moments));
    }

    /// <summary>The values without padding.</summary>
    public ReadOnlySpan<float> Values => _values.Span[.._tiling.Columns];

    public float* Tile(int tile) => _values.Pointer + tile * _tiling.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(in UpdateRule rule, TiledMatrix<float> g)
    {
        Gradient(g);
        TKernels.Update(rule, _values.Pointer, _m.Pointer, _v.Pointer, _gradient.Pointer, _keep.Pointer, _values.Length);
    }

    /// <summary>Σ_b g[b,o].</summary>
    public ReadOnlySpan<float> Gradient(TiledMatrix<float> g)
    {
        for (var tile = 0; tile < _tiling.Count; tile++)
            TKernels.BiasGradient(g.Tile(tile), g.Rows, _gradient.Pointer + tile * _tiling.Width, _tiling.WidthOf(tile));
        return _gradient.Span[.._tiling.Columns];
    }

    public void Flush()
    {
        TKernels.Flush(_values.Pointer, _values.Length);
        TKernels.Flush(_m.Pointer, _m.Length);
        TKernels.Flush(_v.Pointer, _v.Length);
    }

    public void Transfer(StateTransfer state)
    {
        state.Pass(_values.Span[.._tiling.Columns]);
        if (_m.Length == 0) return;
        state.Pass(_m.Span[.._tiling.Columns]);
        state.Pass(_v.Span[.._tiling.Columns]);
    }

    public void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<float>[])[_values, _m, _v, _gradient]) buffer.Dispose();
        _keep.Dispose();
    }
}
