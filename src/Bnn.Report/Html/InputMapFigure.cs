using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>How many first-layer weights each pixel keeps, as an image for each strategy at one cut; for images of 28×28 alone.</summary>
internal static class InputMapFigure
{
    public const string Id = "kept-by-pixel", Title = "Which pixels keep weights";

    private const int Side = 28, MostMaps = 8;

    /// <returns>Empty where inputs are no images of 28×28, or no mask was read.</returns>
    public static string Html(ReportInput input)
    {
        if (input.Criterion is not { Maps: { IsEmpty: false } maps } criterion || maps[0].Kept.Length != Side * Side) return "";
        var cut = input.Criterion.Layers[0].Kept is [var drawn, ..] ? drawn.Cut : maps[0].Cut;
        ImmutableArray<KeptByInput> all = [.. maps.Where(map => map.Cut == cut).DistinctBy(map => map.Strategy)];
        ImmutableArray<KeptByInput> shown = [.. all.Take(MostMaps)];
        var most = shown.Max(map => map.Kept.Max());
        var left = all.Length > shown.Length ? $" {Text.Count(all.Length - shown.Length)} further strategies are left out." : "";
        var panels = shown.Select((map, i) =>
            $"<div class=\"panel\"><h3>{Markup.Encode(map.Strategy)}</h3>\n"
            + $"{Draw(map, i, most)}{Markup.Note(Words(map, criterion))}</div>\n");
        return Markup.Figure(
            Id, Title,
            $"Kept weights of the first layer for each pixel at {cut.Label()}, seed {criterion.Posterior.Seed}; each pixel has "
                + $"{Text.Count(shown[0].Outputs)}. The scale is the same in all panels: no colour for none, the "
                + $"strongest for {Text.Count(most)}."
                + left,
            $"<div class=\"panels\">\n{string.Concat(panels)}</div>\n",
            "A pixel’s number is how many of its weights the mask keeps in the first layer. “Half of them at” counts the fewest pixels "
                + "that together keep half of the layer’s weights.",
            string.Concat(shown.Select(map => Markup.Details($"Data of {map.Strategy}, kept weights by row and column", Table(map)))));
    }

    private static string Draw(KeptByInput map, int panel, int most) => Chart.Html(
        string.Create(CultureInfo.InvariantCulture, $"chart-pixels-{panel}"),
        $"Map of kept first-layer weights for each pixel, {map.Strategy}; the numbers are in the table below", 300,
        [
            Chart.Trace(
                "heatmap", ("z", Rows(map).Select(row => row.ToArray()).ToArray()), ("zmin", 0), ("zmax", Math.Max(1, most)),
                ("colorscale", new object[] { new object[] { 0, "#ffffff" }, new object[] { 1, "#08306b" } }), ("showscale", false),
                ("hovertemplate", "row %{y}, column %{x}: %{z} kept<extra></extra>")),
        ],
        ("xaxis", Chart.Axis(
            "", ("showgrid", false), ("showline", false), ("showticklabels", false), ("ticks", ""), ("constrain", "domain"))),
        ("yaxis", Chart.Axis(
            "", ("showgrid", false), ("showline", false), ("showticklabels", false), ("ticks", ""),
            ("autorange", "reversed"), ("scaleanchor", "x"))),
        ("margin", Chart.Map(("l", 8), ("r", 8), ("t", 8), ("b", 8))));

    /// <summary>What the image shows, for people who can't see it.</summary>
    private static string Words(KeptByInput map, CriterionDiagnostics criterion)
    {
        var (kept, with) = (map.Kept.Sum(), map.Kept.Count(count => count > 0));
        var (half, fewest) = (0, 0);
        foreach (var count in map.Kept.OrderDescending())
        {
            if (2 * half >= kept) break;
            (half, fewest) = (half + count, fewest + 1);
        }
        var dead = criterion.DeadInputs is { IsEmpty: false } inputs
            ? $" Always-zero pixels keep {Text.Count(inputs.Sum(pixel => map.Kept[pixel]))}."
            : "";
        return $"{Text.Count(kept)} weights at {Text.Count(with)} pixels; half of them at {Text.Count(fewest)}.{dead}";
    }

    private static string Table(KeptByInput map) => Markup.Table(
        $"Kept weights for each pixel, {map.Strategy} at {map.Cut.Label()}",
        ["row", .. Enumerable.Range(0, Side).Select(column => Text.Count(column))],
        Rows(map).Select((row, i) => (string[])[Text.Count(i), .. row.Select(kept => Text.Count(kept))]));

    private static IEnumerable<int[]> Rows(KeptByInput map) => map.Kept.Chunk(Side);
}
