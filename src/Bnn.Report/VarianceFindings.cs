using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What the measured variances of gradients show, in sentences.</summary>
public static class VarianceFindings
{
    public static ImmutableArray<string> Of(GradientVariance variance, ImmutableArray<VarianceLine> lines, Func<Moment, string> whenOf)
    {
        var asked = variance.Asked;
        var sentences = ImmutableArray.CreateBuilder<string>();
        foreach (var moment in asked.Moments)
        {
            sentences.Add($"{Capital(whenOf(moment))}, {Ratios([.. lines.Where(line => line.Moment == moment)])}");
            foreach (var perturbation in Perturbations.All)
            {
                ImmutableArray<VarianceLine> own = [
                    .. lines.Where(line => line.Moment == moment && line.Perturbation == perturbation)];
                sentences.Add($"{Capital(whenOf(moment))}, {With(perturbation)}: {Slopes(own)}");
                sentences.Add($"{Capital(whenOf(moment))}, {With(perturbation)}: {Plateaus(own)}");
            }
        }
        return sentences.ToImmutable();
    }

    /// <summary>"with Flipout".</summary>
    public static string With(Perturbation perturbation) => perturbation switch
    {
        Perturbation.Flipout => "with Flipout",
        Perturbation.Shared => "with one shared perturbation",
        _ => "with independent perturbations",
    };

    /// <summary>−1.003 [−1.010, −0.996].</summary>
    public static string Slope(LogLogSlope? slope) =>
        slope is null ? "" : $"{Signed(slope.Slope)} [{Signed(slope.Low)}, {Signed(slope.High)}]";

    /// <summary>A size of a batch that was computed, to three digits; a dash for none.</summary>
    public static string Size(double size) => size switch
    {
        double.PositiveInfinity => "∞",
        > 1e9 => size.ToString("0.0e0", CultureInfo.InvariantCulture),
        >= 1000 => Text.Count(double.Parse(size.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        _ => size.ToString("G3", CultureInfo.InvariantCulture),
    };

    /// <summary>Where a plateau begins, with its interval.</summary>
    public static string Crossover(VarianceLine line) =>
        line.Floor is { } floor ? $"{Size(floor.Crossover)} [{Size(line.Low)}, {Size(line.High)}]" : "";

    /// <summary>Whether a plateau begins within the range of sizes.</summary>
    public static string Within(VarianceLine line) => line.Plateau switch
    {
        Plateau.Begins => "yes",
        Plateau.NotWithin => "no",
        Plateau.Undecided => "undecided",
        _ => "too few sizes",
    };

    private static string Slopes(ImmutableArray<VarianceLine> lines)
    {
        if (lines.Any(line => line.Slopes[0].Slope is null)) return "no slope; it takes three sizes of batches and variances above 0.";
        var (first, last) = (lines[0].Cells[0].Batch, lines[0].Cells[^1].Batch);
        return $"over batches of {Text.Count(first)} to {Text.Count(last)} the variance of ∂loss/∂μ goes as batch to the power "
            + $"{Text.List(lines.Select(line => $"{Slope(line.Slopes[0].Slope)} in layer {Text.Count(line.Layer)}"))} (95 % intervals).";
    }

    private static string Plateaus(ImmutableArray<VarianceLine> lines)
    {
        var largest = Text.Count(lines[0].Cells[^1].Batch);
        return $"{string.Join("; ", lines.GroupBy(line => line.Plateau).OrderBy(same => same.Key).Select(same => same.Key switch
        {
            Plateau.Unknown => $"{Layers(same)} too few sizes to look for a plateau",
            Plateau.Begins => "a plateau begins at batch "
                + Text.List(same.Select(line => $"{Crossover(line)} in layer {Text.Count(line.Layer)}")),
            Plateau.NotWithin => $"{Layers(same)} no plateau within the range, which ends at {largest}: the 95 % intervals of where one "
                + $"would begin start at {Text.List(same.Select(line => Size(line.Low)))}",
            _ => $"{Layers(same)} undecided whether a plateau begins within the range, which ends at {largest}: the 95 % intervals of "
                + $"where reach from {Text.List(same.Select(line => $"{Size(line.Low)} to {Size(line.High)}"))}",
        }))}.";
    }

    /// <summary>The variances at the largest size, as multiples of that of independent perturbations.</summary>
    private static string Ratios(ImmutableArray<VarianceLine> lines)
    {
        var cells = lines.ToDictionary(line => (line.Layer, line.Perturbation), line => line.Cells[^1]);
        List<int> layers = [.. lines.Select(line => line.Layer).Distinct()];
        return $"at batch {Text.Count(lines[0].Cells[^1].Batch)} the variance is {Of(Perturbation.Flipout)} times that of independent "
            + $"perturbations with Flipout, and {Of(Perturbation.Shared)} times with one shared perturbation "
            + $"({(layers.Count == 1 ? "layer" : "layers")} {Text.List(layers.Select(layer => Text.Count(layer)))}).";

        string Of(Perturbation perturbation) => Text.List(layers.Select(layer =>
            Ratio(cells[(layer, perturbation)].Variance, cells[(layer, Perturbation.Independent)].Variance)));
    }

    /// <summary>One variance over another; empty where that is 0.</summary>
    public static string Ratio(double one, double other) => other > 0
        ? (one / other).ToString(one / other < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture)
        : "";

    private static string Layers(IEnumerable<VarianceLine> lines)
    {
        List<string> numbers = [.. lines.Select(line => Text.Count(line.Layer))];
        return $"in {(numbers.Count == 1 ? "layer" : "layers")} {Text.List(numbers)}";
    }

    private static string Signed(double value) => value.ToString("0.000", CultureInfo.InvariantCulture).Replace('-', '−');

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
