using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains an ordinary network, whole or masked.</summary>
internal sealed unsafe class OrdinaryStepper<TKernels> : IStepper
    where TKernels : IKernels
{
    private readonly OrdinarySetup _setup;
    private readonly Samples _train;
    private readonly DenseLayer<TKernels>[] _layers;
    private readonly InputLists<TKernels>[] _inputs;
    private readonly TiledMatrix<float>[] _h, _g;
    private readonly AlignedBuffer<float> _room;
    private readonly EvaluatedLayer<TKernels>[] _evaluated;
    private readonly Evaluator<TKernels> _evaluator;
    private int _steps;

    public OrdinaryStepper(OrdinarySetup setup, Samples train)
    {
        (_setup, _train) = (setup, train);
        var tilings = Tilings.Of(setup.Start.Layers.Select(layer => layer.Shape));
        _layers = [.. setup.Start.Layers.Select((layer, l) => new DenseLayer<TKernels>(layer, setup.Mask?.Layers[l], setup.Optimizer, tilings[l]))];
        _inputs = [.. _layers.Select(layer => new InputLists<TKernels>(setup.Batch, layer.Shape.Inputs, signed: false))];
        _h = [.. tilings.Select(tiling => new TiledMatrix<float>(setup.Batch, tiling))];
        _g = [.. tilings.Select(tiling => new TiledMatrix<float>(setup.Batch, tiling))];
        _room = new(_layers.Max(layer => layer.Shape.Inputs));
        _evaluated = [.. _layers.Select(layer => layer.Evaluated)];
        _evaluator = new(tilings, _layers[0].Shape.Inputs);
    }

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != _setup.Batch) throw new ArgumentException($"a batch of {items.Length} items, not {_setup.Batch}", nameof(items));
        _train.Fits(_layers[0].Shape.Inputs, _layers[^1].Shape.Outputs, items);
        _steps++;
        var nll = Forward(items);
        var rule = new UpdateRule(_setup.Optimizer, _steps);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            if (l > 0) _layers[l].Back(_inputs[l], _g[l], _g[l - 1], _room.Pointer);
            _layers[l].Update(rule, _inputs[l], _g[l]);
            if (_steps % OptimizerDefinition.FlushEvery == 0) _layers[l].Flush();
        }
        return new StepLoss(nll, 0);
    }

    /// <summary>Adds this batch's gradient and squared inputs to sums, without an update.</summary>
    public void AddTo(ProbeSums sums, ReadOnlySpan<int> items)
    {
        _train.Fits(_layers[0].Shape.Inputs, _layers[^1].Shape.Outputs, items);
        Forward(items);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            if (l > 0) _layers[l].Back(_inputs[l], _g[l], _g[l - 1], _room.Pointer);
            _layers[l].AddTo(sums, l, _inputs[l], _g[l]);
        }
        sums.Count += items.Length;
    }

    /// <summary>The latest step's outputs of the last layer, [batch, stride].</summary>
    internal ReadOnlySpan<float> Logits => _h[^1].All;

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) =>
        _evaluator.Evaluate(_evaluated, samples, items);

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < _layers.Length; l++) _layers[l].CopyTo(destination.Layers[l]);
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var matrix in _h.Concat(_g)) matrix.Dispose();
        _room.Dispose();
        _evaluator.Dispose();
    }

    /// <summary>The batch through all layers and the loss's gradient by the logits; mean cross entropy, nats.</summary>
    private double Forward(ReadOnlySpan<int> items)
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            var (inputs, layer) = (_inputs[l], _evaluated[l]);
            if (l == 0) inputs.Load(_train, items);
            else inputs.Load(_h[l - 1], items.Length);
            inputs.CountInputs();
            inputs.SortByInput();
            TKernels.Forward(inputs.Examples(items.Length), Rows.Of(layer.W, 0), layer.Bias.Tile(0), Rows.Of(_h[l], 0));
        }
        return Loss.Gradient<TKernels>(_train, items, _h[^1], _g[^1]);
    }
}
