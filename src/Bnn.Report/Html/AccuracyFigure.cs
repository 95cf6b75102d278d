using System.Globalization;

namespace Bnn.Report;

/// <summary>
/// Test accuracy against density, as <see cref="DensityPlot"/> draws it; in two panels where tickets fall far below the dense net.
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
            return Markup.NoFigure("figure-1", Heading, "No ticket has finished, so there are no points to draw.");

        var dense = summary.Dense is { N: > 0 } group ? group : null;
        List<string> drawn = [.. summary.Arms.Select(arm => arm.Name).Where(arm => tickets.Exists(ticket => ticket.Name == arm))];
        var shown = Selection.Of(summary, drawn);
        var lowest = tickets.FindAll(ticket => shown.Contains(ticket.Name))
            .Min(ticket => ticket.Finished.Min(finished => finished.Record.TestAccuracyLast)) * 100;
        var highest = tickets.Append(dense).OfType<GroupSummary>()
            .Max(net => net.Finished.Max(finished => finished.Record.TestAccuracyLast)) * 100;
        var densest = dense?.Last!.Mean * 100;
        var two = densest - lowest > FarBelow;

        var plot = new DensityPlot(summary, drawn, shown, tickets, dense, done => 100 * done.Record.TestAccuracyLast, " %");
        var traces = plot.Traces("y", legend: true);
        if (two) traces = traces.Concat(plot.Traces("y2", legend: false));

        List<(string, object?)> layout = [
            ("xaxis", plot.Axis(two ? "y2" : "y")),
            ("yaxis", Chart.Axis(two ? "test accuracy, near dense" : "test accuracy", [
                ("ticksuffix", " %"), ("domain", two ? new[] { 0.54, 1.0 } : [0.0, 1.0]),
                .. two
                    ? new (string, object?)[] { ("range", new[] { densest!.Value - NearBelow, Math.Min(100, highest + NearAbove) }) }
                    : []])),
            ("shapes", plot.Bands(two ? ["y", "y2"] : ["y"])),
            ("legend", DensityPlot.LegendAt(two ? -0.13 : -0.22)),
            ("hovermode", "closest"), .. summary.HasMany ? new (string, object?)[] { ("showlegend", false) } : [],
        ];
        if (two) layout.Add(("yaxis2", Chart.Axis("test accuracy, all", ("ticksuffix", " %"), ("domain", new[] { 0.0, 0.46 }))));

        var seeds = summary.Seeds.Length == 1
            ? "One seed."
            : "Each point is a seed, each line goes through the means, each band reaches from the lowest to the highest seed.";
        var denseText = dense is null
            ? summary.DenseNets.Count() > 1 ? "The dense nets differ and are not drawn." : "The dense net hasn't finished."
            : $"The horizontal line is the dense net, with all weights{(dense.N > 1 ? ", its grey band the range of its seeds" : "")}.";
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
            "Test accuracy is the share of all test images that the net classifies correctly after its last step; the test images were "
                + "used for nothing else. The share of weights kept is counted in the masks, biases left out. Means are over the seeds "
                + "that have finished; a band shows the spread of the seeds and no uncertainty of the mean.",
            Markup.Details("Data of figure 1", Table(tickets, dense)));
    }

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
