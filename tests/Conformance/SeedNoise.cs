using Bnn.Core;

namespace Bnn.Tests;

/// <summary>The noise of a seed's named streams for the definition: that of all weights, kept or not.</summary>
public static class SeedNoise
{
    public static IReadOnlyList<LayerNoise> Of(Seed seed, Architecture net, int batch, int step) =>
        [.. net.Layers.Select((shape, l) => new LayerNoise(
        [.. Enumerable.Range(0, shape.Inputs).SelectMany(i => Normals(seed, l, step, i, shape.Outputs))],
        [.. Enumerable.Range(0, batch).SelectMany(b => Signs(seed.Stream(StreamName.InputSigns, l), step, b, shape.Inputs))],
        [.. Enumerable.Range(0, batch).SelectMany(b => Signs(seed.Stream(StreamName.OutputSigns, l), step, b, shape.Outputs))]))];

    private static double[] Normals(Seed seed, int layer, int step, int row, int columns)
    {
        var values = new float[columns];
        NormalDraws.FillRow(seed.Stream(StreamName.Epsilon, layer), step, row, values);
        return EngineCase.Doubles(values);
    }

    private static IEnumerable<double> Signs(RandomStream stream, int step, int row, int columns)
    {
        var words = new uint[SignDraws.WordsPerRow(columns)];
        SignDraws.FillRow(stream, step, row, words);
        return Enumerable.Range(0, columns).Select(c => SignDraws.IsNegative(words, c) ? -1.0 : 1.0);
    }
}
