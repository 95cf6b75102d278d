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

    [Fact]
    public void Softmax_keeps_its_digits_beside_large_logits_and_ends_in_zero()
    {
        var probabilities = new double[3];
        CrossEntropy.Softmax([200_000.5, 200_000.0, -100_000.0], probabilities);
        Assert.Equal([1 / (1 + Math.Exp(-0.5)), 1 / (1 + Math.Exp(0.5)), 0], probabilities, (a, b) => Math.Abs(a - b) <= 1e-15);
        CrossEntropy.Softmax([-700, 0], probabilities.AsSpan(0, 2));
        Assert.Equal(Math.Exp(-700), probabilities[0], Math.Exp(-700) * 1e-15);
        Assert.Throws<IndexOutOfRangeException>(() => CrossEntropy.Softmax([1, 2, 3], new double[2]));
    }
}
