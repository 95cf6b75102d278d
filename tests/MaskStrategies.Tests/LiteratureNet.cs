using System.Reflection;
using Bnn.Contract;
using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>All that can be known of one weight, in double.</summary>
public sealed record WeightFacts(
    double InitialMu, double InitialSigma, double Mu, double Sigma, double DenseInitial, double DenseFinal, double Start, double Gradient,
    double HessianGradient, double InputActivity, IReadOnlyList<(double Mu, double Sigma)> Moments);

/// <summary>A layer with everything that a strategy can ask for.</summary>
public sealed class LiteratureLayer
{
    private readonly int _salt;

    public LiteratureLayer(LayerShape shape, int salt)
    {
        (Shape, _salt) = (shape, salt);
        Kept = [.. Enumerable.Repeat((byte)1, shape.Weights)];
        (InitialMu, Mu, DenseInitial, DenseFinal) = (Signed(1), Signed(2), Signed(3), Signed(4));
        (Start, Gradient, HessianGradient) = (Signed(5), Signed(6), Signed(7));
        (InitialSigma, Sigma) = (Positive(8, shape.Weights), Positive(9, shape.Weights));
        InputActivity = Array.ConvertAll(Positive(10, shape.Inputs), x => x < 0.001f ? 0 : x);
        Moments = [.. Enumerable.Range(1, 9).Select(tenth => (Signed(10 + tenth), Positive(20 + tenth, shape.Weights)))];
    }

    public LayerShape Shape { get; }

    /// <summary>The previous round's mask; all ones unless a test says otherwise.</summary>
    public byte[] Kept { get; init; }

    public float[] InitialMu { get; init; }

    public float[] InitialSigma { get; init; }

    public float[] Mu { get; init; }

    public float[] Sigma { get; init; }

    public float[] DenseInitial { get; init; }

    public float[] DenseFinal { get; init; }

    public float[] Start { get; init; }

    public float[] Gradient { get; init; }

    public float[] HessianGradient { get; init; }

    public float[] InputActivity { get; }

    public (float[] Mu, float[] Sigma)[] Moments { get; init; }

    public WeightFacts Facts(int i) => new(
        InitialMu[i], InitialSigma[i], Mu[i], Sigma[i], DenseInitial[i], DenseFinal[i], Start[i], Gradient[i], HessianGradient[i],
        InputActivity[i / Shape.Outputs], [.. Moments.Select(moment => ((double)moment.Mu[i], (double)moment.Sigma[i]))]);

    /// <summary>The same layer with weights of the dense net and the start twice as large.</summary>
    public LiteratureLayer Twice() => new(Shape, _salt)
    {
        DenseInitial = Array.ConvertAll(DenseInitial, w => 2 * w),
        DenseFinal = Array.ConvertAll(DenseFinal, w => 2 * w),
        Start = Array.ConvertAll(Start, w => 2 * w),
    };

    /// <summary>The same layer after a round that kept about so many of 8 weights.</summary>
    public LiteratureLayer Pruned(int eighths) => new(Shape, _salt)
    {
        Kept = [.. Enumerable.Range(0, Shape.Weights).Select(i => (byte)(Bits(31, i) % 8 < eighths ? 1 : 0))],
    };

    /// <summary>The same layer with NaN for everything that is known of a pruned weight.</summary>
    public LiteratureLayer WithoutPruned()
    {
        float[] Marked(float[] values) => [.. values.Select((value, i) => Kept[i] == 0 ? float.NaN : value)];
        return new LiteratureLayer(Shape, _salt)
        {
            Kept = Kept,
            InitialMu = Marked(InitialMu),
            InitialSigma = Marked(InitialSigma),
            Mu = Marked(Mu),
            Sigma = Marked(Sigma),
            DenseInitial = Marked(DenseInitial),
            DenseFinal = Marked(DenseFinal),
            Start = Marked(Start),
            Gradient = Marked(Gradient),
            HessianGradient = Marked(HessianGradient),
            Moments = [.. Moments.Select(moment => (Marked(moment.Mu), Marked(moment.Sigma)))],
        };
    }

    /// <summary>Only what the strategy asked for is there.</summary>
    public LayerView View(int index, MaskStrategyAttribute strategy, double[]? other)
    {
        bool Has(params Needs[] any) => any.Any(need => strategy.Needs.HasFlag(need));
        var (posterior, dense) = (Has(Needs.Posterior), Has(Needs.DenseWeights));
        return new LayerView
        {
            Index = index,
            Inputs = Shape.Inputs,
            Outputs = Shape.Outputs,
            Kept = Kept,
            InitialMu = posterior ? InitialMu : [],
            InitialSigma = posterior ? InitialSigma : [],
            Mu = posterior ? Mu : [],
            Sigma = posterior ? Sigma : [],
            DenseInitial = dense ? DenseInitial : [],
            DenseFinal = dense ? DenseFinal : [],
            Start = Has(Needs.Start, Needs.Gradients, Needs.Curvature, Needs.InputActivity) ? Start : [],
            Gradient = Has(Needs.Gradients) ? Gradient : [],
            HessianGradient = Has(Needs.Curvature) ? HessianGradient : [],
            InputActivity = Has(Needs.InputActivity) ? InputActivity : [],
            Snapshots = Has(Needs.Snapshots) ? Timed() : [],
            Other = other,
            Random = new StrategyRandom(new Seed(5), strategy.Name, index),
        };
    }

