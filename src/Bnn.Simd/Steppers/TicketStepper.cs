using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains a masked network of few weights: the pruned ones don't exist, so a step's cost falls with those that are kept.</summary>
internal sealed unsafe class TicketStepper<TKernels> : Stepper<SparseLayer<TKernels>>
    where TKernels : IKernels
{
    private readonly TicketBatch<TKernels> _batch;
    private readonly TicketEvaluator<TKernels> _evaluator;
    private readonly LaneMatrix[] _g;

    public TicketStepper(OrdinarySetup setup, Samples train)
        : base(
            [.. setup.Start.Layers.Select((layer, l) => new SparseLayer<TKernels>(layer, setup.Mask!.Layers[l], setup.Optimizer))],
            train, setup.Batch, setup.Optimizer, StateLayout.Ordinary(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer))
    {
        _batch = new(Layers, setup.Batch);
        _evaluator = new(Layers);
        _g = [.. Layers.Select((_, l) => new LaneMatrix(_batch.X(l + 1).Rows, setup.Batch))];
    }

    public override Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) => _evaluator.Evaluate(samples, items);

    /// <inheritdoc cref="ILogits.Logits"/>
    /// <remarks>The stride is the number of classes.</remarks>
    public override float[] Logits() => _batch.Logits(Batch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override double Forward(ReadOnlySpan<int> items)
    {
        _batch.Load(Train, items);
        _batch.Forward();
        var (nll, _) = _batch.Loss(items.Length, 1f / items.Length, _g[^1]);
        return nll / items.Length;
    }

    protected override void Back(int l, in UpdateRule rule)
    {
        if (l > 0) BackThrough(l);
        Layers[l].Update(rule, _batch.X(l), _g[l]);
    }

    protected override void Release()
    {
        foreach (var g in _g) g.Dispose();
        _batch.Dispose();
        _evaluator.Dispose();
    }

    /// <summary>∂loss/∂h of layer l−1 from layer l's: 0 where the unit was not active.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BackThrough(int l)
    {
        var x = _batch.X(l);
        for (var group = 0; group < x.Groups; group++)
            Layers[l].Back(_g[l].Of(group, 1), x.Of(group, 1), _g[l - 1].Of(group, 1), x.Width(group));
    }
}
