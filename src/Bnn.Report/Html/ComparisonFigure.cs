using System.Globalization;
using System.Text;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>
/// The comparisons with each baseline: paired differences with their intervals as a forest plot, and every test in a table below it.
/// </summary>
internal static class ComparisonFigure
{
    /// <summary>More rows than this are no figure any more; the table has them all.</summary>
    private const int MostRows = 60;

    /// <summary>In pixels. Labels are broken so that a narrow window has room for the intervals.</summary>
    private const int LineHeight = 16, RowSpace = 10, Around = 110, LabelLetters = 24;

    /// <summary>A pair with its label and its place below the top, in pixels.</summary>
    private sealed record Row(Comparison Pair, string Label, double Middle, int Bottom);

    public static string Html(Summary summary)
    {
        var families = summary.Families.Where(family => !family.Pairs.IsEmpty).ToList();
        if (families.Count == 0) return "";
        var html = new StringBuilder("<section id=\"comparisons\">\n<h2>Comparisons</h2>\n");
        foreach (var (family, i) in families.Select((family, i) => (family, i))) html.Append(Html(summary, family, i + 1));
        return html.Append("</section>\n").ToString();
    }

    private static string Html(Summary summary, ComparisonFamily family, int number)
    {
        var id = $"comparison-{number.ToString(CultureInfo.InvariantCulture)}";
        return Html(summary, family, id, $"Differences to {family.Baseline}", "h3");
    }

    /// <summary>A figure of one family: a forest plot with how it is computed and every test.</summary>
    /// <param name="words">What the caption begins with.</param>
    public static string Html(Summary summary, ComparisonFamily family, string id, string heading, string tag, string words = "")
    {
        var drawn = family.Pairs.Where(pair => pair.Tests is not null).ToList();
        var table = Table(family);
        if (drawn.Count is 0 or > MostRows)
        {
            var why = drawn.Count == 0
                ? "No two nets have several seeds in common, so there are no intervals to draw."
                : $"{Text.Count(drawn.Count)} differences are too many for a figure.";
            return Markup.Figure(id, heading, "", Markup.Note(why), How(family), table, tag);
        }
        var (margin, rows) = (Text.Margin(family.Margin), Rows(drawn));
        return Markup.Figure(
            id, heading,
            (words.Length == 0 ? "" : $"{words} ")
                + $"Mean difference of test accuracy to {family.Baseline} after the last step, in points, paired by seed; bars are 95 % "
                + $"intervals, not corrected. Grey: the margin of ±{margin} points. Left of 0 is worse.",
            Chart.Html(
                $"chart-{id}",
                $"Differences of test accuracy to {family.Baseline} with their 95 % intervals; the numbers are in the table below",
                Around + rows[^1].Bottom, Traces(summary, rows), Layout(family, rows)),
            How(family), Markup.Details($"Every test against {family.Baseline}", table), tag);
    }

    private static string How(ComparisonFamily family) =>
        "Differences are taken seed by seed: mean, standard deviation with n − 1, and Student’s interval. p: two-sided paired t test. p, "
        + $"Holm: after Holm’s correction over the {Text.Count(family.Tested)} comparisons here. Equivalence: the larger p of two "
        + $"one-sided t tests against ±{Text.Margin(family.Margin)} points, after the same correction. Wilcoxon: exact "
        + "signed-rank test, uncorrected. Seeds: how many would show a difference as large as the margin with 80 % power at p < 0.05, "
        + "for the 95 % interval of the standard deviation, where it is undecided; from 5 seeds on. Early stop: ratio of the mean steps, "
        + "with the middle 95 % of 10,000 resamples of the seeds; from 5 seeds on.";

