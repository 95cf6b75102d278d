using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains a masked network of few weights: the pruned ones don't exist, so a step's cost falls with those that are kept.</summary>
internal sealed unsafe class TicketStepper<TKernels> : IStepper
    where TKernels : IKernels
{
    /// <summary>The share of kept weights below which this is faster than masks on dense kernels.</summary>
    private const double SparseBelow = 0.3;

    private readonly OrdinarySetup _setup;
    private readonly Samples _train;
    private readonly SparseLayer<TKernels>[] _layers;
    private readonly TicketBatch<TKernels> _batch, _evaluated;
    private readonly LaneMatrix[] _g;
    private readonly int[] _evaluatedItems = new int[LaneMatrix.Group];
    private int _steps;

    public TicketStepper(OrdinarySetup setup, Samples train)
    {
        (_setup, _train) = (setup, train);
        _layers = [.. setup.Start.Layers.Select((layer, l) => new SparseLayer<TKernels>(layer, setup.Mask!.Layers[l], setup.Optimizer))];
        (_batch, _evaluated) = (new(_layers, setup.Batch), new(_layers, LaneMatrix.Group));
        _g = [.. _layers.Select((_, l) => new LaneMatrix(_batch.X(l + 1).Rows, setup.Batch))];
    }

    /// <summary>Whether a mask is sparse enough; a matter of its density alone, so that a training's bits are a function of its settings.</summary>
    public static bool Fits(Mask? mask)
    {
        if (mask is null) return false;
        var (kept, all) = (0L, 0L);
        foreach (var layer in mask.Layers)
        {
            all += layer.Kept.Length;
            kept += layer.Kept.Length - layer.Kept.AsSpan().Count((byte)0);
        }
        return kept < SparseBelow * all;
    }

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != _setup.Batch) throw new ArgumentException($"a batch of {items.Length} items, not {_setup.Batch}", nameof(items));
        _train.Fits(_layers[0].Shape.Inputs, _layers[^1].Shape.Outputs, items);
        _steps++;
        _batch.Load(_train, items);
        _batch.Forward();
        var (nll, _) = _batch.Loss(items.Length, 1f / items.Length, _g[^1]);
        var rule = new UpdateRule(_setup.Optimizer, _steps);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            if (l > 0) BackThrough(l);
            _layers[l].Update(rule, _batch.X(l), _g[l]);
            if (_steps % OptimizerDefinition.FlushEvery == 0) _layers[l].Flush();
        }
        return new StepLoss(nll / items.Length, 0);
    }

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
    {
        samples.Fits(_layers[0].Shape.Inputs, _layers[^1].Shape.Outputs, items);
        var count = items.IsEmpty ? samples.Count : items.Length;
        var (nll, correct) = (0.0, 0);
        for (var begin = 0; begin < count; begin += LaneMatrix.Group)
        {
            var block = _evaluatedItems.AsSpan(0, Math.Min(LaneMatrix.Group, count - begin));
            for (var b = 0; b < block.Length; b++) block[b] = items.IsEmpty ? begin + b : items[begin + b];
            _evaluated.Load(samples, block);
            _evaluated.Forward();
            var (sum, hits) = _evaluated.Loss(block.Length, 0f, null);
            (nll, correct) = (nll + sum, correct + hits);
        }
        return new Evaluation(nll / count, correct, count);
    }

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < _layers.Length; l++) _layers[l].CopyTo(destination.Layers[l]);
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var g in _g) g.Dispose();
        _batch.Dispose();
        _evaluated.Dispose();
    }

    /// <summary>∂loss/∂h of layer l−1 from layer l's: 0 where the unit was not active.</summary>
    private void BackThrough(int l)
    {
        var x = _batch.X(l);
        for (var group = 0; group < x.Groups; group++) _layers[l].Back(_g[l].Of(group, 1), x.Of(group, 1), _g[l - 1].Of(group, 1), x.Width(group));
    }

    /// <summary>The latest step's outputs of the last layer, [batch, classes].</summary>
    internal float[] Logits()
    {
        var (h, classes) = (_batch.X(_layers.Length), _layers[^1].Shape.Outputs);
        var logits = new float[_setup.Batch * classes];
        for (var b = 0; b < _setup.Batch; b++)
            for (var o = 0; o < classes; o++) logits[b * classes + o] = h.Of(b / LaneMatrix.Group, 1 + o)[b % LaneMatrix.Group];
        return logits;
    }
}