    private PosteriorMoment[] Timed() => [.. Moments.Select((moment, k) => new PosteriorMoment(k + 1, moment.Mu, moment.Sigma))];

    private uint Bits(int kind, int i) => FullSizeCase.H32((uint)(_salt * 64 + kind), (uint)i);

    /// <summary>Zeros of both signs, a few values that repeat, and any size between 2⁻³⁰ and 4.</summary>
    private float[] Signed(int kind) => [.. Enumerable.Range(0, Shape.Weights).Select(i =>
    {
        var bits = Bits(kind, i);
        var sign = (bits & 1) == 0 ? 1f : -1f;
        return ((bits >> 1) % 8) switch
        {
            0 => sign * 0f,
            1 or 2 => sign * 0.25f * (1 + (bits >> 8) % 2),
            3 => sign * float.ScaleB(1 + (bits >> 8) / 16777216f, -(int)(bits % 31)),
            _ => sign * 2 * (bits >> 8) / 16777216f,
        };
    })];

    private float[] Positive(int kind, int length) => [.. Enumerable.Range(0, length).Select(i =>
        float.ScaleB(1 + (Bits(kind, i) >> 8) / 16777216f, -(int)(Bits(kind, i) % 23)))];
}

/// <summary>A net for strategies to score.</summary>
public sealed record LiteratureNet(Architecture Net, LiteratureLayer[] Layers)
{
    public static Gen<LiteratureNet> Any { get; } = Of(Gen.Int[1, 6].Array[2, 4]);

    /// <summary>Layers with an even number of weights each.</summary>
    public static Gen<LiteratureNet> Even { get; } = Of(Gen.Int[1, 3].Select(half => 2 * half).Array[2, 4]);

    public static Gen<LiteratureNet> Of(Gen<int[]> sizes) => Gen.Select(sizes, Gen.Int[0, 1_000_000], (list, salt) =>
    {
        var net = new Architecture([.. list]);
        return new LiteratureNet(net, [.. net.Layers.Select((shape, l) => new LiteratureLayer(shape, salt * 8 + l))]);
    });

    /// <summary>A net of which an earlier round pruned some weights, none, or all of a layer.</summary>
    public static Gen<LiteratureNet> Pruned { get; } = Gen.Select(Any, Gen.Int[0, 8], (net, eighths) => net with
    {
        Layers = [.. net.Layers.Select(layer => layer.Pruned(eighths))],
    });

    /// <summary>The criterion of every layer; what a strategy leaves unwritten is NaN.</summary>
    public double[][] Score(object strategy, double[][]? other = null)
    {
        var attribute = strategy.GetType().GetCustomAttribute<MaskStrategyAttribute>()!;
        double[][] criterion = [.. Layers.Select(layer => Enumerable.Repeat(double.NaN, layer.Shape.Weights).ToArray())];
        if (strategy is INetworkMaskStrategy whole) whole.Score(new View(this, attribute, other, criterion));
        else for (var l = 0; l < Layers.Length; l++) ((IMaskStrategy)strategy).Score(Layers[l].View(l, attribute, other?[l]), criterion[l]);
        return criterion;
    }

    private sealed class View(LiteratureNet net, MaskStrategyAttribute attribute, double[][]? other, double[][] criterion) : INetworkView
    {
        public int Layers => net.Layers.Length;

        public LayerView Layer(int index) => net.Layers[index].View(index, attribute, other?[index]);

        public Span<double> Criterion(int index) => criterion[index];
    }
}

/// <summary>The plugin's strategies by their attributes.</summary>
public static class Strategies
{
    private static readonly Dictionary<string, Type> Types = typeof(MaskStrategies.Variance).Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<MaskStrategyAttribute>() is not null)
        .ToDictionary(type => type.GetCustomAttribute<MaskStrategyAttribute>()!.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => new(Types.Keys.Order(StringComparer.Ordinal));

    public static IEnumerable<Type> All => Types.Values;

    public static object Make(string name) => Activator.CreateInstance(Types[name])!;

    public static MaskStrategyAttribute Attribute(string name) => Types[name].GetCustomAttribute<MaskStrategyAttribute>()!;
}
