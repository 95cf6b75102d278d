namespace Bnn.Core;

/// <summary>
/// A layer of the definition: with <paramref name="Rho"/> a Flipout layer, without it an ordinary one.
/// Arrays are [inputs, outputs]; Bias is [outputs].
/// </summary>
/// <param name="Mask">1 kept, 0 pruned; null keeps all. A pruned weight doesn't exist: μ and σ count as 0, whatever their stored values,
/// it draws nothing, has no gradient and is not part of the KL.</param>
public sealed record DefinitionLayer(LayerShape Shape, double[] Mu, double[]? Rho, double[] Bias, byte[]? Mask = null)
{
    /// <summary>
    /// Whether pruned weights of an ordinary layer exist after all, as constants: they count with their stored values in the outputs and in
    /// the gradient of the inputs, and have no gradient of their own.
    /// </summary>
    public bool FreezesPruned { get; init; }
}

/// <summary>
/// One batch's noise for a Flipout layer: ε [inputs, outputs], signs ±1 on inputs [batch, inputs] and on outputs [batch, outputs].
/// </summary>
public sealed record LayerNoise(double[] Epsilon, double[] InputSigns, double[] OutputSigns);

/// <param name="Epsilon">Added to softplus in σ.</param>
/// <param name="KlWeight">Factor on KL/N; 1 is the evidence lower bound.</param>
/// <param name="TrainingCount">N, the number of training images.</param>
public sealed record ElboSettings(double PriorScale, double Epsilon, double KlWeight, double TrainingCount);

/// <summary>Loss, its parts, and its gradients (of μ or w, of ρ, of the bias) per layer.</summary>
/// <param name="Kl">Nats per layer, not divided.</param>
public sealed record ElboValue(double[] Logits, double Nll, double[] Kl, double Loss, double[][] ByMu, double[][] ByRho, double[][] ByBias);

/// <summary>
/// The definition of what is trained, scalar and in double; engines agree with it. Per layer with input a:
/// σ = ε₀ + softplus(ρ), h = a·μ + ((a∘S)·(σ∘ε))∘R + b; ReLU between layers (derivative 0 at 0);
/// loss = mean cross entropy + KL weight · ΣKL/N.
/// </summary>
/// <remarks>Flipout: Wen et al. 2018, arXiv:1803.04386, as TensorFlow Probability's DenseFlipout.</remarks>
public static class Elbo
{
    /// <param name="x">Inputs, [batch, inputs].</param>
    /// <param name="labels">Class of each row.</param>
    /// <param name="noise">One entry per layer; empty for ordinary layers.</param>
    /// <exception cref="ArgumentException">Lengths that don't fit each other, or a label that is no class.</exception>
    public static ElboValue Evaluate(
        IReadOnlyList<DefinitionLayer> layers, IReadOnlyList<LayerNoise> noise, ElboSettings settings, double[] x, int[] labels)
    {
        Check(layers, noise, x, labels);
        var batch = labels.Length;
        var inputs = new double[layers.Count][];
        var outputs = new double[layers.Count][];
        for (var l = 0; l < layers.Count; l++)
        {
            inputs[l] = l == 0 ? x : [.. outputs[l - 1].Select(h => Math.Max(h, 0))];
            outputs[l] = Forward(layers[l], noise.Count > 0 ? noise[l] : null, settings.Epsilon, inputs[l], batch);
        }

        var logits = outputs[^1];
        var classes = layers[^1].Shape.Outputs;
        var gradient = new double[logits.Length];
        var nll = 0.0;
        for (var b = 0; b < batch; b++)
        {
            var row = logits.AsSpan(b * classes, classes);
            nll += CrossEntropy.Of(row, labels[b]) / batch;
            CrossEntropy.Gradient(row, labels[b], gradient.AsSpan(b * classes, classes));
        }
        for (var i = 0; i < gradient.Length; i++) gradient[i] /= batch;

        var kl = layers.Select(layer => KlOf(layer, settings)).ToArray();
        var value = new ElboValue(logits, nll, kl, nll + settings.KlWeight * kl.Sum() / settings.TrainingCount,
            new double[layers.Count][], new double[layers.Count][], new double[layers.Count][]);
        for (var l = layers.Count - 1; l >= 0; l--)
        {
            var below = Backward(layers[l], noise.Count > 0 ? noise[l] : null, settings, inputs[l], gradient, value, l);
            if (l > 0)
                for (var i = 0; i < below.Length; i++) below[i] = outputs[l - 1][i] > 0 ? below[i] : 0;
            gradient = below;
        }
        return value;
    }

    private static void Check(IReadOnlyList<DefinitionLayer> layers, IReadOnlyList<LayerNoise> noise, double[] x, int[] labels)
    {
        Fits(x.Length == labels.Length * layers[0].Shape.Inputs, nameof(x));
        Fits(labels.All(label => label >= 0 && label < layers[^1].Shape.Outputs), nameof(labels));
        Fits(noise.Count == 0 || noise.Count == layers.Count, nameof(noise));
        for (var l = 0; l < layers.Count; l++)
        {
            var (layer, shape) = (layers[l], layers[l].Shape);
            Fits(l == 0 || shape.Inputs == layers[l - 1].Shape.Outputs, nameof(layers));
            Fits(layer.Mu.Length == shape.Weights && layer.Bias.Length == shape.Outputs, nameof(layers));
            Fits((layer.Rho?.Length ?? shape.Weights) == shape.Weights, nameof(layers));
            Fits((layer.Mask?.Length ?? shape.Weights) == shape.Weights, nameof(layers));
            Fits(layer.Rho is null || !layer.FreezesPruned, nameof(layers));
            if (noise.Count == 0) continue;
            Fits(noise[l].Epsilon.Length == shape.Weights, nameof(noise));
            Fits(noise[l].InputSigns.Length == labels.Length * shape.Inputs, nameof(noise));
            Fits(noise[l].OutputSigns.Length == labels.Length * shape.Outputs, nameof(noise));
        }

        static void Fits(bool fits, string what)
        {
            if (!fits) throw new ArgumentException("lengths that don't fit the layers", what);
        }
    }

