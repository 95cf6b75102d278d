using ILGPU;

namespace Bnn.Gpu;

/// <summary>Trains Bayesian nets of few weights.</summary>
internal static class SparseFlipoutKernels
{
    /// <inheritdoc cref="DenseKernels.Train"/>
    public static void Train(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var last = t.LayerCount - 1;
        var lanes = DenseKernels.Padded(t.Batch);
        for (var s = 0; s < work.Steps; s++)
        {
            var (item, step) = (work.FirstItem + s * t.Batch, net.Rule.StepsBefore + work.FirstStep + s);
            BatchKernels.Load(t, net, t.Layers[net.FirstLayer], item, t.Batch, lanes, byExample: 0);
            for (var l = 0; l <= last; l++)
            {
                NoiseKernels.DrawSigns(t, net, t.Layers[net.FirstLayer + l], l, step);
                NoiseKernels.DrawKept(net, t.Layers[net.FirstLayer + l], l, step);
            }
            Group.Barrier();
            BatchKernels.FindActive(t, net, t.Layers[net.FirstLayer], lanes);
            if (net.Thread == 0) t.Kl[work.FirstLoss + s] = NoiseKernels.Kl(t, net);
            for (var l = 0; l <= last; l++)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.SignInputs(t, net, layer, byExample: 0);
                Group.Barrier();
                Forward(t, net, layer, l, lanes);
                Group.Barrier();
            }
            BatchKernels.CrossEntropyOfLanes(t, net, t.Layers[net.FirstLayer + last], item, t.Batch, lanes, 1f / t.Batch);
            Group.Barrier();
            BatchKernels.KeepLoss(t, net, t.Layers[net.FirstLayer + last], work.FirstLoss + s);
            var (stepSize, flushes) = (t.StepSizes[work.FirstLoss + s], DenseKernels.Flushes(work.FirstStep + s));
            for (var l = last; l >= 0; l--)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.SignGradient(t, net, layer, byExample: 0);
                Group.Barrier();
                if (l > 0) Back(t, net, layer, t.Layers[net.FirstLayer + l - 1], lanes);
                Group.Barrier();
                Update(t, net, layer, l, lanes, stepSize, flushes);
                SparseKernels.UpdateBias(t, net, layer, lanes, stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <summary>h = R∘(δ·(x∘S)) + bias + μ·x, in this order.</summary>
    private static void Forward(Views t, Net net, LayerPlace layer, int l, int lanes)
    {
        for (var at = net.Thread; at < layer.Outputs * (lanes / 4); at += net.Threads)
        {
            var (b, o) = (at % (lanes / 4), at / (lanes / 4));
            var perturbation = SparseKernels.Products(t, net, layer, l, layer.Delta, layer.SignedX, o, b, default);
            var bias = net.F[layer.Bias + o];
            var h = Signed(t, net, layer.OutputSigns, layer.OutputWords, o, 4 * b, perturbation) + new Four(bias, bias, bias, bias);
            SparseKernels.Store(t, net, l, o, b, t.Batch, SparseKernels.Products(t, net, layer, l, layer.W, layer.X, o, b, h));
        }
    }

    /// <summary>The gradient by a layer's inputs, S∘(δ·gr) + μ·g, in this order: 0 where the unit below wasn't active.</summary>
    private static void Back(Views t, Net net, LayerPlace layer, LayerPlace below, int lanes)
    {
        for (var at = net.Thread; at < layer.Inputs * (lanes / 4); at += net.Threads)
        {
            var (b, i) = (at % (lanes / 4), at / (lanes / 4));
            var x = net.F4[(layer.X + i * t.Width) / 4 + b];
            var g = SparseKernels.ProductsOfColumn(t, net, layer, layer.Delta, layer.SignedG, i, b, default);
            g = Signed(t, net, layer.InputSigns, layer.InputWords, i, 4 * b, SparseKernels.WhereActive(x, g));
            g = SparseKernels.ProductsOfColumn(t, net, layer, layer.W, layer.G, i, b, g);
            net.F4[(below.G + i * t.Width) / 4 + b] = SparseKernels.WhereActive(x, g);
        }
    }

    private static void Update(Views t, Net net, LayerPlace layer, int l, int lanes, float stepSize, int flushes)
    {
        for (var k = net.Thread; k < layer.Weights; k += net.Threads)
        {
            var (input, output) = (net.I[layer.Input + k], net.I[layer.Output + k]);
            var (byMu, byDelta) = (0f, 0f);
            if (!SparseKernels.IsLeftOut(net, layer, l, input))
            {
                byMu = SparseKernels.Product(net, layer.X + input * t.Width, layer.G + output * t.Width, lanes);
                byDelta = SparseKernels.Product(net, layer.SignedX + input * t.Width, layer.SignedG + output * t.Width, lanes);
            }
            FlipoutKernels.Step(net, layer, k, byMu, byDelta, stepSize, flushes);
        }
    }

    /// <summary>Four examples' numbers of one row times their signs; there are none beyond the batch.</summary>
    private static Four Signed(Views t, Net net, int signs, int words, int row, int b, Four value) => new(
        SignedOne(t, net, signs, words, row, b, value.A), SignedOne(t, net, signs, words, row, b + 1, value.B),
        SignedOne(t, net, signs, words, row, b + 2, value.C), SignedOne(t, net, signs, words, row, b + 3, value.D));

    private static float SignedOne(Views t, Net net, int signs, int words, int row, int b, float value) =>
        b < t.Batch ? Net.Signed(value, net.I[signs + b * words + (row >> 5)], row) : value;
}
