using Bnn.Core;

namespace Bnn.Report;

/// <summary>What had to be trained before each ticket could begin.</summary>
internal static class FindingCosts
{
    public const string Id = "cost", Title = "What tickets cost to find";

    /// <returns>Empty where it isn't known of any ticket.</returns>
    public static string Html(Summary summary)
    {
        var tickets = summary.TableOrder
            .Where(group => group.IsTicket && group.Finished.Any(done => done.Record[Measures.FindingSteps] is not null)).ToList();
        if (tickets.Count == 0) return "";
        var table = Markup.Table(
            "Updates, and multiplications with additions, of everything that was trained before a ticket began, its own training left out; "
                + "mean over the seeds. Networks that several tickets share count for each of them",
            ["ticket", "cut", "steps to find", "multiply-adds to find", "its own steps", "test accuracy, last step"],
            tickets.Select(ticket => (string[])[
                ticket.Name, ticket.Cut?.Label() ?? "", Text.Count(Mean(ticket, Measures.FindingSteps)),
                Text.Operations(Mean(ticket, Measures.FindingMultiplyAdds)), Text.Count(ticket.Cell.Steps),
                ticket.Last is { } last ? Text.PercentNumber(last.Mean) : ""]),
            tickets.Count > 30 ? "long" : "");
        return $"<section id=\"{Id}\">\n<h2>{Title}</h2>\n{table}</section>\n";
    }

    private static double Mean(GroupSummary ticket, Measure measure) =>
        Sample.Mean([.. ticket.Finished.Select(done => done.Record[measure]).OfType<double>()]);
}
