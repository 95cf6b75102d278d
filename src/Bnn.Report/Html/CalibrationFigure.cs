using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>How well nets know what they don't know: the calibration error against density, and all such measures by net and cut.</summary>
internal static class CalibrationFigure
{
    public const string Id = "calibration", Title = "Calibration";

    private static readonly ImmutableArray<Measure> Shown = [
        Measures.TestAccuracyLast, Measures.TestNllLast, Measures.TestBrierLast, Measures.TestEceLast, Measures.TestEntropyLast,
        Measures.TestNllSampled, Measures.TestMutualInformation];

    /// <returns>Empty where no training has a calibration error.</returns>
    public static string Html(Summary summary)
    {
        var measured = summary.TableOrder.Where(net => net.Finished.Any(done => done.Record[Measures.TestEceLast] is not null)).ToList();
        if (measured.Count == 0) return "";
        var tickets = measured.FindAll(net => net.IsTicket);
        var seeds = summary.Seeds.Length == 1
            ? "One seed."
            : "Each point is a seed, each line goes through the means, each band reaches from the lowest to the highest seed.";
        var dense = summary.Dense is { } group && measured.Contains(group) ? group : null;
        List<string> drawn = [.. summary.Arms.Select(arm => arm.Name).Where(arm => tickets.Exists(ticket => ticket.Name == arm))];
        var shown = Selection.Of(summary, drawn);
        var caption = tickets.Count == 0
            ? "No ticket has these measures, so nothing is drawn."
            : "Expected calibration error on the test images after the last step against the share of weights kept (logarithmic, sparser "
                + $"to the right). {seeds} The lower, the better confidence and accuracy agree."
                + $"{(dense is null ? "" : " The horizontal line is the dense net.")}{Selection.Caption(summary, drawn)}";
        return Markup.Figure(
            Id, Title, caption, tickets.Count == 0 ? "" : Draw(summary, drawn, shown, tickets, dense),
            "After the last step, on all test images. NLL: mean negative logarithm of the probability given to the right class, in nats. "
                + "Brier score: mean over images of the sum over classes of (probability − 1 or 0)², from 0 to 2. ECE: images in 15 bins "
                + "by confidence, the sum of each bin’s share × |accuracy − mean confidence|. Entropy: of what is predicted, in nats. For "
                + "accuracy and NLL of Bayesian nets weights are their means; the Brier score, ECE, entropy and the last columns are of "
                + $"the mean over {StoredNetwork.DrawCount} draws of all weights. Mutual information: by how much the draws disagree, in "
                + "nats.",
            Table(measured));
    }

    private static string Draw(
        Summary summary, List<string> drawn, ImmutableHashSet<string> shown, List<GroupSummary> tickets, GroupSummary? dense)
    {
        var plot = new DensityPlot(summary, drawn, shown, tickets, dense, done => 100 * done.Record[Measures.TestEceLast], " %");
        var legend = summary.HasMany ? Legend.Html(summary, drawn, shown, dense is not null, markers: true) : "";
        return legend + Chart.Html(
            "chart-calibration",
            "Expected calibration error against the share of weights kept, a line for each strategy; the numbers are in the table below",
            420, plot.Traces("y", legend: true),
            ("xaxis", plot.Axis("y")), ("yaxis", Chart.Axis("calibration error", ("ticksuffix", " %"), ("rangemode", "tozero"))),
            ("shapes", plot.Bands(["y"])),
            ("legend", DensityPlot.LegendAt(-0.24)), ("showlegend", !summary.HasMany), ("hovermode", "closest"));
    }

    private static string Table(List<GroupSummary> nets)
    {
        List<Measure> columns = [
            .. Shown.Where(measure => nets.Exists(net => net.Finished.Any(done => done.Record[measure] is not null)))];
        return Markup.Table(
            "Means over the seeds ± standard deviation, after the last step; accuracy and ECE in per cent",
            ["net", "cut", "n", .. columns.Select(measure => measure.Title.Replace(", last step", "", StringComparison.Ordinal))],
            nets.Select(net => (string[])[
                net.Name, net.Cut?.Label() ?? "all", Text.Count(net.N), .. columns.Select(measure => Cell(net, measure))]),
            nets.Count > 30 ? "results long" : "results");
    }

    private static string Cell(GroupSummary net, Measure measure)
    {
        var spread = Spread.Of([.. net.Finished.Select(done => done.Record[measure]).OfType<double>()]);
        Func<double, string> text = measure.Unit == MeasureUnit.Share
            ? Text.PercentNumber
            : value => value.ToString("0.0000", CultureInfo.InvariantCulture);
        return spread switch
        {
            null => "",
            { Sd: { } sd } => $"{text(spread.Mean)} ± {text(sd)}",
            _ => text(spread.Mean),
        };
    }
}
