using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Trains an ordinary network, whole or masked.</summary>
internal sealed unsafe class OrdinaryStepper<TKernels> : Stepper<DenseLayer<TKernels>>
    where TKernels : IKernels
{
    private readonly InputLists<TKernels>[] _inputs;
    private readonly TiledMatrix<float>[] _h, _g;
    private readonly EvaluatedLayer<TKernels>[] _evaluated;
    private readonly Evaluator<TKernels> _evaluator;

    public OrdinaryStepper(OrdinarySetup setup, Samples train)
        : this(setup, train, Tilings.Of(setup.Start.Layers.Select(layer => layer.Shape)))
    {
    }

    private OrdinaryStepper(OrdinarySetup setup, Samples train, IReadOnlyList<Tiling> tilings)
        : base(
            [.. setup.Start.Layers.Select((layer, l) =>
                new DenseLayer<TKernels>(layer, setup.Mask?.Layers[l], setup.FreezesPruned, setup.Optimizer, tilings[l]))],
            train, setup.Batch, setup.Optimizer, StateLayout.Ordinary(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer))
    {
        _inputs = [.. Layers.Select(layer => new InputLists<TKernels>(setup.Batch, layer.Shape.Inputs, signed: false))];
        _h = [.. tilings.Select(tiling => new TiledMatrix<float>(setup.Batch, tiling))];
        _g = [.. tilings.Select(tiling => new TiledMatrix<float>(setup.Batch, tiling))];
        _evaluated = [.. Layers.Select(layer => layer.Evaluated)];
        _evaluator = new(tilings, Layers[0].Shape.Inputs);
    }

    /// <summary>Adds this batch's gradient and squared inputs to sums, without an update.</summary>
    public void AddTo(ProbeSums sums, ReadOnlySpan<int> items)
    {
        Train.Fits(Layers[0].Shape.Inputs, Layers[^1].Shape.Outputs, items);
        Forward(items);
        for (var l = Layers.Length - 1; l >= 0; l--)
        {
            if (l > 0) Layers[l].Back(_inputs[l], _g[l], _g[l - 1]);
            Layers[l].AddTo(sums, l, _inputs[l], _g[l]);
        }
        sums.Count += items.Length;
    }

    public override Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items) => _evaluator.Evaluate(_evaluated, samples, items);

    /// <summary>The current network's outputs, [rows, classes], on all of <paramref name="samples"/>.</summary>
    public float[] Logits(Samples samples) => _evaluator.Logits(_evaluated, samples);

    public override float[] Logits() => _h[^1].All.ToArray();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override double Forward(ReadOnlySpan<int> items)
    {
        for (var l = 0; l < Layers.Length; l++)
        {
            var (inputs, layer) = (_inputs[l], _evaluated[l]);
            if (l == 0) inputs.Load(Train, items);
            else inputs.Load(_h[l - 1], items.Length);
            inputs.SortByInput();
            TKernels.Forward(inputs.Examples(items.Length), Rows.Of(layer.W), layer.Bias.Tile(0), Rows.Of(_h[l]));
        }
        return Loss.Gradient<TKernels>(Train, items, _h[^1], _g[^1]);
    }

    protected override void Back(int l, in UpdateRule rule)
    {
        if (l > 0) Layers[l].Back(_inputs[l], _g[l], _g[l - 1]);
        Layers[l].Update(rule, _inputs[l], _g[l]);
    }

    protected override void Release()
    {
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var matrix in _h.Concat(_g)) matrix.Dispose();
        _evaluator.Dispose();
    }
}
