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

    /// <summary>
    /// Images of random numbers, each 0 or above 0.3, and random labels. Input 7 is zero in all of them, as pixels at the border are.
    /// </summary>
    public static Samples Problem(Seed seed, Architecture net, int images)
    {
        var values = new float[images * net.Sizes[0]];
        NormalDraws.FillRow(seed.Stream(StreamName.Split, 9), 0, 0, values);
        for (var k = 0; k < values.Length; k++) values[k] = values[k] < 0.3f || k % net.Sizes[0] == 7 ? 0 : values[k];
        var (classes, stream) = ((uint)net.Sizes[^1], seed.Stream(StreamName.Split, 8));
        byte[] labels = [.. Enumerable.Range(0, images).Select(row => (byte)(stream.Word(0, (uint)row) % classes))];
        return Samples.FromValues(values, labels, net.Sizes[0]);
    }

    /// <summary>A mask that keeps each weight with this probability.</summary>
    public static Mask MaskOf(Seed seed, Architecture net, double density) => new([.. net.Layers.Select((shape, l) => new LayerMask(shape,
        [.. Enumerable.Range(0, shape.Weights)
            .Select(w => (byte)(seed.Stream(StreamName.Shuffle, l).Word(1, (uint)w) < density * uint.MaxValue ? 1 : 0))]))]);

    /// <summary>The first images as the definition takes them.</summary>
    public static (double[] X, int[] Labels) FirstOf(Samples samples, int count)
    {
        var x = new float[count * samples.Width];
        for (var row = 0; row < count; row++) samples.CopyRow(row, x.AsSpan(row * samples.Width, samples.Width));
        return (Doubles(x), [.. samples.Labels.Take(count).Select(label => (int)label)]);
    }

    /// <summary>Checks that two states hold the same bits.</summary>
    public static void Same(StepperState expected, StepperState actual)
    {
        Assert.Equal(expected.Steps, actual.Steps);
        foreach (var (a, b) in expected.Tensors.Zip(actual.Tensors))
        {
            Assert.Equal((a.Name, string.Join(',', a.Shape)), (b.Name, string.Join(',', b.Shape)));
            Assert.True(a.Content.SequenceEqual(b.Content), a.Name);
        }
    }

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
