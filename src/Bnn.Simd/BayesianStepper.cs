using Bnn.Contract;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains a network of DenseFlipout layers.</summary>
internal sealed unsafe class BayesianStepper<TKernels> : IBayesianStepper
    where TKernels : IKernels
{
    private readonly BayesianSetup _setup;
    private readonly SparseSamples _train;
    private readonly SparseSamplesCache _cache;
    private readonly FlipoutLayer<TKernels>[] _layers;
    private readonly InputLists[] _inputs;
    private readonly AlignedBuffer<float>[] _h, _g, _gr;
    private readonly AlignedBuffer<float> _byMu, _byDelta;
    private readonly Evaluator<TKernels> _evaluator;
    private int _steps;

    public BayesianStepper(BayesianSetup setup, Samples train, SparseSamplesCache cache)
    {
        (_setup, _cache, _train) = (setup, cache, cache.Of(train));
        _layers = [.. setup.Start.Layers.Select((layer, l) => new FlipoutLayer<TKernels>(l, layer, setup))];
        _inputs = [.. _layers.Select(layer => new InputLists(setup.Batch, layer.Shape.Inputs))];
        _h = [.. _layers.Select(layer => new AlignedBuffer<float>(setup.Batch * layer.Stride))];
        _g = [.. _layers.Select(layer => new AlignedBuffer<float>(setup.Batch * layer.Stride))];
        _gr = [.. _layers.Select(layer => new AlignedBuffer<float>(setup.Batch * layer.Stride))];
        var widest = _layers.Max(layer => layer.Stride);
        (_byMu, _byDelta) = (new(widest), new(widest));
        _evaluator = new(new Architecture([_layers[0].Shape.Inputs, .. _layers.Select(layer => layer.Shape.Outputs)]));
    }

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != _setup.Batch) throw new ArgumentException($"a batch of {items.Length} items, not {_setup.Batch}", nameof(items));
        _steps++;
        var kl = 0.0;
        foreach (var layer in _layers) kl += layer.Kl;

        for (var l = 0; l < _layers.Length; l++)
        {
            var layer = _layers[l];
            Load(l, items);
            _inputs[l].SortByInput(signed: true);
            layer.Draw(_setup.Noise, _steps, _inputs[l]);
            TKernels.ForwardFlipout(_inputs[l].Examples, layer.Mu.Pointer, layer.Delta.Pointer, layer.Bias.Values.Pointer, layer.OutputSigns, _h[l].Pointer, layer.Stride);
        }

        var nll = Loss.Gradient<TKernels>(_train.Source, items, _layers[^1].Shape.Outputs, _h[^1].Pointer, _g[^1].Pointer, _layers[^1].Stride);
        var rule = new UpdateRule(_setup.Optimizer, _steps);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            TKernels.Multiply(_g[l].Pointer, _layers[l].OutputSigns, _gr[l].Pointer, _g[l].Length);
            if (l > 0) BackThrough(l);
            _layers[l].Update(rule, _inputs[l], _g[l].Pointer, _gr[l].Pointer, _byMu.Pointer, _byDelta.Pointer);
            if (_steps % OptimizerDefinition.FlushEvery == 0) _layers[l].Flush();
        }
        return new StepLoss(nll, kl);
    }

    /// <summary>The latest step's outputs of the last layer, [batch, stride].</summary>
    internal ReadOnlySpan<float> Logits => _h[^1].Span;

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
    {
        Span<EvaluatedLayer> layers = stackalloc EvaluatedLayer[_layers.Length];
        for (var l = 0; l < layers.Length; l++) layers[l] = new(_layers[l].Mu.Pointer, _layers[l].Bias.Values.Pointer, _layers[l].Shape, _layers[l].Stride);
        return _evaluator.Evaluate(layers, _cache.Of(samples), items);
    }

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            Padding.Take(_layers[l].Mu.Span, _layers[l].Stride, _layers[l].Shape, destination.Layers[l].Weight);
            _layers[l].Bias.Values.Span[.._layers[l].Shape.Outputs].CopyTo(destination.Layers[l].Bias);
        }
    }

    public PosteriorSnapshot Posterior() => new([.. _layers.Select(layer => layer.Snapshot())]);

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var buffer in _h.Concat(_g).Concat(_gr)) buffer.Dispose();
        _byMu.Dispose();
        _byDelta.Dispose();
        _evaluator.Dispose();
    }

    /// <summary>The inputs of layer l with their signs: images, or the units of the layer below that are active.</summary>
    private void Load(int l, ReadOnlySpan<int> items)
    {
        var (layer, inputs) = (_layers[l], _inputs[l]);
        inputs.Clear();
        for (var b = 0; b < items.Length; b++)
        {
            var signs = layer.InputSigns(_setup.Noise, _steps, b);
            if (l == 0)
            {
                Batch.Append(_train, items[b], inputs, b, signs);
                continue;
            }
            var active = TKernels.Rectify(_h[l - 1].Pointer + (nint)b * _layers[l - 1].Stride, inputs.Width, inputs.NextColumn, inputs.NextX);
            inputs.EndExample(b, active, signs);
        }
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
            var gr = _gr[l].Pointer + (nint)b * layer.Stride;
            for (var k = inputs.ExampleBegin[b]; k < inputs.ExampleBegin[b + 1]; k++)
            {
                var row = (nint)inputs.Column[k] * layer.Stride;
                // x·s and x differ in the sign bit alone: where they are equal the sign is +1.
                var sign = inputs.SignedX[k] == inputs.X[k] ? 1f : -1f;
                below.Pointer[b * belowStride + inputs.Column[k]] =
                    TKernels.InputGradientFlipout(layer.Mu.Pointer + row, layer.Delta.Pointer + row, g, gr, sign, layer.Stride);
            }
        }
    }
}
