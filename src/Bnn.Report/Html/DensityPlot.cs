using System.Collections.Immutable;
using Bnn.Core;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>
/// A number against density: a point for each seed, a line through the means of each arm, a band over the range of its seeds, and the dense
/// net as a horizontal line.
/// </summary>
/// <param name="drawn">The arms that have something to draw.</param>
/// <param name="shown">Those of them that are drawn at first.</param>
/// <param name="valueOf">As it is drawn; null where a training has none.</param>
/// <param name="suffix">The number's unit, with its space.</param>
internal sealed class DensityPlot(
    Summary summary, IReadOnlyList<string> drawn, ImmutableHashSet<string> shown, IReadOnlyList<GroupSummary> tickets, GroupSummary? dense,
    Func<FinishedTraining, double?> valueOf, string suffix)
{
    private readonly double[] _range = Range(tickets);

    /// <summary>The numbers of a group's seeds with the share of weights kept, in per cent.</summary>
    private sealed record Point(double Kept, ImmutableArray<(FinishedTraining Training, double Value)> Seeds)
    {
        public double Mean => Sample.Mean([.. Seeds.Select(seed => seed.Value)]);

        public double Low => Seeds.Min(seed => seed.Value);

        public double High => Seeds.Max(seed => seed.Value);
    }

    /// <summary>A legend below the chart. Nothing in it can be clicked: that would need a mouse.</summary>
    public static Dictionary<string, object?> LegendAt(double y) => Chart.Map(
        ("orientation", "h"), ("y", y), ("yanchor", "top"), ("x", 0), ("itemclick", false), ("itemdoubleclick", false));

    /// <summary>The horizontal axis, sparser to the right.</summary>
    public Dictionary<string, object?> Axis(string anchor) => Chart.Axis("weights kept", [
        ("type", "log"), ("range", _range), ("anchor", anchor), ("ticksuffix", " %"), .. Ticks(summary)]);

    /// <param name="y">The vertical axis.</param>
    /// <param name="legend">Whether they stand in the legend.</param>
    public IEnumerable<Trace> Traces(string y, bool legend)
    {
        if (dense is not null && PointOf(dense) is { } whole)
        {
            var ends = _range.Select(exponent => Math.Pow(10, exponent)).ToArray();
            yield return Chart.Trace(
                "scatter", ("mode", "lines"), ("name", "dense"), ("x", ends), ("y", new[] { whole.Mean, whole.Mean }), ("yaxis", y),
                ("legendgroup", "dense"), ("showlegend", legend), ("line", Chart.Line(Palette.Dense, 1.5)),
                ("hovertemplate", $"dense: %{{y:{Format}}}{suffix}<extra></extra>"));
        }
        // Later traces are drawn on top: emphasised ones must not be hidden.
        var ordered = summary.HasMany ? drawn.OrderBy(arm => Selection.IsEmphasised(summary, arm)) : drawn.AsEnumerable();
        foreach (var trace in ordered.SelectMany(arm => Traces(arm, y, legend))) yield return trace;
    }

    /// <summary>Grey bands over the range of the dense net's seeds, one on each axis.</summary>
    public object?[] Bands(string[] axes) => dense is not null && PointOf(dense) is { Seeds.Length: > 1 } whole
        ? [.. axes.Select(axis => Chart.Map(
            ("type", "rect"), ("xref", "paper"), ("x0", 0), ("x1", 1), ("yref", axis), ("layer", "below"),
            ("line", Chart.Map(("width", 0))), ("fillcolor", "rgba(0,0,0,0.1)"), ("y0", whole.Low), ("y1", whole.High)))]
        : [];

    private string Format => suffix == " %" ? ".2f" : ",.4~r";

    private IEnumerable<Trace> Traces(string arm, string y, bool legend)
    {
        var (pen, name) = (Palette.Of(summary, arm), Chart.Label(arm));
        (string, object?)[] visible = summary.HasMany ? [Selection.Visible(shown, arm)] : [];
        List<Point> points = [
            .. tickets.Where(ticket => ticket.Name == arm).OrderByDescending(ticket => ticket.Density).Select(PointOf).OfType<Point>()];
        var kept = points.ConvertAll(point => point.Kept).ToArray();
        if (points.Exists(point => point.Seeds.Length > 1))
        {
            foreach (var (edge, isLower) in ((Func<Point, double>, bool)[])[(point => point.High, false), (point => point.Low, true)])
            {
                yield return Chart.Trace("scatter", [
                    ("mode", "lines"), ("x", kept), ("y", points.ConvertAll(point => edge(point)).ToArray()), ("yaxis", y),
                    ("legendgroup", name), ("showlegend", false), ("line", Chart.Map(("width", 0))), ("hoverinfo", "skip"),
                    .. isLower
                        ? ((string, object?)[])[("fill", "tonexty"), ("fillcolor", pen.Faint(summary.HasMany ? "0.08" : "0.14"))]
                        : [],
                    .. visible]);
            }
        }
        yield return Chart.Trace("scatter", [
            ("mode", "lines"), ("name", name), ("x", kept), ("y", points.ConvertAll(point => point.Mean).ToArray()),
            ("yaxis", y), ("legendgroup", name), ("showlegend", false), ("line", Chart.Line(pen)), ("hoverinfo", "skip"), .. visible]);
        var seeds = points.SelectMany(point => point.Seeds).ToList();
        yield return Chart.Trace("scatter", [
            ("mode", "markers"), ("name", name), ("x", seeds.ConvertAll(seed => 100 * seed.Training.Record.KeptShare).ToArray()),
            ("y", seeds.ConvertAll(seed => seed.Value).ToArray()), ("yaxis", y),
            ("legendgroup", name), ("showlegend", legend),
            ("text", seeds.ConvertAll(seed => $"seed {seed.Training.Training.Seed}").ToArray()),
            ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 7 * Math.Sqrt(pen.Weight)), ("opacity", 0.8))),
            ("hovertemplate", $"{name}, %{{text}}: %{{y:{Format}}}{suffix} at %{{x:.3g}} %<extra></extra>"), .. visible]);
    }

    private Point? PointOf(GroupSummary net)
    {
        ImmutableArray<(FinishedTraining, double)> seeds = [
            .. from done in net.Finished let value = valueOf(done) where value is not null select (done, value.Value)];
        return seeds.IsEmpty ? null : new Point(100 * net.Density!.Value, seeds);
    }

    /// <summary>The axis range as powers of ten of the percentage kept, densest first, with a margin.</summary>
    private static double[] Range(IReadOnlyList<GroupSummary> tickets)
    {
        var kept = tickets.SelectMany(ticket => ticket.Finished)
            .Select(finished => 100 * finished.Record.KeptShare)
            .Where(percent => percent > 0)
            .DefaultIfEmpty(1)
            .ToList();
        return [Math.Log10(kept.Max()) + 0.08, Math.Log10(kept.Min()) - 0.08];
    }

    /// <summary>Ticks at the densities asked for; where thresholds cut, at 1, 2 and 5 times powers of ten.</summary>
    private static (string, object?)[] Ticks(Summary summary) => [
        ("tickmode", "array"),
        ("tickvals", summary.Cuts.All(cut => cut.Target is not null)
            ? summary.Cuts.Select(cut => (double)(100 * cut.Target!.Value.Value)).ToArray()
            : new[] { 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100 }),
    ];
}
