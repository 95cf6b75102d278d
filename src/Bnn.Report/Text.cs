using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>How numbers are written for people: in one place, in one culture.</summary>
public static class Text
{
    /// <summary>0.97834 → "97.83 %".</summary>
    public static string Percent(double fraction) => $"{PercentNumber(fraction)} %";

    /// <summary>0.97834 → "97.83".</summary>
    public static string PercentNumber(double fraction) => Fixed(100 * fraction);

    /// <summary>
    /// A difference of accuracies in percentage points with its sign: −0.0123 → "−1.23". What rounds to zero has no sign.
    /// </summary>
    public static string Points(double difference) => Size(difference) switch
    {
        "0.00" => "0.00",
        var size => (difference < 0 ? "−" : "+") + size,
    };

    /// <summary>A difference in percentage points without its sign.</summary>
    public static string Size(double difference) => Fixed(100 * Math.Abs(difference));

    /// <summary>An interval of differences in percentage points: "[−0.08, 0.11]".</summary>
    public static string Bracket(double low, double high) => $"[{Signed(low)}, {Signed(high)}]";

    /// <summary>p values below this are only said to be so.</summary>
    public const double SmallestP = 0.001;

    /// <summary>A p value with its sign of comparison: "= 0.012", "&lt; 0.001".</summary>
    public static string P(double p)
    {
        if (p < SmallestP) return "< 0.001";
        // Near the level the digits must show on which side it lies.
        var digits = Math.Abs(p - 0.05) < 0.0005 ? "0.00000" : p < 0.1 ? "0.000" : "0.00";
        return $"= {p.ToString(digits, CultureInfo.InvariantCulture)}";
    }

    /// <summary>A p value for a cell of a table: "0.012", "&lt; 0.001".</summary>
    public static string PCell(double p) => P(p) is ['=', ' ', .. var number] ? number : P(p);

    /// <summary>A margin in percentage points, as short as it is: 0.002 → "0.2".</summary>
    public static string Margin(double fraction) => (100 * fraction).ToString("0.0###", CultureInfo.InvariantCulture);

    private static string Signed(double difference) => (difference < 0 && Size(difference) != "0.00" ? "−" : "") + Size(difference);

    /// <summary>A share of the weights as asked for: 0.05 → "5 %".</summary>
    public static string Share(Density density) =>
        $"{(100 * density.Value / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)} %";

    /// <summary>A share of the weights as measured, to three digits: 0.049812 → "4.98 %".</summary>
    public static string Share(double density) => $"{(100 * density).ToString("G3", CultureInfo.InvariantCulture)} %";

    /// <summary>13310 → "13,310".</summary>
    public static string Count(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Rounded to the nearest whole number: a mean of steps.</summary>
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Shortest text that reads back to the same value.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>To four significant digits.</summary>
    public static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A large whole number to three digits: 2.028e12 → "2.03·10¹²"; below a million all of it.</summary>
    public static string Operations(double value)
    {
        if (value < 1e6) return Count(value);
        var parts = value.ToString("0.00e0", CultureInfo.InvariantCulture).Split('e');
        return $"{parts[0]}·10{string.Concat(parts[1].Select(digit => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit - '0']))}";
    }

    /// <summary>"12 to 18 seeds"; null, and more than can be counted, is "more than 10,000 seeds".</summary>
    public static string Seeds(int? low, int? high) => (low, high) switch
    {
        (null, _) => $"more than {Count(SeedsPlanner.Most)} seeds",
        ({ } least, { } most) when least == most => Seeds(least),
        ({ } least, { } most and <= SeedsPlanner.Most) => $"{Count(least)} to {Seeds(most)}",
        ({ } least, _) => $"{Count(least)} to more than {Count(SeedsPlanner.Most)} seeds",
    };

    public static string Seeds(int n) => n == 1 ? "one seed" : $"{Count(n)} seeds";

    /// <summary>1 → "1st", 12 → "12th".</summary>
    public static string Ordinal(int value) =>
        Count(value) + (value % 100 is 11 or 12 or 13 ? "th" : (value % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });

    /// <summary>"a, b and c".</summary>
    public static string List(IEnumerable<string> items) => items.ToList() switch
    {
        [] => "",
        [var only] => only,
        [.. var first, var last] => $"{string.Join(", ", first)} and {last}",
    };

    private static string Fixed(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Five seeds with the given one first, or last where no further ones exist: "2..6".</summary>
    public static string FiveSeeds(Seed seed)
    {
        var last = seed.Value > ulong.MaxValue - 4 ? ulong.MaxValue : seed.Value + 4;
        return string.Create(CultureInfo.InvariantCulture, $"{last - 4}..{last}");
    }

    /// <summary>"5 %", "round 13" or "threshold 0.01".</summary>
    public static string Label(this CutPoint cut) => cut switch
    {
        { Target: { } density } => Share(density),
        { Round: { } round } => $"round {Count(round)}",
        _ => $"threshold {Exact(cut.Threshold ?? double.NaN)}",
    };
}
