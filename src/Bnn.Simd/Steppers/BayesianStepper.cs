using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains a network of DenseFlipout layers.</summary>
internal sealed unsafe class BayesianStepper<TKernels> : IBayesianStepper
    where TKernels : IKernels
{
    private readonly BayesianSetup _setup;
    private readonly Samples _train;
    private readonly FlipoutLayer<TKernels>[] _layers;
    private readonly InputLists<TKernels>[] _inputs;
    private readonly TiledMatrix<float>[] _h, _g, _gr;
    private readonly AlignedBuffer<float> _room;
    private readonly EvaluatedLayer<TKernels>[] _evaluated;
    private readonly Evaluator<TKernels> _evaluator;
    private int _steps;

    public BayesianStepper(BayesianSetup setup, Samples train)
    {
        (_setup, _train) = (setup, train);
        var tilings = Tilings.Of(setup.Start.Layers.Select(layer => layer.Shape));
        _layers = [.. setup.Start.Layers.Select((layer, l) => new FlipoutLayer<TKernels>(l, layer, setup, tilings[l]))];
        _inputs = [.. _layers.Select(layer => new InputLists<TKernels>(setup.Batch, layer.Shape.Inputs, signed: true))];
        (_h, _g, _gr) = (Outputs(), Outputs(), Outputs());
        _room = new(_layers.Max(layer => layer.Shape.Inputs));
        _evaluated = [.. _layers.Select(layer => layer.Evaluated)];
        _evaluator = new(tilings, _layers[0].Shape.Inputs);

        TiledMatrix<float>[] Outputs() => [.. tilings.Select(tiling => new TiledMatrix<float>(setup.Batch, tiling))];
    }

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != _setup.Batch) throw new ArgumentException($"a batch of {items.Length} items, not {_setup.Batch}", nameof(items));
        _train.Fits(_layers[0].Shape.Inputs, _layers[^1].Shape.Outputs, items);
        _steps++;
        var kl = 0.0;
        foreach (var layer in _layers) kl += layer.Kl;

        for (var l = 0; l < _layers.Length; l++)
        {
            var (layer, inputs) = (_layers[l], _inputs[l]);
            if (l == 0) inputs.Load(_train, items);
            else inputs.Load(_h[l - 1], items.Length);
            inputs.CountInputs();
            layer.Draw(_steps, inputs);
            inputs.SortByInput();
            // The gradient's matrix is free until the loss is known: it holds the second sum.
            layer.Forward(inputs, _h[l], room: _g[l]);
        }

        var nll = Loss.Gradient<TKernels>(_train, items, _h[^1], _g[^1]);
        var rule = new UpdateRule(_setup.Optimizer, _steps);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            _layers[l].Sign(_g[l], _gr[l]);
            if (l > 0) _layers[l].Back(_inputs[l], _g[l], _gr[l], _g[l - 1], _room.Pointer);
            _layers[l].Update(rule, _inputs[l], _g[l], _gr[l]);
            if (_steps % OptimizerDefinition.FlushEvery == 0) _layers[l].Flush();
        }
        return new StepLoss(nll, kl);
    }

    /// <summary>The latest step's outputs of the last layer, [batch, stride].</summary>
    internal ReadOnlySpan<float> Logits => _h[^1].All;

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) =>
        _evaluator.Evaluate(_evaluated, samples, items);

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < _layers.Length; l++) _layers[l].CopyMeansTo(destination.Layers[l]);
    }

    public PosteriorSnapshot Posterior() => new([.. _layers.Select(layer => layer.Snapshot())]);

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var matrix in _h.Concat(_g).Concat(_gr)) matrix.Dispose();
        _room.Dispose();
        _evaluator.Dispose();
    }
}
