using System.Text.Json;

namespace Bnn.Tests;

/// <summary>The inputs of golden kind flipout_full_size, which come from formulas (tests/golden/README.md), in double.</summary>
public sealed class FullSizeCase(int[] layerSizes, int batch, string formula, int seed, IReadOnlyDictionary<string, double> constants)
{
    private const int Mu = 0, Rho = 1, BiasKind = 2, Eps = 3, S = 4, R = 5, XKind = 6, LabelKind = 7;

    public static FullSizeCase Read(JsonElement file) => new(
        [.. file.GetProperty("layer_sizes").EnumerateArray().Select(size => size.GetInt32())],
        file.GetProperty("batch").GetInt32(),
        file.GetProperty("formula").GetString()!,
        file.GetProperty("seed").GetInt32(),
        file.GetProperty("constants")
            .EnumerateObject()
            .ToDictionary(field => field.Name, field => field.Value.GetDouble(), StringComparer.Ordinal));

    public int[] LayerSizes => layerSizes;

    public int Batch => batch;

    public int Layers => layerSizes.Length - 1;

    public uint TagOfX => Tag(XKind);

    public double[] X() => Fill(batch * layerSizes[0], k =>
    {
        var h = H32(Tag(XKind), k);
        return h % 5 == 0 ? (1 + ((h >> 8) & 255)) / 256.0 : 0;
    });

    public int[] Labels() => [.. Fill(batch, k => H32(Tag(LabelKind), k) % 10).Select(label => (int)label)];

    public double[] MuOf(int layer) => IsHash
        ? Fill(Weights(layer), k => Centred(Tag(Mu, layer), k) / 262144.0)
        : Fill(Weights(layer), k => C("mu_a") * Math.Sin(C("mu_w") * k + layer));

    public double[] RhoOf(int layer) => IsHash
        ? Fill(Weights(layer), k => -3 + Centred(Tag(Rho, layer), k) / 131072.0)
        : Fill(Weights(layer), k => C("rho_m") + C("rho_a") * Math.Cos(C("rho_w") * k + layer));

    public double[] BiasOf(int layer) => IsHash
        ? Fill(layerSizes[layer + 1], k => Centred(Tag(BiasKind, layer), k) / 262144.0)
        : Fill(layerSizes[layer + 1], k => C("bias_a") * Math.Sin(C("bias_w") * k + layer));

    /// <param name="step">The step, from 0.</param>
    public double[] Epsilon(int step, int layer) => IsHash
        ? Fill(Weights(layer), k => (SumOfFour(Tag(Eps, layer, step), k) - 131070) * 7 / 262144.0)
        : Fill(Weights(layer), k => C("eps_a") * Math.Sin(C("eps_w") * k + (C("eps_layer") * layer + C("eps_step") * step)));

    /// <summary>Signs ±1 on a layer's inputs, [batch, inputs].</summary>
    public double[] InputSigns(int step, int layer) => Signs(Tag(S, layer, step), batch * layerSizes[layer]);

    /// <summary>Signs ±1 on a layer's outputs, [batch, outputs].</summary>
    public double[] OutputSigns(int step, int layer) => Signs(Tag(R, layer, step), batch * layerSizes[layer + 1]);

    public static uint H32(uint tag, uint k)
    {
        unchecked
        {
            var z = (k + 1) * 0x9E3779B1;
            z ^= tag * 0x85EBCA77;
            z ^= z >> 16;
            z *= 0x85EBCA6B;
            z ^= z >> 13;
            z *= 0xC2B2AE35;
            z ^= z >> 16;
            return z;
        }
    }

    private bool IsHash => formula switch { "hash" => true, "sin" => false, _ => throw new NotSupportedException($"formula '{formula}'") };

    private int Weights(int layer) => layerSizes[layer] * layerSizes[layer + 1];

    private double C(string name) => constants[name];

    private uint Tag(int kind, int layer = 0, int step = 0) => (uint)(seed * 100_000 + step * 1_000 + layer * 10 + kind);

    private static int Centred(uint tag, uint k) => (int)(H32(tag, k) >> 16) - 32768;

    private static int SumOfFour(uint tag, uint k)
    {
        var sum = 0;
        for (uint j = 0; j < 4; j++) sum += (int)(H32(tag, 4 * k + j) >> 16);
        return sum;
    }

    private static double[] Signs(uint tag, int length) => Fill(length, k => H32(tag, k) % 2 == 0 ? 1 : -1);

    private static double[] Fill(int length, Func<uint, double> value)
    {
        var values = new double[length];
        for (var k = 0; k < length; k++) values[k] = value((uint)k);
        return values;
    }
}
