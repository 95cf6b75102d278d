namespace Bnn.Core;

/// <summary>
/// What one repeat of a batch draws for a gradient whose variance is measured: its items, with replacement, ε, and signs. Each is a pure
/// function of seed, batch size, repeat, example and layer, so that no other size or repeat changes it.
/// </summary>
/// <remarks>
/// Example e of a batch of B is number B(B − 1)/2 + e of all examples of all sizes: the stream's step. The repeat counts in the upper half
/// of the layer's word. ε of example 0 is that of the batch where there is one ε for all.
/// </remarks>
public readonly record struct GradientDraw
{
    /// <summary>The largest batch, and the largest number of repeats, that have draws of their own.</summary>
    public const int MostBatch = 1 << 15, MostRepeats = 1 << 15;

    private const int LayerBits = 16;

    /// <param name="seed">Whose streams they are.</param>
    /// <param name="batch">B, from 1.</param>
    /// <param name="repeat">From 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such batch or repeat.</exception>
    public GradientDraw(Seed seed, int batch, int repeat)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch, MostBatch);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeat, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(repeat, MostRepeats);
        (Seed, Batch, Repeat) = (seed, batch, repeat);
    }

    public Seed Seed { get; }

    public int Batch { get; }

    public int Repeat { get; }

    /// <summary>The stream's step for an example, from 0.</summary>
    public int StepOf(int example) => (int)((long)Batch * (Batch - 1) / 2) + example;

    /// <summary>ε as <see cref="NormalDraws"/> has it, or signs as <see cref="SignDraws"/> has them, in row 0 of each step.</summary>
    /// <param name="name">Which of the streams of variances.</param>
    /// <param name="layer">From 0, below 2¹⁶.</param>
    public RandomStream Stream(StreamName name, int layer = 0) => Seed.Stream(name, layer | (Repeat - 1) << LayerBits);

    /// <summary>The example's place among <paramref name="count"/> items: ⌊w·count/2⁶⁴⌋, w being words 0 and 1.</summary>
    public int ItemOf(int example, int count)
    {
        var block = Stream(StreamName.VarianceItems).Block(StepOf(example), 0);
        return (int)Math.BigMul(block.W0 | (ulong)block.W1 << 32, (ulong)count, out _);
    }
}

/// <summary>
/// ∂/∂μ of a batch's mean cross entropy at perturbed weights: the definition, in double. It is the gradient of <see cref="Elbo"/> without
/// the KL's, which has no randomness.
/// </summary>
/// <remarks>Wen et al. 2018, arXiv:1803.04386.</remarks>
public static class PerturbedGradient
{
    /// <param name="layers">Flipout layers.</param>
    /// <param name="perturbation">How the examples share ε.</param>
    /// <param name="draw">Gives ε and the signs.</param>
    /// <param name="epsilon">Added to softplus in σ.</param>
    /// <param name="x">Inputs, [batch, inputs].</param>
    /// <param name="labels">Class of each row; as many as the draw's batch.</param>
    /// <returns>Per layer [inputs, outputs].</returns>
    /// <exception cref="ArgumentException">Lengths that don't fit each other, or a label that is no class.</exception>
    public static double[][] Of(
        IReadOnlyList<DefinitionLayer> layers, Perturbation perturbation, GradientDraw draw, double epsilon, double[] x, int[] labels)
    {
        if (labels.Length != draw.Batch) throw new ArgumentException($"{labels.Length} examples, not {draw.Batch}", nameof(labels));
        var settings = new ElboSettings(PriorScale: 1, epsilon, KlWeight: 0, TrainingCount: 1);
        if (perturbation != Perturbation.Independent)
        {
            var noise = layers.Select((layer, l) => Noise(layer.Shape, l, draw, 0, perturbation == Perturbation.Flipout)).ToList();
            return Elbo.Evaluate(layers, noise, settings, x, labels).ByMu;
        }
        var (sums, width) = (layers.Select(layer => new double[layer.Shape.Weights]).ToArray(), layers[0].Shape.Inputs);
        for (var example = 0; example < draw.Batch; example++)
        {
            var noise = layers.Select((layer, l) => Noise(layer.Shape, l, draw, example, hasSigns: false, count: 1)).ToList();
            var own = Elbo.Evaluate(layers, noise, settings, x.AsSpan(example * width, width).ToArray(), [labels[example]]).ByMu;
            for (var l = 0; l < sums.Length; l++)
                for (var w = 0; w < sums[l].Length; w++) sums[l][w] += own[l][w] / draw.Batch;
        }
        return sums;
    }

    private static LayerNoise Noise(LayerShape shape, int layer, GradientDraw draw, int example, bool hasSigns, int? count = null)
    {
        var (examples, row) = (count ?? draw.Batch, new float[shape.Outputs]);
        var epsilon = new double[shape.Weights];
        for (var i = 0; i < shape.Inputs; i++)
        {
            NormalDraws.FillRow(draw.Stream(StreamName.VarianceEpsilon, layer), draw.StepOf(example), i, row);
            for (var o = 0; o < shape.Outputs; o++) epsilon[i * shape.Outputs + o] = row[o];
        }
        return new LayerNoise(
            epsilon,
            Signs(StreamName.VarianceInputSigns, shape.Inputs),
            Signs(StreamName.VarianceOutputSigns, shape.Outputs));

        double[] Signs(StreamName name, int columns)
        {
            var (signs, words) = (new double[examples * columns], new uint[SignDraws.WordsPerRow(columns)]);
            for (var b = 0; b < examples; b++)
            {
                SignDraws.FillRow(draw.Stream(name, layer), draw.StepOf(b), 0, words);
                for (var c = 0; c < columns; c++) signs[b * columns + c] = hasSigns && SignDraws.IsNegative(words, c) ? -1 : 1;
            }
            return signs;
        }
    }
}

/// <summary>How far the gradients of repeats lie apart: the definition, in double.</summary>
public static class GradientSpread
{
    /// <summary>
    /// Σ over the weights of (g − ḡ)², divided by their number, of each repeat, ḡ being the mean over the repeats. Weights and repeats are
    /// added in ascending order.
    /// </summary>
    /// <param name="gradients">One for each repeat, of one length.</param>
    /// <param name="first">The first of the weights that count.</param>
    /// <param name="count">How many do, one at least.</param>
    public static double[] Distances(IReadOnlyList<float[]> gradients, int first, int count)
    {
        var means = new double[count];
        foreach (var gradient in gradients)
        {
            var own = gradient.AsSpan(first, count);
            for (var w = 0; w < count; w++) means[w] += own[w];
        }
        for (var w = 0; w < count; w++) means[w] /= gradients.Count;
        var distances = new double[gradients.Count];
        for (var r = 0; r < distances.Length; r++)
        {
            var own = gradients[r].AsSpan(first, count);
            var sum = 0.0;
            for (var w = 0; w < count; w++) sum += (own[w] - means[w]) * (own[w] - means[w]);
            distances[r] = sum / count;
        }
        return distances;
    }

    /// <summary>The mean over weights of the variance over repeats, with n − 1: the distances' sum over their number less one.</summary>
    /// <param name="distances">Two at least.</param>
    public static double Variance(IReadOnlyList<double> distances) => distances.Sum() / (distances.Count - 1);
}
