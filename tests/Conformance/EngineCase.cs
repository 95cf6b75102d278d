using Bnn.Core;

namespace Bnn.Tests;

/// <summary>What the suite needs from the engines under test, which <c>Engines</c> in each test project names.</summary>
public static class EngineCase
{
    /// <summary>Every golden file of a kind with every engine.</summary>
    public static TheoryData<string, string> WithFiles(string folder, string kind)
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Golden.Files(folder, kind))
            foreach (var name in Engines.Names) data.Add(file.Data, name);
        return data;
    }

    /// <summary>Every golden file of a kind that was made in float32, the engines' own precision, with every engine.</summary>
    public static TheoryData<string, string> WithSingles(string folder, string kind)
    {
        var data = new TheoryData<string, string>();
        foreach (var row in WithFiles(folder, kind))
            if (Golden.Load(row.Data.Item1)["dtype"].Text == "float32") data.Add(row.Data);
        return data;
    }

    public static Samples SamplesOf(double[] x, int[] labels) =>
        Samples.FromValues([.. x.Select(value => (float)value)], [.. labels.Select(label => (byte)label)], x.Length / labels.Length);

    public static float[] Singles(double[] values) => [.. values.Select(value => (float)value)];

    public static double[] Doubles(float[] values) => [.. values.Select(value => (double)value)];

    /// <summary>The real columns of [rows, stride] as [rows, columns].</summary>
    public static double[] Unpadded(double[] padded, int rows, int columns)
    {
        var stride = padded.Length / rows;
        return [.. Enumerable.Range(0, rows).SelectMany(row => padded[(row * stride)..(row * stride + columns)])];
    }
}

/// <summary>Noise that a test provides, by step and layer.</summary>
public sealed class GivenNoise(Func<int, IReadOnlyList<LayerNoise>> ofStep, Architecture net) : INoise
{
    private readonly Dictionary<int, IReadOnlyList<LayerNoise>> _made = [];

    public void Epsilon(int layer, int step, int row, int columns, Span<float> destination)
    {
        var epsilon = Of(step)[layer].Epsilon;
        for (var o = 0; o < columns; o++) destination[o] = (float)epsilon[row * columns + o];
        destination[columns..].Clear();
    }

    public void InputSigns(int layer, int step, int row, Span<uint> words) =>
        Fill(Of(step)[layer].InputSigns, net.Layers[layer].Inputs, row, words);

    public void OutputSigns(int layer, int step, int row, Span<uint> words) =>
        Fill(Of(step)[layer].OutputSigns, net.Layers[layer].Outputs, row, words);

    /// <summary>A step's noise, which is made once per step, not once per row.</summary>
    private IReadOnlyList<LayerNoise> Of(int step)
    {
        if (!_made.TryGetValue(step, out var noise)) _made.Add(step, noise = ofStep(step));
        return noise;
    }

    private static void Fill(double[] signs, int columns, int row, Span<uint> words)
    {
        words.Clear();
        for (var c = 0; c < columns; c++)
            if (signs[row * columns + c] < 0) words[c >> 5] |= 1u << (c & 31);
    }
}
