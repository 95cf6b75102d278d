using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>How a net is drawn, the same in every figure.</summary>
/// <param name="Dash">Plotly's name of the line's pattern.</param>
/// <param name="Symbol">Plotly's name of the marker.</param>
/// <param name="Weight">A factor on widths and sizes, for emphasis.</param>
internal sealed record Pen(string Colour, string Dash, string Symbol, double Weight = 1)
{
    /// <summary>The colour with an opacity, for bands.</summary>
    public string Faint(string opacity)
    {
        var (r, g, b) = (Hex(1), Hex(3), Hex(5));
        return $"rgba({r},{g},{b},{opacity})";
    }

    private string Hex(int at) => Convert.ToInt32(Colour.Substring(at, 2), 16).ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>
/// Okabe and Ito's colours, which people with any colour vision can distinguish. Few arms: one colour each, reused with another pattern
/// when all are taken. Many arms: one colour per family, in two shades; pattern and marker distinguish its members.
/// </summary>
internal static class Palette
{
    private static readonly ImmutableArray<string> Colours = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
    private static readonly ImmutableArray<string> Dashes = ["solid", "dash", "dot", "dashdot"];
    private static readonly ImmutableArray<string> ManyDashes = [.. Dashes, "longdash", "longdashdot"];
    private static readonly ImmutableArray<string> Symbols =
        ["circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star", "pentagon", "hexagram", "hourglass"];

    /// <summary>The families of the strategies that ship; the others follow in plan order.</summary>
    private static readonly ImmutableArray<string> Families = ["bayesian", "magnitude", "gradient"];

    private static readonly ImmutableArray<string> DarkColours = ["#7A3500", "#00395C", "#00523B", "#7D2F5C", "#7D5600", "#1F6F9F"];
    private static readonly ImmutableArray<string> Greys = ["#7A7A7A", "#454545"];

    public static Pen Dense { get; } = new("#000000", "solid", "circle");

    /// <summary>The pen of a line by its place among others.</summary>
    public static Pen At(int place) =>
        new(Colours[place % Colours.Length], Dashes[place / Colours.Length % Dashes.Length], Symbols[place % Symbols.Length]);

    public static Pen Of(Summary summary, string arm) => summary.HasMany ? OfMany(summary, arm) : OfFew(summary, arm);

    /// <summary>Chosen by the arm's position in the plan.</summary>
    private static Pen OfFew(Summary summary, string arm) =>
        At(Math.Max(0, summary.Arms.Select(known => known.Name).ToList().IndexOf(arm)));

    /// <summary>
    /// Chosen by its strategy's family and its position there; emphasised ones come first, so that they have the plain patterns.
    /// </summary>
    private static Pen OfMany(Summary summary, string arm)
    {
        var family = summary.FamilyOf(arm);
        List<string> arms = [.. summary.Arms.Select(known => known.Name)];
        List<string> members = [
            .. arms.Where(other => summary.FamilyOf(other) == family).OrderByDescending(other => Selection.IsEmphasised(summary, other))];
        var place = Math.Max(0, members.IndexOf(arm));
        List<string> families = [
            .. Families,
            .. arms.Select(summary.FamilyOf)
                .Where(other => other != Roles.ControlGroup && !Families.Contains(other))
                .Distinct(StringComparer.Ordinal)];
        var dark = place / ManyDashes.Length % 2;
        var colours = dark == 1 ? DarkColours : Colours;
        var colour = family == Roles.ControlGroup ? Greys[dark] : colours[Math.Max(0, families.IndexOf(family)) % Colours.Length];
        return new Pen(
            colour, ManyDashes[place % ManyDashes.Length], Symbols[place % Symbols.Length],
            Selection.IsEmphasised(summary, arm) ? 1.6 : 0.85);
    }
}
