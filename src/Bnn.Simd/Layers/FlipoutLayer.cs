using Bnn.Contract;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// A DenseFlipout layer in training. Matrices are [inputs, stride]. σ, its slope dσ/dρ and the layer's KL are those of the current ρ: the update that
/// changes ρ makes them anew while the row is at hand.
/// </summary>
internal sealed unsafe class FlipoutLayer<TKernels> : IDisposable
    where TKernels : IKernels
{
    private readonly AlignedBuffer<float> _rho, _muM, _muV, _rhoM, _rhoV, _sigma, _slope, _epsilon, _noData;
    private readonly AlignedBuffer<float> _outputSigns;
    private readonly AlignedBuffer<uint> _valid, _words;
    private readonly AlignedBuffer<double> _kl;
    private readonly KlRule _klRule;
    private readonly double _klConstant;
    private readonly int _index;

    public FlipoutLayer(int index, LayerPosterior start, BayesianSetup setup)
    {
        (_index, Shape, Stride) = (index, start.Shape, Lanes.Padded(start.Shape.Outputs));
        var count = Shape.Inputs * Stride;
        (Mu, _rho, _sigma, _slope, _epsilon, Delta) = (new(count), new(count), new(count), new(count), new(count), new(count));
        var moments = setup.Optimizer is Optimizer.Adam ? count : 0;
        (_muM, _muV, _rhoM, _rhoV) = (new(moments), new(moments), new(moments), new(moments));
        Padding.Copy(start.Mu, Shape, Mu.Span, Stride);
        Padding.Copy(start.Rho, Shape, _rho.Span, Stride);
        Bias = new BiasVector<TKernels>(start.Bias, Stride, setup.Optimizer);
        (_valid, _noData, _kl) = (new(Stride), new(Stride), new(Lanes.Count));
        _valid.Span[..Shape.Outputs].Fill(uint.MaxValue);
        _outputSigns = new(setup.Batch * Stride);
        _words = new(Math.Max(SignDraws.WordsPerRow(Shape.Inputs), SignDraws.WordsPerRow(Shape.Outputs)));
        _klRule = new KlRule(setup.KlFactor, setup.PriorScale, setup.ScaleEpsilon);
        _klConstant = Shape.Weights * (Math.Log(setup.PriorScale) - 0.5);
        for (var i = 0; i < Shape.Inputs; i++) TKernels.Refresh(_klRule, Row(i), Stride);
    }

    public LayerShape Shape { get; }

    public int Stride { get; }

    public AlignedBuffer<float> Mu { get; }

    /// <summary>σ∘ε of the current step; only rows of active inputs are up to date.</summary>
    public AlignedBuffer<float> Delta { get; }

    public BiasVector<TKernels> Bias { get; }

    /// <summary>R of the current step, ±1, [batch, stride].</summary>
    public float* OutputSigns => _outputSigns.Pointer;

    /// <summary>KL of the current weights, nats: the lanes' sums of (σ²+μ²)/(2s₀²) − ln σ, and n·(ln s₀ − ½).</summary>
    public double Kl
    {
        get
        {
            var sum = _klConstant;
            foreach (var lane in _kl.Span) sum += lane;
            return sum;
        }
    }

    /// <summary>The signs of one example's inputs, a bit each; valid until the next call.</summary>
    public ReadOnlySpan<uint> InputSigns(INoise noise, int step, int example)
    {
        var words = _words.Span[..SignDraws.WordsPerRow(Shape.Inputs)];
        noise.InputSigns(_index, step, example, words);
        return words;
    }

    /// <summary>Draws what a step needs: R for every example, ε and δ for the inputs that are active in the batch. The others get no gradient from δ.</summary>
    public void Draw(INoise noise, int step, InputLists inputs)
    {
        var words = _words.Span[..SignDraws.WordsPerRow(Shape.Outputs)];
        for (var b = 0; b < inputs.Batch; b++)
        {
            noise.OutputSigns(_index, step, b, words);
            TKernels.ExpandSigns(_words.Pointer, OutputSigns + (nint)b * Stride, Stride);
        }
        foreach (var i in inputs.ActiveInputs)
        {
            var row = (nint)i * Stride;
            noise.Epsilon(_index, step, i, Shape.Outputs, new Span<float>(_epsilon.Pointer + row, Stride));
            TKernels.Perturb(_sigma.Pointer + row, _epsilon.Pointer + row, Delta.Pointer + row, Stride);
        }
    }

    /// <summary>A step of every μ, ρ and bias from g = ∂loss/∂h and g∘R, both [batch, stride].</summary>
    /// <param name="byMu">Room for one row, [stride].</param>
    /// <param name="byDelta">Room for one row, [stride].</param>
    public void Update(in UpdateRule rule, InputLists inputs, float* g, float* gr, float* byMu, float* byDelta)
    {
        _kl.Span.Clear();
        for (var i = 0; i < Shape.Inputs; i++)
        {
            var begin = inputs.InputBegin[i];
            var count = inputs.InputBegin[i + 1] - begin;
            if (count == 0)
            {
                TKernels.UpdateFlipout(rule, _klRule, Row(i), _noData.Pointer, _noData.Pointer, Stride);
                continue;
            }
            TKernels.RowGradientFlipout(inputs.Example + begin, inputs.InputX + begin, inputs.InputSignedX + begin, count, g, gr, byMu, byDelta, Stride);
            TKernels.UpdateFlipout(rule, _klRule, Row(i), byMu, byDelta, Stride);
        }
        Bias.Update(rule, inputs.Batch, g, byMu);
    }

    /// <summary>Tiny means and moments become +0.</summary>
    public void Flush()
    {
        TKernels.Flush(Mu.Pointer, Mu.Length);
        TKernels.Flush(_muM.Pointer, _muM.Length);
        TKernels.Flush(_muV.Pointer, _muV.Length);
        TKernels.Flush(_rhoM.Pointer, _rhoM.Length);
        TKernels.Flush(_rhoV.Pointer, _rhoV.Length);
        Bias.Flush();
    }

    public LayerPosterior Snapshot() => new(
        Shape, Padding.Take(Mu.Span, Shape, Stride), Padding.Take(_rho.Span, Shape, Stride), Bias.Values.Span[..Shape.Outputs].ToArray());

    public void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<float>[])[Mu, _rho, _muM, _muV, _rhoM, _rhoV, _sigma, _slope, _epsilon, Delta, _noData, _outputSigns])
            buffer.Dispose();
        _valid.Dispose();
        _words.Dispose();
        _kl.Dispose();
        Bias.Dispose();
    }

    private FlipoutRow Row(int i)
    {
        var row = (nint)i * Stride;
        return new FlipoutRow
        {
            Mu = Mu.Pointer + row,
            Rho = _rho.Pointer + row,
            MuM = _muM.Pointer + row,
            MuV = _muV.Pointer + row,
            RhoM = _rhoM.Pointer + row,
            RhoV = _rhoV.Pointer + row,
            Sigma = _sigma.Pointer + row,
            Slope = _slope.Pointer + row,
            Epsilon = _epsilon.Pointer + row,
            Valid = _valid.Pointer,
            Kl = _kl.Pointer,
        };
    }
}
