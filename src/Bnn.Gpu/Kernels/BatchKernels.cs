using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>What all nets do with a batch: read it, and compare the logits with its labels.</summary>
internal static class BatchKernels
{
    /// <summary>
    /// The first layer's inputs from rows of the samples, and which inputs are not 0 in the whole batch, which must all be marked 0 before;
    /// examples beyond <paramref name="count"/> are 0.
    /// </summary>
    /// <param name="item">Place of the first row among the items.</param>
    /// <param name="lanes">Examples to write, a multiple of 16.</param>
    /// <param name="byExample">Whether to write them by example, too; 1 or 0.</param>
    /// <param name="turn">Which of two places the marks go to: those of the next batch are cleared while these are still read.</param>
    public static void Load(Views t, Net net, LayerPlace layer, int item, int count, int lanes, int byExample, int turn)
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
                if (x != 0) net.B[layer.Active + turn * layer.InputStride + i] = 1;
                if (byExample != 0) net.F[layer.XByExample + b * layer.InputStride + i] = x;
            }
        }
    }

    /// <summary>
    /// The same for nets of few weights, with the examples of a lane side by side (<see cref="SparseKernels.Place"/>).
    /// </summary>
    /// <param name="blocks">Fours of examples to write.</param>
    public static void LoadByLane(Views t, Net net, LayerPlace layer, int item, int count, int blocks, int turn)
    {
        for (var at = net.Thread; at < (layer.Inputs + 3) / 4 * (4 * blocks); at += net.Threads)
        {
            var (place, first) = (at % (4 * blocks), at / (4 * blocks) * 4);
            var b = SparseKernels.ExampleAt(place);
            var row = b < count ? t.Items[item + b] : -1;
            for (var i = first; i < first + 4 && i < layer.Inputs; i++)
            {
                var x = row < 0 ? 0f : Value(t, row * (long)layer.Inputs + i);
                net.F[layer.X + i * t.Width + place] = x;
                if (x != 0) net.B[layer.Active + turn * layer.InputStride + i] = 1;
            }
        }
    }

    /// <summary>
    /// Where it says which inputs of a layer are not 0 in the whole batch: of the first layer, for even and odd steps; −1 for others.
    /// </summary>
    public static int ActiveOf(LayerPlace layer, int l, int turn) => l == 0 ? layer.Active + turn * layer.InputStride : -1;

    public static bool IsLeftOut(Net net, int active, int input) => active >= 0 && net.B[active + input] == 0;

    /// <summary>Marks all inputs of the first layer as 0 in the whole batch.</summary>
    public static void ClearActive(Net net, LayerPlace layer, int turn)
    {
        for (var i = net.Thread; i < layer.Inputs; i += net.Threads) net.B[layer.Active + turn * layer.InputStride + i] = 0;
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
            Finish(t, net, layer, item, b, b, max, best, sum);
            if (scale != 0) StoreGradient(t, net, layer, item, b, b, max, sum, scale, byExample: 1);
        }
    }

    /// <summary>
    /// The same for nets of few weights: sums over the classes ascend, and places without an example have the gradient 0.
    /// </summary>
    /// <param name="blocks">Fours of examples.</param>
    public static void CrossEntropyByLane(Views t, Net net, LayerPlace layer, int item, int count, int blocks, float scale)
    {
        for (var place = net.Thread; place < 4 * blocks; place += net.Threads)
        {
            var b = SparseKernels.ExampleAt(place);
            if (b >= count)
            {
                for (var o = 0; scale != 0 && o < layer.Outputs; o++) net.F[layer.G + o * t.Width + place] = 0f;
                continue;
            }
            var (max, best) = Largest(t, net, layer, place);
            var sum = 0f;
            for (var o = 0; o < layer.Outputs; o++) sum += PortableMath.Exp(net.F[layer.Logits + o * t.Width + place] - max);
            Finish(t, net, layer, item, b, place, max, best, sum);
            if (scale != 0) StoreGradient(t, net, layer, item, b, place, max, sum, scale, byExample: 0);
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

    private static (float Max, int Best) Largest(Views t, Net net, LayerPlace layer, int place)
    {
        var (max, best) = (net.F[layer.Logits + place], 0);
        for (var o = 1; o < layer.Outputs; o++)
        {
            var h = net.F[layer.Logits + o * t.Width + place];
            if (h > max) (max, best) = (h, o);
        }
        return (max, best);
    }

    private static void Finish(
        Views t, Net net, LayerPlace layer, int item, int b, int place, float max, int best, float sum)
    {
        var label = (int)t.Labels[t.Items[item + b]];
        net.I[layer.Predicted + b] = best;
        net.F[layer.Losses + b] = Formulas.CrossEntropy(sum, max, net.F[layer.Logits + label * t.Width + place]);
    }

    /// <summary>An example's gradient by its logits, (softmax(logits) − onehot(label)) · scale.</summary>
    private static void StoreGradient(
        Views t, Net net, LayerPlace layer, int item, int b, int place, float max, float sum, float scale, int byExample)
    {
        var (label, factor) = ((int)t.Labels[t.Items[item + b]], scale / sum);
        for (var o = 0; o < layer.Outputs; o++)
        {
            var g = PortableMath.Exp(net.F[layer.Logits + o * t.Width + place] - max) * factor;
            if (o == label) g -= scale;
            net.F[layer.G + o * t.Width + place] = g;
            if (byExample != 0) net.F[layer.GByExample + b * layer.Stride + o] = g;
        }
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
