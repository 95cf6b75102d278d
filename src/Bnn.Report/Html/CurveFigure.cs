using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>
/// Validation accuracy over the steps, one panel per cut: masked nets against the dense one. Steps are logarithmic, so that the early part
/// is visible.
/// </summary>
internal static class CurveFigure
{
    /// <summary>Room below the lowest end of a curve, in points: the rise before that would squeeze the ends together.</summary>
    private const double Below = 8;

    /// <summary>A group's curve: mean, lowest and highest over its seeds at each step, in per cent.</summary>
    private sealed record Curve(string Name, Pen Pen, int Seeds, IReadOnlyList<(int Step, double Mean, double Low, double High)> Points)
    {
        public static Curve Of(GroupSummary group, Pen pen) => new(
            group.Name, pen, group.N,
            [.. group.Finished
                .SelectMany(finished => finished.Rows)
                .Where(row => row.ValidationAccuracy is not null)
                .GroupBy(row => row.Step, row => 100 * row.ValidationAccuracy!.Value)
                .OrderBy(step => step.Key)
                .Select(step => (step.Key, Sample.Mean([.. step]), step.Min(), step.Max()))]);
    }

    public static string Html(Summary summary)
    {
        const string Heading = "Figure 2. Accuracy over the steps, masked against dense";
        if (!summary.HasValidation)
        {
            var why = summary.Groups.All(group => group.N == 0)
                ? "no training has finished, so there is no curve"
                : "no images were held back for validation, so there is no curve";
            return Markup.NoFigure("figure-2", Heading, why);
        }

        var dense = summary.Dense is { N: > 0 } group ? Curve.Of(group, Palette.Dense) : null;
        var panels = summary.Cuts
            .Select(cut => (Cut: cut, Curves: summary.Tickets
                .Where(ticket => ticket.Cut == cut && ticket.N > 0)
                .Select(ticket => Curve.Of(ticket, Palette.Of(summary, ticket.Name)))
                .Where(curve => curve.Points.Count > 0)
                .ToList()))
            .Where(panel => panel.Curves.Count > 0)
            .ToList();
        if (panels.Count == 0 && dense is { Points.Count: > 0 }) panels.Add((new CutPoint(null, null), []));
        if (panels.Count == 0)
            return Markup.NoFigure("figure-2", Heading, "No dense or masked net has finished, so there is no curve.");

        List<string> drawable = [
            .. summary.Arms.Select(arm => arm.Name)
                .Where(strategy => panels.Exists(panel => panel.Curves.Exists(curve => curve.Name == strategy)))];
        var shown = Selection.Of(summary, drawable);
        var legend = summary.HasMany && drawable.Count > 0
            ? Legend.Html(summary, drawable, shown, dense is not null, markers: false)
            : Names(summary, dense is not null);
        var drawn = panels.Select((panel, i) =>
        {
            List<Curve> curves = dense is { Points.Count: > 0 } ? [dense, .. panel.Curves] : panel.Curves;
            var title = panel.Curves.Count == 0 ? "dense" : Title(panel.Cut);
            return $"<div class=\"panel\"><h3>{Markup.Encode(title)}</h3>\n{Draw(summary, curves, shown, i, title)}</div>\n";
        });
        var seeds = summary.Seeds.Length == 1
            ? ""
            : " Lines are means over the finished seeds, bands reach from the lowest to the highest seed.";
        return Markup.Figure(
            "figure-2", Heading,
            $"Accuracy on the validation images after each evaluated step (logarithmic; step 0 is in the table).{seeds} The vertical axis "
                + $"starts where the ends of the curves can be told apart.{Selection.Caption(summary, drawable)}",
            $"{legend}<div class=\"panels\">\n{string.Concat(drawn)}</div>\n",
            "Validation accuracy is the share of the images held back for validation that the net classifies correctly after a step. Means "
                + "and ranges are over the seeds that were evaluated at that step; nothing is smoothed.",
            string.Concat(panels.Select(panel =>
            {
                List<Curve> curves = dense is { Points.Count: > 0 } ? [dense, .. panel.Curves] : panel.Curves;
                return Markup.Details($"Data of figure 2, {(panel.Curves.Count == 0 ? "dense" : Title(panel.Cut))}", Table(curves));
            })));
    }

    private static string Title(CutPoint cut) => cut.Target is null ? cut.Label() : $"{cut.Label()} of the weights";

