using Bnn.Core;
using Bnn.Simd;
using ILGPU;

namespace Bnn.Gpu;

/// <summary>Trains Bayesian nets of Flipout layers as <see cref="DenseKernels"/> trains ordinary ones.</summary>
internal static class FlipoutKernels
{
    public static void Train(Views t)
    {
        var work = t.Works[Grid.IdxX];
        var net = Net.Of(t, work.Slot);
        var last = t.LayerCount - 1;
        var lanes = DenseKernels.Padded(t.Batch);
        BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 0);
        Group.Barrier();
        for (var s = 0; s < work.Steps; s++)
        {
            var (item, step) = (work.FirstItem + s * t.Batch, net.Rule.StepsBefore + work.FirstStep + s);
            BatchKernels.Load(t, net, t.Layers[net.FirstLayer], item, t.Batch, lanes, byExample: 1, turn: s & 1);
            Group.Barrier();
            for (var l = 0; l <= last; l++)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.DrawSigns(t, net, layer, l, step);
                NoiseKernels.Draw(net, layer, BatchKernels.ActiveOf(layer, l, s & 1), l, step);
            }
            Group.Barrier();
            if (net.Thread == 0) t.Kl[work.FirstLoss + s] = NoiseKernels.Kl(t, net);
            for (var l = 0; l <= last; l++)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.SignInputs(t, net, layer, byLane: 0);
                Group.Barrier();
                Forward(t, net, layer, DenseKernels.Above(t, net, l), BatchKernels.ActiveOf(layer, l, s & 1), lanes);
                Group.Barrier();
            }
            BatchKernels.CrossEntropy(t, net, t.Layers[net.FirstLayer + last], item, t.Batch, 1f / t.Batch);
            BatchKernels.ClearActive(net, t.Layers[net.FirstLayer], 1 - (s & 1));
            Group.Barrier();
            BatchKernels.KeepLoss(t, net, t.Layers[net.FirstLayer + last], work.FirstLoss + s);
            var (stepSize, flushes) = (t.StepSizes[work.FirstLoss + s], DenseKernels.Flushes(work.FirstStep + s));
            for (var l = last; l >= 0; l--)
            {
                var layer = t.Layers[net.FirstLayer + l];
                NoiseKernels.SignGradient(t, net, layer, byLane: 0);
                Group.Barrier();
                if (l > 0) Back(t, net, layer, t.Layers[net.FirstLayer + l - 1]);
                Group.Barrier();
                Update(t, net, layer, BatchKernels.ActiveOf(layer, l, s & 1), stepSize, flushes);
                DenseKernels.UpdateBias(t, net, layer, stepSize, flushes);
            }
            Group.Barrier();
        }
    }

    /// <summary>h = x·μ + R∘((x∘S)·δ) + bias and its ReLU, the inputs of the layer above.</summary>
    private static void Forward(Views t, Net net, LayerPlace layer, LayerPlace above, int active, int lanes)
    {
        var (blocks, columns, width) = (lanes / 4, layer.Stride / 4, t.Width / 4);
        for (var at = net.Thread; at < blocks * columns; at += net.Threads)
        {
            var (b, o) = (at % blocks, at / blocks);
            Sums means = default, perturbations = default;
            var (x, signed, mu, delta) = (layer.X / 4 + b, layer.SignedX / 4 + b, layer.W / 4 + o, layer.Delta / 4 + o);
            for (var i = 0; i < layer.Inputs; i++, x += width, signed += width, mu += columns, delta += columns)
            {
                if (BatchKernels.IsLeftOut(net, active, i)) continue;
                Add(ref means, ref perturbations, net.F4[x], net.F4[signed], net.F4[mu], net.F4[delta]);
            }
            var bias = net.F4[layer.Bias / 4 + o];
            means.Row0 = Output(net, layer, 4 * b, 4 * o, t.Batch, means.Row0, perturbations.Row0, bias);
            means.Row1 = Output(net, layer, 4 * b + 1, 4 * o, t.Batch, means.Row1, perturbations.Row1, bias);
            means.Row2 = Output(net, layer, 4 * b + 2, 4 * o, t.Batch, means.Row2, perturbations.Row2, bias);
            means.Row3 = Output(net, layer, 4 * b + 3, 4 * o, t.Batch, means.Row3, perturbations.Row3, bias);
            DenseKernels.Store(t, net, above, means, 4 * b, 4 * o, t.Batch, byExample: 1);
        }
    }

    private static void Add(ref Sums means, ref Sums perturbations, Four x, Four signed, Four mu, Four delta)
    {
        if (x.A != 0) (means.Row0, perturbations.Row0) = (Four.Fma(x.A, mu, means.Row0), Four.Fma(signed.A, delta, perturbations.Row0));
        if (x.B != 0) (means.Row1, perturbations.Row1) = (Four.Fma(x.B, mu, means.Row1), Four.Fma(signed.B, delta, perturbations.Row1));
        if (x.C != 0) (means.Row2, perturbations.Row2) = (Four.Fma(x.C, mu, means.Row2), Four.Fma(signed.C, delta, perturbations.Row2));
        if (x.D != 0) (means.Row3, perturbations.Row3) = (Four.Fma(x.D, mu, means.Row3), Four.Fma(signed.D, delta, perturbations.Row3));
    }

    private static Four Output(Net net, LayerPlace layer, int b, int o, int count, Four mean, Four perturbation, Four bias)
    {
        if (b >= count) return default;
        var word = net.I[layer.OutputSigns + b * layer.OutputWords + (o >> 5)];
        var signs = new Four(Net.Sign(word, o), Net.Sign(word, o + 1), Net.Sign(word, o + 2), Net.Sign(word, o + 3));
        return Four.Fma(signs, perturbation, mean) + bias;
    }

    /// <summary>The gradient by a layer's inputs, g·μᵀ + S∘(gr·δᵀ): 0 where an input is.</summary>
    private static void Back(Views t, Net net, LayerPlace layer, LayerPlace below)
    {
        var blocks = (t.Batch + 3) / 4;
        for (var at = net.Thread; at < blocks * layer.Inputs; at += net.Threads)
        {
            var (b, i) = (at % blocks, at / blocks);
            var signs = new Four(SignOf(t, net, layer, 4 * b, i), SignOf(t, net, layer, 4 * b + 1, i),
                SignOf(t, net, layer, 4 * b + 2, i), SignOf(t, net, layer, 4 * b + 3, i));
            var sum = HalfOfProducts(t, net, layer, signs, i, b, 0) + HalfOfProducts(t, net, layer, signs, i, b, 1);
            DenseKernels.StoreBelow(t, net, below, net.F4[(layer.X + i * t.Width) / 4 + b], sum, i, 4 * b);
        }
    }

    /// <summary>The sign of an example's input; examples beyond the batch have none that matters.</summary>
    private static float SignOf(Views t, Net net, LayerPlace layer, int b, int i) =>
        b < t.Batch ? Net.Sign(net.I[layer.InputSigns + b * layer.InputWords + (i >> 5)], i) : 1f;

    private static Four HalfOfProducts(Views t, Net net, LayerPlace layer, Four signs, int i, int b, int lane) =>
        QuarterOfProducts(t, net, layer, signs, i, b, lane) + QuarterOfProducts(t, net, layer, signs, i, b, lane + 2);

    private static Four QuarterOfProducts(Views t, Net net, LayerPlace layer, Four signs, int i, int b, int lane) =>
        LaneOfProducts(t, net, layer, signs, i, b, lane) + LaneOfProducts(t, net, layer, signs, i, b, lane + 8)
        + (LaneOfProducts(t, net, layer, signs, i, b, lane + 4) + LaneOfProducts(t, net, layer, signs, i, b, lane + 12));

    private static Four LaneOfProducts(Views t, Net net, LayerPlace layer, Four signs, int i, int b, int lane) => Four.Fma(
        signs, DenseKernels.LaneOfProducts(t, net, layer, layer.Delta, layer.SignedG, i, b, lane),
        DenseKernels.LaneOfProducts(t, net, layer, layer.W, layer.G, i, b, lane));

    /// <summary>A step of the μ and ρ of four inputs' weights to four outputs, whose gradients are summed over the examples.</summary>
    private static void Update(Views t, Net net, LayerPlace layer, int active, float stepSize, int flushes)
    {
        var (columns, inputs) = (layer.Stride / 4, layer.InputStride / 4);
        for (var at = net.Thread; at < (layer.Inputs + 3) / 4 * columns; at += net.Threads)
        {
            var (o, i) = (at % columns, at / columns);
            Sums byMu = default, byDelta = default;
            var (x, signed) = (layer.XByExample / 4 + i, layer.SignedXByExample / 4 + i);
            var (g, signedG) = (layer.GByExample / 4 + o, layer.SignedGByExample / 4 + o);
            var examples = DenseKernels.AreLeftOut(net, layer, active, 4 * i) ? 0 : t.Batch;
            for (var b = 0; b < examples; b++, x += inputs, signed += inputs, g += columns, signedG += columns)
                Add(ref byMu, ref byDelta, net.F4[x], net.F4[signed], net.F4[g], net.F4[signedG]);
            UpdateRow(net, layer, 4 * i, 4 * o, byMu.Row0, byDelta.Row0, stepSize, flushes);
            UpdateRow(net, layer, 4 * i + 1, 4 * o, byMu.Row1, byDelta.Row1, stepSize, flushes);
            UpdateRow(net, layer, 4 * i + 2, 4 * o, byMu.Row2, byDelta.Row2, stepSize, flushes);
            UpdateRow(net, layer, 4 * i + 3, 4 * o, byMu.Row3, byDelta.Row3, stepSize, flushes);
        }
    }

    private static void UpdateRow(Net net, LayerPlace layer, int i, int o, Four byMu, Four byDelta, float stepSize, int flushes)
    {
        if (i >= layer.Inputs) return;
        var w = i * layer.Stride + o;
        UpdateWeight(net, layer, w, o, byMu.A, byDelta.A, stepSize, flushes);
        UpdateWeight(net, layer, w + 1, o + 1, byMu.B, byDelta.B, stepSize, flushes);
        UpdateWeight(net, layer, w + 2, o + 2, byMu.C, byDelta.C, stepSize, flushes);
        UpdateWeight(net, layer, w + 3, o + 3, byMu.D, byDelta.D, stepSize, flushes);
    }

    /// <summary>A step of one weight's μ and ρ. Pruned ones, and padding, stay +0, as they are from the start.</summary>
    private static void UpdateWeight(Net net, LayerPlace layer, int w, int o, float byMu, float byDelta, float stepSize, int flushes)
    {
        if (o >= layer.Outputs || (net.Rule.IsMasked != 0 && net.B[layer.Keep + w] == 0)) return;
        Step(net, layer, w, byMu, byDelta, stepSize, flushes);
    }

    /// <summary>A step of one weight's μ and ρ; ρ itself is never flushed.</summary>
    internal static void Step(Net net, LayerPlace layer, int w, float byMu, float byDelta, float stepSize, int flushes)
    {
        var rho = net.F[layer.Rho + w];
        var (softplus, slope) = PortableMath.Softplus(rho);
        var gradient = Formulas.GradientOfRho(
            net.Rule.ByPrior, net.Rule.Factor, byDelta, net.F[layer.Epsilon + w], net.Rule.ScaleEpsilon + softplus, slope);
        byMu = Formulas.GradientOfMu(net.Rule.ByPrior, byMu, net.F[layer.W + w]);
        DenseKernels.StepAt(net, layer.W + w, layer.M + w, layer.V + w, byMu, stepSize, flushes);
        var (m, v) = (0f, 0f);
        if (net.Rule.IsAdam != 0) (m, v) = (net.F[layer.RhoM + w], net.F[layer.RhoV + w]);
        DenseKernels.Step(net.Rule, gradient, ref rho, ref m, ref v, stepSize, flushes: 0);
        net.F[layer.Rho + w] = rho;
        if (net.Rule.IsAdam == 0) return;
        net.F[layer.RhoM + w] = flushes != 0 ? Formulas.Flush(m) : m;
        net.F[layer.RhoV + w] = flushes != 0 ? Formulas.Flush(v) : v;
    }
}
