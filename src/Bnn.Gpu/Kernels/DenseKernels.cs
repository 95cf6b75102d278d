using Bnn.Core;
using Bnn.Simd;
using ILGPU;

namespace Bnn.Gpu;

/// <summary>
/// Trains and evaluates ordinary nets: a group of threads has one net and does its steps one after another. Products of matrices are made
/// by threads of four rows and four columns each, whose sums ascend as the reference kernels' do.
/// </summary>
/// <remarks>
/// Loops carry the places that they read: what a loop could compute anew the compiler of kernels computes in every round, a division of the
/// thread's number included.
/// </remarks>
internal static class DenseKernels
{
    /// <summary>Threads of a group: each has 128 registers, enough for sixteen or 32 sums and what they are made of.</summary>
    public const int GroupSize = 512;

    /// <summary>Some steps of each net; the group's net and steps are its <see cref="Work"/>.</summary>
    public static void Train(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var last = t.LayerCount - 1;
        var lanes = Padded(t.Batch);
        BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 0);
        Group.Barrier();
        for (var s = 0; s < work.Steps; s++)
        {
            var item = work.FirstItem + s * t.Batch;
            BatchKernels.Load(t, net, t.Layers[net.FirstLayer], item, t.Batch, lanes, byExample: 1, turn: s & 1);
            Group.Barrier();
            for (var l = 0; l <= last; l++)
            {
                var layer = t.Layers[net.FirstLayer + l];
                Forward(t, net, layer, Above(t, net, l), BatchKernels.ActiveOf(layer, l, s & 1), t.Batch, lanes, byExample: 1);
                Group.Barrier();
            }
            BatchKernels.CrossEntropy(t, net, t.Layers[net.FirstLayer + last], item, t.Batch, 1f / t.Batch);
            BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 1 - (s & 1));
            Group.Barrier();
            BatchKernels.KeepLoss(t, net, t.Layers[net.FirstLayer + last], work.FirstLoss + s);
            var (stepSize, flushes) = (t.StepSizes[work.FirstLoss + s], Flushes(work.FirstStep + s));
            for (var l = last; l >= 0; l--)
            {
                var layer = t.Layers[net.FirstLayer + l];
                if (l > 0) Back(t, net, layer, t.Layers[net.FirstLayer + l - 1]);
                Group.Barrier();
                Update(t, net, layer, BatchKernels.ActiveOf(layer, l, s & 1), stepSize, flushes);
                UpdateBias(t, net, layer, stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <summary>The cross entropy and the correct answers of each net on some rows; a Bayesian net's means are its weights.</summary>
    public static void Evaluate(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var (nll, correct, turn) = (0.0, 0, 0);
        BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 0);
        Group.Barrier();
        for (var begin = 0; begin < work.Items; begin += t.Width)
        {
            var (item, count) = (work.FirstItem + begin, Math.Min(t.Width, work.Items - begin));
            var lanes = Padded(count);
            BatchKernels.Load(t, net, t.Layers[net.FirstLayer], item, count, lanes, byExample: 0, turn);
            Group.Barrier();
            for (var l = 0; l < t.LayerCount; l++)
            {
                var layer = t.Layers[net.FirstLayer + l];
                Forward(t, net, layer, Above(t, net, l), BatchKernels.ActiveOf(layer, l, turn), count, lanes, byExample: 0);
                Group.Barrier();
            }
            var top = t.Layers[net.FirstLayer + t.LayerCount - 1];
            BatchKernels.CrossEntropy(t, net, top, item, count, scale: 0);
            turn = 1 - turn;
            BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], turn);
            Group.Barrier();
            if (net.Thread == 0)
            {
                // One sum over all images, as the reference evaluation of whole nets has; nets of few weights sum block by block.
                for (var b = 0; b < count; b++) nll += net.F[top.Losses + b];
                correct += BatchKernels.Correct(t, net, top, item, count);
            }
        }
        if (net.Thread != 0) return;
        t.Nll[work.FirstLoss] = nll;
        t.Correct[work.FirstLoss] = correct;
    }

    /// <summary>1 after steps that tiny numbers are flushed after, else 0.</summary>
    internal static int Flushes(int step) => step % OptimizerDefinition.FlushEvery == 0 ? 1 : 0;

    /// <summary>Examples padded to whole lanes.</summary>
    internal static int Padded(int count) => (count + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>The layer that takes a layer's outputs; the last one's are the logits, whose place is its X, without ReLU.</summary>
    internal static LayerPlace Above(Views t, Net net, int l)
    {
        if (l < t.LayerCount - 1) return t.Layers[net.FirstLayer + l + 1];
        return new LayerPlace { X = t.Layers[net.FirstLayer + l].Logits, InputStride = -1 };
    }

    /// <summary>Whether these outputs are logits.</summary>
    private static bool IsLast(LayerPlace above) => above.InputStride < 0;

    /// <summary>Outputs of a layer and their ReLU, the inputs of the one above. Inputs that are 0 in the whole batch don't count.</summary>
    private static void Forward(Views t, Net net, LayerPlace layer, LayerPlace above, int active, int count, int lanes, int byExample)
    {
        var (blocks, columns, width) = (lanes / 4, layer.Stride / 4, t.Width / 4);
        for (var at = net.Thread; at < blocks * columns; at += net.Threads)
        {
            var (b, o) = (at % blocks, at / blocks);
            var sums = default(Sums);
            var (x, w) = (layer.X / 4 + b, layer.W / 4 + o);
            for (var i = 0; i < layer.Inputs; i++, x += width, w += columns)
                if (!BatchKernels.IsLeftOut(net, active, i)) Sums.Add(ref sums, net.F4[x], net.F4[w]);
            var bias = net.F4[layer.Bias / 4 + o];
            sums.Row0 += bias;
            sums.Row1 += bias;
            sums.Row2 += bias;
            sums.Row3 += bias;
            Store(t, net, above, sums, 4 * b, 4 * o, count, byExample);
        }
    }

    /// <summary>Four examples' outputs, each row four neighbouring ones of an example: as they are, or after ReLU.</summary>
    internal static void Store(Views t, Net net, LayerPlace above, Sums sums, int b, int o, int count, int byExample)
    {
        if (!IsLast(above))
        {
            sums.Row0 = Rectify(sums.Row0, b < count);
            sums.Row1 = Rectify(sums.Row1, b + 1 < count);
            sums.Row2 = Rectify(sums.Row2, b + 2 < count);
            sums.Row3 = Rectify(sums.Row3, b + 3 < count);
            if (byExample != 0)
            {
                var (to, stride) = ((above.XByExample + b * above.InputStride + o) / 4, above.InputStride / 4);
                net.F4[to] = sums.Row0;
                net.F4[to + stride] = sums.Row1;
                net.F4[to + 2 * stride] = sums.Row2;
                net.F4[to + 3 * stride] = sums.Row3;
            }
        }
        StoreTransposed(net, (above.X + o * t.Width + b) / 4, t.Width / 4, sums);
    }

    /// <summary>Stores columns as rows.</summary>
    internal static void StoreTransposed(Net net, int to, int stride, Sums sums)
    {
        net.F4[to] = new Four(sums.Row0.A, sums.Row1.A, sums.Row2.A, sums.Row3.A);
        net.F4[to + stride] = new Four(sums.Row0.B, sums.Row1.B, sums.Row2.B, sums.Row3.B);
        net.F4[to + 2 * stride] = new Four(sums.Row0.C, sums.Row1.C, sums.Row2.C, sums.Row3.C);
        net.F4[to + 3 * stride] = new Four(sums.Row0.D, sums.Row1.D, sums.Row2.D, sums.Row3.D);
    }

    /// <summary>The gradient by a layer's inputs, from the one by its outputs: 0 where an input is.</summary>
    private static void Back(Views t, Net net, LayerPlace layer, LayerPlace below)
    {
        var blocks = (t.Batch + 3) / 4;
        for (var at = net.Thread; at < blocks * layer.Inputs; at += net.Threads)
        {
            var (b, i) = (at % blocks, at / blocks);
            var x = net.F4[(layer.X + i * t.Width) / 4 + b];
            var sum = HalfOfProducts(t, net, layer, layer.W, layer.G, i, b, 0) + HalfOfProducts(t, net, layer, layer.W, layer.G, i, b, 1);
            StoreBelow(t, net, below, x, sum, i, 4 * b);
        }
    }

    /// <summary>Four examples' gradients by one input, which are outputs of the layer below.</summary>
    internal static void StoreBelow(Views t, Net net, LayerPlace below, Four x, Four sum, int i, int b)
    {
        sum = new Four(x.A != 0 ? sum.A : 0f, x.B != 0 ? sum.B : 0f, x.C != 0 ? sum.C : 0f, x.D != 0 ? sum.D : 0f);
        net.F4[(below.G + i * t.Width + b) / 4] = sum;
        var (to, stride) = (below.GByExample + b * below.Stride + i, below.Stride);
        net.F[to] = sum.A;
        net.F[to + stride] = sum.B;
        net.F[to + 2 * stride] = sum.C;
        net.F[to + 3 * stride] = sum.D;
    }

    /// <summary>
    /// Half of the lanes' tree of Σ w·g over a row of weights: lanes 8 apart are added, then 4, then 2 apart, which takes the lanes one
    /// after another in this order and keeps no more than three sums.
    /// </summary>
    /// <param name="lane">0 or 1.</param>
    private static Four HalfOfProducts(Views t, Net net, LayerPlace layer, int w, int g, int i, int b, int lane) =>
        QuarterOfProducts(t, net, layer, w, g, i, b, lane) + QuarterOfProducts(t, net, layer, w, g, i, b, lane + 2);

    private static Four QuarterOfProducts(Views t, Net net, LayerPlace layer, int w, int g, int i, int b, int lane) =>
        LaneOfProducts(t, net, layer, w, g, i, b, lane) + LaneOfProducts(t, net, layer, w, g, i, b, lane + 8)
        + (LaneOfProducts(t, net, layer, w, g, i, b, lane + 4) + LaneOfProducts(t, net, layer, w, g, i, b, lane + 12));

    /// <summary>Σ w[i,o]·g[o,b] over the outputs of one lane, for four examples.</summary>
    internal static Four LaneOfProducts(Views t, Net net, LayerPlace layer, int w, int g, int i, int b, int lane)
    {
        var sum = default(Four);
        var (fromW, fromG) = (w + i * layer.Stride + lane, (g + lane * t.Width) / 4 + b);
        for (var o = lane; o < layer.Outputs; o += Lanes.Count, fromW += Lanes.Count, fromG += Lanes.Count / 4 * t.Width)
            sum = Four.Fma(net.F[fromW], net.F4[fromG], sum);
        return sum;
    }

    /// <summary>The gradients of four inputs' weights to four outputs, each summed over the examples, and their step.</summary>
    private static void Update(Views t, Net net, LayerPlace layer, int active, float stepSize, int flushes)
    {
        var (columns, inputs) = (layer.Stride / 4, layer.InputStride / 4);
        for (var at = net.Thread; at < (layer.Inputs + 3) / 4 * columns; at += net.Threads)
        {
            var (o, i) = (at % columns, at / columns);
            var sums = default(Sums);
            var (x, g) = (layer.XByExample / 4 + i, layer.GByExample / 4 + o);
            var examples = AreLeftOut(net, layer, active, 4 * i) ? 0 : t.Batch;
            for (var b = 0; b < examples; b++, x += inputs, g += columns) Sums.Add(ref sums, net.F4[x], net.F4[g]);
            UpdateRow(net, layer, 4 * i, o, sums.Row0, stepSize, flushes);
            UpdateRow(net, layer, 4 * i + 1, o, sums.Row1, stepSize, flushes);
            UpdateRow(net, layer, 4 * i + 2, o, sums.Row2, stepSize, flushes);
            UpdateRow(net, layer, 4 * i + 3, o, sums.Row3, stepSize, flushes);
        }
    }

    /// <summary>Whether four neighbouring inputs are 0 in the whole batch, so that their weights' gradients are.</summary>
    internal static bool AreLeftOut(Net net, LayerPlace layer, int active, int first)
    {
        if (active < 0) return false;
        for (var i = first; i < first + 4 && i < layer.Inputs; i++)
            if (net.B[active + i] != 0) return false;
        return true;
    }

    private static void UpdateRow(Net net, LayerPlace layer, int i, int column, Four g, float stepSize, int flushes)
    {
        if (i >= layer.Inputs) return;
        var at = i * (layer.Stride / 4) + column;
        Four w = net.F4[layer.W / 4 + at], m = default, v = default;
        if (net.Rule.IsAdam != 0) (m, v) = (net.F4[layer.M / 4 + at], net.F4[layer.V / 4 + at]);
        var keep = layer.Keep + 4 * at;
        UpdateWeight(net, keep, g.A, ref w.A, ref m.A, ref v.A, stepSize, flushes);
        UpdateWeight(net, keep + 1, g.B, ref w.B, ref m.B, ref v.B, stepSize, flushes);
        UpdateWeight(net, keep + 2, g.C, ref w.C, ref m.C, ref v.C, stepSize, flushes);
        UpdateWeight(net, keep + 3, g.D, ref w.D, ref m.D, ref v.D, stepSize, flushes);
        net.F4[layer.W / 4 + at] = w;
        if (net.Rule.IsAdam == 0) return;
        net.F4[layer.M / 4 + at] = m;
        net.F4[layer.V / 4 + at] = v;
    }

    /// <summary>A weight's step. A pruned one has no moments and is +0, or stays as it is where it is frozen.</summary>
    private static void UpdateWeight(Net net, int keep, float g, ref float w, ref float m, ref float v, float stepSize, int flushes)
    {
        if (net.Rule.IsMasked != 0 && net.B[keep] == 0)
        {
            (m, v) = (0f, 0f);
            if (net.Rule.Freezes == 0) w = 0f;
            return;
        }
        Step(net.Rule, g, ref w, ref m, ref v, stepSize, flushes);
    }

    /// <summary>A parameter's step and, every so often, the flush of tiny numbers.</summary>
    internal static void Step(NetRule rule, float g, ref float p, ref float m, ref float v, float stepSize, int flushes)
    {
        if (rule.IsAdam != 0) Formulas.Adam(stepSize, rule.OneMinusBeta1, rule.OneMinusBeta2, rule.Epsilon, g, ref p, ref m, ref v);
        else Formulas.Descend(stepSize, g, ref p);
        if (flushes != 0) (p, m, v) = (Formulas.Flush(p), Formulas.Flush(m), Formulas.Flush(v));
    }

    /// <summary>The biases' gradient, summed over the examples, and their step.</summary>
    internal static void UpdateBias(Views t, Net net, LayerPlace layer, float stepSize, int flushes)
    {
        for (var o = net.Thread; o < layer.Outputs; o += net.Threads)
        {
            var g = 0f;
            for (var b = 0; b < t.Batch; b++) g += net.F[layer.GByExample + b * layer.Stride + o];
            StepAt(net, layer.Bias + o, layer.BiasM + o, layer.BiasV + o, g, stepSize, flushes);
        }
    }

    /// <summary>A step of one parameter in memory.</summary>
    internal static void StepAt(Net net, int p, int m, int v, float g, float stepSize, int flushes)
    {
        var (value, first, second) = (net.F[p], 0f, 0f);
        if (net.Rule.IsAdam != 0) (first, second) = (net.F[m], net.F[v]);
        Step(net.Rule, g, ref value, ref first, ref second, stepSize, flushes);
        net.F[p] = value;
        if (net.Rule.IsAdam == 0) return;
        net.F[m] = first;
        net.F[v] = second;
    }

    private static Four Rectify(Four h, bool exists) => exists
        ? new Four(Formulas.Rectify(h.A), Formulas.Rectify(h.B), Formulas.Rectify(h.C), Formulas.Rectify(h.D))
        : default;
}
