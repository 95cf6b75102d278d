using Bnn.Core;

namespace Bnn.Tests;

/// <summary>The cross entropy of large logits keeps its digits.</summary>
public sealed class CrossEntropyTests
{
    [Theory]
    [InlineData(-200_000.5, -200_000.0, 0.47407698418010669)]
    [InlineData(200_000.0, 200_000.5, 0.47407698418010669)]
    [InlineData(1e15, 1e15, 0.69314718055994531)]
    [InlineData(-0.5, 0, 0.47407698418010669)]
    public void Two_logits_give_the_logarithm_of_1_and_the_power_of_their_difference(double other, double own, double expected) =>
        Assert.Equal(expected, CrossEntropy.Of([other, own], 1), 1e-16);

    [Fact]
    public void The_difference_of_logits_is_exact_where_the_label_is_far_behind() =>
        Assert.Equal(300_000.25, CrossEntropy.Of([200_000.25, -100_000.0], 1), 1e-11);
}
