using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A DenseFlipout layer of few weights: with the examples in the lanes the mean's sum takes x and the perturbation's x∘S, whose outputs are
/// signed before bias and mean are added. σ, slope and KL are those of the current ρ, as in <see cref="FlipoutLayer{TKernels}"/>.
/// </summary>
internal sealed unsafe class SparseFlipoutLayer<TKernels> : KeptWeights<TKernels>, IFlipoutLayer
    where TKernels : IKernels
{
    private readonly AlignedBuffer<float> _rho, _rhoM, _rhoV, _sigma, _slope, _epsilon, _delta, _byMu, _byDelta;
    private readonly AlignedBuffer<uint> _draw, _inputWords, _outputWords;
    private readonly AlignedBuffer<ushort> _keep;
    private readonly AlignedBuffer<double> _kl;
    private readonly KlRule _klRule;
    private readonly IFlipoutNoise _noise;
    private readonly double _klConstant;
    private readonly int _index, _batch, _inputWordsPerRow, _outputWordsPerRow;

    /// <summary>Place of the first weight. Biases take whole vectors of their own, since they have no ρ.</summary>
    public SparseFlipoutLayer(int index, BayesianSetup setup, IFlipoutNoise noise)
        : base(
            setup.Start.Layers[index].Mu, setup.Start.Layers[index].Bias, setup.Mask!.Layers[index],
            first: Lanes.Padded(setup.Start.Layers[index].Shape.Outputs), setup.Optimizer)
    {
        (_index, _noise, _batch) = (index, noise, setup.Batch);
        (_rho, _rhoM, _rhoV) = (Numbers(), Moments(), Moments());
        (_sigma, _slope, _epsilon, _delta) = (Numbers(), Numbers(), Numbers(), Numbers());
        (_byMu, _byDelta) = (new(Chunk.SparseElements), new(Chunk.SparseElements));
        Gather(setup.Start.Layers[index].Rho, _rho);
        (_draw, _keep) = (new(Pattern.Length), new(Pattern.Length / Lanes.Count));
        for (var k = Pattern.First; k < Pattern.End; k++)
        {
            var link = Pattern.Link[k];
            _draw.Pointer[k] = NormalDraws.NumberOf(link.Input - 1, link.Output, Shape.Outputs);
            _keep.Pointer[k / Lanes.Count] |= (ushort)(1 << k % Lanes.Count);
        }
        (_inputWordsPerRow, _outputWordsPerRow) = (SignDraws.WordsPerRow(Shape.Inputs), SignDraws.WordsPerRow(Shape.Outputs));
        // Lanes without an example have words too, which are never filled.
        (_inputWords, _outputWords) = (new(Lanes.Padded(_batch) * _inputWordsPerRow), new(Lanes.Padded(_batch) * _outputWordsPerRow));
        _kl = new(Lanes.Count);
        _klRule = new KlRule(setup.KlFactor, setup.PriorScale, setup.ScaleEpsilon);
        _klConstant = Pattern.Place.Length * (Math.Log(setup.PriorScale) - 0.5);
        Refresh();
    }

    public double Kl
    {
        get
        {
            var sum = _klConstant;
            foreach (var lane in _kl.Span) sum += lane;
            return sum;
        }
    }

    /// <summary>
    /// Draws what a step needs: signs for every example, with them <paramref name="xs"/> = x∘S, and ε and δ for the weights of active
    /// inputs.
    /// </summary>
    /// <param name="step">The noise's step, from 1.</param>
    /// <param name="active">By input, 0 where the whole batch is zero; null when none may be.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(int step, LaneMatrix x, byte* active, LaneMatrix xs)
    {
        _noise.InputSigns(_index, step, _batch, _inputWordsPerRow, _inputWords.Pointer);
        _noise.OutputSigns(_index, step, _batch, _outputWordsPerRow, _outputWords.Pointer);
        for (var group = 0; group < x.Groups; group++) SignInputs(group, x.Of(group, 1), active, xs.Of(group, 1), x.Width(group));
        foreach (var (begin, end) in Pattern.Ranges[1..])
        {
            // Whole vectors: the numbers drawn beyond the range's ends meet no gradient.
            var (from, to) = (Math.Max(Pattern.First, begin / Lanes.Count * Lanes.Count), Lanes.Padded(end));
            if (begin < end)
            {
                _noise.DrawKept(_index, step, Shape.Outputs, Pattern.Link + from, _draw.Pointer + from, to - from,
                    _sigma.Pointer + from, _epsilon.Pointer + from, _delta.Pointer + from);
            }
        }
    }

    /// <summary>h = R∘(δ·xs) + bias + μ·x for one group.</summary>
    /// <param name="h">Row of the first output.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(int group, float* x, float* xs, float* h, int width)
    {
        var link = Pattern.Link;
        new Span<float>(h, Shape.Outputs * width).Clear();
        foreach (var (begin, end) in Pattern.Ranges[1..])
            TKernels.SparseForward(link + begin, _delta.Pointer + begin, end - begin, xs, h, width);
        SignOutputs(group, h, h, width);
        foreach (var (begin, end) in Pattern.Ranges) TKernels.SparseForward(link + begin, W + begin, end - begin, x, h, width);
    }

    /// <summary>gr = g∘R.</summary>
    public void Sign(LaneMatrix g, LaneMatrix gr)
    {
        for (var group = 0; group < g.Groups; group++) SignOutputs(group, g.Of(group, 1), gr.Of(group, 1), g.Width(group));
    }

    /// <summary>∂loss/∂h of one group's layer below, whose outputs x are: S∘(δ·gr) + μ·g, and 0 where the unit was not active.</summary>
    /// <param name="g">Row of the first output, as is <paramref name="gr"/>'s.</param>
    /// <param name="x">Row of the first input, as is <paramref name="below"/>'s.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Back(int group, float* g, float* gr, float* x, float* below, int width)
    {
        for (var panel = 0; panel < Pattern.Panels; panel++)
            TKernels.SparseBack(Pattern.Begin(panel), Shape.Inputs, Pattern.Link, _delta.Pointer, gr, x, below, width,
                continued: panel > 0);
        SignInputs(group, below, active: null, below, width);
        for (var panel = 0; panel < Pattern.Panels; panel++)
            TKernels.SparseBack(Pattern.Begin(panel), Shape.Inputs, Pattern.Link, W, g, x, below, width, continued: true);
    }

    /// <summary>A step of every μ, ρ and bias from x, x∘S, g = ∂loss/∂h and g∘R.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(in UpdateRule rule, LaneMatrix x, LaneMatrix xs, LaneMatrix g, LaneMatrix gr)
    {
        Update(rule, 0, Pattern.First, x, g);
        _kl.Span.Clear();
        var (range, signedRange) = (0, 0);
        for (var begin = Pattern.First; begin < Pattern.Length; begin += Chunk.SparseElements)
        {
            var end = Math.Min(begin + Chunk.SparseElements, Pattern.Length);
            for (var chunk = begin; chunk < end; chunk += Chunk.SparseWeights)
            {
                var to = Math.Min(chunk + Chunk.SparseWeights, end);
                Pattern.Gradients(chunk, to, ref range, x, g, GradientLanes);
                TKernels.SparseTrees(GradientLanes, _byMu.Pointer + (chunk - begin), to - chunk);
                Pattern.Gradients(chunk, to, ref signedRange, xs, gr, GradientLanes);
                TKernels.SparseTrees(GradientLanes, _byDelta.Pointer + (chunk - begin), to - chunk);
            }
            TKernels.UpdateFlipout(rule, _klRule, State(begin), _byMu.Pointer, _byDelta.Pointer, end - begin);
        }
    }

    public override void Flush()
    {
        base.Flush();
        TKernels.Flush(_rhoM.Pointer, _rhoM.Length);
        TKernels.Flush(_rhoV.Pointer, _rhoV.Length);
    }

    public LayerPosterior Snapshot()
    {
        var means = new LayerWeights(Shape, new float[Shape.Weights], new float[Shape.Outputs]);
        CopyTo(means);
        var rho = new float[Shape.Weights];
        Scatter(_rho, rho);
        return new LayerPosterior(Shape, means.Weight, rho, means.Bias);
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var buffer in (AlignedBuffer<float>[])[_rho, _rhoM, _rhoV, _sigma, _slope, _epsilon, _delta, _byMu, _byDelta])
            buffer.Dispose();
        foreach (var buffer in (AlignedBuffer<uint>[])[_draw, _inputWords, _outputWords]) buffer.Dispose();
        _keep.Dispose();
        _kl.Dispose();
    }

    protected override void TransferMore(StateTransfer state)
    {
        state.Pass(_rho.Span[Pattern.First..], Pattern.Place);
        if (HasMoments) state.Pass(_rhoM.Span[Pattern.First..], Pattern.Place);
        if (HasMoments) state.Pass(_rhoV.Span[Pattern.First..], Pattern.Place);
        if (state.Restores) Refresh();
    }

    private void SignInputs(int group, float* from, byte* active, float* to, int width) => TKernels.SignRows(
        from, _inputWords.Pointer + (nint)group * LaneMatrix.Group * _inputWordsPerRow, _inputWordsPerRow, Shape.Inputs, active, to, width);

    private void SignOutputs(int group, float* from, float* to, int width) => TKernels.SignRows(
        from, _outputWords.Pointer + (nint)group * LaneMatrix.Group * _outputWordsPerRow, _outputWordsPerRow, Shape.Outputs, null, to,
            width);

    /// <summary>σ, slope and KL of μ and ρ, computed chunk by chunk as in an update, so that the lanes' sums have the same bits.</summary>
    private void Refresh()
    {
        _kl.Span.Clear();
        for (var begin = Pattern.First; begin < Pattern.Length; begin += Chunk.SparseElements)
            TKernels.Refresh(_klRule, State(begin), Math.Min(Chunk.SparseElements, Pattern.Length - begin));
    }

    private FlipoutState State(int begin) => new()
    {
        Mu = W + begin,
        Rho = _rho.Pointer + begin,
        MuM = M + begin,
        MuV = V + begin,
        RhoM = _rhoM.Pointer + begin,
        RhoV = _rhoV.Pointer + begin,
        Sigma = _sigma.Pointer + begin,
        Slope = _slope.Pointer + begin,
        Epsilon = _epsilon.Pointer + begin,
        Keep = _keep.Pointer + begin / Lanes.Count,
        Kl = _kl.Pointer,
    };
}
