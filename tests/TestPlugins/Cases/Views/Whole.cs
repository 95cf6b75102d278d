using Bnn.Contract;

namespace Whole;

/// <summary>A weight's place in the whole network, the last layer's last first; layers are written in an order of its own.</summary>
[MaskStrategy("whole", "a weight's place in the network", Keep.Highest, Needs = Needs.Start)]
public sealed class Strategy : INetworkMaskStrategy
{
    public void Score(INetworkView network)
    {
        var total = Enumerable.Range(0, network.Layers).Sum(l => network.Layer(l).Start.Length);
        for (var l = network.Layers - 1; l >= 0; l--)
        {
            var criterion = network.Criterion(l);
            for (var i = criterion.Length - 1; i >= 0; i--) criterion[i] = total--;
        }
    }
}
