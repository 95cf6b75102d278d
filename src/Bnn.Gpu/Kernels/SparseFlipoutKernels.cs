using ILGPU;

namespace Bnn.Gpu;

/// <summary>Trains Bayesian nets of few weights, as <see cref="SparseKernels"/> trains ordinary ones.</summary>
internal static class SparseFlipoutKernels
{
    /// <summary>Weights of a chunk: each has the lanes of two gradients.</summary>
    private const int ChunkWeights = SparseKernels.ChunkWeights / 2;

    /// <inheritdoc cref="DenseKernels.Train"/>
    public static void Train(Views t)
    {
        var room = SharedMemory.Allocate<float>(2 * ChunkWeights * SparseKernels.ChunkStride);
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var (last, blocks) = (t.LayerCount - 1, SparseKernels.Blocks(t.Batch));
        BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 0);
        Group.Barrier();
        for (var s = 0; s < work.Steps; s++)
        {
            var (item, step) = (work.FirstItem + s * t.Batch, net.Rule.StepsBefore + work.FirstStep + s);
            BatchKernels.LoadByLane(t, net, t.Layers[net.FirstLayer], item, t.Batch, blocks, turn: s & 1);
            for (var l = 0; l <= last; l++)
            {
                NoiseKernels.DrawSigns(t, net, t.Layers[net.FirstLayer + l], l, step);
                NoiseKernels.DrawKept(net, t.Layers[net.FirstLayer + l], l, step);
            }
            Group.Barrier();
            if (net.Thread == 0) t.Kl[work.FirstLoss + s] = NoiseKernels.Kl(t, net);
            for (var l = 0; l <= last; l++)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.SignInputs(t, net, layer, byLane: 1);
                Group.Barrier();
                Forward(t, net, layer, l, blocks, BatchKernels.ActiveOf(layer, l, s & 1));
                Group.Barrier();
            }
            BatchKernels.CrossEntropyByLane(t, net, t.Layers[net.FirstLayer + last], item, t.Batch, blocks, 1f / t.Batch);
            BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 1 - (s & 1));
            Group.Barrier();
            BatchKernels.KeepLoss(t, net, t.Layers[net.FirstLayer + last], work.FirstLoss + s);
            var (stepSize, flushes) = (t.StepSizes[work.FirstLoss + s], DenseKernels.Flushes(work.FirstStep + s));
            for (var l = last; l >= 0; l--)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.SignGradient(t, net, layer, byLane: 1);
                Group.Barrier();
                if (l > 0) Back(t, net, layer, t.Layers[net.FirstLayer + l - 1], blocks);
                Group.Barrier();
                Update(t, net, layer, BatchKernels.ActiveOf(layer, l, s & 1), room, stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <summary>h = R∘(δ·(x∘S)) + bias + μ·x, in this order.</summary>
    private static void Forward(Views t, Net net, LayerPlace layer, int l, int blocks, int active)
    {
        for (var at = net.Thread; at < layer.Outputs * (blocks / 2); at += net.Threads)
        {
            var (b, o) = (at % (blocks / 2), at / (blocks / 2));
            Four sum = default, later = default;
            SparseKernels.AddProducts(t, net, layer, active, layer.Delta, layer.SignedX, o, b, blocks, ref sum, ref later);
            var bias = net.F[layer.Bias + o];
            var biases = new Four(bias, bias, bias, bias);
            sum = Signed(t, net, layer.OutputSigns, layer.OutputWords, o, b, sum) + biases;
            later = Signed(t, net, layer.OutputSigns, layer.OutputWords, o, b + blocks / 2, later) + biases;
            SparseKernels.AddProducts(t, net, layer, active, layer.W, layer.X, o, b, blocks, ref sum, ref later);
            SparseKernels.Store(t, net, l, o, b, t.Batch, sum);
            SparseKernels.Store(t, net, l, o, b + blocks / 2, t.Batch, later);
        }
    }

    /// <summary>The gradient by a layer's inputs, S∘(δ·gr) + μ·g, in this order: 0 where the unit below wasn't active.</summary>
    private static void Back(Views t, Net net, LayerPlace layer, LayerPlace below, int blocks)
    {
        for (var at = net.Thread; at < layer.Inputs * blocks; at += net.Threads)
        {
            var (b, i) = (at % blocks, at / blocks);
            var x = net.F4[(layer.X + i * t.Width) / 4 + b];
            var g = SparseKernels.ProductsOfColumn(t, net, layer, layer.Delta, layer.SignedG, i, b, default);
            g = Signed(t, net, layer.InputSigns, layer.InputWords, i, b, SparseKernels.WhereActive(x, g));
            g = SparseKernels.ProductsOfColumn(t, net, layer, layer.W, layer.G, i, b, g);
            net.F4[(below.G + i * t.Width) / 4 + b] = SparseKernels.WhereActive(x, g);
        }
    }

    /// <summary>A step of every μ, ρ and bias.</summary>
    private static void Update(Views t, Net net, LayerPlace layer, int active, ArrayView<float> room, float stepSize, int flushes)
    {
        const int Second = ChunkWeights * SparseKernels.ChunkStride;
        for (var begin = 0; begin < layer.Weights; begin += ChunkWeights)
        {
            SparseKernels.LaneSums(t, net, layer, active, layer.X, layer.G, begin, ChunkWeights, room, 0);
            SparseKernels.LaneSums(t, net, layer, active, layer.SignedX, layer.SignedG, begin, ChunkWeights, room, Second);
            Group.Barrier();
            for (var n = net.Thread; n < Math.Min(ChunkWeights, layer.Weights - begin); n += net.Threads)
            {
                var byMu = SparseKernels.Tree(room, n * SparseKernels.ChunkStride);
                var byDelta = SparseKernels.Tree(room, Second + n * SparseKernels.ChunkStride);
                FlipoutKernels.Step(net, layer, begin + n, byMu, byDelta, stepSize, flushes);
            }
            Group.Barrier();
        }
        SparseKernels.UpdateBiases(t, net, layer, room, stepSize, flushes);
    }

    /// <summary>Four examples' numbers of one row times their signs; there are none beyond the batch.</summary>
    private static Four Signed(Views t, Net net, int signs, int words, int row, int block, Four value)
    {
        var b = SparseKernels.ExampleAt(4 * block);
        return new Four(
            SignedOne(t, net, signs, words, row, b, value.A), SignedOne(t, net, signs, words, row, b + 16, value.B),
            SignedOne(t, net, signs, words, row, b + 32, value.C), SignedOne(t, net, signs, words, row, b + 48, value.D));
    }

    private static float SignedOne(Views t, Net net, int signs, int words, int row, int b, float value) =>
        b < t.Batch ? Net.Signed(value, net.I[signs + b * words + (row >> 5)], row) : value;
}
