using System.Collections.Immutable;
using System.Globalization;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>
/// Test accuracy against density: one point per seed, one line through the means of each strategy, the dense net as a horizontal line.
/// </summary>
internal static class AccuracyFigure
{
    /// <summary>Where a ticket falls further below the dense net, in points, a second panel shows the range near the dense net.</summary>
    private const double FarBelow = 4, NearBelow = 2.5, NearAbove = 0.3;

    public static string Html(Summary summary)
    {
        var tickets = summary.TableOrder.Where(group => group.IsTicket && group.N > 0).ToList();
        const string Heading = "Figure 1. Accuracy against density";
        if (tickets.Count == 0)
            return Markup.Figure("figure-1", Heading, "", Markup.Note("No ticket has finished, so there are no points to draw."), "");

        var dense = summary.Dense is { N: > 0 } group ? group : null;
        List<string> drawn = [.. summary.Arms.Select(arm => arm.Name).Where(arm => tickets.Exists(ticket => ticket.Name == arm))];
        var shown = Selection.Of(summary, drawn);
        var lowest = tickets.FindAll(ticket => shown.Contains(ticket.Name))
            .Min(ticket => ticket.Finished.Min(finished => finished.Record.TestAccuracyLast)) * 100;
        var highest = tickets.Append(dense).OfType<GroupSummary>()
            .Max(net => net.Finished.Max(finished => finished.Record.TestAccuracyLast)) * 100;
        var densest = dense?.Last!.Mean * 100;
        var two = densest - lowest > FarBelow;

        var range = Range(tickets);
        var traces = Traces(summary, drawn, shown, tickets, dense, range, "y", legend: true);
        if (two) traces = traces.Concat(Traces(summary, drawn, shown, tickets, dense, range, "y2", legend: false));

        List<(string, object?)> layout = [
            ("xaxis", Chart.Axis("weights kept", [
                ("type", "log"), ("range", range), ("anchor", two ? "y2" : "y"), ("ticksuffix", " %"), .. Ticks(summary)])),
            ("yaxis", Chart.Axis(two ? "test accuracy, near dense" : "test accuracy", [
                ("ticksuffix", " %"), ("domain", two ? new[] { 0.54, 1.0 } : [0.0, 1.0]),
                .. two
                    ? new (string, object?)[] { ("range", new[] { densest!.Value - NearBelow, Math.Min(100, highest + NearAbove) }) }
                    : []])),
            ("shapes", Bands(dense, two ? ["y", "y2"] : ["y"])),
            ("legend", Chart.Map(("orientation", "h"), ("y", two ? -0.13 : -0.22), ("yanchor", "top"), ("x", 0))),
            ("hovermode", "closest"), .. summary.HasMany ? new (string, object?)[] { ("showlegend", false) } : [],
        ];
        if (two) layout.Add(("yaxis2", Chart.Axis("test accuracy, all", ("ticksuffix", " %"), ("domain", new[] { 0.0, 0.46 }))));

        var seeds = summary.Seeds.Length == 1 ? "One seed." : "Each point is a seed, each line goes through the means.";
        var denseText = dense is null
            ? summary.DenseNets.Count() > 1 ? "The dense nets differ and are not drawn." : "The dense net hasn't finished."
            : $"Black: the dense net, all weights{(dense.N > 1 ? "; grey: the range of its seeds" : "")}.";
        var panels = two ? " Above the range near the dense net, below all of it." : "";
        var cover = summary.HasMany && summary.Rankings.Any(ranking => ranking.Tickets.Any(ticket => ticket.Shared))
            ? " Lines of equal results cover one another; the ranking marks them with =."
            : "";
        var legend = summary.HasMany ? Legend.Html(summary, drawn, shown, dense is not null, markers: true) : "";
        return Markup.Figure(
            "figure-1", Heading,
            $"Test accuracy after the last step against the share of weights kept (logarithmic, sparser to the right). "
                + $"{seeds} {denseText}{panels}{Selection.Caption(summary, drawn)}{cover}",
            legend + Chart.Html(
                "chart-accuracy",
                "Test accuracy against the share of weights kept, a line for each strategy; the data is in the table below",
                two ? 720 : 460, traces, [.. layout]),
            Markup.Details("Data of figure 1", Table(tickets, dense)));
    }

