using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// Which weights of a layer there are, in the order in which kernels meet them. First the biases, weights of input row 0, which is 1
/// everywhere; then, from <see cref="First"/> on, the kept weights ordered by panel of outputs, input, output: a panel's rows of h, or of
/// its gradient, stay in the first-level cache while all inputs pass. Input i of the mask is row i + 1. Weights of neighbouring inputs that
/// are active make one range, which kernels run through without a branch.
/// </summary>
internal sealed unsafe class SparsePattern<TKernels> : IDisposable
    where TKernels : IKernels
{
    private const int PanelOutputs = 112;

    /// <summary>With fewer weights per input, panels don't pay off.</summary>
    private const int WeightsPerInputForPanels = 6;

    private readonly AlignedBuffer<SparseLink> _link;
    private readonly AlignedBuffer<int>[] _begin;
    private readonly (int Begin, int End)[] _ranges;
    private readonly int[] _place, _turns;
    private int _rangeCount;

    /// <param name="first">Place of the first weight, not below the number of outputs: the places between biases and weights, if any,
    /// belong to neither.</param>
    public SparsePattern(LayerMask mask, int first)
    {
        (Shape, First) = (mask.Shape, first);
        var kept = mask.KeptCount;
        (End, Length) = (first + kept, Lanes.Padded(first + kept));
        _link = new(Length);
        _place = new int[kept];
        for (var o = 0; o < Shape.Outputs; o++) _link.Pointer[o] = new SparseLink(0, o);

        var panels = (Shape.Outputs + kept) / Shape.Inputs < WeightsPerInputForPanels
            ? 1
            : (Shape.Outputs + PanelOutputs - 1) / PanelOutputs;
        _begin = [.. Enumerable.Range(0, panels).Select(_ => new AlignedBuffer<int>(Shape.Inputs + 1))];
        var k = first;
        for (var panel = 0; panel < panels; panel++)
        {
            for (var i = 0; i < Shape.Inputs; i++)
            {
                _begin[panel].Pointer[i] = k;
                for (var o = Shape.Outputs * panel / panels; o < Shape.Outputs * (panel + 1) / panels; o++)
                {
                    var at = i * Shape.Outputs + o;
                    if (mask.Kept[at] == 0) continue;
                    (_link.Pointer[k], _place[k - first]) = (new SparseLink(i + 1, o), at);
                    k++;
                }
            }
            _begin[panel].Pointer[Shape.Inputs] = k;
        }
        _turns = new int[Shape.Inputs + 1];
        _ranges = new (int, int)[1 + panels * (Shape.Inputs + 1)];
    }

    public LayerShape Shape { get; }

    /// <summary>Place of the first weight.</summary>
    public int First { get; }

    /// <summary>One place beyond the last weight.</summary>
    public int End { get; }

    /// <summary>Places, a whole number of vectors.</summary>
    public int Length { get; }

    public SparseLink* Link => _link.Pointer;

    /// <summary>Index of each weight in the layer's matrix, [inputs, outputs].</summary>
    public ReadOnlySpan<int> Place => _place;

    public int Panels => _begin.Length;

    /// <summary>
    /// The weights of active inputs, as of the latest <see cref="Choose"/>: ascending ranges of places. The first is the biases'.
    /// </summary>
    public ReadOnlySpan<(int Begin, int End)> Ranges => _ranges.AsSpan(0, _rangeCount);

    /// <summary>Where each input's weights of a panel begin, and where the last one's end.</summary>
    public int* Begin(int panel) => _begin[panel].Pointer;

    /// <summary>Sets which inputs are zero in the whole batch: their weights are left out until the next call.</summary>
    /// <param name="active">By input, 0 or 1; null when all may be active.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Choose(byte* active)
    {
        var turns = FindTurns(active);
        // The biases' range, then one for each stretch of active inputs in each panel.
        _ranges[0] = (0, Shape.Outputs);
        _rangeCount = 1;
        foreach (var begin in _begin)
            for (var t = 0; t < turns; t += 2) _ranges[_rangeCount++] = (begin.Pointer[_turns[t]], begin.Pointer[_turns[t + 1]]);
    }

    /// <summary>
    /// lanes[k − from] = Σ_b x[input,b]·g[output,b] in sixteen lanes of the places from <paramref name="from"/> to <paramref name="to"/>;
    /// 0 where an input isn't active or there is no weight.
    /// </summary>
    /// <param name="range">The range at which the search starts: 0 at first; calls with ascending places pass it on.</param>
    /// <param name="g">Outputs begin at row 1, as x's inputs do.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gradients(int from, int to, ref int range, LaneMatrix x, LaneMatrix g, float* lanes)
    {
        for (var k = from; k < to;)
        {
            while (range < _rangeCount && _ranges[range].End <= k) range++;
            var (begin, end) = range < _rangeCount ? (Math.Max(k, _ranges[range].Begin), _ranges[range].End) : (to, to);
            (begin, end) = (Math.Min(begin, to), Math.Min(end, to));
            new Span<float>(lanes + (nint)(k - from) * Lanes.Count, (begin - k) * Lanes.Count).Clear();
            for (var group = 0; group < x.Groups && begin < end; group++)
            {
                TKernels.SparseGradient(Link + begin, end - begin,
                    x.Of(group), g.Of(group, 1), lanes + (nint)(begin - from) * Lanes.Count, x.Width(group), continued: group > 0);
            }
            k = Math.Max(begin, end);
        }
    }

    public void Dispose()
    {
        _link.Dispose();
        foreach (var begin in _begin) begin.Dispose();
    }

    /// <summary>Inputs at which a stretch of active ones begins or ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
            // Always written, counted only where activity changes: it does so too often and irregularly to predict a branch.
            _turns[count] = i;
            count += active[i] ^ before;
            before = active[i];
        }
        _turns[count] = Shape.Inputs;
        return count + before;
    }
}
