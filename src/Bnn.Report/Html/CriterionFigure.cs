using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// What the posterior's σ says about weights: how far it has moved and what strategies keep of that, what it goes with, where densities cut
/// it, and how many weights that learned nothing each mask prunes.
/// </summary>
internal static class CriterionFigure
{
    public const string Id = "criterion", Title = "Is the criterion real?";

    /// <summary>More lines than can be told apart in one panel.</summary>
    private const int MostLines = 6;

    /// <returns>Empty without a posterior.</returns>
    public static string Html(ReportInput input)
    {
        if (input.Criterion is not { } criterion) return "";
        var drawn = criterion.Layers[0].Kept.Take(MostLines).ToList();
        var kept = drawn.Count == 0
            ? "No mask was found from it, so no line is drawn."
            : $"Lines: the share of each bar’s weights that a strategy keeps at {drawn[0].Cut.Label()}, on the right axis: a step where a "
                + "strategy cuts by how far σ has moved, flat where it knows nothing of it.";
        var left = criterion.Layers[0].Kept.Length - drawn.Count;
        var further = left > 0 ? $" {Text.Count(left)} further strategies are in the tables alone." : "";
        var sampled = criterion.Layers.Any(layer => layer.Every > 1)
            ? $" In layers of more than {Text.Count(Criterion.MostRanked)} weights the correlations are of evenly spaced ones."
            : "";
        var panels = criterion.Layers.Select(layer =>
            $"<div class=\"panel\"><h3>{Markup.Encode(string.Create(CultureInfo.InvariantCulture, $"Layer {layer.Layer} ({layer.Shape})"))}"
            + $"</h3>\n{Draw(layer)}</div>\n");
        return Markup.Figure(
            Id, Title,
            $"Posterior of seed {criterion.Posterior.Seed}, the first. Bars: share of the layer’s weights by ln(σ/σ₀), with σ₀ before and "
                + $"σ after the Bayesian training: left of 0 the posterior has become narrower. {kept}{further}",
            $"{Names(drawn)}<div class=\"panels\">\n{string.Concat(panels)}</div>\n"
                + Correlations(input, criterion) + Thresholds(input.Sigmas) + Dead(criterion),
            $"σ₀ and σ are those of the same weight before the first and after the last step. Correlations are Spearman’s, with mean ranks "
                + $"for equal values.{sampled} That with the pixel’s activity, the root mean square over the training images, is of all "
                + "weights.",
            string.Concat(criterion.Layers.Select(layer => Markup.Details(
                string.Create(CultureInfo.InvariantCulture, $"Data of the panels, layer {layer.Layer}"), Bins(layer)))));
    }

