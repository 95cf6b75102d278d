using Bnn.Core;
using Bnn.Tests;
using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>
/// A layer of kept weights equals the layer of all weights in which the others are zero, at any density and with one panel of outputs or
/// several.
/// </summary>
public sealed unsafe class SparseLayerTests
{
    private static readonly Gen<(int, int, int, double, double, ulong)> Sizes = Gen.Select(
        Gen.Int[1, 40], Gen.Int[1, 260], Gen.Int[1, 140],
        Gen.Int[0, 3].Select(k => k == 3 ? 0 : 0.05 + 0.4 * k), Gen.Double[0, 1], Gen.ULong);

    [Fact]
    public void Weights_make_a_round_trip_without_those_that_are_pruned() => Sizes.Sample((inputs, outputs, batch, density, active, seed) =>
    {
        using var layer = new LayerCase(new CaseSize(inputs, outputs, batch, active, density, seed), new Optimizer.Sgd(1));
        var after = layer.Weights();
        Assert.Equal(layer.Start.Weight.Select((w, at) => layer.Mask.Kept[at] != 0 ? w : 0f), after.Weight);
        Assert.Equal(layer.Start.Bias, after.Bias);
    }, iter: 40);

    [Fact]
    public void Outputs_are_the_biases_and_the_kept_weights_of_active_inputs() =>
        Sizes.Sample((inputs, outputs, batch, density, active, seed) =>
    {
        using var layer = new LayerCase(new CaseSize(inputs, outputs, batch, active, density, seed), new Optimizer.Sgd(1));
        var h = new double[outputs];
        for (var b = 0; b < batch; b++)
        {
            for (var o = 0; o < outputs; o++) h[o] = layer.Start.Bias[o];
            foreach (var (i, o, w) in layer.Kept()) h[o] += (double)w * layer.At(layer.X, 1 + i, b);
            Near.Check($"h of example {b}", h, layer.Column(layer.Forward(), b, outputs), Near.Mixed(1e-5));
        }
    }, iter: 40);

    [Fact]
    public void Gradients_of_the_active_inputs_are_sums_over_the_kept_weights() =>
        Sizes.Sample((inputs, outputs, batch, density, _, seed) =>
    {
        using var layer = new LayerCase(new CaseSize(inputs, outputs, batch, 1, density, seed), new Optimizer.Sgd(1));
        var below = layer.Back();
        var expected = new double[inputs];
        for (var b = 0; b < batch; b++)
        {
            Array.Clear(expected);
            foreach (var (i, o, w) in layer.Kept())
                if (layer.At(layer.X, 1 + i, b) > 0) expected[i] += (double)w * layer.At(layer.G, 1 + o, b);
            Near.Check($"gradient of example {b}", expected, layer.Column(below, b, inputs), Near.Mixed(1e-5));
        }
    }, iter: 40);

    [Fact]
    public void A_step_at_rate_1_takes_away_the_gradient() => Sizes.Sample((inputs, outputs, batch, density, active, seed) =>
    {
        using var layer = new LayerCase(new CaseSize(inputs, outputs, batch, active, density, seed), new Optimizer.Sgd(1));
        // Twice, to check that ranges and lanes left by one step don't affect the next.
        for (var t = 0; t < 2; t++) layer.Layer.Update(new UpdateRule(new Optimizer.Sgd(1), 1), layer.X, layer.G);
        var (after, weight, bias) = (layer.Weights(), EngineCase.Doubles(layer.Start.Weight), EngineCase.Doubles(layer.Start.Bias));
        for (var at = 0; at < weight.Length; at++) weight[at] = layer.Mask.Kept[at] != 0 ? weight[at] : 0;
        for (var b = 0; b < batch; b++)
        {
            for (var o = 0; o < outputs; o++) bias[o] -= 2.0 * layer.At(layer.G, 1 + o, b);
            foreach (var (i, o, _) in layer.Kept())
                weight[i * outputs + o] -= 2.0 * layer.At(layer.X, 1 + i, b) * layer.At(layer.G, 1 + o, b);
        }
        Near.Check("weights", weight, EngineCase.Doubles(after.Weight), Near.Mixed(2e-5));
        Near.Check("biases", bias, EngineCase.Doubles(after.Bias), Near.Mixed(2e-5));
    }, iter: 40);

