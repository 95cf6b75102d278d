using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// Trains a masked Bayesian network of few weights: the pruned ones don't exist, so a step's cost falls with those that are kept.
/// </summary>
internal sealed unsafe class SparseBayesianStepper<TKernels> : Stepper<SparseFlipoutLayer<TKernels>>, IBayesianStepper
    where TKernels : IKernels
{
    private readonly TicketBatch<TKernels> _batch;
    private readonly TicketEvaluator<TKernels> _evaluator;
    private readonly LaneMatrix[] _xs, _g, _gr;
    private readonly int _stepsBefore;

    public SparseBayesianStepper(BayesianSetup setup, Samples train)
        : base(LayersOf(setup), train, setup.Batch, setup.Optimizer,
            StateLayout.Bayesian(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer))
    {
        _stepsBefore = setup.StepsBefore;
        _batch = new(Layers, setup.Batch);
        _evaluator = new(Layers);
        _xs = [.. Layers.Select((_, l) => new LaneMatrix(_batch.X(l).Rows, setup.Batch))];
        (_g, _gr) = (Outputs(), Outputs());

        LaneMatrix[] Outputs() => [.. Layers.Select((_, l) => new LaneMatrix(_batch.X(l + 1).Rows, setup.Batch))];
    }

    protected override double Kl
    {
        get
        {
            var kl = 0.0;
            foreach (var layer in Layers) kl += layer.Kl;
            return kl;
        }
    }

    public override Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) => _evaluator.Evaluate(samples, items);

    public PosteriorSnapshot Posterior() => new([.. Layers.Select(layer => layer.Snapshot())]);

    /// <inheritdoc cref="ILogits.Logits"/>
    /// <remarks>The stride is the number of classes.</remarks>
    public override float[] Logits() => _batch.Logits(Batch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override double Forward(ReadOnlySpan<int> items)
    {
        _batch.Load(Train, items);
        for (var l = 0; l < Layers.Length; l++)
        {
            var (layer, x, xs, h) = (Layers[l], _batch.X(l), _xs[l], _batch.X(l + 1));
            layer.Draw(_stepsBefore + Steps, x, l == 0 ? _batch.Active : null, xs);
            for (var group = 0; group < x.Groups; group++) layer.Forward(group, x.Of(group), xs.Of(group), h.Of(group, 1), x.Width(group));
            if (l < Layers.Length - 1) _batch.Rectify(l + 1);
        }
        var (nll, _) = _batch.Loss(items.Length, 1f / items.Length, _g[^1]);
        return nll / items.Length;
    }

    protected override void Back(int l, in UpdateRule rule)
    {
        var (layer, x, g, gr) = (Layers[l], _batch.X(l), _g[l], _gr[l]);
        layer.Sign(g, gr);
        for (var group = 0; l > 0 && group < x.Groups; group++)
            layer.Back(group, g.Of(group, 1), gr.Of(group, 1), x.Of(group, 1), _g[l - 1].Of(group, 1), x.Width(group));
        layer.Update(rule, x, _xs[l], g, gr);
    }

    protected override void Release()
    {
        foreach (var matrix in _xs.Concat(_g).Concat(_gr)) matrix.Dispose();
        _batch.Dispose();
        _evaluator.Dispose();
    }

    private static SparseFlipoutLayer<TKernels>[] LayersOf(BayesianSetup setup)
    {
        var noise = FlipoutNoise.Of<TKernels>(setup.Noise, setup.Start.Layers.Max(layer => Lanes.Padded(layer.Shape.Outputs)));
        return [.. setup.Start.Layers.Select((_, l) => new SparseFlipoutLayer<TKernels>(l, setup, noise))];
    }
}