    private static string Names(List<KeptInBins> drawn) => drawn.Count == 0
        ? ""
        : $"<p class=\"legend\">{string.Concat(drawn.Select((kept, i) =>
            $"<span>{Legend.Swatch(Palette.At(i), marker: false)} {Markup.Encode(kept.Strategy)}</span> "))}</p>\n";

    private static string Draw(LayerCriterion layer)
    {
        var (width, total) = ((layer.High - layer.Low) / layer.Counts.Length, Math.Max(1, layer.Counts.Sum(count => (double)count)));
        double[] centres = [.. layer.Counts.Select((_, i) => Math.Round(layer.Low + (i + 0.5) * width, 5))];
        var bars = Chart.Trace(
            "bar", ("x", centres), ("y", layer.Counts.Select(count => Math.Round(100 * count / total, 4)).ToArray()), ("width", width),
            ("marker", Chart.Map(("color", "#c3cad2"), ("line", Chart.Map(("width", 0))))),
            ("hovertemplate", "ln(σ/σ₀) %{x:.3f}: %{y:.2f} % of the weights<extra></extra>"));
        var lines = layer.Kept.Take(MostLines).Select((kept, place) =>
        {
            var filled = Enumerable.Range(0, layer.Counts.Length).Where(i => layer.Counts[i] > 0).ToList();
            return Chart.Trace(
                "scatter", ("mode", "lines"), ("x", filled.ConvertAll(i => centres[i]).ToArray()),
                ("y", filled.ConvertAll(i => Math.Round(100.0 * kept.Counts[i] / layer.Counts[i], 2)).ToArray()), ("yaxis", "y2"),
                ("line", Chart.Line(Palette.At(place), 1.8)),
                ("hovertemplate", $"{Chart.Label(kept.Strategy)} keeps %{{y:.1f}} %<extra></extra>"));
        });
        return Chart.Html(
            string.Create(CultureInfo.InvariantCulture, $"chart-criterion-{layer.Layer}"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Histogram of ln(sigma/sigma_0) in layer {layer.Layer} with the share that each strategy keeps; "
                + $"the data is in the tables below"),
            320, [bars, .. lines],
            ("xaxis", Chart.Axis("ln(σ/σ₀)")),
            ("yaxis", Chart.Axis("weights", ("ticksuffix", " %"), ("rangemode", "tozero"))),
            ("yaxis2", Chart.Axis(
                "kept", ("ticksuffix", " %"), ("range", new[] { 0, 102 }), ("overlaying", "y"), ("side", "right"), ("showgrid", false))),
            ("margin", Chart.Map(("l", 56), ("r", 56), ("t", 24), ("b", 48))),
            ("showlegend", false), ("bargap", 0));
    }

    private static string Correlations(ReportInput input, CriterionDiagnostics criterion) => Markup.Table(
        "Spearman’s rank correlation of σ² with the mean, with how far it has moved, and with how bright the pixel is (root mean square "
            + "over the training images; over all weights), at the end of the Bayesian training",
        ["layer", "with |μ|", "with |μ − μ₀|", "with the pixel’s activity", "weights"],
        criterion.Layers.Select(layer => (string[])[
            string.Create(CultureInfo.InvariantCulture, $"{layer.Layer} ({layer.Shape})"), Signed(layer.WithMean), Signed(layer.WithMove),
            layer.Layer == 1 && WithActivity(input, criterion) is { } activity ? Signed(activity) : "",
            layer.Every == 1 ? "all" : $"every {Text.Ordinal(layer.Every)}"]));

    /// <summary>Null where it wasn't measured.</summary>
    private static double? WithActivity(ReportInput input, CriterionDiagnostics criterion) => input.Finished
        .FirstOrDefault(done => done.Training.Key == criterion.Posterior.Key)?.Record[Measures.VarianceWithActivity];

    /// <summary>Where tickets cut σ²: those that keep exactly the smallest of each layer.</summary>
    private static string Thresholds(ImmutableArray<SigmaDistribution> sigmas)
    {
        var layers = sigmas.OrderBy(layer => layer.Layer).ToList();
        var tickets = layers.SelectMany(layer => layer.Cuts).Select(cut => (cut.Strategy, cut.Cut)).Distinct().ToList();
        if (tickets.Count == 0) return "";
        return Markup.Table(
            "Which σ² each density cuts at: the largest that is kept in the layer, for tickets that keep just the smallest σ of each layer",
            ["ticket", .. layers.Select(layer => string.Create(CultureInfo.InvariantCulture, $"layer {layer.Layer}"))],
            tickets.Select(ticket => (string[])[
                $"{ticket.Strategy} at {ticket.Cut.Label()}",
                .. layers.Select(layer => layer.Cuts.FirstOrDefault(cut => (cut.Strategy, cut.Cut) == ticket) is { } cut
                    ? Text.Short(cut.Sigma * cut.Sigma)
                    : "none kept")]));
    }

    /// <summary>What masks do with weights that can't have learned anything.</summary>
    private static string Dead(CriterionDiagnostics criterion)
    {
        if (criterion.DeadInputs is not { } dead)
            return Markup.Note("Which pixels are always zero isn’t known: the dense net of this seed isn’t there.");
        if (criterion.Maps.IsEmpty) return "";
        var inputs = criterion.Maps[0].Kept.Length;
        if (dead.IsEmpty) return Markup.Note($"None of the {Text.Count(inputs)} inputs is always zero.");
        return Markup.Table(
            $"Always-zero inputs: {Text.Count(dead.Length)} of {Text.Count(inputs)}, whose weights the dense net of this seed left exactly "
                + "where they started. Shares of the first layer’s weights",
            ["ticket", "pruned of always-zero inputs’", "pruned of all", "always-zero inputs’ among the pruned", "among all"],
            criterion.Maps.Select(map =>
            {
                var (all, own) = ((double)inputs * map.Outputs, (double)dead.Length * map.Outputs);
                var (pruned, ownPruned) = (all - map.Kept.Sum(), own - dead.Sum(input => map.Kept[input]));
                return (string[])[
                    $"{map.Strategy} at {map.Cut.Label()}", Text.Percent(ownPruned / own), Text.Percent(pruned / all),
                    pruned == 0 ? "–" : Text.Percent(ownPruned / pruned), Text.Percent(own / all)];
            }),
            criterion.Maps.Length > 30 ? "long" : "");
    }

    private static string Bins(LayerCriterion layer)
    {
        var width = (layer.High - layer.Low) / layer.Counts.Length;
        return Markup.Table(
            "Weights by ln(σ/σ₀), and those kept",
            ["from", "to", "weights", .. layer.Kept.Select(kept => $"{kept.Strategy} at {kept.Cut.Label()}")],
            layer.Counts.Select((count, i) => (string[])[
                Number(layer.Low + i * width), Number(layer.Low + (i + 1) * width), Text.Count(count),
                .. layer.Kept.Select(kept => Text.Count(kept.Counts[i]))]));
    }

    private static string Number(double value) => Text.Short(value).Replace('-', '−');

    private static string Signed(double value) => double.IsNaN(value)
        ? "constant"
        : Math.Round(value, 3).ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);
}
