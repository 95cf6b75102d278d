using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains a network of DenseFlipout layers, whole or masked.</summary>
internal sealed unsafe class BayesianStepper<TKernels> : Stepper<FlipoutLayer<TKernels>>, IBayesianStepper
    where TKernels : IKernels
{
    private readonly InputLists<TKernels>[] _inputs;
    private readonly TiledMatrix<float>[] _h, _g, _gr;
    private readonly EvaluatedLayer<TKernels>[] _evaluated;
    private readonly Evaluator<TKernels> _evaluator;
    private readonly int _stepsBefore;

    public BayesianStepper(BayesianSetup setup, Samples train)
        : this(setup, train, Tilings.Of(setup.Start.Layers.Select(layer => layer.Shape)))
    {
    }

    private BayesianStepper(BayesianSetup setup, Samples train, IReadOnlyList<Tiling> tilings)
        : base(
            LayersOf(setup, tilings), train, setup.Batch, setup.Optimizer,
            StateLayout.Bayesian(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer))
    {
        _stepsBefore = setup.StepsBefore;
        _inputs = [.. Layers.Select(layer => new InputLists<TKernels>(setup.Batch, layer.Shape.Inputs, signed: true))];
        (_h, _g, _gr) = (Outputs(), Outputs(), Outputs());
        _evaluated = [.. Layers.Select(layer => layer.Evaluated)];
        _evaluator = new(tilings, Layers[0].Shape.Inputs);

        TiledMatrix<float>[] Outputs() => [.. tilings.Select(tiling => new TiledMatrix<float>(setup.Batch, tiling))];
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

    public override Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) => _evaluator.Evaluate(_evaluated, samples, items);

    public PosteriorSnapshot Posterior() => new([.. Layers.Select(layer => layer.Snapshot())]);

    public override float[] Logits() => _h[^1].All.ToArray();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override double Forward(ReadOnlySpan<int> items)
    {
        for (var l = 0; l < Layers.Length; l++)
        {
            var (layer, inputs) = (Layers[l], _inputs[l]);
            if (l == 0) inputs.Load(Train, items);
            else inputs.Load(_h[l - 1], items.Length);
            layer.Draw(_stepsBefore + Steps, inputs);
            // The gradient's matrix is free until the loss is known, so it holds the second sum.
            layer.Forward(inputs, _h[l], room: _g[l]);
        }
        return Loss.Gradient<TKernels>(Train, items, _h[^1], _g[^1]);
    }

    protected override void Back(int l, in UpdateRule rule)
    {
        Layers[l].Sign(_g[l], _gr[l]);
        if (l > 0) Layers[l].Back(_inputs[l], _g[l], _gr[l], _g[l - 1]);
        Layers[l].Update(rule, _inputs[l], _g[l], _gr[l]);
    }

    protected override void Release()
    {
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var matrix in _h.Concat(_g).Concat(_gr)) matrix.Dispose();
        _evaluator.Dispose();
    }

    private static FlipoutLayer<TKernels>[] LayersOf(BayesianSetup setup, IReadOnlyList<Tiling> tilings)
    {
        var noise = FlipoutNoise.Of<TKernels>(setup.Noise, tilings.Max(tiling => tiling.Stride));
        return [.. setup.Start.Layers.Select((_, l) => new FlipoutLayer<TKernels>(l, setup, noise, tilings[l]))];
    }
}
