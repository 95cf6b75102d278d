using CsCheck;

namespace Bnn.Report.Tests;

public sealed class SeedsPlannerTests
{
    /// <summary>Sample sizes for a two-sided paired t test at 0.05 with 80 % power, as tables of power analysis give them.</summary>
    [Theory]
    [InlineData(0.2, 199)]
    [InlineData(0.5, 34)]
    [InlineData(0.8, 15)]
    [InlineData(1.0, 10)]
    public void Published_sample_sizes_are_met(double differenceOverSd, int seeds) =>
        Assert.Equal(seeds, SeedsPlanner.Needed(3 * differenceOverSd, 3));

    /// <summary>By mpmath 1.3.0 with 30 digits, as an integral over χ, and for some as a Poisson mixture of beta distributions.</summary>
    [Theory]
    [InlineData(2, 1, 0.092809155056336033)]
    [InlineData(2, 8, 0.62527812772796558)]
    [InlineData(3, 2.5, 0.61915232783347649)]
    [InlineData(5, 0.1, 0.053555437873434619)]
    [InlineData(5, 1.2, 0.53022125114027873)]
    [InlineData(9, 1, 0.74801709222947634)]
    [InlineData(10, 1, 0.80309685663272163)]
    [InlineData(34, 0.5, 0.80777750127927391)]
    [InlineData(199, 0.2, 0.80169102403706541)]
    public void Power_agrees_with_the_noncentral_t(int seeds, double differenceOverSd, double power) =>
        Assert.Equal(power, SeedsPlanner.Power(seeds, differenceOverSd, 1), 1e-12);

    /// <summary>Without a difference the test says one in 5 % of cases, however many seeds.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(30)]
    [InlineData(10_000)]
    public void No_difference_is_shown_at_the_level(int seeds) => Assert.Equal(0.05, SeedsPlanner.Power(seeds, 0, 1), 1e-12);

    [Fact]
    public void The_number_is_the_smallest_that_has_the_power() =>
        Gen.Select(Gen.Double[0.1, 3], Gen.Double[0.5, 2]).Sample((difference, sd) =>
        {
            var seeds = SeedsPlanner.Needed(difference, sd)!.Value;
            return SeedsPlanner.Power(seeds, difference, sd) >= 0.8
                && (seeds == 2 || SeedsPlanner.Power(seeds - 1, difference, sd) < 0.8)
                && SeedsPlanner.Needed(difference, 1.2 * sd) >= seeds && SeedsPlanner.Needed(1.2 * difference, sd) <= seeds;
        }, iter: 30);

    /// <summary>0.484419 and 11.143287 are the quantiles 0.025 and 0.975 of χ² with 4 degrees of freedom in any table.</summary>
    [Fact]
    public void Five_differences_give_a_range()
    {
        double[] observed = [0.9, 1.3, 0.4, 1.1, 0.2];
        var (needed, sd) = (SeedsPlanner.Needed(0.5, observed)!, Sample.StandardDeviation(observed));
        Assert.Equal(SeedsPlanner.Needed(0.5, sd), needed.Observed);
        Assert.Equal(SeedsPlanner.Needed(0.5, sd * Math.Sqrt(4 / 11.143287)), needed.Low);
        Assert.Equal(SeedsPlanner.Needed(0.5, sd * Math.Sqrt(4 / 0.484419)), needed.High);
        Assert.True(needed.Low < needed.Observed && needed.Observed < needed.High);
        Assert.Null(SeedsPlanner.Needed(0.5, observed[..4]));
    }

    [Fact]
    public void Borders_of_the_number_of_seeds()
    {
        Assert.Equal(2, SeedsPlanner.Needed(0.1, 0));
        Assert.Null(SeedsPlanner.Needed(0.001, 1));
        Assert.Equal(new SeedsNeeded(2, 2, 2), SeedsPlanner.Needed(0.1, [1, 1, 1, 1, 1]));
        Assert.Equal(double.NaN, SeedsPlanner.Power(1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeedsPlanner.Needed(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeedsPlanner.Needed(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeedsPlanner.Needed(1, double.NaN));
    }
}
