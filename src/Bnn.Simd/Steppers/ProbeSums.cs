using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Sums over examples of the loss's gradient and of squared inputs, in double, in the order of the batches.</summary>
internal sealed class ProbeSums(Architecture net)
{
    public double[][] Weight { get; } = [.. net.Layers.Select(shape => new double[shape.Weights])];

    public double[][] Bias { get; } = [.. net.Layers.Select(shape => new double[shape.Outputs])];

    public double[][] Squares { get; } = [.. net.Layers.Select(shape => new double[shape.Inputs])];

    public int Count { get; set; }

    public NetworkProbe Means() => new(
        new PointWeights([.. net.Layers.Select((shape, l) => new LayerWeights(shape, Mean(Weight[l]), Mean(Bias[l])))]),
        [.. Squares.Select(squares => Array.ConvertAll(squares, sum => (float)Math.Sqrt(sum / Count)))]);

    private float[] Mean(double[] sums) => Array.ConvertAll(sums, sum => (float)(sum / Count));
}
