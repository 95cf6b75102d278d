using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A batch's forward pass through layers of few weights: inputs and outputs of each layer, with the examples in the lanes, and the loss.
/// </summary>
internal sealed unsafe class TicketBatch<TKernels> : IDisposable
    where TKernels : IKernels
{
    private readonly KeptWeights<TKernels>[] _layers;
    private readonly LaneMatrix[] _x;
    private readonly AlignedBuffer<byte> _active, _pixels, _noImage;
    private readonly AlignedBuffer<int> _label, _largest;
    private readonly AlignedBuffer<float> _nll;
    private readonly float[] _row;
    private readonly int _inputs;

    public TicketBatch(KeptWeights<TKernels>[] layers, int size)
    {
        (_layers, _inputs) = (layers, layers[0].Shape.Inputs);
        _x = [.. layers.Select(layer => new LaneMatrix(1 + layer.Shape.Inputs, size)), new LaneMatrix(1 + layers[^1].Shape.Outputs, size)];
        foreach (var x in _x)
            for (var b = 0; b < size; b++) x.Of(b / LaneMatrix.Group)[b % LaneMatrix.Group] = 1f;
        (_active, _noImage, _pixels) = (new(_inputs), new(_inputs), new(checked(_inputs * Lanes.Padded(size))));
        (_label, _largest, _nll) = (new(size), new(size), new(size));
        _row = new float[_inputs];
    }

    /// <summary>Inputs of layer <paramref name="l"/> after a row of ones; the logits for the number of layers.</summary>
    public LaneMatrix X(int l) => _x[l];

    /// <summary>By input, 0 where the whole batch is zero: the numbers of <see cref="X"/> there are from an earlier batch.</summary>
    public byte* Active => _active.Pointer;

    /// <summary>Loads these rows of the samples; lanes without one get zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(Samples samples, ReadOnlySpan<int> items)
    {
        for (var b = 0; b < items.Length; b++) _label.Pointer[b] = samples.Labels[items[b]];
        if (samples.HasPixels) LoadPixels(samples, items);
        else LoadValues(samples, items);
        _layers[0].Choose(_active.Pointer);
        for (var l = 1; l < _layers.Length; l++) _layers[l].Choose(null);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward()
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            var (x, h) = (_x[l], _x[l + 1]);
            for (var group = 0; group < x.Groups; group++) _layers[l].Forward(x.Of(group), h.Of(group, 1), x.Width(group));
            if (l < _layers.Length - 1) Rectify(l + 1);
        }
    }

    /// <summary>ReLU of the outputs that are layer <paramref name="l"/>'s inputs.</summary>
    public void Rectify(int l)
    {
        var x = _x[l];
        for (var group = 0; group < x.Groups; group++) TKernels.RectifyInPlace(x.Of(group, 1), (x.Rows - 1) * x.Width(group));
    }

    /// <summary>
    /// The sum of −ln softmax(h)[label] over the first <paramref name="count"/> examples, nats, and how many are classified correctly.
    /// </summary>
    /// <param name="g">Unless null gets the gradient times <paramref name="scale"/>, rows as in the logits' matrix.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (double Nll, int Correct) Loss(int count, float scale, LaneMatrix? g = null)
    {
        var (h, nll, correct) = (_x[^1], 0.0, 0);
        for (var group = 0; group < h.Groups; group++)
        {
            var from = group * LaneMatrix.Group;
            var examples = Math.Clamp(count - from, 0, h.Examples(group));
            TKernels.CrossEntropyOfGroup(
                h.Of(group, 1), _layers[^1].Shape.Outputs, _label.Pointer + from, examples, scale,
                g is null ? null : g.Of(group, 1), _nll.Pointer + from, _largest.Pointer + from, h.Width(group));
        }
        for (var b = 0; b < count; b++)
        {
            nll += _nll.Pointer[b];
            if (_largest.Pointer[b] == _label.Pointer[b]) correct++;
        }
        return (nll, correct);
    }

    /// <summary>The outputs of the last layer for the first <paramref name="count"/> examples, [count, classes].</summary>
    public float[] Logits(int count)
    {
        var (h, classes) = (_x[^1], _layers[^1].Shape.Outputs);
        var logits = new float[count * classes];
        for (var b = 0; b < count; b++)
            for (var o = 0; o < classes; o++) logits[b * classes + o] = h.Of(b / LaneMatrix.Group, 1 + o)[b % LaneMatrix.Group];
        return logits;
    }

    public void Dispose()
    {
        foreach (var x in _x) x.Dispose();
        foreach (var buffer in (AlignedBuffer<byte>[])[_active, _pixels, _noImage]) buffer.Dispose();
        foreach (var buffer in (AlignedBuffer<int>[])[_label, _largest]) buffer.Dispose();
        _nll.Dispose();
    }

    /// <summary>Loads pixels: they are transposed as bytes, and only rows that aren't zero are converted to float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LoadPixels(Samples samples, ReadOnlySpan<int> items)
    {
        var rows = stackalloc byte*[Lanes.Count];
        var x = _x[0];
        fixed (byte* all = samples.Pixels)
        {
            Prefetch.Rows(all, items, _inputs);
            for (var group = 0; group < x.Groups; group++)
            {
                for (var lane = 0; lane < x.Width(group); lane += Lanes.Count)
                {
                    for (var j = 0; j < Lanes.Count; j++)
                    {
                        var b = (group * LaneMatrix.Group) + lane + j;
                        rows[j] = b < items.Length ? all + ((nint)items[b] * _inputs) : _noImage.Pointer;
                    }
                    TKernels.TransposePixels(rows, _inputs, PixelsOf(group) + lane, x.Width(group));
                }
            }
        }
        _active.Span.Clear();
        for (var group = 0; group < x.Groups; group++) TKernels.FindActive(PixelsOf(group), _inputs, _active.Pointer, x.Width(group));
        for (var group = 0; group < x.Groups; group++)
            TKernels.ScalePixels(PixelsOf(group), _inputs, _active.Pointer, x.Of(group, 1), x.Width(group));

        byte* PixelsOf(int group) => _pixels.Pointer + ((nint)group * LaneMatrix.Group * _inputs);
    }

    private void LoadValues(Samples samples, ReadOnlySpan<int> items)
    {
        var x = _x[0];
        _active.Span.Clear();
        for (var group = 0; group < x.Groups; group++)
        {
            var width = x.Width(group);
            for (var lane = 0; lane < width; lane++)
            {
                var b = (group * LaneMatrix.Group) + lane;
                if (b < items.Length) samples.CopyRow(items[b], _row);
                else _row.AsSpan().Clear();
                var to = x.Of(group, 1) + lane;
                for (var i = 0; i < _inputs; i++)
                {
                    to[(nint)i * width] = _row[i];
                    if (_row[i] != 0) _active.Pointer[i] = 1;
                }
            }
        }
    }
}
