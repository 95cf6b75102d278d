using System.Globalization;
using Bnn.Core;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>
/// Accuracy, and overlap with the full posterior's mask, against the share of the images or against epochs: one line for each strategy and
/// cut, above the verdicts' sentences.
/// </summary>
internal static class QuestionFigure
{
    public static IEnumerable<DiagnosticPart> All(ReportInput input, Summary summary) => OpenQuestion.All(input, summary)
        .Select(question => new DiagnosticPart(Id(question), Title(question), Html(question)));

    private static string Id(OpenQuestion question) => question.IsAboutImages ? "images-needed" : "moment-needed";

    private static string Title(OpenQuestion question) => question.IsAboutImages ? "How many images?" : "How early?";

    private static string Html(OpenQuestion question)
    {
        var axis = Axis.Of(question);
        var what = question.IsAboutImages
            ? "Bayesian nets on a share of the training images, with as many updates and so more epochs; tickets train on all images."
            : "Masks from the posterior at moments of one Bayesian training for each seed; the last point is its end.";
        var early = question.IsAboutImages
            ? ""
            : " Early-bird rule: training may end at the first moment from which the largest share of kept weights replaced, over the last "
                + "five pairs of consecutive masks, is below 10 %; the pairs are those of the moments asked for.";
        return Markup.Figure(
            Id(question), Title(question),
            $"{what} Above: test accuracy after the last step, a point for each seed, lines through the means, bars Student’s 95 % "
                + "intervals. Below: Jaccard index with the mask of the full posterior, of those seeds whose masks were read.",
            Markup.List([.. question.Sentences, .. question.EarlyBirdSentences]) + Accuracy(question, axis) + Overlap(question, axis),
            "Equivalent: two one-sided t tests of the differences paired by seed rule out a difference of "
                + $"{Text.Size(question.Margin)} points, p < 0.05 after Holm’s correction over all rows of the table.{early}",
            Markup.Details($"Data of “{Title(question)}”", Table(question)));
    }

    /// <summary>What the horizontal axis counts: epochs and images may be unknown to old plans.</summary>
    private sealed record Axis(string Title, string Suffix, Func<QuestionPoint, double?> PlaceOf)
    {
        public static Axis Of(OpenQuestion question) => question switch
        {
            { IsAboutImages: true } => new Axis("training images of the Bayesian net", " %", point => 100 * Share(point.Value)),
            _ when question.Lines.All(line => line.Points.All(point => point.Epochs is not null)) =>
                new Axis("epochs of the Bayesian net", "", point => point.Epochs),
            _ => new Axis("steps of the Bayesian net", "", point => point.Steps),
        };

