using System.Globalization;
using Bnn.Core;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>The posterior itself as a pruned net: test accuracy against the share of weights kept, nothing trained again.</summary>
internal static class PrunedPosteriorFigure
{
    public const string Id = "pruned-posterior", Title = "The posterior itself, pruned";

    private const string Caption =
        "Bayesian nets after their last step, of which weights are taken away, and nothing is trained again. Points are seeds, lines go "
        + "through the means.";

    private static readonly string HowComputed =
        "Weights are ranked over all layers together, by |μ|/σ (snr, the highest kept) or by σ² (variance, the lowest kept). Mean: pruned "
        + "weights are 0 and kept ones at their means. Zero: pruned weights are 0 and kept ones drawn, and predictions are the mean over "
        + $"{PrunedPosterior.DrawCount} draws. Prior: the same, with pruned weights drawn from the prior.";

    /// <summary>In powers of ten of the percentage, sparser to the right, with a margin.</summary>
    private static readonly double[] Range = [
        Math.Log10((double)(100 * PrunedPosterior.Densities[0].Value)) + 0.08,
        Math.Log10((double)(100 * PrunedPosterior.Densities[^1].Value)) - 0.08];

    /// <param name="Values">By seed, in the plan's order.</param>
    private sealed record Point(PrunedPoint At, List<(Seed Seed, double Accuracy)> Values)
    {
        public double Mean => Sample.Mean([.. Values.Select(value => value.Accuracy)]);
    }

    /// <returns>Empty where no Bayesian net was measured so.</returns>
    public static string Html(Summary summary)
    {
        var nets = summary.Groups.Where(group => group.Kind == TrainingKind.Bayesian)
            .Select(group => (Group: group, Points: PointsOf(group))).Where(net => net.Points.Count > 0).ToList();
        if (nets.Count == 0) return "";
        var (drawn, points) = nets[0];
        var note = nets.Count == 1 ? "" : Markup.Note($"Drawn for {drawn.Name}; the table has all Bayesian nets.");
        var lines = points.GroupBy(point => (point.At.Rank, point.At.Form)).ToList();
        var chart = Chart.Html(
            $"chart-{Id}", $"{Title}: test accuracy against the share of weights kept; the data is in the table below", 420,
            lines.SelectMany((line, i) => Traces($"{line.First().At.RankName}, {line.First().At.FormName}", Palette.At(i), [.. line])),
            ("xaxis", Chart.Axis(
                "weights kept", ("type", "log"), ("range", Range), ("ticksuffix", " %"), ("tickmode", "array"),
                ("tickvals", PrunedPosterior.Densities.Select(density => (double)(100 * density.Value)).ToArray()))),
            ("yaxis", Chart.Axis("test accuracy", ("ticksuffix", " %"))),
            ("legend", DensityPlot.LegendAt(-0.25)),
            ("showlegend", true), ("hovermode", "closest"));
        var table = Markup.Table(
            "Test accuracy in per cent, mean over the seeds; “all” is the whole net by its means",
            ["net", "ranked by", "pruned weights", "seeds", "all", .. PrunedPosterior.Densities.Select(Text.Share)],
            from net in nets
            from line in net.Points.GroupBy(point => (point.At.Rank, point.At.Form))
            select (string[])[
                net.Group.Name, line.First().At.RankName, line.First().At.FormName, Text.Count(line.Max(point => point.Values.Count)),
                net.Group.Last is { } last ? Text.PercentNumber(last.Mean) : "",
                .. PrunedPosterior.Densities.Select(density =>
                    line.FirstOrDefault(point => point.At.Density == density) is { } there ? Text.PercentNumber(there.Mean) : "")]);
        return Markup.Figure(Id, Title, Caption, note + chart, HowComputed, Markup.Details($"Data of “{Title}”", table));
    }

    private static List<Point> PointsOf(GroupSummary net) => [
        .. from measure in Measures.OfPrunedPosterior
           let values = net.Finished.Where(done => done.Record[measure] is not null)
               .Select(done => (done.Training.Seed, done.Record[measure]!.Value)).ToList()
           where values.Count > 0
           select new Point(measure.Point!, values)];

    private static IEnumerable<Trace> Traces(string name, Pen pen, List<Point> line)
    {
        var label = Chart.Label(name);
        yield return Chart.Trace(
            "scatter", ("mode", "lines"), ("name", label), ("x", line.ConvertAll(Kept).ToArray()),
            ("y", line.ConvertAll(point => Rounded(point.Mean)).ToArray()), ("legendgroup", label), ("line", Chart.Line(pen)),
            ("hovertemplate", $"{label}: mean %{{y:.2f}} % at %{{x}} %<extra></extra>"));
        var seeds = line.SelectMany(point => point.Values.Select(value => (X: Kept(point), value.Seed, value.Accuracy))).ToList();
        yield return Chart.Trace(
            "scatter", ("mode", "markers"), ("name", label), ("x", seeds.ConvertAll(seed => seed.X).ToArray()),
            ("y", seeds.ConvertAll(seed => Rounded(seed.Accuracy)).ToArray()), ("legendgroup", label), ("showlegend", false),
            ("text", seeds.ConvertAll(seed => $"seed {seed.Seed}").ToArray()),
            ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 6), ("opacity", 0.6))),
            ("hovertemplate", $"{label}, %{{text}}: %{{y:.2f}} % at %{{x}} %<extra></extra>"));
    }

    private static double Kept(Point point) => double.Parse(point.At.Percent, CultureInfo.InvariantCulture);

    private static double Rounded(double accuracy) => Math.Round(100 * accuracy, 4);
}