    /// <summary>One legend for all panels, in HTML, so that it wraps.</summary>
    private static string Names(Summary summary, bool dense)
    {
        var entries = summary.Arms.Select(arm => (arm.Name, Pen: Palette.Of(summary, arm.Name)));
        if (dense) entries = entries.Prepend(("dense", Palette.Dense));
        return $"<p class=\"legend\">{string.Concat(entries.Select(entry =>
            $"<span>{Legend.Swatch(entry.Pen, marker: false)} {Markup.Encode(entry.Name)}</span> "))}</p>\n";
    }

    private static string Draw(Summary summary, List<Curve> curves, ImmutableHashSet<string> shown, int panel, string title)
    {
        List<Curve> visible = [.. curves.Where(curve => IsShown(curve, shown))];
        if (visible.Count == 0) visible = curves;
        var later = visible.SelectMany(curve => curve.Points).Where(point => point.Step > 0).ToList();
        if (later.Count == 0) return Markup.Note("Nothing was evaluated after step 0.");
        var bottom = Math.Max(later.Min(point => point.Low), visible.Min(curve => curve.Points[^1].Low) - Below);
        var top = later.Max(point => point.High);
        var margin = Math.Max(0.2, (top - bottom) * 0.04);
        var ordered = summary.HasMany ? curves.OrderBy(curve => Selection.IsEmphasised(summary, curve.Name)) : curves.AsEnumerable();
        var range = new[] { bottom - margin, Math.Min(100, top + margin) };
        return Chart.Html(
            string.Create(CultureInfo.InvariantCulture, $"chart-curve-{panel}"),
            $"Validation accuracy over the steps, {title}; the data is in the tables below", 320,
            ordered.SelectMany(curve => Traces(summary, curve, shown)),
            ("xaxis", Chart.Axis("step", [
                ("type", "log"), ("tickformat", ",d"), .. Ticks(later.Min(point => point.Step), later.Max(point => point.Step))])),
            ("yaxis", Chart.Axis("validation accuracy", ("ticksuffix", " %"), ("range", range))),
            ("showlegend", false), ("hovermode", summary.HasMany ? "closest" : "x unified"));
    }

    /// <summary>Ticks at powers of ten; where there is hardly one, at 2 and 5 times those too.</summary>
    private static (string, object?)[] Ticks(int first, int last) => last > 30 * first
        ? [("dtick", 1)]
        : [("tickmode", "array"), ("tickvals", Enumerable.Range(0, 9)
            .SelectMany(power => ((int[])[1, 2, 5]).Select(digit => digit * Math.Pow(10, power))).ToArray())];

    private static bool IsShown(Curve curve, ImmutableHashSet<string> shown) =>
        ReferenceEquals(curve.Pen, Palette.Dense) || shown.Contains(curve.Name);

    private static IEnumerable<Trace> Traces(Summary summary, Curve curve, ImmutableHashSet<string> shown)
    {
        var points = curve.Points.Where(point => point.Step > 0).ToList();
        int[] steps = [.. points.Select(point => point.Step)];
        var name = Chart.Label(curve.Name);
        (string, object?)[] group = summary.HasMany && !ReferenceEquals(curve.Pen, Palette.Dense)
            ? [("legendgroup", name), Selection.Visible(shown, curve.Name)]
            : [];
        if (curve.Seeds > 1)
        {
            yield return Chart.Trace("scatter", [
                ("mode", "lines"), ("x", steps), ("y", Rounded(points.Select(point => point.High))), ("line", Chart.Map(("width", 0))),
                ("hoverinfo", "skip"), .. group]);
            yield return Chart.Trace("scatter", [
                ("mode", "lines"), ("x", steps), ("y", Rounded(points.Select(point => point.Low))), ("line", Chart.Map(("width", 0))),
                ("hoverinfo", "skip"),
                ("fill", "tonexty"), ("fillcolor", curve.Pen.Faint("0.15")), .. group]);
        }
        yield return Chart.Trace("scatter", [
            ("mode", points.Count == 1 ? "markers" : "lines"), ("name", name), ("x", steps),
            ("y", Rounded(points.Select(point => point.Mean))),
            ("line", Chart.Line(curve.Pen, 1.8)), ("marker", Chart.Map(("color", curve.Pen.Colour))),
            ("hovertemplate", $"{name}: %{{y:.2f}} %<extra></extra>"),
            .. summary.HasMany ? (IEnumerable<(string, object?)>)[("meta", "curve"), .. group] : []]);
    }

    /// <summary>Rounds to a thousandth of a per cent: finer than a pixel, and half the file's size.</summary>
    private static double[] Rounded(IEnumerable<double> percents) => [.. percents.Select(percent => Math.Round(percent, 3))];

    private static string Table(List<Curve> curves)
    {
        var cells = curves.ConvertAll(curve => curve.Points.ToDictionary(point => point.Step));
        return Markup.Table(
            "Validation accuracy, per cent: mean and, with several seeds, lowest to highest",
            ["step", .. curves.Select(curve => curve.Seeds == 1 ? curve.Name : $"{curve.Name} ({Text.Seeds(curve.Seeds)})")],
            curves.SelectMany(curve => curve.Points).Select(point => point.Step).Distinct().Order().Select(step => (string[])[
                step.ToString(CultureInfo.InvariantCulture),
                .. cells.Zip(curves, (points, curve) => points.TryGetValue(step, out var at) ? Cell(at, curve.Seeds) : "")]),
            "curves");
    }

    private static string Cell((int Step, double Mean, double Low, double High) at, int seeds) => seeds == 1
        ? Text.PercentNumber(at.Mean / 100)
        : $"{Text.PercentNumber(at.Mean / 100)} ({Text.PercentNumber(at.Low / 100)} to {Text.PercentNumber(at.High / 100)})";
}