    /// <summary>σ = ε₀ + ln(1 + e^ρ), without overflow and to the last digits where e^ρ is tiny.</summary>
    public static double Sigma(double rho, double epsilon)
    {
        // ln(1 + t) = t · ln(u)/(u − 1) with u the rounded 1 + t: the quotient's errors cancel.
        // double.LogP1 takes ln(u) and loses the digits.
        var t = Math.Exp(-Math.Abs(rho));
        var u = 1 + t;
        return epsilon + Math.Max(rho, 0) + (u == 1 ? t : Math.Log(u) * (t / (u - 1)));
    }

    private static double KlOf(DefinitionLayer layer, ElboSettings settings)
    {
        var kl = 0.0;
        for (var w = 0; layer.Rho is { } rho && w < rho.Length; w++)
            if (IsKept(layer, w)) kl += NormalKl.Of(layer.Mu[w], Sigma(rho[w], settings.Epsilon), settings.PriorScale);
        return kl;
    }

    private static bool IsKept(DefinitionLayer layer, int weight) => layer.Mask is not { } mask || mask[weight] != 0;

    private static bool Exists(DefinitionLayer layer, int weight) => layer.FreezesPruned || IsKept(layer, weight);

    private static double[] Forward(DefinitionLayer layer, LayerNoise? noise, double epsilon, double[] a, int batch)
    {
        var (fanIn, fanOut) = (layer.Shape.Inputs, layer.Shape.Outputs);
        var h = new double[batch * fanOut];
        for (var b = 0; b < batch; b++)
        {
            for (var o = 0; o < fanOut; o++)
            {
                var (mean, perturbation) = (0.0, 0.0);
                for (var i = 0; i < fanIn; i++)
                {
                    var w = i * fanOut + o;
                    var input = a[b * fanIn + i];
                    if (!Exists(layer, w)) continue;
                    mean += input * layer.Mu[w];
                    if (noise is not null)
                        perturbation += input * noise.InputSigns[b * fanIn + i] * Sigma(layer.Rho![w], epsilon) * noise.Epsilon[w];
                }
                h[b * fanOut + o] = mean + (noise is null ? 0 : noise.OutputSigns[b * fanOut + o] * perturbation) + layer.Bias[o];
            }
        }
        return h;
    }

    /// <summary>Adds this layer's gradients to <paramref name="value"/> and returns the gradient of its input, [batch, inputs].</summary>
    private static double[] Backward(
        DefinitionLayer layer, LayerNoise? noise, ElboSettings settings, double[] a, double[] g, ElboValue value, int l)
    {
        var (fanIn, fanOut) = (layer.Shape.Inputs, layer.Shape.Outputs);
        var batch = g.Length / fanOut;
        var (byMu, byRho, byBias) = (new double[layer.Mu.Length], new double[layer.Rho?.Length ?? 0], new double[fanOut]);
        var below = new double[batch * fanIn];
        for (var b = 0; b < batch; b++)
            for (var o = 0; o < fanOut; o++) byBias[o] += g[b * fanOut + o];

        var scale = settings.KlWeight / settings.TrainingCount;
        for (var i = 0; i < fanIn; i++)
        {
            for (var o = 0; o < fanOut; o++)
            {
                var w = i * fanOut + o;
                if (!Exists(layer, w)) continue;
                var (sigma, byDelta) = (0.0, 0.0);
                if (layer.Rho is not null) sigma = Sigma(layer.Rho[w], settings.Epsilon);
                for (var b = 0; b < batch; b++)
                {
                    var (input, above) = (a[b * fanIn + i], g[b * fanOut + o]);
                    byMu[w] += input * above;
                    below[b * fanIn + i] += layer.Mu[w] * above;
                    if (noise is null) continue;
                    var signs = noise.InputSigns[b * fanIn + i] * noise.OutputSigns[b * fanOut + o];
                    byDelta += input * above * signs;
                    below[b * fanIn + i] += sigma * noise.Epsilon[w] * above * signs;
                }
                if (!IsKept(layer, w)) byMu[w] = 0;
                if (layer.Rho is null) continue;
                byMu[w] += scale * NormalKl.ByMu(layer.Mu[w], settings.PriorScale);
                var bySigma = byDelta * (noise?.Epsilon[w] ?? 0) + scale * NormalKl.BySigma(sigma, settings.PriorScale);
                byRho[w] = bySigma / (1 + Math.Exp(-layer.Rho[w]));
            }
        }
        (value.ByMu[l], value.ByRho[l], value.ByBias[l]) = (byMu, byRho, byBias);
        return below;
    }
}
