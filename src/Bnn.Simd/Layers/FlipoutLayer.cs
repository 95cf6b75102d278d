using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A DenseFlipout layer in training. σ, its slope dσ/dρ and the layer's KL are those of the current ρ: the update that changes ρ
/// recomputes them while the rows are cached. At pruned weights all of them are +0.
/// </summary>
internal sealed unsafe class FlipoutLayer<TKernels> : IFlipoutLayer
    where TKernels : IKernels
{
    private readonly TiledMatrix<float> _mu, _rho, _sigma, _slope, _epsilon, _delta, _outputSigns;
    private readonly TiledMatrix<float>? _muM, _muV, _rhoM, _rhoV;
    private readonly AlignedBuffer<float> _byMu, _byDelta;
    private readonly KeepBits _keep;
    private readonly AlignedBuffer<uint> _inputWords, _outputWords;
    private readonly AlignedBuffer<double> _kl;
    private readonly KlRule _klRule;
    private readonly IFlipoutNoise _noise;
    private readonly double _klConstant;
    private readonly int _index, _chunkRows, _batch;

    public FlipoutLayer(int index, BayesianSetup setup, IFlipoutNoise noise, Tiling tiling)
    {
        var (start, mask) = (setup.Start.Layers[index], setup.Mask?.Layers[index]);
        (_index, _noise, _batch) = (index, noise, setup.Batch);
        (Shape, Tiling) = (start.Shape, tiling);
        (_mu, _rho, _sigma, _slope, _epsilon, _delta) = (Matrix(), Matrix(), Matrix(), Matrix(), Matrix(), Matrix());
        if (setup.Optimizer is Optimizer.Adam) (_muM, _muV, _rhoM, _rhoV) = (Matrix(), Matrix(), Matrix(), Matrix());
        _mu.CopyFrom(start.Mu);
        _rho.CopyFrom(start.Rho);
        Bias = new BiasVector<TKernels>(start.Bias, tiling, setup.Optimizer);
        _chunkRows = Chunk.Rows(tiling);
        _keep = new(Shape, mask, tiling, _chunkRows);
        (_byMu, _byDelta) = (new(_chunkRows * tiling.Width), new(_chunkRows * tiling.Width));
        _outputSigns = new(_batch, tiling);
        _inputWords = new(_batch * SignDraws.WordsPerRow(Shape.Inputs));
        _outputWords = new(_batch * SignDraws.WordsPerRow(Shape.Outputs));
        _kl = new(Lanes.Count);
        _klRule = new KlRule(setup.KlFactor, setup.PriorScale, setup.ScaleEpsilon);
        _klConstant = (mask?.KeptCount ?? Shape.Weights) * (Math.Log(setup.PriorScale) - 0.5);
        Refresh();

        TiledMatrix<float> Matrix() => new(Shape.Inputs, tiling);
    }

    public LayerShape Shape { get; }

    public Tiling Tiling { get; }

    public BiasVector<TKernels> Bias { get; }

    /// <summary>The network with mean weights.</summary>
    public EvaluatedLayer<TKernels> Evaluated => new(_mu, Bias);

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
    /// Draws what a step needs: signs for every example, with which the lists by input are made, and ε and δ for the inputs that are
    /// active in the batch. Weights of other inputs get no gradient from δ.
    /// </summary>
    /// <param name="step">The noise's step, from 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(int step, InputLists<TKernels> inputs)
    {
        var (inputWords, outputWords) = (SignDraws.WordsPerRow(Shape.Inputs), SignDraws.WordsPerRow(Shape.Outputs));
        _noise.InputSigns(_index, step, _batch, inputWords, _inputWords.Pointer);
        _noise.OutputSigns(_index, step, _batch, outputWords, _outputWords.Pointer);
        inputs.SortByInput(_inputWords.Pointer, inputWords);
        for (var tile = 0; tile < Tiling.Count; tile++)
        {
            for (var b = 0; b < _batch; b++)
            {
                var words = _outputWords.Pointer + b * outputWords + tile * Tiling.Width / 32;
                TKernels.ExpandSigns(words, _outputSigns.Row(tile, b), Tiling.WidthOf(tile));
            }
        }
        _noise.DrawRows(_index, step, inputs.ActiveInputs, _sigma, _epsilon, _delta);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(InputLists<TKernels> inputs, TiledMatrix<float> h, TiledMatrix<float> room)
    {
        var rows = inputs.Examples(_batch);
        for (var tile = 0; tile < Tiling.Count; tile++)
        {
            TKernels.ForwardFlipout(
                rows, _mu.Tile(tile), _delta.Tile(tile), Bias.Tile(tile), _outputSigns.Tile(tile),
                h.Tile(tile), room.Tile(tile), Tiling.WidthOf(tile));
        }
    }

    /// <summary>gr = g∘R.</summary>
    public void Sign(TiledMatrix<float> g, TiledMatrix<float> gr) =>
        TKernels.Multiply(g.Tile(0), _outputSigns.Tile(0), gr.Tile(0), g.All.Length);

    /// <summary>∂loss/∂x of the layer's active inputs from g = ∂loss/∂h and g∘R, the rest 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Back(InputLists<TKernels> inputs, TiledMatrix<float> g, TiledMatrix<float> gr, TiledMatrix<float> below)
    {
        below.All.Clear();
        TKernels.InputGradientsFlipout(
            inputs.Inputs, Rows.Of(_mu), Rows.Of(_delta), Rows.Of(g), Rows.Of(gr), Rows.Of(below));
    }

    /// <summary>A step of every μ, ρ and bias from g = ∂loss/∂h and g∘R.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(in UpdateRule rule, InputLists<TKernels> inputs, TiledMatrix<float> g, TiledMatrix<float> gr)
    {
        _kl.Span.Clear();
        for (var tile = 0; tile < Tiling.Count; tile++)
        {
            for (var i = 0; i < Shape.Inputs; i += _chunkRows)
            {
                var rows = Math.Min(_chunkRows, Shape.Inputs - i);
                TKernels.RowGradientsFlipout(
                    inputs.InputsFrom(i, rows), g.Tile(tile), gr.Tile(tile), _byMu.Pointer, _byDelta.Pointer, Tiling.WidthOf(tile));
                TKernels.UpdateFlipout(rule, _klRule, State(tile, i), _byMu.Pointer, _byDelta.Pointer, rows * Tiling.WidthOf(tile));
            }
        }
        Bias.Update(rule, g);
    }

    public void Flush()
    {
        foreach (var matrix in (ReadOnlySpan<TiledMatrix<float>?>)[_mu, _muM, _muV, _rhoM, _rhoV])
            if (matrix is not null) TKernels.Flush(matrix.Tile(0), matrix.All.Length);
        Bias.Flush();
    }

    public LayerPosterior Snapshot()
    {
        var (mu, rho) = (new float[Shape.Weights], new float[Shape.Weights]);
        _mu.CopyTo(mu);
        _rho.CopyTo(rho);
        return new LayerPosterior(Shape, mu, rho, Bias.Values.ToArray());
    }

    public void CopyTo(LayerWeights destination)
    {
        _mu.CopyTo(destination.Weight);
        Bias.Values.CopyTo(destination.Bias);
    }

    public void Transfer(StateTransfer state)
    {
        foreach (var matrix in (ReadOnlySpan<TiledMatrix<float>?>)[_mu, _muM, _muV, _rho, _rhoM, _rhoV]) state.Pass(matrix);
        Bias.Transfer(state);
        if (!state.Restores) return;
        foreach (var moments in (ReadOnlySpan<TiledMatrix<float>?>)[_muM, _muV, _rhoM, _rhoV]) _keep.Clear(moments);
        Refresh();
    }

    public void Dispose()
    {
        TiledMatrix<float>?[] matrices = [_mu, _rho, _sigma, _slope, _epsilon, _delta, _outputSigns, _muM, _muV, _rhoM, _rhoV];
        foreach (var matrix in matrices) matrix?.Dispose();
        _byMu.Dispose();
        _byDelta.Dispose();
        _keep.Dispose();
        _inputWords.Dispose();
        _outputWords.Dispose();
        _kl.Dispose();
        Bias.Dispose();
    }

    /// <summary>σ, slope and KL of μ and ρ, computed chunk by chunk as in an update, so that the lanes' sums have the same bits.</summary>
    private void Refresh()
    {
        _keep.Clear(_mu);
        _keep.Clear(_rho);
        _kl.Span.Clear();
        for (var tile = 0; tile < Tiling.Count; tile++)
            for (var i = 0; i < Shape.Inputs; i += _chunkRows)
                TKernels.Refresh(_klRule, State(tile, i), Math.Min(_chunkRows, Shape.Inputs - i) * Tiling.WidthOf(tile));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private FlipoutState State(int tile, int row) => new()
    {
        Mu = _mu.Row(tile, row),
        Rho = _rho.Row(tile, row),
        MuM = RowOf(_muM, tile, row),
        MuV = RowOf(_muV, tile, row),
        RhoM = RowOf(_rhoM, tile, row),
        RhoV = RowOf(_rhoV, tile, row),
        Sigma = _sigma.Row(tile, row),
        Slope = _slope.Row(tile, row),
        Epsilon = _epsilon.Row(tile, row),
        Keep = _keep.OrNull(tile, row),
        Kl = _kl.Pointer,
    };

    private static float* RowOf(TiledMatrix<float>? matrix, int tile, int row) => matrix is null ? null : matrix.Row(tile, row);
}