    private static string Table(ComparisonFamily family) => Markup.Table(
        $"Test accuracy after the last step against {family.Baseline}: differences and intervals in points",
        [
            "arm", "against", "cut", "shows", "n", "difference", "95 % interval", "sd", "p", "p, Holm", "equivalence p, Holm",
            "90 % interval", "Wilcoxon p", $"seeds for {Text.Margin(family.Margin)}", "early stop, ratio",
        ],
        family.Pairs.Select(pair => (string[])[
            pair.Arm, pair.Against, pair.Cut.Label(), pair.Reason.Length == 0 ? pair.Words : $"{pair.Words}: {pair.Reason}",
            Text.Count(pair.Difference.Last?.N ?? 0), pair.Difference.Last is { } last ? Text.Points(last.Mean) : "",
            .. Tests(family, pair),
            pair.EarlyStop is { } ratio ? $"{Ratio(ratio.Ratio)} [{Ratio(ratio.Low)}, {Ratio(ratio.High)}]" : ""]),
        family.Pairs.Length > MostRows ? "texts long" : "texts");

    private static string[] Tests(
        ComparisonFamily family, Comparison pair) => pair.Tests is not { T: var t, Equivalence: var equivalence } tests
        ? ["", "", "", "", "", "", "", ""]
        : [
            Text.Bracket(t.Low95, t.High95), Text.Size(t.SdDifference), Number(t.PTwoSided), Number(tests.HolmP),
            Number(tests.HolmEquivalenceP), Text.Bracket(equivalence.Interval.Low, equivalence.Interval.High), Number(tests.Wilcoxon),
            IsUndecided(pair) && tests.Needed(family.Margin) is { } needed ? Text.Seeds(needed.Low, needed.High) : ""];

    private static bool IsUndecided(Comparison pair) => pair.Direction is Direction.Undecided or Direction.UndecidedAfterCorrection;

    private static string Number(double p) => double.IsNaN(p) ? "" : Text.PCell(p);

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Hint(Comparison pair) =>
        Chart.Label($"{pair.Arm} against {pair.Against} at {pair.Cut.Label()}: {pair.Words}");

    private static List<Row> Rows(List<Comparison> drawn)
    {
        var (rows, top) = (new List<Row>(), 0);
        foreach (var pair in drawn)
        {
            var (label, lines) = Chart.Wrapped($"{pair.Arm} at {pair.Cut.Label()}", LabelLetters);
            var height = RowSpace + LineHeight * lines;
            rows.Add(new Row(pair, label, top + height / 2.0, top + height));
            top += height;
        }
        return rows;
    }

    private static IEnumerable<Trace> Traces(Summary summary, List<Row> rows)
    {
        foreach (var arm in rows.GroupBy(row => row.Pair.Arm, StringComparer.Ordinal))
        {
            var (pen, all) = (Palette.Of(summary, arm.Key), arm.ToList());
            var t = all.ConvertAll(row => row.Pair.Tests!.T);
            yield return Chart.Trace(
                "scatter", ("mode", "markers"), ("name", Chart.Label(arm.Key)),
                ("x", t.ConvertAll(test => 100 * test.MeanDifference).ToArray()),
                ("y", all.ConvertAll(row => -row.Middle).ToArray()),
                ("error_x", Chart.Map(
                    ("type", "data"), ("array", t.ConvertAll(test => 100 * (test.High95 - test.MeanDifference)).ToArray()),
                    ("color", pen.Colour), ("thickness", 2), ("width", 5))),
                ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 9))),
                ("text", all.ConvertAll(row => Hint(row.Pair)).ToArray()),
                ("hovertemplate", "%{text}, %{x:.2f} points<extra></extra>"), ("showlegend", false));
        }
    }

    private static (string, object?)[] Layout(ComparisonFamily family, List<Row> rows) => [
        ("xaxis", Chart.Axis("difference in points", ("zeroline", true), ("zerolinecolor", Chart.Ink))),
        ("yaxis", Chart.Axis(
            "", ("tickmode", "array"), ("tickvals", rows.ConvertAll(row => -row.Middle).ToArray()),
            ("ticktext", rows.ConvertAll(row => row.Label).ToArray()), ("range", new[] { -rows[^1].Bottom, 0 }), ("showgrid", false))),
        ("shapes", new[]
        {
            Chart.Map(
                ("type", "rect"), ("xref", "x"), ("yref", "paper"), ("x0", -100 * family.Margin), ("x1", 100 * family.Margin), ("y0", 0),
                ("y1", 1), ("fillcolor", "rgba(120,120,120,0.15)"), ("line", Chart.Map(("width", 0))), ("layer", "below")),
        }),
        ("hovermode", "closest"),
    ];
}
