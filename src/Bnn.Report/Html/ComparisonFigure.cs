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

    private const int RowHeight = 26, Around = 110;

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
        var heading = $"Differences to {family.Baseline}";
        var drawn = family.Pairs.Where(pair => pair.Tests is not null).ToList();
        var table = Table(family);
        if (drawn.Count is 0 or > MostRows)
        {
            var why = drawn.Count == 0
                ? "No two nets have several seeds in common, so there are no intervals to draw."
                : $"{Text.Count(drawn.Count)} differences are too many for a figure.";
            return $"<h3>{Markup.Encode(heading)}</h3>\n{Markup.Note(why)}{table}";
        }
        var margin = Text.Margin(family.Margin);
        return $"""
            <figure id="comparison-{number.ToString(CultureInfo.InvariantCulture)}">
            <h3>{Markup.Encode(heading)}</h3>
            {Chart.Html(
                $"chart-comparison-{number.ToString(CultureInfo.InvariantCulture)}",
                $"Differences of test accuracy to {family.Baseline} with their 95 % intervals; the numbers are in the table below",
                Around + RowHeight * drawn.Count, Traces(summary, family, drawn), Layout(family, drawn))}
            <figcaption>{Markup.Encode($"Mean difference of test accuracy to {family.Baseline} after the last step, in points, paired by "
                + $"seed; bars are 95 % intervals, not corrected. Grey: the margin of ±{margin} points. Left of 0 is worse.")}</figcaption>
            {Markup.Details($"Every test against {family.Baseline}, and how it is computed", How(family) + table)}
            </figure>

            """;
    }

    private static string How(ComparisonFamily family) => Markup.Note(
        "Differences are taken seed by seed: mean, standard deviation with n − 1, and Student’s interval. p: two-sided paired t test. p, "
        + $"Holm: after Holm’s correction over the {Text.Count(family.Tested)} comparisons here. Equivalence: the larger p of two "
        + $"one-sided t tests against ±{Text.Margin(family.Margin)} points, after the same correction. Wilcoxon: exact "
        + "signed-rank test, uncorrected. Seeds: how many would show a difference as large as the margin with 80 % power at p < 0.05, "
        + "for the 95 % interval of the standard deviation, where it is undecided; from 5 seeds on. Early stop: ratio of the mean steps, "
        + "with the middle 95 % of 10,000 resamples of the seeds; from 5 seeds on.");

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

    private static string Label(Comparison pair) => Chart.Label($"{pair.Arm} at {pair.Cut.Label()}");

    private static IEnumerable<Trace> Traces(Summary summary, ComparisonFamily family, List<Comparison> drawn)
    {
        foreach (var arm in drawn.GroupBy(pair => pair.Arm, StringComparer.Ordinal))
        {
            var (pen, all) = (Palette.Of(summary, arm.Key), arm.ToList());
            yield return Chart.Trace(
                "scatter", ("mode", "markers"), ("name", Chart.Label(arm.Key)),
                ("x", all.Select(pair => 100 * pair.Tests!.T.MeanDifference).ToArray()),
                ("y", all.Select(pair => -drawn.IndexOf(pair)).ToArray()),
                ("error_x", Chart.Map(
                    ("type", "data"), ("array", all.Select(pair => 100 * (pair.Tests!.T.High95 - pair.Tests.T.MeanDifference)).ToArray()),
                    ("color", pen.Colour), ("thickness", 2), ("width", 5))),
                ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 9))),
                ("text", all.Select(Hint).ToArray()),
                ("hovertemplate", "%{text}, %{x:.2f} points<extra></extra>"), ("showlegend", false));
        }
    }

    private static (string, object?)[] Layout(ComparisonFamily family, List<Comparison> drawn) => [
        ("xaxis", Chart.Axis("difference in points", ("zeroline", true), ("zerolinecolor", Chart.Ink))),
        ("yaxis", Chart.Axis(
            "", ("tickmode", "array"), ("tickvals", drawn.Select((_, i) => -i).ToArray()), ("ticktext", drawn.Select(Label).ToArray()),
            ("range", new[] { 0.5 - drawn.Count, 0.5 }), ("showgrid", false))),
        ("shapes", new[]
        {
            Chart.Map(
                ("type", "rect"), ("xref", "x"), ("yref", "paper"), ("x0", -100 * family.Margin), ("x1", 100 * family.Margin), ("y0", 0),
                ("y1", 1), ("fillcolor", "rgba(120,120,120,0.15)"), ("line", Chart.Map(("width", 0))), ("layer", "below")),
        }),
        ("hovermode", "closest"),
    ];
}
