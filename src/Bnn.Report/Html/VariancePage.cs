using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>A page about the variance of gradients: findings, a figure for each moment, slopes, and how all was computed.</summary>
internal static class VariancePage
{
    private const string Logarithmic = "log";

    public static string Html(GradientVariance variance, ImmutableArray<VarianceLine> lines, VarianceContext context)
    {
        var asked = variance.Asked;
        List<PagePart> parts = [
            new(
                "findings", "Findings",
                Page.Section("findings", "Findings", Markup.Findings(VarianceFindings.Of(variance, lines, context.When)))),
            .. asked.Moments.Select((moment, i) => Figure(
                context, moment, i + 1, [.. lines.Where(line => line.Moment == moment)])),
            new("slopes", "Slopes and plateaus", Page.Section("slopes", "Slopes and plateaus", Slopes(lines, context))),
            new("computed", "How this was computed", Computed(asked)),
            new("settings", "Settings", Settings(asked, context))];
        return Page.Html(
            $"{context.Name}: the variance of gradients",
            $"Network {asked.Net}, {Text.Count(asked.Net.Weights)} weights. Bayesian net of seed {asked.Seed}. {Text.Count(asked.Repeats)} "
                + $"batches of each of {Text.Count(asked.Batches.Length)} sizes.",
            "", parts);
    }

