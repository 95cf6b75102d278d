using System.Globalization;

namespace Bnn.Report;

/// <summary>When trainings stop early, against density, and the differences of test accuracy there.</summary>
internal static class EarlyStopFigure
{
    public const string Id = "early-stop", Title = "Early stop";

    /// <returns>Empty where no ticket has an early stop.</returns>
    public static string Html(Summary summary)
    {
        var tickets = summary.TableOrder.Where(group => group.IsTicket && group.EarlyStopStep is not null).ToList();
        if (tickets.Count == 0) return "";
        var dense = summary.Dense is { EarlyStopStep: not null } group ? group : null;
        List<string> drawn = [.. summary.Arms.Select(arm => arm.Name).Where(arm => tickets.Exists(ticket => ticket.Name == arm))];
        var shown = Selection.Of(summary, drawn);
        var plot = new DensityPlot(summary, drawn, shown, tickets, dense, done => done.Record.EarlyStopStep, "");
        var seeds = summary.Seeds.Length == 1
            ? "One seed."
            : "Each point is a seed, each line goes through the means, each band reaches from the first to the last seed.";
        return Markup.Figure(
            Id, Title,
            $"The step of the early stop against the share of weights kept (logarithmic, sparser to the right). {seeds} The lower, the "
                + $"sooner it has learned.{(dense is null ? "" : " The horizontal line is the dense net.")}"
                + Selection.Caption(summary, drawn),
            (summary.HasMany ? Legend.Html(summary, drawn, shown, dense is not null, markers: true) : "") + Chart.Html(
                "chart-early-stop",
                "Step of the early stop against the share of weights kept, a line for each strategy; the data is in the table below",
                420, plot.Traces("y", legend: true),
                ("xaxis", plot.Axis("y")),
                ("yaxis", Chart.Axis("early-stop step", ("rangemode", "tozero"), ("tickformat", ",d"))),
                ("shapes", plot.Bands(["y"])),
                ("legend", DensityPlot.LegendAt(-0.24)), ("showlegend", !summary.HasMany), ("hovermode", "closest")),
            "The early stop is the evaluated step with the lowest loss on the validation images; of equal ones the first. It is as fine as "
                + "the evaluations are close. Test accuracy there is read once, from the weights of that step. Differences are taken seed "
                + "by seed, with Student’s 95 % interval.",
            Markup.Details("Data of the early stops", Steps(summary)) + Differences(summary));
    }

    private static string Steps(Summary summary) => Markup.Table(
        "Step of the early stop, and test accuracy there in per cent",
        ["net", "cut", "seed", "early-stop step", "test accuracy, early stop"],
        from net in summary.TableOrder
        from done in net.Finished
        where done.Record.EarlyStopStep is not null
        select (string[])[
            net.Name, net.Cut?.Label() ?? "all", done.Training.Seed.ToString(),
            done.Record.EarlyStopStep!.Value.ToString("N0", CultureInfo.InvariantCulture),
            done.Record.TestAccuracyEarlyStop is { } accuracy ? Text.PercentNumber(accuracy) : ""]);

    private static string Differences(Summary summary) => Markup.Details("Differences at the early stop", Markup.Table(
        "Differences of test accuracy at the early stop, in points with their 95 % interval, paired by seed",
        ["net", "cut", "to dense", .. summary.Baselines.Select(baseline => $"to {baseline}")],
        summary.TableOrder.Where(group => group.ToDense is not null).Select(group => (string[])[
            group.Name, group.Cut?.Label() ?? "all", ResultTable.Difference(group.ToDense?.EarlyStop),
            .. summary.Baselines.Select(baseline => ResultTable.Difference(group.To(baseline)?.EarlyStop))])));
}
