using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Shares of the images that train, and steps of shares of an epoch.</summary>
public sealed class SubsetTests
{
    private static Density Share(string text) => Density.Parse(text).OrThrow();

    /// <summary>0.285·100 + ½ is 29 in decimal and below it in double.</summary>
    [Theory]
    [InlineData("0.01", 55000, 550), InlineData("0.5", 55000, 27500), InlineData("0.285", 100, 29), InlineData("0.5", 3, 2)]
    [InlineData("0.1", 4, 0), InlineData("1", 7, 7)]
    public void Shares_are_counted_in_decimal_halves_up(string share, int n, int count) =>
        Assert.Equal(count, Subset.Count(Share(share), n));

    [Fact]
    public void Subsets_nest_are_ascending_and_hold_the_rules_count() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 300], Gen.Int[1, 1000], Gen.Int[1, 1000]).Sample((seed, count, first, second) =>
    {
        int[] items = [.. Enumerable.Range(0, count).Select(i => 3 * i + 1)];
        var (small, large) = (Share($"{Math.Min(first, second)}e-3"), Share($"{Math.Max(first, second)}e-3"));
        if (Subset.Count(small, count) == 0)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Subset.Of(new Seed(seed), items, small));
            return;
        }
        var (inner, outer) = (Subset.Of(new Seed(seed), items, small), Subset.Of(new Seed(seed), items, large));
        Assert.Equal(Subset.Count(small, count), inner.Length);
        Assert.Equal(Subset.Count(large, count), outer.Length);
        Assert.Equal(outer.Order().Distinct(), outer);
        Assert.Subset(items.ToHashSet(), outer.ToHashSet());
        Assert.Subset(outer.ToHashSet(), inner.ToHashSet());
        Assert.Equal(inner, Subset.Of(new Seed(seed), items, small));
    });

    [Fact]
    public void The_whole_share_is_the_items_themselves()
    {
        int[] items = [9, 4, 7];
        Assert.Same(items, Subset.Of(new Seed(1), items, Density.Dense));
        Assert.Same(items, Subset.Of(new Seed(1), items, Share("1.0")));
    }

    [Fact]
    public void Another_seed_takes_other_images_and_the_splits_order_is_not_used_again()
    {
        var items = Enumerable.Range(0, 1000).ToArray();
        var some = Subset.Of(new Seed(1), items, Share("0.1"));
        Assert.NotEqual(some, Subset.Of(new Seed(2), items, Share("0.1")));
        Assert.NotEqual(some, Split.Create(new Seed(1), 1000, 100).Validation);
    }

    /// <summary>Over seeds each image is taken equally often, within five standard errors.</summary>
    [Fact]
    public void Images_are_equally_likely()
    {
        const int N = 4000;
        var items = Enumerable.Range(0, 20).ToArray();
        var counts = new int[20];
        for (var seed = 0; seed < N; seed++)
            foreach (var item in Subset.Of(new Seed((ulong)seed), items, Share("0.25"))) counts[item]++;
        var band = 5 * Math.Sqrt(N * 0.25 * 0.75);
        Assert.All(counts, count => Assert.InRange(count, N / 4 - band, N / 4 + band));
    }

    [Theory]
    [InlineData("0", 55000, 60, 0), InlineData("0.1", 55000, 60, 92), InlineData("1", 55000, 60, 917), InlineData("5", 55000, 60, 4583)]
    [InlineData("0.5", 30, 10, 2), InlineData("0.49", 30, 10, 1), InlineData("0.05", 100, 10, 1), InlineData("0.049", 100, 10, 0)]
    [InlineData("2147483647", 1, 1, int.MaxValue), InlineData("2147483647", 7, 7, int.MaxValue)]
    public void Epochs_become_steps_halves_up(string epochs, int images, int batch, int steps) => Assert.Equal(
        steps, Epochs.ToSteps(decimal.Parse(epochs, System.Globalization.CultureInfo.InvariantCulture), images, batch).OrThrow());

    [Theory, InlineData("-0.1"), InlineData("2147483648"), InlineData("79228162514264337593543950335")]
    public void Epochs_that_are_no_steps_are_refused(string epochs)
    {
        var value = decimal.Parse(epochs, System.Globalization.CultureInfo.InvariantCulture);
        var fault = Assert.IsType<Fault.BadSetting>(Assert.Single(
            Assert.IsType<Result<int>.Failed>(Epochs.ToSteps(value, 60, 60)).Faults));
        Assert.Equal((epochs, "a number of epochs from 0 to 2147483647"), (fault.Found, fault.Expected));
    }
}
