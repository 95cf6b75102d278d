using Bnn.Simd;
using ILGPU;

namespace Bnn.Gpu;

/// <summary>
/// Trains and evaluates ordinary nets of few weights: the pruned ones don't exist. A thread has eight examples of an output, or a lane of a
/// weight's gradient. The four examples of a lane in a group of 64, sixteen apart, stand side by side and are read at once.
/// </summary>
internal static class SparseKernels
{
    /// <summary>Threads of a group: each has 64 registers, which these kernels do with.</summary>
    public const int GroupSize = 1024;

    /// <summary>Images of an evaluation that are looked at together, which decides what inputs are left out.</summary>
    public const int EvaluatedTogether = LaneMatrix.Group;

    /// <summary>Weights whose gradients' lanes are in the group's memory at a time, and places of each there.</summary>
    public const int ChunkWeights = 512, ChunkStride = Lanes.Count + 1;

    /// <summary>Teams of sixteen threads, a lane each: with fewer threads one does the work of several.</summary>
    private const int Teams = 64;

    /// <inheritdoc cref="DenseKernels.Train"/>
    public static void Train(Views t)
    {
        var room = SharedMemory.Allocate<float>(ChunkWeights * ChunkStride);
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var (last, blocks) = (t.LayerCount - 1, Blocks(t.Batch));
        BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 0);
        Group.Barrier();
        for (var s = 0; s < work.Steps; s++)
        {
            var item = work.FirstItem + s * t.Batch;
            LoadAndForward(t, net, item, t.Batch, blocks, turn: s & 1);
            BatchKernels.CrossEntropyByLane(t, net, t.Layers[net.FirstLayer + last], item, t.Batch, blocks, 1f / t.Batch);
            BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 1 - (s & 1));
            Group.Barrier();
            BatchKernels.KeepLoss(t, net, t.Layers[net.FirstLayer + last], work.FirstLoss + s);
            var (stepSize, flushes) = (t.StepSizes[work.FirstLoss + s], DenseKernels.Flushes(work.FirstStep + s));
            for (var l = last; l >= 0; l--)
            {
                var layer = t.Layers[net.FirstLayer + l];
                if (l > 0) Back(t, net, layer, t.Layers[net.FirstLayer + l - 1], blocks);
                Group.Barrier();
                Update(t, net, layer, BatchKernels.ActiveOf(layer, l, s & 1), room, stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <inheritdoc cref="DenseKernels.Evaluate"/>
    public static void Evaluate(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var (nll, correct, turn) = (0.0, 0, 0);
        BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 0);
        Group.Barrier();
        for (var begin = 0; begin < work.Items; begin += EvaluatedTogether)
        {
            var (item, count) = (work.FirstItem + begin, Math.Min(EvaluatedTogether, work.Items - begin));
            LoadAndForward(t, net, item, count, Blocks(EvaluatedTogether), turn);
            turn = 1 - turn;
            var top = t.Layers[net.FirstLayer + t.LayerCount - 1];
            BatchKernels.CrossEntropyByLane(t, net, top, item, count, Blocks(EvaluatedTogether), scale: 0);
            BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], turn);
            Group.Barrier();
            if (net.Thread == 0)
            {
                nll += BatchKernels.SumOfLosses(net, top, count);
                correct += BatchKernels.Correct(t, net, top, item, count);
            }
        }
        if (net.Thread != 0) return;
        t.Nll[work.FirstLoss] = nll;
        t.Correct[work.FirstLoss] = correct;
    }

    /// <summary>Fours of places for so many examples: whole groups of 64.</summary>
    internal static int Blocks(int count) => (count + LaneMatrix.Group - 1) / LaneMatrix.Group * Lanes.Count;

    /// <summary>Which example stands at a place.</summary>
    internal static int ExampleAt(int place) => (place & ~63) | (place & 3) << 4 | (place >> 2 & 15);

    /// <summary>Where an example stands.</summary>
    internal static int Place(int example) => (example & ~63) | (example & 15) << 2 | (example >> 4 & 3);

    /// <summary>Σ w·x over an output's weights for four examples and four others, added to what there is.</summary>
    /// <param name="b">The first four's place, in fours; the others' is half of the places later.</param>
    internal static void AddProducts(
        Views t, Net net, LayerPlace layer, int active, int w, int x, int o, int b, int blocks, ref Four sum, ref Four later)
    {
        var (from, fromLater, width, end) = (x / 4 + b, x / 4 + b + blocks / 2, t.Width / 4, net.I[layer.Row + o + 1]);
        for (var k = net.I[layer.Row + o]; k < end; k++)
        {
            var input = net.I[layer.Input + k];
            if (BatchKernels.IsLeftOut(net, active, input)) continue;
            var (weight, row) = (net.F[w + k], input * width);
            sum = Four.Fma(weight, net.F4[from + row], sum);
            later = Four.Fma(weight, net.F4[fromLater + row], later);
        }
    }

    /// <summary>Σ w·g over an input's weights, added to what there is.</summary>
    internal static Four ProductsOfColumn(Views t, Net net, LayerPlace layer, int w, int g, int i, int b, Four sum)
    {
        var (fromG, width, end) = (g / 4 + b, t.Width / 4, net.I[layer.Column + i + 1]);
        for (var j = net.I[layer.Column + i]; j < end; j++)
        {
            var k = net.I[layer.OfColumn + j];
            sum = Four.Fma(net.F[w + k], net.F4[fromG + net.I[layer.Output + k] * width], sum);
        }
        return sum;
    }

    /// <summary>An output of four examples: as it is in the last layer, else after ReLU, and 0 beyond the batch.</summary>
    internal static void Store(Views t, Net net, int l, int o, int b, int count, Four h)
    {
        if (l == t.LayerCount - 1)
        {
            net.F4[(t.Layers[net.FirstLayer + l].Logits + o * t.Width) / 4 + b] = h;
            return;
        }
        var first = ExampleAt(4 * b);
        h = new Four(Rectify(h.A, first < count), Rectify(h.B, first + 16 < count), Rectify(h.C, first + 32 < count),
            Rectify(h.D, first + 48 < count));
        net.F4[(t.Layers[net.FirstLayer + l + 1].X + o * t.Width) / 4 + b] = h;
    }

    /// <summary>A gradient by an input: 0 where the unit below wasn't active.</summary>
    internal static Four WhereActive(Four x, Four g) =>
        new(x.A <= 0 ? 0f : g.A, x.B <= 0 ? 0f : g.B, x.C <= 0 ? 0f : g.C, x.D <= 0 ? 0f : g.D);

    /// <summary>
    /// The lanes of Σ_b x[b]·g[b] of neighbouring weights, which go to the group's memory. Sixteen threads have a weight after another, so
    /// that they read g once for each output.
    /// </summary>
    /// <param name="x">Place of the inputs, as is <paramref name="g"/> of the outputs' gradient.</param>
    /// <param name="count">Weights of the chunk.</param>
    /// <param name="to">Where the lanes of the first begin.</param>
    internal static void LaneSums(
        Views t, Net net, LayerPlace layer, int active, int x, int g, int begin, int count, ArrayView<float> room, int to)
    {
        var (lanes, groups, each, width) = (DenseKernels.Padded(t.Batch), Blocks(t.Batch) / Lanes.Count, count / Teams, t.Width / 4);
        for (var at = net.Thread; at < Teams * Lanes.Count; at += net.Threads)
        {
            var (lane, first) = (at % Lanes.Count, at / Lanes.Count * each);
            var (fromX, fromG, store) = (x / 4 + lane, g / 4 + lane, to + first * ChunkStride + lane);
            var (k, end) = (begin + first, Math.Min(begin + first + each, layer.Weights));
            if (groups == 1) LaneSumsOfGroup(net, layer, active, fromX, fromG, width, lanes, k, end, room, store);
            else LaneSumsOfGroups(net, layer, active, fromX, fromG, width, lanes, groups, k, end, room, store);
        }
    }

    private static void LaneSumsOfGroup(
        Net net, LayerPlace layer, int active, int x, int g, int width, int lanes, int k, int end, ArrayView<float> room, int to)
    {
        var (output, row) = (-1, default(Four));
        for (; k < end; k++, to += ChunkStride)
        {
            var (input, o, sum) = (net.I[layer.Input + k], net.I[layer.Output + k], 0f);
            if (!BatchKernels.IsLeftOut(net, active, input))
            {
                if (o != output)
                {
                    row = net.F4[g + o * width];
                    output = o;
                }
                sum = LaneSum(net.F4[x + input * width], row, lanes, 0f);
            }
            room[to] = sum;
        }
    }

    /// <summary>The same for batches of more than 64.</summary>
    private static void LaneSumsOfGroups(
        Net net, LayerPlace layer, int active, int x, int g, int width, int lanes, int groups, int k, int end, ArrayView<float> room,
        int to)
    {
        for (; k < end; k++, to += ChunkStride)
        {
            var (input, o, sum) = (net.I[layer.Input + k], net.I[layer.Output + k], 0f);
            for (var group = 0; group < groups && !BatchKernels.IsLeftOut(net, active, input); group++)
            {
                var ofGroup = group * Lanes.Count;
                sum = LaneSum(net.F4[x + ofGroup + input * width], net.F4[g + ofGroup + o * width], lanes - 4 * ofGroup, sum);
            }
            room[to] = sum;
        }
    }

    /// <summary>A step of every bias, whose gradient is summed in lanes, too, as that of a weight of an input that is always 1.</summary>
    internal static void UpdateBiases(Views t, Net net, LayerPlace layer, ArrayView<float> room, float stepSize, int flushes)
    {
        var (lanes, groups) = (DenseKernels.Padded(t.Batch), Blocks(t.Batch) / Lanes.Count);
        for (var begin = 0; begin < layer.Outputs; begin += ChunkWeights)
        {
            var count = Math.Min(ChunkWeights, layer.Outputs - begin);
            for (var at = net.Thread; at < count * Lanes.Count; at += net.Threads)
            {
                var (lane, n, sum) = (at % Lanes.Count, at / Lanes.Count, 0f);
                for (var group = 0; group < groups; group++)
                {
                    var row = net.F4[(layer.G + (begin + n) * t.Width) / 4 + group * Lanes.Count + lane];
                    sum = LaneSum(new Four(1f, 1f, 1f, 1f), row, lanes - group * LaneMatrix.Group, sum);
                }
                room[n * ChunkStride + lane] = sum;
            }
            Group.Barrier();
            for (var n = net.Thread; n < count; n += net.Threads)
            {
                var o = begin + n;
                DenseKernels.StepAt(
                    net, layer.Bias + o, layer.BiasM + o, layer.BiasV + o, Tree(room, n * ChunkStride), stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <summary>The lanes' tree of a weight: lanes 8 apart are added, then 4, 2, 1 apart.</summary>
    internal static float Tree(ArrayView<float> room, int at) =>
        HalfOfTree(room, at) + HalfOfTree(room, at + 1);

    private static float HalfOfTree(ArrayView<float> room, int at) =>
        room[at] + room[at + 8] + (room[at + 4] + room[at + 12])
        + (room[at + 2] + room[at + 10] + (room[at + 6] + room[at + 14]));

    /// <summary>Adds the products of four examples of a lane, as many of them as there are lanes for.</summary>
    private static float LaneSum(Four x, Four g, int lanes, float sum)
    {
        sum = float.FusedMultiplyAdd(x.A, g.A, sum);
        if (lanes > 16) sum = float.FusedMultiplyAdd(x.B, g.B, sum);
        if (lanes > 32) sum = float.FusedMultiplyAdd(x.C, g.C, sum);
        if (lanes > 48) sum = float.FusedMultiplyAdd(x.D, g.D, sum);
        return sum;
    }

    private static void LoadAndForward(Views t, Net net, int item, int count, int blocks, int turn)
    {
        BatchKernels.LoadByLane(t, net, t.Layers[net.FirstLayer], item, count, blocks, turn);
        Group.Barrier();
        for (var l = 0; l < t.LayerCount; l++)
        {
            Forward(t, net, t.Layers[net.FirstLayer + l], l, count, blocks, turn);
            Group.Barrier();
        }
    }

    private static void Forward(Views t, Net net, LayerPlace layer, int l, int count, int blocks, int turn)
    {
        var active = BatchKernels.ActiveOf(layer, l, turn);
        for (var at = net.Thread; at < layer.Outputs * (blocks / 2); at += net.Threads)
        {
            var (b, o) = (at % (blocks / 2), at / (blocks / 2));
            var bias = net.F[layer.Bias + o];
            var sum = new Four(bias, bias, bias, bias);
            var later = sum;
            AddProducts(t, net, layer, active, layer.W, layer.X, o, b, blocks, ref sum, ref later);
            Store(t, net, l, o, b, count, sum);
            Store(t, net, l, o, b + blocks / 2, count, later);
        }
    }

    private static void Back(Views t, Net net, LayerPlace layer, LayerPlace below, int blocks)
    {
        for (var at = net.Thread; at < layer.Inputs * blocks; at += net.Threads)
        {
            var (b, i) = (at % blocks, at / blocks);
            var g = ProductsOfColumn(t, net, layer, layer.W, layer.G, i, b, default);
            net.F4[(below.G + i * t.Width) / 4 + b] = WhereActive(net.F4[(layer.X + i * t.Width) / 4 + b], g);
        }
    }

    /// <summary>A step of every weight and bias.</summary>
    private static void Update(Views t, Net net, LayerPlace layer, int active, ArrayView<float> room, float stepSize, int flushes)
    {
        for (var begin = 0; begin < layer.Weights; begin += ChunkWeights)
        {
            LaneSums(t, net, layer, active, layer.X, layer.G, begin, ChunkWeights, room, 0);
            Group.Barrier();
            for (var n = net.Thread; n < Math.Min(ChunkWeights, layer.Weights - begin); n += net.Threads)
            {
                var k = begin + n;
                DenseKernels.StepAt(net, layer.W + k, layer.M + k, layer.V + k, Tree(room, n * ChunkStride), stepSize, flushes);
            }
            Group.Barrier();
        }
        UpdateBiases(t, net, layer, room, stepSize, flushes);
    }

    private static float Rectify(float h, bool exists) => exists ? Formulas.Rectify(h) : 0f;
}
