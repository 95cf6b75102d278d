namespace Bnn.Core;

/// <summary>
/// TensorFlow Probability's default start of DenseFlipout: μ₀ ~ N(0, 0.1²), ρ₀ ~ N(−3, 0.1²), and, unlike Keras' Dense, b₀ ~ N(0, 0.1²).
/// </summary>
public static class Initialisation
{
    public const string Name = "tfp-default";
    private const float Spread = 0.1f, RhoMean = -3f;

    public static PosteriorSnapshot Posterior(Seed seed, Architecture net) => new(
        [.. net.Layers.Select((shape, layer) => new LayerPosterior(
        shape,
        Draw(seed.Stream(StreamName.InitialMu, layer), shape.Inputs, shape.Outputs, 0f),
        Draw(seed.Stream(StreamName.InitialRho, layer), shape.Inputs, shape.Outputs, RhoMean),
        Draw(seed.Stream(StreamName.InitialBias, layer), 1, shape.Outputs, 0f)))]);

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
