using Bnn.Core;

namespace Bnn.Report;

/// <summary>What layers keep where no rule fixes it: under the scope global, the counts of another strategy, or a threshold.</summary>
internal static class LayerDensities
{
    public const string Id = "layer-densities", Title = "What layers keep";

    /// <returns>Empty where each layer's share is given.</returns>
    public static string Html(Summary summary)
    {
        var tickets = summary.Tickets
            .Where(ticket => ticket.N > 0 && ticket.Cell.Scope is { } scope
                && scope != MaskScope.Paper.Name() && scope != MaskScope.Layerwise.Name())
            .ToList();
        if (tickets.Count == 0) return "";
        var layers = tickets.Max(ticket => ticket.Finished[0].Record.Kept.Length);
        var table = Markup.Table(
            "Share of each layer’s weights that masks keep where all layers compete: mean over the seeds",
            ["ticket", "scope", "all", .. Enumerable.Range(1, layers).Select(layer => $"layer {Text.Count(layer)}")],
            tickets.Select(ticket => (string[])[
                ticket.Label, ticket.Cell.Scope!, Text.Share(ticket.Density!.Value),
                .. Enumerable.Range(0, layers).Select(l => l < ticket.Finished[0].Record.Kept.Length ? Share(ticket, l) : "")]),
            tickets.Count > 30 ? "long" : "");
        return $"<section id=\"{Id}\">\n<h2>{Title}</h2>\n{table}</section>\n";
    }

    private static string Share(GroupSummary ticket, int layer) => Text.Share(Sample.Mean([
        .. ticket.Finished.Select(done => (double)done.Record.Kept[layer] / done.Record.Total[layer])]));
}
