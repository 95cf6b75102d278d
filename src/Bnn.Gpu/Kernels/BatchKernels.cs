using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>What all nets do with a batch: read it, and compare the logits with its labels.</summary>
internal static class BatchKernels
{
    /// <summary>The first layer's inputs from rows of the samples; examples beyond <paramref name="count"/> are 0.</summary>
    /// <param name="item">Place of the first row among the items.</param>
    /// <param name="lanes">Examples to write, a multiple of 16.</param>
    /// <param name="byExample">Whether to write them by example, too; 1 or 0.</param>
    public static void Load(Views t, Net net, LayerPlace layer, int item, int count, int lanes, int byExample)
    {
        // Four pixels of one image each; neighbouring threads take neighbouring images.
        var blocks = (layer.Inputs + 3) / 4;
        for (var at = net.Thread; at < blocks * lanes; at += net.Threads)
        {
            var (b, first) = (at % lanes, at / lanes * 4);
            var row = b < count ? t.Items[item + b] : -1;
            for (var i = first; i < first + 4 && i < layer.Inputs; i++)
            {
                var x = row < 0 ? 0f : Value(t, row * (long)layer.Inputs + i);
                net.F[layer.X + i * t.Width + b] = x;
                if (byExample != 0) net.F[layer.XByExample + b * layer.InputStride + i] = x;
            }
        }
    }

    /// <summary>Which inputs of the first layer are not 0 in the whole batch.</summary>
    public static void FindActive(Views t, Net net, LayerPlace layer, int lanes)
    {
        for (var i = net.Thread; i < layer.Inputs; i += net.Threads)
        {
            var active = 0;
            for (var b = 0; b < lanes / 4; b++)
            {
                var x = net.F4[(layer.X + i * t.Width) / 4 + b];
                if (x.A != 0 || x.B != 0 || x.C != 0 || x.D != 0) active = 1;
            }
            net.B[layer.Active + i] = (byte)active;
        }
    }

    /// <summary>
    /// Each example's −ln softmax(logits)[label], the class it is given, and the gradient by its logits: sums over the classes are made
    /// in sixteen lanes and their tree.
    /// </summary>
    /// <param name="scale">1/batch; 0 for no gradient.</param>
    public static void CrossEntropy(Views t, Net net, LayerPlace layer, int item, int count, float scale)
    {
        for (var b = net.Thread; b < count; b += net.Threads)
        {
            var (max, best) = Largest(t, net, layer, b);
            var sum = OfExps(t, net, layer, b, max, 0) + OfExps(t, net, layer, b, max, 1);
            Finish(t, net, layer, item, b, max, best, sum);
            if (scale == 0) continue;
            var label = (int)t.Labels[t.Items[item + b]];
            var factor = scale / sum;
            for (var o = 0; o < layer.Outputs; o++)
            {
                var g = PortableMath.Exp(net.F[layer.Logits + o * t.Width + b] - max) * factor;
                if (o == label) g -= scale;
                net.F[layer.G + o * t.Width + b] = g;
                net.F[layer.GByExample + b * layer.Stride + o] = g;
            }
        }
    }

    /// <summary>The same for nets of few weights: sums over the classes ascend, and lanes without an example have the gradient 0.</summary>
    /// <param name="lanes">Examples with those that fill the last sixteen.</param>
    public static void CrossEntropyOfLanes(Views t, Net net, LayerPlace layer, int item, int count, int lanes, float scale)
    {
        for (var b = net.Thread; b < lanes; b += net.Threads)
        {
            if (b >= count)
            {
                for (var o = 0; scale != 0 && o < layer.Outputs; o++) net.F[layer.G + o * t.Width + b] = 0f;
                continue;
            }
            var (max, best) = Largest(t, net, layer, b);
            var sum = 0f;
            for (var o = 0; o < layer.Outputs; o++) sum += PortableMath.Exp(net.F[layer.Logits + o * t.Width + b] - max);
            Finish(t, net, layer, item, b, max, best, sum);
            if (scale == 0) continue;
            var label = (int)t.Labels[t.Items[item + b]];
            var factor = scale / sum;
            for (var o = 0; o < layer.Outputs; o++)
            {
                var g = PortableMath.Exp(net.F[layer.Logits + o * t.Width + b] - max) * factor;
                if (o == label) g -= scale;
                net.F[layer.G + o * t.Width + b] = g;
            }
        }
    }

    /// <summary>Writes down a step's mean cross entropy; by one thread.</summary>
    public static void KeepLoss(Views t, Net net, LayerPlace layer, int at)
    {
        if (net.Thread == 0) t.Nll[at] = SumOfLosses(net, layer, t.Batch) / t.Batch;
    }

    /// <summary>The sum of a batch's cross entropies, in order; by one thread.</summary>
    public static double SumOfLosses(Net net, LayerPlace layer, int count)
    {
        var sum = 0.0;
        for (var b = 0; b < count; b++) sum += net.F[layer.Losses + b];
        return sum;
    }

    /// <summary>How many of a batch are classified correctly; by one thread.</summary>
    public static int Correct(Views t, Net net, LayerPlace layer, int item, int count)
    {
        var correct = 0;
        for (var b = 0; b < count; b++)
            if (net.I[layer.Predicted + b] == t.Labels[t.Items[item + b]]) correct++;
        return correct;
    }

    private static float Value(Views t, long at) => t.HasPixels != 0 ? t.Pixels[at] / 255f : t.Values[at];

    private static (float Max, int Best) Largest(Views t, Net net, LayerPlace layer, int b)
    {
        var (max, best) = (net.F[layer.Logits + b], 0);
        for (var o = 1; o < layer.Outputs; o++)
        {
            var h = net.F[layer.Logits + o * t.Width + b];
            if (h > max) (max, best) = (h, o);
        }
        return (max, best);
    }

    private static void Finish(Views t, Net net, LayerPlace layer, int item, int b, float max, int best, float sum)
    {
        var label = (int)t.Labels[t.Items[item + b]];
        net.I[layer.Predicted + b] = best;
        net.F[layer.Losses + b] = Formulas.CrossEntropy(sum, max, net.F[layer.Logits + label * t.Width + b]);
    }

    /// <summary>Half of the lanes' tree (<see cref="Lanes.Tree"/>) of Σ exp(h − max).</summary>
    private static float OfExps(Views t, Net net, LayerPlace layer, int b, float max, int lane) =>
        QuarterOfExps(t, net, layer, b, max, lane) + QuarterOfExps(t, net, layer, b, max, lane + 2);

    private static float QuarterOfExps(Views t, Net net, LayerPlace layer, int b, float max, int lane) =>
        LaneOfExps(t, net, layer, b, max, lane) + LaneOfExps(t, net, layer, b, max, lane + 8)
        + (LaneOfExps(t, net, layer, b, max, lane + 4) + LaneOfExps(t, net, layer, b, max, lane + 12));

    private static float LaneOfExps(Views t, Net net, LayerPlace layer, int b, float max, int lane)
    {
        var sum = 0f;
        for (var o = lane; o < layer.Outputs; o += Lanes.Count) sum += PortableMath.Exp(net.F[layer.Logits + o * t.Width + b] - max);
        return sum;
    }
}