    private static IEnumerable<Trace> Traces(
        Summary summary, List<string> drawn, ImmutableHashSet<string> shown, List<GroupSummary> tickets, GroupSummary? dense,
        double[] range, string y, bool legend)
    {
        var ends = range.Select(exponent => Math.Pow(10, exponent)).ToArray();
        if (dense is not null)
        {
            var level = dense.Last!.Mean * 100;
            yield return Chart.Trace(
                "scatter", ("mode", "lines"), ("name", "dense"), ("x", ends), ("y", new[] { level, level }), ("yaxis", y),
                ("legendgroup", "dense"), ("showlegend", legend), ("line", Chart.Line(Palette.Dense, 1.5)),
                ("hovertemplate", "dense: %{y:.2f} %<extra></extra>"));
        }
        // Later traces are drawn on top: emphasised ones must not be hidden.
        var ordered = summary.HasMany ? drawn.OrderBy(strategy => Selection.IsEmphasised(summary, strategy)) : drawn.AsEnumerable();
        foreach (var strategy in ordered)
        {
            var (pen, name) = (Palette.Of(summary, strategy), Chart.Label(strategy));
            (string, object?)[] visible = summary.HasMany ? [Selection.Visible(shown, strategy)] : [];
            var means = tickets.Where(ticket => ticket.Name == strategy).OrderByDescending(ticket => ticket.Density).ToList();
            var seeds = means.SelectMany(ticket => ticket.Finished).ToList();
            yield return Chart.Trace("scatter", [
                ("mode", "lines"), ("name", name), ("x", Numbers(means, m => m.Density!.Value)), ("y", Numbers(means, m => m.Last!.Mean)),
                ("yaxis", y), ("legendgroup", name), ("showlegend", false), ("line", Chart.Line(pen)), ("hoverinfo", "skip"), .. visible]);
            yield return Chart.Trace("scatter", [
                ("mode", "markers"), ("name", name), ("x", Numbers(seeds, f => f.Record.KeptShare)),
                ("y", Numbers(seeds, f => f.Record.TestAccuracyLast)), ("yaxis", y),
                ("legendgroup", name), ("showlegend", legend), ("text", seeds.Select(f => $"seed {f.Training.Seed}").ToArray()),
                ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 7 * Math.Sqrt(pen.Weight)), ("opacity", 0.8))),
                ("hovertemplate", $"{name}, %{{text}}: %{{y:.2f}} % at %{{x:.3g}} %<extra></extra>"), .. visible]);
        }
    }

    private static double[] Numbers<T>(IEnumerable<T> items, Func<T, double> fraction) => [.. items.Select(item => 100 * fraction(item))];

    /// <summary>The axis range as powers of ten of the percentage kept, densest first, with a margin.</summary>
    private static double[] Range(List<GroupSummary> tickets)
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

    private static object?[] Bands(GroupSummary? dense, string[] axes) => dense is not { N: > 1 }
        ? []
        : [.. axes.Select(axis => Chart.Map(
            ("type", "rect"), ("xref", "paper"), ("x0", 0), ("x1", 1), ("yref", axis), ("layer", "below"),
            ("line", Chart.Map(("width", 0))), ("fillcolor", "rgba(0,0,0,0.1)"),
            ("y0", 100 * dense.Finished.Min(finished => finished.Record.TestAccuracyLast)),
            ("y1", 100 * dense.Finished.Max(finished => finished.Record.TestAccuracyLast))))];

    private static string Table(List<GroupSummary> tickets, GroupSummary? dense) => Markup.Table(
        "Test accuracy after the last step, per cent",
        ["net", "cut", "seed", "weights kept, %", "test accuracy, %"],
        from ticket in dense is null ? tickets : tickets.Prepend(dense)
        from finished in ticket.Finished
        select (string[])[
            ticket.Name, ticket.Cut?.Label() ?? "", finished.Training.Seed.ToString(),
            (100 * finished.Record.KeptShare).ToString("0.###", CultureInfo.InvariantCulture),
            Text.PercentNumber(finished.Record.TestAccuracyLast)]);
}