    private static PagePart Figure(VarianceContext context, Moment moment, int number, ImmutableArray<VarianceLine> lines)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"figure-{number}");
        var title = $"Variance of ∂loss/∂μ {context.When(moment)}";
        var layers = lines.GroupBy(line => line.Layer).ToList();
        var panels = layers.Select(layer =>
        {
            var heading = string.Create(CultureInfo.InvariantCulture, $"Layer {layer.Key}");
            return $"<div class=\"panel\"><h3>{heading}</h3>\n{Draw(id, title, [.. layer])}</div>\n";
        });
        var legend = $"<p class=\"legend\">{string.Concat(Perturbations.All.Select(perturbation =>
            $"<span>{Legend.Swatch(PenOf(perturbation), marker: false)} {Markup.Encode(Label(perturbation))}</span> "))}</p>\n";
        return new PagePart(id, Capital(context.When(moment)), Markup.Figure(
            id, string.Create(CultureInfo.InvariantCulture, $"Figure {number}. {title}"),
            "Mean over the layer’s weights of the variance from batch to batch, against the size of the batch; both axes are logarithmic, "
                + "so that 1/batch is a straight line of slope −1. Bars are twice the standard error. A dotted line stands where the "
                + "plateau of a shared perturbation begins, if it begins within the range.",
            $"{legend}<div class=\"panels\">\n{string.Concat(panels)}</div>\n",
            "Of each weight’s ∂loss/∂μ the variance over the repeats, with n − 1 in the denominator; standard errors by the jackknife over "
                + "the repeats. How batches and perturbations are drawn is told at the end of the page.",
            string.Concat(layers.Select(layer => Markup.Details(
                string.Create(CultureInfo.InvariantCulture, $"Data of figure {number}, layer {layer.Key}"), Table([.. layer]))))));
    }

    private static Pen PenOf(Perturbation perturbation) => perturbation switch
    {
        Perturbation.Flipout => Palette.At(1),
        Perturbation.Shared => Palette.At(0),
        _ => Palette.At(2) with { Dash = "dash" },
    };

    private static string Label(Perturbation perturbation) => perturbation switch
    {
        Perturbation.Flipout => "Flipout",
        Perturbation.Shared => "one shared perturbation",
        _ => "independent perturbations",
    };

    private static string Draw(string figure, string title, ImmutableArray<VarianceLine> lines)
    {
        var layer = lines[0].Layer;
        return Chart.Html(
            string.Create(CultureInfo.InvariantCulture, $"chart-{figure}-layer-{layer}"),
            string.Create(
                CultureInfo.InvariantCulture, $"{title}, layer {layer}, against the size of the batch; the data is in the tables below"),
            360, lines.SelectMany(Traces),
            ("xaxis", Chart.Axis("batch", ("type", Logarithmic), ("dtick", 1), ("tickformat", ",d"))),
            ("yaxis", Chart.Axis("variance", ("type", Logarithmic), ("exponentformat", "power"), ("dtick", 1))),
            ("showlegend", false), ("hovermode", "closest"));
    }

    private static IEnumerable<Trace> Traces(VarianceLine line)
    {
        var (pen, name) = (PenOf(line.Perturbation), Label(line.Perturbation));
        int[] sizes = [.. line.Cells.Select(cell => cell.Batch)];
        double[] values = [.. line.Cells.Select(cell => Rounded(cell.Variance))];
        yield return Chart.Trace(
            "scatter", ("mode", "lines+markers"), ("name", name), ("x", sizes), ("y", values), ("line", Chart.Line(pen, 1.8)),
            ("marker", Chart.Map(("color", pen.Colour), ("symbol", pen.Symbol), ("size", 6))),
            ("error_y", Chart.Map(
                ("type", "data"), ("color", pen.Colour), ("thickness", 1), ("width", 3),
                ("array", line.Cells.Select(cell => Finite(2 * VarianceLine.RelativeError(cell) * cell.Variance)).ToArray()))),
            ("hovertemplate", $"{name}: %{{y:.4g}} at batch %{{x:,d}}<extra></extra>"));
        if (line is { Perturbation: Perturbation.Shared, Plateau: Plateau.Begins, Floor: { } floor } && floor.Crossover >= sizes[0])
        {
            yield return Chart.Trace(
                "scatter", ("mode", "lines"), ("name", "plateau"), ("x", new[] { Rounded(floor.Crossover), Rounded(floor.Crossover) }),
                ("y", new[] { values.Min(), values.Max() }), ("line", Chart.Map(("color", pen.Colour), ("width", 1), ("dash", "dot"))),
                ("hovertemplate", "the plateau begins at batch %{x:,.0f}<extra></extra>"));
        }
    }

    private static double Finite(double value) => double.IsFinite(value) ? Rounded(value) : 0;

    /// <summary>To six significant digits.</summary>
    private static double Rounded(double value) =>
        double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Table(ImmutableArray<VarianceLine> lines)
    {
        var byPerturbation = lines.ToDictionary(line => line.Perturbation);
        return Markup.Table(
            "Variance, with its relative standard error, and ratios to that of independent perturbations",
            ["batch", .. Perturbations.All.Select(Label), "Flipout/independent", "shared/independent"],
            lines[0].Cells.Select((cell, k) =>
            {
                double Of(Perturbation perturbation) => byPerturbation[perturbation].Cells[k].Variance;
                return (string[])[
                    Text.Count(cell.Batch),
                    .. Perturbations.All.Select(perturbation => Value(byPerturbation[perturbation].Cells[k])),
                    VarianceFindings.Ratio(Of(Perturbation.Flipout), Of(Perturbation.Independent)),
                    VarianceFindings.Ratio(Of(Perturbation.Shared), Of(Perturbation.Independent))];
            }));
    }

    private static string Value(GradientCell cell) => VarianceLine.RelativeError(cell) is var error && double.IsFinite(error)
        ? $"{Text.Short(cell.Variance)} ± {(100 * error).ToString("0.0", CultureInfo.InvariantCulture)} %"
        : Text.Short(cell.Variance);

    private static string Slopes(ImmutableArray<VarianceLine> lines, VarianceContext context) => Markup.Table(
        "Slopes of ln variance on ln batch, and the batch at which a plateau begins, with 95 % intervals",
        [
            "moment", "layer", "perturbation", .. lines[0].Slopes.Select(slope => $"slope, {slope.Range}"),
            "plateau begins at", "within the range?",
        ],
        lines.Select(line => (string[])[
            context.When(line.Moment), Text.Count(line.Layer), Label(line.Perturbation),
            .. line.Slopes.Select(slope => VarianceFindings.Slope(slope.Slope)),
            VarianceFindings.Crossover(line),
            VarianceFindings.Within(line)]));

    private static string Computed(AskedVariance asked) => $"""
        <section id="computed">
        <h2>How this was computed</h2>
        <dl>
        <dt>Loss</dt>
        <dd>The mean cross entropy of a batch under sampled weights, at the net’s posterior of that moment. The KL’s gradient has no
        randomness, adds no variance, and is left out.</dd>
        <dt>Batches</dt>
        <dd>{Text.Count(asked.Repeats)} of each size, drawn with replacement from the images that train. Each has items, ε and signs of
        its own, so that sizes and repeats are independent of each other. The three perturbations see the same batches; Flipout and the
        shared perturbation have the same ε. Both moments have the same draws. All sizes are measured; none follows from another.</dd>
        <dt>Flipout</dt>
        <dd>One ε for a batch and layer, and random signs for each example’s inputs and outputs.</dd>
        <dt>Shared</dt>
        <dd>One ε for a batch and layer, and no signs: all examples have the same weights.</dd>
        <dt>Independent</dt>
        <dd>An ε for each example and layer.</dd>
        <dt>Variance</dt>
        <dd>Of each weight’s ∂loss/∂μ over the repeats (n − 1), then the mean over the layer’s weights, those of pixels that are always 0
        included. Its standard error is that of the jackknife over the repeats.</dd>
        <dt>Slope</dt>
        <dd>Of the least-squares line of ln variance on ln batch, each point weighted by 1 over its squared relative error: at small
        batches a few examples can make most of the variance. The interval is Student’s with as many degrees of freedom as sizes less two.
        1/batch is −1. Where the points don’t lie on a line, as with a plateau, a slope over all sizes is that of no part of it.</dd>
        <dt>Plateau</dt>
        <dd>The variance is fitted as a/batch + c, with a and c no smaller than 0, by least squares with the same weights, relative to the
        fit: a part that more examples average away, and one that is the batch’s own. That is its exact form: given a batch’s ε its
        examples are independent, and c is the variance of the gradient’s mean given ε. The plateau begins at the batch a/c, where the
        two parts are equal; from ten times that on, the variance is within 10 % of its floor. The interval has the 2.5 and 97.5 %
        quantiles of 1,000 bootstrap resamples of the repeats’ distances, each size apart. “No” plateau within the range means that the
        whole interval is above the largest size; “undecided”, that this size is inside of it.</dd>
        <dt>Published</dt>
        <dd>Wen et al. 2018 (arXiv:1803.04386): with Flipout the variance falls as 1/batch; with one shared perturbation it levels off
        between batches of {Text.Count(VarianceLine.Small)} and {Text.Count(VarianceLine.Large)}. They don’t say how they place it, and
        nothing is judged by it here.</dd>
        </dl>
        </section>

        """;

    private static string Settings(AskedVariance asked, VarianceContext context) => Page.Section(
        "settings", "Settings",
        $"""
        <h3>Command that repeats it</h3>
        <pre><code>{Markup.Encode(context.Command)}</code></pre>
        {Markup.Table(
            "Settings of the training and the measurement, defaults included", ["setting", "value"],
            [.. context.Settings.Select(setting => (string[])[setting.Name, setting.Value]), ["training", asked.Training.Value]],
            "texts settings")}
        {Markup.Table(
            "SHA-256 of the unpacked files", ["file", "SHA-256"],
            [["training images", context.Data.TrainImages], ["training labels", context.Data.TrainLabels]], "texts hashes")}
        """);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
