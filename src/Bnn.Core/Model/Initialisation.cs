namespace Bnn.Core;

/// <summary>
/// What nets start from. By default TensorFlow Probability's start of DenseFlipout: μ₀ ~ N(0, 0.1²), ρ₀ ~ N(−3, 0.1²), and, unlike Keras'
/// Dense, b₀ ~ N(0, 0.1²).
/// </summary>
public static class Initialisation
{
    public const string Name = "tfp-default";
    private const float Spread = 0.1f, RhoMean = -3f;

    /// <summary>Where Keras cuts a normal distribution, in standard deviations.</summary>
    private const float Cut = 2f;

    /// <summary>The standard deviation of what the cut leaves of N(0, 1).</summary>
    private const double CutDeviation = 0.87962566103423978;

    public static PosteriorSnapshot Posterior(Seed seed, Architecture net) => new(
        [.. net.Layers.Select((shape, layer) => new LayerPosterior(
        shape,
        Draw(seed.Stream(StreamName.InitialMu, layer), shape.Inputs, shape.Outputs, 0f),
        Draw(seed.Stream(StreamName.InitialRho, layer), shape.Inputs, shape.Outputs, RhoMean),
        Draw(seed.Stream(StreamName.InitialBias, layer), 1, shape.Outputs, 0f)))]);

    /// <summary>
    /// Keras' glorot_normal: w = z·√(2/(in + out))/0.87962566103423978, z being standard normal and drawn again while |z| &gt; 2, so that
    /// the standard deviation of w is √(2/(in + out)). Biases are +0.
    /// </summary>
    /// <remarks>
    /// Glorot and Bengio 2010. z at (row, column) is normal (row, column) of the stream at the first of its steps 0, 1, 2 … at which it is
    /// within ±2: a pure function of seed, layer, row and column. z and the factor, rounded to float32, are multiplied in float32.
    /// </remarks>
    public static PointWeights Glorot(Seed seed, Architecture net) => Glorot(seed, net, StreamName.InitialGlorot);

    /// <summary>
    /// Weights and biases drawn anew from a start's distribution, from streams of their own. What a place gets depends on the seed and on
    /// the net's shape alone.
    /// </summary>
    public static PointWeights Redrawn(StartRule start, Seed seed, Architecture net) => start switch
    {
        StartRule.Posterior => new([.. net.Layers.Select((shape, layer) => new LayerWeights(
            shape,
            Draw(seed.Stream(StreamName.ReinitWeight, layer), shape.Inputs, shape.Outputs, 0f),
            Draw(seed.Stream(StreamName.ReinitBias, layer), 1, shape.Outputs, 0f)))]),
        StartRule.Glorot => Glorot(seed, net, StreamName.ReinitGlorot),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>
    /// The standard deviation of the distribution that a layer's initial weights are drawn from: 0.1, or √(2/(in + out)) for Glorot's.
    /// </summary>
    public static float SpreadOf(StartRule start, LayerShape shape) => start switch
    {
        StartRule.Posterior => Spread,
        StartRule.Glorot => (float)GlorotSpread(shape),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static double GlorotSpread(LayerShape shape) => Math.Sqrt(2.0 / (shape.Inputs + shape.Outputs));

    private static PointWeights Glorot(Seed seed, Architecture net, StreamName name) => new([.. net.Layers.Select((shape, layer) =>
    {
        var scale = (float)(GlorotSpread(shape) / CutDeviation);
        return new LayerWeights(shape, Truncated(seed.Stream(name, layer), shape, scale), new float[shape.Outputs]);
    })]);

    /// <summary>N(0, scale²) cut at two standard deviations, [inputs, outputs].</summary>
    private static float[] Truncated(RandomStream stream, LayerShape shape, float scale)
    {
        var values = new float[shape.Weights];
        for (var row = 0; row < shape.Inputs; row++)
        {
            var destination = values.AsSpan(row * shape.Outputs, shape.Outputs);
            NormalDraws.FillRow(stream, step: 0, row, destination);
            for (var column = 0; column < destination.Length; column++)
            {
                var z = destination[column];
                for (var step = 1; Math.Abs(z) > Cut; step++)
                    z = NormalDraws.At(stream, step, NormalDraws.NumberOf(row, column, shape.Outputs));
                destination[column] = scale * z;
            }
        }
        return values;
    }

    private static float[] Draw(RandomStream stream, int rows, int columns, float mean)
    {
        var values = new float[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            var destination = values.AsSpan(row * columns, columns);
            NormalDraws.FillRow(stream, step: 0, row, destination);
            foreach (ref var value in destination) value = float.FusedMultiplyAdd(Spread, value, mean);
        }
        return values;
    }
}
