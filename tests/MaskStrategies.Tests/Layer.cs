using Bnn.Contract;
using Bnn.Core;

namespace MaskStrategies.Tests;

/// <summary>What a strategy sees of a layer, in arrays: unlike a view, they can be stored.</summary>
public sealed record Layer(int Inputs, int Outputs)
{
    public int Index { get; init; }
    public float[] Mu { get; init; } = [];
    public float[] Sigma { get; init; } = [];
    public float[] Dense { get; init; } = [];
    public ulong Seed { get; init; } = 1;

    /// <summary>What a strategy must not look at if it ranks by what the training ended with.</summary>
    public float Initial { get; init; } = float.NaN;

    public double[] Score(IMaskStrategy strategy, Needs needs, string name)
    {
        var criterion = new double[Inputs * Outputs];
        criterion.AsSpan().Fill(double.NaN);        // what isn't written shows
        var initial = Enumerable.Repeat(Initial, criterion.Length).ToArray();
        var (posterior, dense) = (needs.HasFlag(Needs.Posterior), needs.HasFlag(Needs.DenseWeights));
        strategy.Score(
            new LayerView
            {
                Index = Index,
                Inputs = Inputs,
                Outputs = Outputs,
                Kept = Enumerable.Repeat((byte)1, criterion.Length).ToArray(),
                InitialMu = posterior ? initial : [],
                InitialSigma = posterior ? initial : [],
                Mu = posterior ? Mu : [],
                Sigma = posterior ? Sigma : [],
                DenseInitial = dense ? initial : [],
                DenseFinal = dense ? Dense : [],
                Random = new StrategyRandom(new Seed(Seed), name, Index),
            },
            criterion);
        return criterion;
    }
}

/// <summary>The five strategies of the default comparison and its nearest kin; those of the literature have tests of their own.</summary>
public static class Shipped
{
    public static IReadOnlyDictionary<string, (MaskStrategyAttribute Attribute, Type Type)> All { get; } =
        ((Type[])[typeof(Magnitude), typeof(MeanMagnitude), typeof(Snr), typeof(Random), typeof(Variance)])
        .Select(type => (Attribute: (MaskStrategyAttribute)Attribute.GetCustomAttribute(type, typeof(MaskStrategyAttribute))!, Type: type))
        .ToDictionary(pair => pair.Attribute.Name, StringComparer.Ordinal);

    /// <summary>The criterion, by a fresh instance that sees only what its attribute asks for.</summary>
    public static double[] Score(string name, Layer layer) =>
        layer.Score((IMaskStrategy)Activator.CreateInstance(All[name].Type)!, All[name].Attribute.Needs, name);
}
