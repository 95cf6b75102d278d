using System.Collections.Immutable;

namespace Bnn.Report;

/// <summary>How a net is drawn, the same in every figure.</summary>
/// <param name="Dash">Plotly's name of the line's pattern.</param>
/// <param name="Symbol">Plotly's name of the marker.</param>
internal sealed record Pen(string Colour, string Dash, string Symbol)
{
    /// <summary>The colour with an opacity, for bands.</summary>
    public string Faint(string opacity)
    {
        var (r, g, b) = (Hex(1), Hex(3), Hex(5));
        return $"rgba({r},{g},{b},{opacity})";
    }

    private string Hex(int at) => Convert.ToInt32(Colour.Substring(at, 2), 16).ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Okabe and Ito's colours, which people with any colour vision tell apart; once they are used up, again with another pattern.</summary>
internal static class Palette
{
    private static readonly ImmutableArray<string> Colours = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
    private static readonly ImmutableArray<string> Dashes = ["solid", "dash", "dot", "dashdot"];
    private static readonly ImmutableArray<string> Symbols =
        ["circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star", "pentagon", "hexagram", "hourglass"];

    public static Pen Dense { get; } = new("#000000", "solid", "circle");

    /// <summary>By the strategy's place in the plan.</summary>
    public static Pen Of(Summary summary, string strategy)
    {
        var place = Math.Max(0, summary.Strategies.IndexOf(strategy));
        return new Pen(Colours[place % Colours.Length], Dashes[place / Colours.Length % Dashes.Length], Symbols[place % Symbols.Length]);
    }
}
