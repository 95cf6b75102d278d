using System.Collections.Immutable;
using Bnn.Core;
using CsCheck;

namespace Bnn.Report.Tests;

/// <summary>Slopes, floors and plateaus of variances, and the page about them.</summary>
public sealed class GradientVarianceTests
{
    private static readonly double[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    private static readonly double[] Equal = [.. Sizes.Select(_ => 0.1)];

    [Fact]
    public void A_power_law_has_its_exponent_as_slope_and_an_interval_of_no_width() =>
        Gen.Select(Gen.Double[-2, 1], Gen.Double[0.01, 100]).Sample((power, factor) =>
        {
            var slope = LogLogSlope.Of(Sizes, [.. Sizes.Select(size => factor * Math.Pow(size, power))], Equal)!;
            Assert.Equal(9, slope.N);
            Assert.InRange(slope.Slope, power - 1e-12, power + 1e-12);
            Assert.InRange(slope.High - slope.Low, 0, 1e-10);
        });

    /// <summary>A weight of k is as good as k equal points.</summary>
    [Fact]
    public void Points_count_by_their_errors()
    {
        var repeated = LogLogSlope.Of([1, 2, 4, 4, 4, 4], [3, 2, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])!;
        Assert.Equal(repeated.Slope, LogLogSlope.Of([1, 2, 4], [3, 2, 1], [1, 1, 0.5])!.Slope, 12);
        var floor = Floor.Of([1, 2, 4, 4, 4, 4], [3, 2, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])!;
        Assert.Equal(floor.C, Floor.Of([1, 2, 4], [3, 2, 1], [1, 1, 0.5])!.C, 9);
    }

    /// <summary>The jackknife over the gradients themselves.</summary>
    [Fact]
    public void The_relative_error_of_a_variance_is_that_of_leaving_out_each_repeat()
    {
        float[][] gradients = [[1, 2], [0, 5], [-2, 1], [3, 3], [1, -4]];
        double Variance(IEnumerable<float[]> some) => GradientSpread.Variance(GradientSpread.Distances([.. some], 0, 2));
        double[] without = [.. gradients.Select(left => Variance(gradients.Where(gradient => gradient != left)))];
        var expected = Math.Sqrt(without.Sum(value => Math.Pow(value - without.Average(), 2)) * 4 / 5) / Variance(gradients);
        var cell = new GradientCell(Moment.Initial, 1, Perturbation.Shared, 1, [.. GradientSpread.Distances(gradients, 0, 2)]);
        Assert.Equal(expected, VarianceLine.RelativeError(cell), 12);
        Assert.Equal(double.NaN, VarianceLine.RelativeError(cell with { Distances = [1, 1] }));
    }

    /// <summary>Residuals of (0, 0), (1, 2), (2, 1) from ½ + ½x are −½, 1, −½, so the error is √(1.5/1/2); t(0.975, 1) = 12.706.</summary>
    [Fact]
    public void Three_points_by_hand()
    {
        var slope = LogLogSlope.Of([1, Math.E, Math.E * Math.E], [1, Math.E * Math.E, Math.E], [2, 2, 2])!;
        Assert.Equal(0.5, slope.Slope, 12);
        Assert.Equal(0.5 + 12.706204736 * Math.Sqrt(0.75), slope.High, 6);
        Assert.Equal(0.5 - 12.706204736 * Math.Sqrt(0.75), slope.Low, 6);
    }

    [Fact]
    public void There_is_neither_a_slope_nor_a_floor_of_too_little()
    {
        foreach (var (x, y) in (IEnumerable<(double[], double[])>)[([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 0, 3])])
        {
            Assert.Null(LogLogSlope.Of(x, y, Equal[..x.Length]));
            Assert.Null(Floor.Of(x, y, Equal[..x.Length]));
        }
        Assert.Null(LogLogSlope.Of([1, 2, 3], [1, 2, 3], [1, 0, 1]));
        Assert.Null(Floor.Of([1, 2, 3], [1, 2, 3], [1, double.NaN, 1]));
    }

    [Fact]
    public void A_floor_is_found_where_there_is_one() => Gen.Select(Gen.Double[0.1, 10], Gen.Double[0, 10]).Sample((a, c) =>
    {
        var floor = Floor.Of(Sizes, [.. Sizes.Select(size => a / size + c)], Equal)!;
        Assert.InRange(floor.A, a * (1 - 1e-6), a * (1 + 1e-6));
        Assert.InRange(floor.C, c - 1e-6, c + 1e-6);
    });

    [Fact]
    public void What_rises_or_falls_faster_has_one_part_alone()
    {
        var flat = Floor.Of(Sizes, [.. Sizes.Select(size => 1 + size)], Equal)!;
        Assert.Equal((0, 0), (flat.A, flat.Crossover));
        var steep = Floor.Of(Sizes, [.. Sizes.Select(size => 1 / (size * size))], Equal)!;
        Assert.Equal((0, double.PositiveInfinity, 0), (steep.C, steep.Crossover, steep.Share));
    }

    [Fact]
    public void Numbers_say_whether_a_plateau_begins_and_nothing_more()
    {
        var lines = VarianceLine.All(Measured(repeats: 60));
        Assert.Equal(6, lines.Length);
        foreach (var line in lines)
        {
            Assert.Equal(line.Perturbation == Perturbation.Shared ? Plateau.Begins : Plateau.NotWithin, line.Plateau);
            if (line.Perturbation != Perturbation.Shared) continue;
            Assert.InRange(line.Floor!.Crossover, line.Low, line.High);
            Assert.True(line.Low < 20 && 20 < line.High, $"{line.Low} to {line.High}");
        }

        // Where it would begin at 20, sizes up to 20 can't say on which side of the largest.
        var few = VarianceLine.All(Measured(repeats: 20, sizes: [1, 2, 4, 8, 20])).First(line => line.Perturbation == Perturbation.Shared);
        Assert.Equal(Plateau.Undecided, few.Plateau);
        var two = VarianceLine.All(Measured(repeats: 4, sizes: [1, 2]))[0];
        Assert.Equal((Plateau.Unknown, null), (two.Plateau, two.Floor));
        Assert.NotEmpty(VarianceFiles.Html(Measured(repeats: 4, sizes: [1, 2]), Context));
    }

    [Fact]
    public void The_page_is_the_same_in_every_culture_and_fetches_nothing()
    {
        var page = VarianceFiles.Html(Measured(repeats: 60), Context);
        Assert.Equal(page, Cultures.WithDecimalComma(() => VarianceFiles.Html(Measured(repeats: 60), Context)));
        Assert.Equal(VarianceFiles.Csv(Measured(2)), Cultures.WithDecimalComma(() => VarianceFiles.Csv(Measured(2))));
        foreach (var part in (string[])[
            "How this was computed", "Data of figure 1, layer 1", "a plateau begins at batch ", "no plateau within the range",
            "./host study &lt;mine&gt;", "after step 9 (1.50 epochs)", "bootstrap"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<mine>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_a_row_for_each_variance()
    {
        var lines = VarianceFiles.Csv(Measured(repeats: 3, sizes: [1, 2])).TrimEnd('\n').Split('\n');
        Assert.Equal("moment,layer,perturbation,batch,repeats,variance,relative_se", lines[0]);
        Assert.Equal(1 + 12, lines.Length);
        Assert.StartsWith("initial,1,flipout,1,3,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("step9,1,independent,2,3,", lines[^1], StringComparison.Ordinal);
    }

    private static readonly VarianceContext Context = new(
        "mine", "./host study <mine>", [new NamedValue("batch", "60")], new DataHashes("a", "b", "c", "d"), StepsPerEpoch: 6);

    /// <summary>Variances of 1/B, to which a shared perturbation adds 1/20; distances vary by a tenth.</summary>
    private static GradientVariance Measured(int repeats, int[]? sizes = null)
    {
        var (stream, index) = (new Seed(3).Stream(StreamName.Resampling), 0u);
        ImmutableArray<Moment> moments = [Moment.Initial, Moment.After(9)];
        ImmutableArray<int> batches = [.. sizes ?? Sizes.Select(size => (int)size)];
        var asked = new AskedVariance(new TrainingKey("0123456789ab"), new Seed(1), new Architecture([2, 3]), moments, batches, repeats);
        return new GradientVariance(asked, [
            .. from moment in moments
               from batch in batches
               from perturbation in Perturbations.All
               let variance = 1.0 / batch + (perturbation == Perturbation.Shared ? 0.05 : 0)
               select new GradientCell(
                   moment, 1, perturbation, batch,
                   [.. Enumerable.Range(0, repeats).Select(_ => variance * (repeats - 1) / repeats * (1 + 0.1 * Normal()))])]);

        double Normal() => NormalDraws.BoxMuller(stream.Word(0, index++), stream.Word(0, index++)).First;
    }
}
