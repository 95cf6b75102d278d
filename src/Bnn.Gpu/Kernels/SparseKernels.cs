using Bnn.Simd;
using ILGPU;

namespace Bnn.Gpu;

/// <summary>
/// Trains and evaluates ordinary nets of few weights: the pruned ones don't exist. A thread has four examples of an output, or one weight.
/// </summary>
internal static class SparseKernels
{
    /// <summary>Images of an evaluation that are looked at together, which decides what inputs are left out.</summary>
    public const int EvaluatedTogether = LaneMatrix.Group;

    /// <inheritdoc cref="DenseKernels.Train"/>
    public static void Train(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var last = t.LayerCount - 1;
        var lanes = DenseKernels.Padded(t.Batch);
        for (var s = 0; s < work.Steps; s++)
        {
            var item = work.FirstItem + s * t.Batch;
            LoadAndForward(t, net, item, t.Batch, lanes);
            BatchKernels.CrossEntropyOfLanes(t, net, t.Layers[net.FirstLayer + last], item, t.Batch, lanes, 1f / t.Batch);
            Group.Barrier();
            BatchKernels.KeepLoss(t, net, t.Layers[net.FirstLayer + last], work.FirstLoss + s);
            var (stepSize, flushes) = (t.StepSizes[work.FirstLoss + s], DenseKernels.Flushes(work.FirstStep + s));
            for (var l = last; l >= 0; l--)
            {
                var layer = t.Layers[net.FirstLayer + l];
                if (l > 0) Back(t, net, layer, t.Layers[net.FirstLayer + l - 1], lanes);
                Group.Barrier();
                Update(t, net, layer, l, lanes, stepSize, flushes);
                UpdateBias(t, net, layer, lanes, stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <inheritdoc cref="DenseKernels.Evaluate"/>
    public static void Evaluate(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var (nll, correct) = (0.0, 0);
        for (var begin = 0; begin < work.Items; begin += EvaluatedTogether)
        {
            var (item, count) = (work.FirstItem + begin, Math.Min(EvaluatedTogether, work.Items - begin));
            LoadAndForward(t, net, item, count, EvaluatedTogether);
            var top = t.Layers[net.FirstLayer + t.LayerCount - 1];
            BatchKernels.CrossEntropyOfLanes(t, net, top, item, count, EvaluatedTogether, scale: 0);
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

    /// <summary>Whether an input of a layer is 0 in the whole batch, so that its weights are left out.</summary>
    internal static bool IsLeftOut(Net net, LayerPlace layer, int l, int input) => l == 0 && net.B[layer.Active + input] == 0;

    /// <summary>
    /// Σ_b x[b]·g[b] in sixteen lanes and their tree: lanes 8 apart are added, then 4, 2, 1 apart.
    /// </summary>
    /// <param name="x">Place of a row of examples, as is <paramref name="g"/>.</param>
    internal static float Product(Net net, int x, int g, int lanes)
    {
        Four sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (var b = 0; b < lanes / 4; b += 4)
        {
            var (fromX, fromG) = (x / 4 + b, g / 4 + b);
            sum0 = Four.Fma(net.F4[fromX], net.F4[fromG], sum0);
            sum1 = Four.Fma(net.F4[fromX + 1], net.F4[fromG + 1], sum1);
            sum2 = Four.Fma(net.F4[fromX + 2], net.F4[fromG + 2], sum2);
            sum3 = Four.Fma(net.F4[fromX + 3], net.F4[fromG + 3], sum3);
        }
        return Tree(sum0, sum1, sum2, sum3);
    }

    /// <summary>The biases' gradient, in lanes as the weights' is, and their step.</summary>
    internal static void UpdateBias(Views t, Net net, LayerPlace layer, int lanes, float stepSize, int flushes)
    {
        for (var o = net.Thread; o < layer.Outputs; o += net.Threads)
        {
            Four sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            var g = (layer.G + o * t.Width) / 4;
            for (var b = 0; b < lanes / 4; b += 4)
            {
                sum0 += net.F4[g + b];
                sum1 += net.F4[g + b + 1];
                sum2 += net.F4[g + b + 2];
                sum3 += net.F4[g + b + 3];
            }
            DenseKernels.StepAt(
                net, layer.Bias + o, layer.BiasM + o, layer.BiasV + o, Tree(sum0, sum1, sum2, sum3), stepSize, flushes);
        }
    }

    /// <summary>Σ w·x over an output's weights, added to what there is.</summary>
    internal static Four Products(Views t, Net net, LayerPlace layer, int l, int w, int x, int o, int b, Four sum)
    {
        for (var k = net.I[layer.Row + o]; k < net.I[layer.Row + o + 1]; k++)
        {
            var input = net.I[layer.Input + k];
            if (IsLeftOut(net, layer, l, input)) continue;
            sum = Four.Fma(net.F[w + k], net.F4[(x + input * t.Width) / 4 + b], sum);
        }
        return sum;
    }

    /// <summary>Σ w·g over an input's weights, added to what there is.</summary>
    internal static Four ProductsOfColumn(Views t, Net net, LayerPlace layer, int w, int g, int i, int b, Four sum)
    {
        for (var j = net.I[layer.Column + i]; j < net.I[layer.Column + i + 1]; j++)
        {
            var k = net.I[layer.OfColumn + j];
            sum = Four.Fma(net.F[w + k], net.F4[(g + net.I[layer.Output + k] * t.Width) / 4 + b], sum);
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
        h = new Four(Rectify(h.A, 4 * b < count), Rectify(h.B, 4 * b + 1 < count), Rectify(h.C, 4 * b + 2 < count),
            Rectify(h.D, 4 * b + 3 < count));
        net.F4[(t.Layers[net.FirstLayer + l + 1].X + o * t.Width) / 4 + b] = h;
    }

    /// <summary>A gradient by an input: 0 where the unit below wasn't active.</summary>
    internal static Four WhereActive(Four x, Four g) =>
        new(x.A <= 0 ? 0f : g.A, x.B <= 0 ? 0f : g.B, x.C <= 0 ? 0f : g.C, x.D <= 0 ? 0f : g.D);

    private static void LoadAndForward(Views t, Net net, int item, int count, int lanes)
    {
        BatchKernels.Load(t, net, t.Layers[net.FirstLayer], item, count, lanes, byExample: 0);
        Group.Barrier();
        BatchKernels.FindActive(t, net, t.Layers[net.FirstLayer], lanes);
        Group.Barrier();
        for (var l = 0; l < t.LayerCount; l++)
        {
            Forward(t, net, t.Layers[net.FirstLayer + l], l, count, lanes);
            Group.Barrier();
        }
    }

    private static void Forward(Views t, Net net, LayerPlace layer, int l, int count, int lanes)
    {
        for (var at = net.Thread; at < layer.Outputs * (lanes / 4); at += net.Threads)
        {
            var (b, o) = (at % (lanes / 4), at / (lanes / 4));
            var bias = net.F[layer.Bias + o];
            Store(t, net, l, o, b, count, Products(t, net, layer, l, layer.W, layer.X, o, b, new Four(bias, bias, bias, bias)));
        }
    }

    private static void Back(Views t, Net net, LayerPlace layer, LayerPlace below, int lanes)
    {
        for (var at = net.Thread; at < layer.Inputs * (lanes / 4); at += net.Threads)
        {
            var (b, i) = (at % (lanes / 4), at / (lanes / 4));
            var g = ProductsOfColumn(t, net, layer, layer.W, layer.G, i, b, default);
            net.F4[(below.G + i * t.Width) / 4 + b] = WhereActive(net.F4[(layer.X + i * t.Width) / 4 + b], g);
        }
    }

    private static void Update(Views t, Net net, LayerPlace layer, int l, int lanes, float stepSize, int flushes)
    {
        for (var k = net.Thread; k < layer.Weights; k += net.Threads)
        {
            var (input, output) = (net.I[layer.Input + k], net.I[layer.Output + k]);
            var g = IsLeftOut(net, layer, l, input)
                ? 0f
                : Product(net, layer.X + input * t.Width, layer.G + output * t.Width, lanes);
            DenseKernels.StepAt(net, layer.W + k, layer.M + k, layer.V + k, g, stepSize, flushes);
        }
    }

    /// <summary>The lanes' tree, four lanes to a number.</summary>
    private static float Tree(Four sum0, Four sum1, Four sum2, Four sum3)
    {
        var sum = sum0 + sum2 + (sum1 + sum3);
        return sum.A + sum.C + (sum.B + sum.D);
    }

    private static float Rectify(float h, bool exists) => exists ? Formulas.Rectify(h) : 0f;
}