    [Fact]
    public void Flush_makes_tiny_weights_zero()
    {
        var shape = new LayerShape(2, 2);
        var start = new LayerWeights(shape, [1e-31f, 1f, -1e-31f, 1e-29f], [1e-31f, 2f]);
        using var layer = new SparseLayer<VectorKernels>(start, new LayerMask(shape, [1, 1, 1, 1]), new Optimizer.Adam(1));
        layer.Flush();
        var after = new LayerWeights(shape, new float[4], new float[2]);
        layer.CopyTo(after);
        Assert.Equal([0f, 1f, 0f, 1e-29f], after.Weight);
        Assert.Equal([0f, 2f], after.Bias);
    }

    /// <summary>A layer with random weights, inputs and gradients; some inputs are zero in the whole batch, and marked as such.</summary>
    private sealed class LayerCase : IDisposable
    {
        private readonly KernelCase _c;
        private readonly CaseSize _size;
        private readonly LaneMatrix _h, _below;

        public LayerCase(CaseSize size, Optimizer optimizer)
        {
            (_size, _c) = (size, new KernelCase(size));
            var shape = new LayerShape(size.Inputs, size.Outputs);
            Start = new LayerWeights(shape, Numbers(shape.Weights), Numbers(shape.Outputs));
            Mask = new LayerMask(shape, [.. Enumerable.Range(0, shape.Weights).Select(_ => _c.Chance(size.Density) ? (byte)1 : (byte)0)]);
            Layer = new SparseLayer<VectorKernels>(Start, Mask, optimizer);
            (X, G) = (new LaneMatrix(1 + size.Inputs, size.Batch), new LaneMatrix(1 + size.Outputs, size.Batch));
            (_h, _below) = (new LaneMatrix(1 + size.Outputs, size.Batch), new LaneMatrix(1 + size.Inputs, size.Batch));
            var active = _c.Array(size.Inputs, _ => _c.Chance(size.Active) ? (byte)1 : (byte)0);
            for (var b = 0; b < size.Batch; b++)
            {
                At(X, 0, b) = 1f;
                for (var i = 0; i < size.Inputs; i++) At(X, 1 + i, b) = active[i] * Number();
                for (var o = 0; o < size.Outputs; o++) At(G, 1 + o, b) = Number() / size.Batch;
            }
            Layer.Choose(size.Active == 1 ? null : active);
        }

        public LayerWeights Start { get; }

        public LayerMask Mask { get; }

        public SparseLayer<VectorKernels> Layer { get; }

        public LaneMatrix X { get; }

        public LaneMatrix G { get; }

        public ref float At(LaneMatrix matrix, int row, int b) => ref matrix.Of(b / LaneMatrix.Group, row)[b % LaneMatrix.Group];

        /// <summary>An example's numbers after the first row.</summary>
        public double[] Column(LaneMatrix matrix, int b, int rows) =>
            [.. Enumerable.Range(0, rows).Select(row => (double)At(matrix, 1 + row, b))];

        public IEnumerable<(int Input, int Output, float Weight)> Kept()
        {
            for (var at = 0; at < Mask.Kept.Length; at++)
                if (Mask.Kept[at] != 0) yield return (at / _size.Outputs, at % _size.Outputs, Start.Weight[at]);
        }

        public LaneMatrix Forward()
        {
            for (var group = 0; group < X.Groups; group++) Layer.Forward(X.Of(group), _h.Of(group, 1), X.Width(group));
            return _h;
        }

        public LaneMatrix Back()
        {
            for (var group = 0; group < X.Groups; group++) Layer.Back(G.Of(group, 1), X.Of(group, 1), _below.Of(group, 1), X.Width(group));
            return _below;
        }

        public LayerWeights Weights()
        {
            // The destination's values are overwritten.
            var weights = new LayerWeights(Start.Shape, [.. Enumerable.Repeat(9f, Start.Shape.Weights)], new float[Start.Shape.Outputs]);
            Layer.CopyTo(weights);
            return weights;
        }

        public void Dispose()
        {
            foreach (var matrix in (LaneMatrix[])[X, G, _h, _below]) matrix.Dispose();
            Layer.Dispose();
            _c.Dispose();
        }

        private float Number() => _c.Next(2001) / 1000f - 1;

        private float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => Number())];
    }
}