        private static double? Share(string value) =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) ? share : null;
    }

    private static string Accuracy(OpenQuestion question, Axis axis) => Draw(
        question, axis, $"chart-{Id(question)}-accuracy", "test accuracy", " %",
        point => [.. point.Group.Finished.Select(done => (done.Training.Seed, 100 * done.Record.TestAccuracyLast))]);

    private static string Overlap(OpenQuestion question, Axis axis)
    {
        if (question.Lines.All(line => line.Points.All(point => point.Overlaps.IsEmpty)))
            return Markup.Note("No two of these masks were read, so their overlap isn’t drawn.");
        return Draw(
            question, axis, $"chart-{Id(question)}-overlap", "Jaccard, with the full mask", "",
            point => [
                .. from pair in point.Overlaps
                   where double.IsFinite(pair.Overlap.Jaccard)
                   select (pair.Pair.First.Seed, pair.Overlap.Jaccard)]);
    }

    private static string Draw(
        OpenQuestion question, Axis axis, string id, string title, string suffix,
        Func<QuestionPoint, List<(Seed Seed, double Value)>> valuesOf)
    {
        var traces = question.Lines.SelectMany((line, i) => Traces(line, Palette.At(i), axis, suffix, valuesOf));
        var height = 380 + 20 * question.Lines.Length;
        return Chart.Html(
            id, $"{title} against {axis.Title}, a line for each strategy and cut; the data is in the table below", height, traces,
            ("xaxis", Chart.Axis(axis.Title, ("type", "log"), ("ticksuffix", axis.Suffix))),
            ("yaxis", Chart.Axis(title, ("ticksuffix", suffix))),
            ("legend", DensityPlot.LegendAt(-0.25)),
            ("showlegend", true), ("hovermode", "closest"));
    }

    private static IEnumerable<Trace> Traces(
        QuestionLine line, Pen pen, Axis axis, string suffix, Func<QuestionPoint, List<(Seed Seed, double Value)>> valuesOf)
    {
        var name = Chart.Label(line.Label);
        var points = (
            from point in line.Points
            let x = axis.PlaceOf(point)
            let values = valuesOf(point)
            where x is not null && values.Count > 0
            select (X: Math.Round(x.Value, 6), Values: values, Interval: TInterval.Of(values.ConvertAll(seed => seed.Value)))).ToList();
        if (points.Count == 0) yield break;
        double[] half = [.. points.Select(point => point.Values.Count > 1 ? Rounded(point.Interval.High - point.Interval.Mean) : 0)];
        yield return Chart.Trace(
            "scatter", ("mode", "lines"), ("name", name), ("x", points.ConvertAll(point => point.X).ToArray()),
            ("y", points.ConvertAll(point => Rounded(point.Interval.Mean)).ToArray()), ("legendgroup", name), ("line", Chart.Line(pen)),
            ("error_y", Chart.Map(("type", "data"), ("array", half), ("color", pen.Colour), ("thickness", 1), ("width", 3))),
            ("hovertemplate", $"{name}: mean %{{y:.3f}}{suffix} at %{{x:.3g}}{axis.Suffix}<extra></extra>"));
        var seeds = points.SelectMany(point => point.Values.Select(seed => (point.X, seed.Seed, seed.Value))).ToList();
        yield return Chart.Trace(
            "scatter", ("mode", "markers"), ("name", name), ("x", seeds.ConvertAll(seed => seed.X).ToArray()),
            ("y", seeds.ConvertAll(seed => Rounded(seed.Value)).ToArray()), ("legendgroup", name), ("showlegend", false),
            ("text", seeds.ConvertAll(seed => $"seed {seed.Seed}").ToArray()),
            ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 6), ("opacity", 0.6))),
            ("hovertemplate", $"{name}, %{{text}}: %{{y:.3f}}{suffix} at %{{x:.3g}}{axis.Suffix}<extra></extra>"));
    }

    private static double Rounded(double value) => Math.Round(value, 4);

    private static string Table(OpenQuestion question) => Markup.Table(
        $"{Title(question)} Differences are to the full posterior’s tickets, in points, with 90 % intervals; p is of equivalence, "
            + "after Holm",
        [
            "tickets", question.IsAboutImages ? "images" : "moment", "epochs", "Bayesian steps", "seeds", "test accuracy, %", "difference",
            "p", "shows", "Jaccard", "κ",
        ],
        from line in question.Lines
        from point in line.Points
        select (string[])[
            line.Label, question.Where(point), point.Epochs is { } epochs ? OpenQuestion.Number(epochs) : "",
            point.Steps is { } steps ? Text.Count(steps) : "", Text.Count(point.Group.N),
            Mean(point.Group), Difference(point, line), point.ToFull is { } test ? PNumber(test.P) : "",
            point.ToFull?.Words ?? (ReferenceEquals(point, line.Full) ? "full" : "not compared"),
            Mean(point, pair => pair.Overlap.Jaccard), Mean(point, pair => pair.Overlap.Kappa)]);

    private static string PNumber(double p) => OpenQuestion.P(p)[2..].Replace("= ", "", StringComparison.Ordinal);

    private static string Mean(GroupSummary group)
    {
        if (group.N == 0) return "";
        var interval = TInterval.Of([.. group.Finished.Select(done => done.Record.TestAccuracyLast)]);
        var mean = Text.PercentNumber(interval.Mean);
        return group.N == 1 ? mean : $"{mean} ({Text.PercentNumber(interval.Low)} to {Text.PercentNumber(interval.High)})";
    }

    private static string Difference(QuestionPoint point, QuestionLine line)
    {
        if (point.ToFull is { Equivalence.Interval: var interval })
            return $"{Text.Points(interval.Mean)} ({Text.Points(interval.Low)} to {Text.Points(interval.High)})";
        if (line.Full is null || ReferenceEquals(point, line.Full)) return "";
        var difference = PairedDifference.Of(point.Group.Finished, line.Full.Group.Finished, record => record.TestAccuracyLast);
        return difference is null ? "" : Text.Points(difference.Mean);
    }

    private static string Mean(QuestionPoint point, Func<PairOverlap, double> value) => point.Overlaps.IsEmpty
        ? ""
        : Sample.Mean([.. point.Overlaps.Select(value)]).ToString("0.000", CultureInfo.InvariantCulture).Replace('-', '−');
}
