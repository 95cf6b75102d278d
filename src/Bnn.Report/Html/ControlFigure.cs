using Bnn.Core;

namespace Bnn.Report;

/// <summary>Controls beside the tickets that they were made from: each lacks one thing that its ticket has.</summary>
internal static class ControlFigure
{
    public const string Id = "controls", Title = "Controls";

    /// <summary>What a control differs in from its ticket.</summary>
    private static readonly string[] Lacking = [Factor.Places, TrainingSettings.Kept.Name];

    private static readonly (ControlKind Kind, string Words)[] Kinds = [
        (ControlKind.Random, "weights at random places of each layer"),
        (ControlKind.RandomLive, "the same among weights of pixels that some image uses"),
        (ControlKind.ShuffleInputs, "each input keeps its number of weights, at random outputs"),
        (ControlKind.Inverted, "the weights that the strategy would prune first"),
        (ControlKind.Reinit, "the ticket’s mask with initial weights drawn anew"),
    ];

    /// <returns>Empty where no control was trained from a ticket that is there.</returns>
    public static string Html(Summary summary)
    {
        List<TicketPair> pairs = [
            .. from control in summary.Tickets
               where control.Cell.Control is not null && control.N > 0
               let ticket = TicketOf(summary, control)
               where ticket is { N: > 0 }
               select new TicketPair(control, ticket, ticket.Name)];
        if (pairs.Count == 0) return "";
        var there = Kinds.Where(kind => pairs.Exists(pair => pair.Own.Cell.Control == kind.Kind.Name()));
        var words = "Each control differs from its ticket in one thing. "
            + string.Join(" ", there.Select(kind => $"{kind.Kind.Name()}: {kind.Words}."));
        var family = ComparisonFamily.Of("the ticket", Verdict.Margin, pairs);
        return ComparisonFigure.Html(summary, family, Id, Title, "h2", words);
    }

    /// <summary>The one ticket that differs from a control in what the control lacks alone.</summary>
    private static GroupSummary? TicketOf(Summary summary, GroupSummary control) => Lacking
        .Where(factor => control.Cell[factor] is not null)
        .Select(factor => Summary.Only(
            summary.Tickets,
            other => other.Cell.Control is null && other.Strategy == control.Strategy && other.Cut == control.Cut
                && other.Cell[factor] != control.Cell[factor]
                && VaryingFactors.DifferInNothingBut(factor, control.Cell, other.Cell)))
        .FirstOrDefault(ticket => ticket is not null);
}
