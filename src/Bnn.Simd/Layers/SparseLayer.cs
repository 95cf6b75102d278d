using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A layer of a ticket: its biases, its kept weights and their moments, nothing else. Row 0 of its inputs x is 1, so that a bias is a weight like others;
/// input i of the mask is row i + 1.
/// </summary>
/// <remarks>
/// First the biases, then the weights ordered by panel of outputs, input, output: a panel's rows of h, or of its gradient, stay in the first-level cache
/// while all inputs pass. Weights of neighbouring inputs that are active make one range, which kernels run through without a branch.
/// </remarks>
internal sealed unsafe class SparseLayer<TKernels> : ITrainedLayer
    where TKernels : IKernels
{
    private const int PanelOutputs = 112;

    /// <summary>With fewer weights an input panels don't pay.</summary>
    private const int WeightsPerInputForPanels = 6;

    private readonly AlignedBuffer<float> _w, _m, _v, _lanes;
    private readonly AlignedBuffer<SparseLink> _link;
    private readonly int[] _place, _turns;
    private readonly AlignedBuffer<int>[] _begin;
    private readonly (int Begin, int End)[] _ranges;
    private readonly int _kept;
    private int _rangeCount;

    public SparseLayer(LayerWeights start, LayerMask mask, Optimizer optimizer)
    {
        Shape = start.Shape;
        _kept = Shape.Outputs + mask.Kept.Length - mask.Kept.AsSpan().Count((byte)0);
        var padded = Lanes.Padded(_kept);
        (_w, _link) = (new(padded), new(padded));
        (_m, _v) = optimizer is Optimizer.Adam ? (new(padded), new(padded)) : (new AlignedBuffer<float>(0), new AlignedBuffer<float>(0));
        _lanes = new(Chunk.SparseWeights * Lanes.Count);
        _place = new int[_kept];
        for (var o = 0; o < Shape.Outputs; o++) (_w.Pointer[o], _link.Pointer[o]) = (start.Bias[o], new SparseLink(0, o));

        var panels = _kept / Shape.Inputs < WeightsPerInputForPanels ? 1 : (Shape.Outputs + PanelOutputs - 1) / PanelOutputs;
        _begin = [.. Enumerable.Range(0, panels).Select(_ => new AlignedBuffer<int>(Shape.Inputs + 1))];
        var k = Shape.Outputs;
        for (var panel = 0; panel < panels; panel++)
        {
            for (var i = 0; i < Shape.Inputs; i++)
            {
                _begin[panel].Pointer[i] = k;
                for (var o = Shape.Outputs * panel / panels; o < Shape.Outputs * (panel + 1) / panels; o++)
                {
                    var at = i * Shape.Outputs + o;
                    if (mask.Kept[at] == 0) continue;
                    (_w.Pointer[k], _link.Pointer[k], _place[k]) = (start.Weight[at], new SparseLink(i + 1, o), at);
                    k++;
                }
            }
            _begin[panel].Pointer[Shape.Inputs] = k;
        }
        _turns = new int[Shape.Inputs + 1];
        _ranges = new (int, int)[1 + panels * (Shape.Inputs + 1)];
    }

    public LayerShape Shape { get; }

    /// <summary>Says which inputs are zero in the whole batch: their weights are left out until the next call.</summary>
    /// <param name="active">By input, 0 or 1; null when all may be active.</param>
    public void Choose(byte* active)
    {
        var turns = FindTurns(active);
        // The biases' range, then one for each stretch of active inputs in each panel.
        _ranges[0] = (0, Shape.Outputs);
        _rangeCount = 1;
        foreach (var begin in _begin)
            for (var t = 0; t < turns; t += 2) _ranges[_rangeCount++] = (begin.Pointer[_turns[t]], begin.Pointer[_turns[t + 1]]);
    }

    /// <summary>h = W·x with the biases, of one group.</summary>
    public void Forward(float* x, float* h, int width)
    {
        TKernels.SpreadBias(_w.Pointer, h, Shape.Outputs, width);
        for (var r = 1; r < _rangeCount; r++)
        {
            var (begin, end) = _ranges[r];
            TKernels.SparseForward(_link.Pointer + begin, _w.Pointer + begin, end - begin, x, h, width);
        }
    }

    /// <summary>∂loss/∂h of one group's layer below, whose outputs x are: W·g, and 0 where the unit was not active.</summary>
    /// <param name="x">Row of the first input, as is <paramref name="below"/>'s.</param>
    public void Back(float* g, float* x, float* below, int width)
    {
        for (var panel = 0; panel < _begin.Length; panel++)
            TKernels.SparseBack(_begin[panel].Pointer, Shape.Inputs, _link.Pointer, _w.Pointer, g, x, below, width, continued: panel > 0);
    }

    /// <summary>A step of every weight and bias from x and g = ∂loss/∂h, whose outputs begin at row 1 as x's inputs do.</summary>
    public void Update(in UpdateRule rule, LaneMatrix x, LaneMatrix g)
    {
        var range = 0;
        for (var chunk = 0; chunk < _w.Length; chunk += Chunk.SparseWeights)
        {
            var end = Math.Min(chunk + Chunk.SparseWeights, _w.Length);
            for (var k = chunk; k < end;)
            {
                while (range < _rangeCount && _ranges[range].End <= k) range++;
                var (from, to) = range < _rangeCount ? (Math.Max(k, _ranges[range].Begin), _ranges[range].End) : (end, end);
                (from, to) = (Math.Min(from, end), Math.Min(to, end));
                var lanes = _lanes.Pointer - ((nint)chunk * Lanes.Count);
                new Span<float>(lanes + ((nint)k * Lanes.Count), (from - k) * Lanes.Count).Clear();
                for (var group = 0; group < x.Groups && from < to; group++)
                {
                    TKernels.SparseGradient(_link.Pointer + from, to - from,
                        x.Of(group), g.Of(group, 1), lanes + ((nint)from * Lanes.Count), x.Width(group), continued: group > 0);
                }
                k = Math.Max(from, to);
            }
            TKernels.SparseUpdate(rule, _lanes.Pointer, _w.Pointer + chunk, _m.Pointer + chunk, _v.Pointer + chunk, end - chunk);
        }
    }

    public void Flush()
    {
        TKernels.Flush(_w.Pointer, _w.Length);
        TKernels.Flush(_m.Pointer, _m.Length);
        TKernels.Flush(_v.Pointer, _v.Length);
    }

    public void CopyTo(LayerWeights destination)
    {
        destination.Weight.AsSpan().Clear();
        _w.Span[..Shape.Outputs].CopyTo(destination.Bias);
        for (var k = Shape.Outputs; k < _kept; k++) destination.Weight[_place[k]] = _w.Pointer[k];
    }

    public void Transfer(StateTransfer state)
    {
        var moments = _m.Length > 0;
        var place = _place.AsSpan(Shape.Outputs);
        state.Pass(_w.Span[Shape.Outputs..], place);
        if (moments) state.Pass(_m.Span[Shape.Outputs..], place);
        if (moments) state.Pass(_v.Span[Shape.Outputs..], place);
        state.Pass(_w.Span[..Shape.Outputs]);
        if (moments) state.Pass(_m.Span[..Shape.Outputs]);
        if (moments) state.Pass(_v.Span[..Shape.Outputs]);
    }

    public void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<float>[])[_w, _m, _v, _lanes]) buffer.Dispose();
        _link.Dispose();
        foreach (var begin in _begin) begin.Dispose();
    }

    /// <summary>Inputs at which a stretch of active ones begins or ends.</summary>
    private int FindTurns(byte* active)
    {
        if (active is null)
        {
            (_turns[0], _turns[1]) = (0, Shape.Inputs);
            return 2;
        }
        var (count, before) = (0, 0);
        for (var i = 0; i < Shape.Inputs; i++)
        {
            _turns[count] = i;
            count += active[i] ^ before;
            before = active[i];
        }
        _turns[count] = Shape.Inputs;
        return count + before;
    }
}
