using Bnn.Contract;
using Bnn.Core;

namespace PluginContract11;

/// <summary>A parameter of each kind, each visible in the mask.</summary>
[MaskStrategy("eleven-knobs", "the weight's place, turned by parameters", Keep.Highest)]
public sealed class Knobs : IMaskStrategy
{
    [StrategyParameter("share", "share of the weights that are lifted", Default = "0.5", Least = 0, Most = 1)]
    public double Share { get; set; } = 0.5;

    [StrategyParameter("first", "the weight that comes first", Default = "2", Least = 0, Most = 9)]
    public int First { get; set; } = 2;

    [StrategyParameter("ascending", "whether later weights come first", Default = "false")]
    public bool Ascending { get; set; }

    [StrategyParameter("lift", "whether the lifted weights come before the others", Default = "no", Choices = "no,yes")]
    public string Lift { get; set; } = "no";

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++)
        {
            criterion[i] = i == First ? 1e9 : Ascending ? i : -i;
            if (Lift == "yes" && i < Share * criterion.Length) criterion[i] += 1e6;
        }
    }
}

/// <summary>Another strategy's criterion, unchanged: the other's masks.</summary>
[MaskStrategy("eleven-other", "another strategy's criterion", Keep.Highest)]
public sealed class FromOther : IMaskStrategy
{
    [StrategyParameter("of", "the other strategy", Default = "variance", IsStrategy = true)]
    public string Of { get; set; } = "variance";

    public void Score(in LayerView layer, Span<double> criterion) => layer.Other.CopyTo(criterion);
}

/// <summary>The strategy's own random numbers.</summary>
[MaskStrategy("eleven-random", "a random number per weight", Keep.Highest)]
public sealed class FromRandom : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = layer.Random.Uniform(i);
    }
}

/// <summary>Random numbers of a fixed seed, through the types of Core that the contract exposes.</summary>
[MaskStrategy("eleven-streams", "a random number per weight, the same for every seed", Keep.Lowest)]
public sealed class FromStreams : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion)
    {
        var seed = new Seed(7);
        var own = new StrategyRandom(seed, "eleven", layer.Index);
        var stream = seed.Stream(StreamName.StrategyRandom, layer.Index);
        for (var i = 0; i < criterion.Length; i++) criterion[i] = own.Uniform(i) + stream.Block(1, (uint)i).W0;
    }
}

/// <summary>The weight's place in the whole network: the last layers stay.</summary>
[MaskStrategy("eleven-network", "the weight's place in the network", Keep.Highest)]
public sealed class OfNetwork : INetworkMaskStrategy
{
    public void Score(INetworkView network)
    {
        var place = 0;
        for (var l = 0; l < network.Layers; l++)
        {
            var layer = network.Layer(l);
            var criterion = network.Criterion(l);
            for (var i = 0; i < layer.Inputs * layer.Outputs; i++) criterion[i] = place++;
        }
    }
}
