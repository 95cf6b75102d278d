using Bnn.Core;

namespace Bnn.Tests;

/// <summary>What a state contains, and what the message says when it contains something else.</summary>
public sealed class StepperStateTests
{
    private static readonly LayerShape[] Layers = [new(3, 2), new(2, 4)];

    [Fact]
    public void Adams_moments_stand_behind_each_parameter()
    {
        var layout = StateLayout.Bayesian(Layers, new Optimizer.Adam(1));
        Assert.Equal(
            [
                "layer1.mu", "layer1.mu.m", "layer1.mu.v",
                "layer1.rho", "layer1.rho.m", "layer1.rho.v",
                "layer1.bias", "layer1.bias.m", "layer1.bias.v",
            ],
            layout.Places.Take(9).Select(place => place.Name));
        Assert.Equal("layer2.bias.v", layout.Places[^1].Name);
        Assert.Equal(
            ["layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"],
            StateLayout.Ordinary(Layers, new Optimizer.Sgd(1)).Places.Select(place => place.Name));
        Assert.Equal([2, 4], layout.Places[9].Shape);
        Assert.Equal([4], layout.Places[^1].Shape);
    }

    [Fact]
    public void Values_come_in_the_layouts_order_whatever_the_states()
    {
        var layout = StateLayout.Ordinary(Layers, new Optimizer.Adam(1));
        var state = layout.Empty(7);
        foreach (var (k, tensor) in state.Tensors.Index()) tensor.Floats![0] = k + 1;
        Assert.Equal(7, state.Steps);
        Assert.Equal(
            Enumerable.Range(1, 12).Select(k => (float)k),
            layout.ValuesOf(state with { Tensors = [.. state.Tensors.Reverse()] }).Select(values => values[0]));
    }

    [Fact]
    public void What_is_missing_too_many_or_of_another_shape_is_named()
    {
        var layout = StateLayout.Ordinary(Layers, new Optimizer.Sgd(1));
        var state = layout.Empty(0);
        Refused(state with { Tensors = state.Tensors.RemoveAt(2) }, "layer2.weight", "found layer1.weight, layer1.bias, layer2.bias");
        Refused(state with { Tensors = state.Tensors.Add(state.Tensors[0]) }, "expected one tensor layer1.weight");
        Refused(state with { Tensors = state.Tensors.Add(state.Tensors[0] with { Name = "layer1.mu" }) }, "expected no tensor layer1.mu");
        Refused(
            state with { Tensors = state.Tensors.SetItem(0, state.Tensors[0] with { Shape = [2, 3] }) },
            "expected layer1.weight [3, 2] of 6", "found layer1.weight [2, 3]");
        Refused(
            state with { Tensors = state.Tensors.SetItem(1, NamedTensor.Of("layer1.bias", [2], new float[3])) },
            "layer1.bias [2] of 3 numbers");
        Refused(state with { Tensors = state.Tensors.SetItem(1, NamedTensor.Of("layer1.bias", [2], new byte[2])) }, "bytes");
        Refused(state with { Steps = -1 }, "-1");

        void Refused(StepperState wrong, params string[] parts)
        {
            var message = Assert.ThrowsAny<ArgumentException>(() => layout.ValuesOf(wrong)).Message;
            foreach (var part in parts) Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }
}
