using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A bit for each weight of a tiled matrix, set where it is real and kept, sixteen to a word. Without a mask all chunks of a tile share the
/// bits that keep the real columns.
/// </summary>
internal sealed unsafe class KeepBits : IDisposable
{
    private readonly AlignedBuffer<ushort> _words;
    private readonly Tiling _tiling;
    private readonly int _rows;
    private readonly bool _masked;

    public KeepBits(LayerShape shape, LayerMask? mask, Tiling tiling, int chunkRows)
    {
        (_tiling, _masked, _rows) = (tiling, mask is not null, mask is null ? chunkRows : shape.Inputs);
        _words = new(_rows * tiling.Stride / Lanes.Count);
        for (var i = 0; i < _rows; i++)
        {
            for (var o = 0; o < shape.Outputs; o++)
            {
                var tile = o / tiling.Width;
                var at = tile * _rows * tiling.Width + i * tiling.WidthOf(tile) + o % tiling.Width;
                if (mask is null || mask.Kept[i * shape.Outputs + o] != 0)
                    _words.Pointer[at / Lanes.Count] |= (ushort)(1 << at % Lanes.Count);
            }
        }
    }

    /// <summary>The bits of a chunk that begins at <paramref name="row"/>.</summary>
    public ushort* Chunk(int tile, int row) =>
        _words.Pointer + ((nint)tile * _rows * _tiling.Width + (_masked ? (nint)row * _tiling.WidthOf(tile) : 0)) / Lanes.Count;

    /// <summary>Whether there is neither a pruned weight nor padding in the tile, as far as is known without looking.</summary>
    private bool IsWhole(int tile) => !_masked && _tiling.ColumnsOf(tile) == _tiling.WidthOf(tile);

    /// <summary>The bits of a chunk, or null where all are set.</summary>
    public ushort* OrNull(int tile, int row) => IsWhole(tile) ? null : Chunk(tile, row);

    /// <summary>Makes pruned weights +0.</summary>
    public void Clear(TiledMatrix<float>? matrix)
    {
        if (matrix is null || !_masked) return;
        var values = matrix.All;
        for (var at = 0; at < values.Length; at++)
            if ((_words.Pointer[at / Lanes.Count] >> at % Lanes.Count & 1) == 0) values[at] = 0f;
    }

    public void Dispose() => _words.Dispose();
}
