using Bnn.Contract;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains an ordinary network, whole or masked.</summary>
internal sealed unsafe class DeterministicStepper<TKernels> : IStepper
    where TKernels : IKernels
{
    private readonly DeterministicSetup _setup;
    private readonly SparseSamples _train;
    private readonly SparseSamplesCache _cache;
    private readonly DenseLayer<TKernels>[] _layers;
    private readonly InputLists[] _inputs;
    private readonly AlignedBuffer<float>[] _h, _g;
    private readonly AlignedBuffer<float> _gradient;
    private readonly Evaluator<TKernels> _evaluator;
    private int _steps;

    public DeterministicStepper(DeterministicSetup setup, Samples train, SparseSamplesCache cache)
    {
        (_setup, _cache, _train) = (setup, cache, cache.Of(train));
        _layers = [.. setup.Start.Layers.Select((layer, l) => new DenseLayer<TKernels>(layer, setup.Mask?.Layers[l], setup.Optimizer))];
        _inputs = [.. _layers.Select(layer => new InputLists(setup.Batch, layer.Shape.Inputs))];
        _h = [.. _layers.Select(layer => new AlignedBuffer<float>(setup.Batch * layer.Stride))];
        _g = [.. _layers.Select(layer => new AlignedBuffer<float>(setup.Batch * layer.Stride))];
        _gradient = new(_layers.Max(layer => layer.Stride));
        _evaluator = new(new Architecture([_layers[0].Shape.Inputs, .. _layers.Select(layer => layer.Shape.Outputs)]));
    }

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != _setup.Batch) throw new ArgumentException($"a batch of {items.Length} items, not {_setup.Batch}", nameof(items));
        _steps++;
        var nll = Forward(items);
        var rule = new UpdateRule(_setup.Optimizer, _steps);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            if (l > 0) BackThrough(l);
            _layers[l].Update(rule, _inputs[l], _g[l].Pointer, _gradient.Pointer);
            if (_steps % OptimizerDefinition.FlushEvery == 0) _layers[l].Flush();
        }
        return new StepLoss(nll, 0);
    }

    /// <summary>Adds this batch's gradient and squared inputs to sums, without an update.</summary>
    public void AddTo(ProbeSums sums, ReadOnlySpan<int> items)
    {
        Forward(items);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            if (l > 0) BackThrough(l);
            _layers[l].AddTo(sums, l, _inputs[l], _g[l].Pointer, _gradient.Pointer);
        }
        sums.Count += items.Length;
    }

    /// <summary>The latest step's outputs of the last layer, [batch, stride].</summary>
    internal ReadOnlySpan<float> Logits => _h[^1].Span;

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
    {
        Span<EvaluatedLayer> layers = stackalloc EvaluatedLayer[_layers.Length];
        for (var l = 0; l < layers.Length; l++) layers[l] = new(_layers[l].W.Pointer, _layers[l].Bias.Values.Pointer, _layers[l].Shape, _layers[l].Stride);
        return _evaluator.Evaluate(layers, _cache.Of(samples), items);
    }

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            Padding.Take(_layers[l].W.Span, _layers[l].Stride, _layers[l].Shape, destination.Layers[l].Weight);
            _layers[l].Bias.Values.Span[.._layers[l].Shape.Outputs].CopyTo(destination.Layers[l].Bias);
        }
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var buffer in _h.Concat(_g)) buffer.Dispose();
        _gradient.Dispose();
        _evaluator.Dispose();
    }

    /// <summary>The batch through all layers and the loss's gradient by the logits; mean cross entropy, nats.</summary>
    private double Forward(ReadOnlySpan<int> items)
    {
        _inputs[0].Clear();
        for (var b = 0; b < items.Length; b++) Batch.Append(_train, items[b], _inputs[0], b, []);
        for (var l = 0; l < _layers.Length; l++)
        {
            if (l > 0) Batch.Rectify<TKernels>(_h[l - 1].Pointer, _layers[l - 1].Stride, _inputs[l], items.Length);
            _inputs[l].SortByInput(signed: false);
            TKernels.Forward(_inputs[l].Examples, _layers[l].W.Pointer, _layers[l].Bias.Values.Pointer, _h[l].Pointer, _layers[l].Stride);
        }
        return Loss.Gradient<TKernels>(_train.Source, items, _layers[^1].Shape.Outputs, _h[^1].Pointer, _g[^1].Pointer, _layers[^1].Stride);
    }

    /// <summary>∂loss/∂h of layer l−1 from layer l's: 0 where the unit was not active.</summary>
    private void BackThrough(int l)
    {
        var (layer, inputs, below) = (_layers[l], _inputs[l], _g[l - 1]);
        var belowStride = _layers[l - 1].Stride;
        below.Span.Clear();
        for (var b = 0; b < inputs.Batch; b++)
        {
            var g = _g[l].Pointer + (nint)b * layer.Stride;
            for (var k = inputs.ExampleBegin[b]; k < inputs.ExampleBegin[b + 1]; k++)
            {
                var i = inputs.Column[k];
                below.Pointer[b * belowStride + i] = TKernels.InputGradient(layer.W.Pointer + (nint)i * layer.Stride, g, layer.Stride);
            }
        }
    }
}
