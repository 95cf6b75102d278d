using Bnn.Core;

namespace Bnn.Tests;

/// <summary>The noise of a seed's named streams for the definition: that of all weights, kept or not.</summary>
public static class SeedNoise
{
    public static IReadOnlyList<LayerNoise> Of(Seed seed, Architecture net, int batch, int step, int replicate = 1)
    {
        return [.. net.Layers.Select((shape, l) => new LayerNoise(
            [.. Enumerable.Range(0, shape.Inputs).SelectMany(i => Normals(Stream(StreamName.Epsilon, l), step, i, shape.Outputs))],
            [.. Enumerable.Range(0, batch).SelectMany(b => Signs(Stream(StreamName.InputSigns, l), step, b, shape.Inputs))],
            [.. Enumerable.Range(0, batch).SelectMany(b => Signs(Stream(StreamName.OutputSigns, l), step, b, shape.Outputs))]))];

        RandomStream Stream(StreamName name, int layer) => seed.Stream(name, layer | (replicate - 1) << 16);
    }

    private static double[] Normals(RandomStream stream, int step, int row, int columns)
    {
        var values = new float[columns];
        NormalDraws.FillRow(stream, step, row, values);
        return EngineCase.Doubles(values);
    }

    private static IEnumerable<double> Signs(RandomStream stream, int step, int row, int columns)
    {
        var words = new uint[SignDraws.WordsPerRow(columns)];
        SignDraws.FillRow(stream, step, row, words);
        return Enumerable.Range(0, columns).Select(c => SignDraws.IsNegative(words, c) ? -1.0 : 1.0);
    }
}
