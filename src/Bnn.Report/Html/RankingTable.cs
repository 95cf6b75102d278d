using System.Globalization;
using System.Text;

namespace Bnn.Report;

/// <summary>
/// Rank and accuracy of each strategy at each cut. Only where there are so many strategies that the table of results doesn't show them at a
/// glance.
/// </summary>
internal static class RankingTable
{
    /// <summary>Number of shades; darker is better. The number in the cell says the same, so nobody depends on the shade.</summary>
    public const int Shades = 5;

    public static string Html(Summary summary)
    {
        if (!summary.HasMany) return "";
        const string Start = "<section id=\"ranking\">\n<h2>Ranking</h2>\n", End = "</section>\n";
        if (summary.Rankings.All(ranking => ranking.Tickets.IsEmpty))
        {
            var why = summary.Rankings.Any(ranking => ranking.Unranked.Length > 0)
                ? "No ticket has a rank: all are no better than chance, or nothing follows from their masks."
                : "No ticket has finished, so nothing can be ranked.";
            return Start + Markup.Note(why) + End;
        }

        var seeds = summary.Seeds.Length == 1
            ? "one seed, so luck is part of it"
            : $"mean of {Text.Seeds(summary.Seeds.Length)}; neighbours may differ by chance";
        var dense = summary.Dense?.Last is { } last ? $" The dense net reaches {Text.PercentNumber(last.Mean)}." : "";
        var caption = $"Rank at each cut, and test accuracy after the last step in per cent ({seeds}). Sorted by mean rank; "
            + $"= marks a shared rank, ✓ a winning ticket; the stronger the colour, the better the rank.{dense}";
        string[] headers = ["strategy", "group", "mean rank", .. summary.Cuts.Select(cut => cut.Label())];
        var html = new StringBuilder(Start)
            .Append("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Ranking\">")
            .Append($"<table class=\"ranking\"><caption><span>{Markup.Encode(caption)}</span></caption><thead><tr>")
            .AppendJoin("", headers.Select(header => $"<th scope=\"col\">{Markup.Encode(header)}</th>"))
            .Append("</tr></thead><tbody>\n");
        foreach (var standing in summary.Standings)
        {
            var asked = summary.Asked.Length <= Summary.FewArms && summary.IsAsked(standing.Arm) ? ", asked for" : "";
            html.Append($"<tr><th scope=\"row\">{Markup.Encode(standing.Arm)}</th>")
                .Append($"<td class=\"family\">{Markup.Encode(summary.FamilyOf(standing.Arm) + asked)}</td>")
                .Append($"<td>{standing.MeanRank?.ToString("0.0", CultureInfo.InvariantCulture)}</td>")
                .AppendJoin("", summary.Rankings.Select(ranking => Cell(summary, ranking, standing.Arm)))
                .Append("</tr>\n");
        }
        return html.Append("</tbody></table></div>\n").Append(End).ToString();
    }

    private static string Cell(Summary summary, Ranking ranking, string arm)
    {
        if (ranking.Tickets.FirstOrDefault(ticket => ticket.Group.Name == arm) is not { } ticket)
            return $"<td class=\"none\">{Without(ranking, arm)}</td>";
        var shade = Shades - 1 - (ticket.Rank - 1) * Shades / ranking.Tickets.Length;
        var group = ticket.Group;
        var some = group.N < summary.Seeds.Length ? $" <small>{Text.Count(group.N)} of {Text.Seeds(summary.Seeds.Length)}</small>" : "";
        var wins = group.Verdict.Outcome == Outcome.Wins ? " <span role=\"img\" aria-label=\"wins\">✓</span>" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<td class=\"heat-{shade}\"><b>{ticket.RankText}</b> {Text.PercentNumber(group.Last!.Mean)}{wins}{some}</td>");
    }

    /// <summary>What stands in place of a rank.</summary>
    private static string Without(Ranking ranking, string arm)
    {
        if (ranking.Unranked.FirstOrDefault(group => group.Name == arm) is { } unranked)
            return $"no rank {Text.PercentNumber(unranked.Last!.Mean)}";
        return ranking.Missing.Any(group => group.Name == arm) ? "missing" : "";
    }
}
