using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Posterior σ of each layer, with the cuts of the tickets that keep the smallest σ.</summary>
internal static class SigmaFigure
{
    /// <summary>Distance below which two lines share a label, as a fraction of the axis.</summary>
    private const double Close = 0.04;

    /// <summary>A letter's width as a fraction of the axis of a narrow panel, and how many rows of labels there are.</summary>
    private const double LetterWidth = 0.026;
    private const int Rows = 4, RowHeight = 15;

    public static string Html(ReportInput input, Summary summary)
    {
        const string Heading = "Figure 3. Posterior σ of each layer";
        if (input.Sigmas.All(sigma => sigma.Counts.IsEmpty))
        {
            return Markup.NoFigure("figure-3", Heading, "No Bayesian net has finished, so there is no posterior to show.");
        }

        var layers = input.Sigmas.Where(sigma => !sigma.Counts.IsEmpty).OrderBy(sigma => sigma.Layer).ToList();
        var training = layers[0].Training;
        var bayesian = input.Experiment.Trainings.Count(other => other.Kind == TrainingKind.Bayesian);
        var name = summary.Groups.FirstOrDefault(group => group.Cell == training.Cell)?.Name;
        var others = bayesian > 1
            ? $" {(name == training.Kind.Name() ? "Seed" : $"{name}, seed")} {training.Seed}, the first; the others are not drawn."
            : "";
        var panels = layers.Select(layer =>
        {
            var title = string.Create(CultureInfo.InvariantCulture, $"Layer {layer.Layer} ({layer.Shape}), mean {Text.Short(layer.Mean)}");
            return $"<div class=\"panel\"><h3>{Markup.Encode(title)}</h3>\n{Draw(layer, summary)}</div>\n";
        });
        var data = layers.Select(layer =>
            Markup.Details(string.Create(CultureInfo.InvariantCulture, $"Data of figure 3, layer {layer.Layer}"), Table(layer)));
        var cuts = layers.Exists(layer => layer.Cuts.Length > 0)
            ? " Vertical lines: where tickets cut that keep just the smallest σ of each layer, labelled with their density; "
                + "weights to the right of a line are pruned."
            : " No ticket keeps just the smallest σ of each layer, so no cut is drawn.";
        return Markup.Figure(
            "figure-3", Heading, $"Share of the layer's weights by σ at the end of the Bayesian training.{cuts}{others}",
            $"<div class=\"panels\">\n{string.Concat(panels)}</div>\n",
            "σ = 2⁻²³ + softplus(ρ) of each weight, after the last step of the Bayesian training; biases are left out. Bars count the "
                + "weights in intervals of equal width from the smallest σ of the layer to the largest. A cut is the largest σ that a "
                + "ticket keeps in the layer.",
            string.Concat(data));
    }

    private static string Draw(SigmaDistribution layer, Summary summary)
    {
        var (width, total) = ((layer.High - layer.Low) / layer.Counts.Length, Math.Max(1, layer.Counts.Sum(count => (double)count)));
        double[] centres = [.. layer.Counts.Select((_, i) => layer.Low + (i + 0.5) * width)];
        double[] shares = [.. layer.Counts.Select(count => Math.Round(100 * count / total, 4))];
        var pen = Palette.Of(summary, layer.Cuts.IsEmpty ? "" : layer.Cuts[0].Strategy);
        var bars = Chart.Trace(
            "bar", ("x", centres), ("y", shares), ("width", width),
            ("marker", Chart.Map(("color", "#9aa7b5"), ("line", Chart.Map(("width", 0))))),
            ("hovertemplate", "σ %{x:.4g}: %{y:.2f} % of the weights<extra></extra>"));
        // Tickets with the same mask, such as a control with its weights drawn anew, are one line.
        var cuts = layer.Cuts.OrderBy(cut => cut.Sigma).DistinctBy(cut => (cut.Sigma, cut.Cut)).ToList();
        var labels = Placed([.. Labels(cuts, (layer.High - layer.Low) * Close)], (layer.High - layer.Low) * LetterWidth);
        return Chart.Html(
            string.Create(CultureInfo.InvariantCulture, $"chart-sigma-{layer.Layer}"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Histogram of posterior sigma in layer {layer.Layer} with the cuts; the data is in the tables below"),
            320,
            [bars],
            ("xaxis", Chart.Axis("posterior σ")),
            ("yaxis", Chart.Axis("weights", ("ticksuffix", " %"), ("rangemode", "tozero"))),
            ("margin", Chart.Map(("l", 56), ("r", 12), ("t", 8 + RowHeight * Rows), ("b", 48))),
            ("showlegend", false), ("bargap", 0),
            ("shapes", cuts.Select(cut => Chart.Map(
                ("type", "line"), ("xref", "x"), ("x0", cut.Sigma), ("x1", cut.Sigma), ("yref", "paper"), ("y0", 0), ("y1", 1),
                ("line", Chart.Map(("color", pen.Colour), ("width", 1.5))))).ToArray()),
            ("annotations", labels.Select(label => Chart.Map(
                ("x", label.Sigma), ("xref", "x"), ("y", 1), ("yref", "paper"), ("yanchor", "bottom"), ("yshift", label.Row * RowHeight),
                ("showarrow", false), ("font", Chart.Map(("size", 11), ("color", pen.Colour))),
                ("text", Chart.Label(label.Text)))).ToArray()));
    }

    /// <summary>Each label in the lowest row in which it touches none before it; in the last where there is no such row.</summary>
    private static IEnumerable<(double Sigma, string Text, int Row)> Placed(List<(double Sigma, string Text)> labels, double letter)
    {
        var ends = Enumerable.Repeat(double.NegativeInfinity, Rows).ToArray();
        foreach (var (sigma, text) in labels)
        {
            var half = letter * (text.Length + 1) / 2;
            var row = Array.FindIndex(ends, end => end <= sigma - half);
            if (row < 0) row = Rows - 1;
            ends[row] = sigma + half;
            yield return (sigma, text, row);
        }
    }

    /// <summary>One label for each line, or for lines too close to have their own: "1 % … 20 %".</summary>
    private static IEnumerable<(double Sigma, string Text)> Labels(List<SigmaCut> ascending, double close)
    {
        for (int first = 0, next; first < ascending.Count; first = next)
        {
            next = first + 1;
            while (next < ascending.Count && ascending[next].Sigma - ascending[next - 1].Sigma < close) next++;
            var (low, high) = (ascending[first], ascending[next - 1]);
            yield return ((low.Sigma + high.Sigma) / 2, next == first + 1 ? low.Cut.Label() : $"{low.Cut.Label()} … {high.Cut.Label()}");
        }
    }

    private static string Table(SigmaDistribution layer)
    {
        var width = (layer.High - layer.Low) / layer.Counts.Length;
        return Markup.Table(
                "Largest σ kept", ["ticket", "σ"],
                layer.Cuts.Select(cut => (string[])[$"{cut.Strategy} at {cut.Cut.Label()}", Text.Exact(cut.Sigma)]))
            + Markup.Table(
                "Weights by σ", ["σ from", "to", "weights"],
                layer.Counts.Select((count, i) =>
                    (string[])[Text.Short(layer.Low + i * width), Text.Short(layer.Low + (i + 1) * width), Text.Count(count)]));
    }
}
