using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>A ticket's place among those of its cut.</summary>
/// <param name="Rank">The rank, from 1; equal means share one, and the next rank counts them all: 1, 2, 2, 4.</param>
/// <param name="Shared">Another ticket has the same rank.</param>
public sealed record RankedTicket(int Rank, bool Shared, GroupSummary Group)
{
    /// <summary>"3", or "3=" where it is shared.</summary>
    public string RankText => Text.Count(Rank) + (Shared ? "=" : "");
}

/// <summary>The tickets of one cut by their mean test accuracy after the last step, the best first; equal ones in plan order.</summary>
/// <param name="Unranked">
/// Tickets whose place would mean nothing, in plan order: no better than chance, or nothing follows from their masks.
/// </param>
/// <param name="Missing">Tickets without a finished seed, in plan order.</param>
public sealed record Ranking(
    CutPoint Cut, ImmutableArray<RankedTicket> Tickets, ImmutableArray<GroupSummary> Unranked, ImmutableArray<GroupSummary> Missing)
{
    /// <summary>Means that differ by no more than rounding are equal: equally many images were right.</summary>
    private const int Digits = 12;

    internal static Ranking Of(CutPoint cut, IEnumerable<GroupSummary> groups)
    {
        var tickets = groups.Where(group => group.IsTicket && group.Cut == cut).ToList();
        var ranked = ImmutableArray.CreateBuilder<RankedTicket>();
        foreach (var equal in tickets.Where(group => group.CanBeRanked)
            .GroupBy(group => Math.Round(group.Last!.Mean, Digits)).OrderByDescending(equal => equal.Key))
        {
            var rank = ranked.Count + 1;
            var shared = equal.Skip(1).Any();
            ranked.AddRange(equal.Select(group => new RankedTicket(rank, shared, group)));
        }
        return new Ranking(
            cut,
            ranked.ToImmutable(),
            [.. tickets.Where(group => group.N > 0 && !group.CanBeRanked)],
            [.. tickets.Where(group => group.N == 0)]);
    }
}

/// <summary>An arm over all cuts.</summary>
/// <param name="Ranks">The number of cuts in which it has a rank.</param>
/// <param name="MeanRank">The mean rank over those; null for none.</param>
public sealed record Standing(string Arm, int Ranks, double? MeanRank)
{
    /// <summary>The best mean rank first; arms that lack cuts follow those that have them all, since one good rank isn't three.</summary>
    internal static ImmutableArray<Standing> Of(ImmutableArray<string> arms, ImmutableArray<Ranking> rankings)
    {
        var ranks = rankings.SelectMany(ranking => ranking.Tickets)
            .ToLookup(ticket => ticket.Group.Name, ticket => (double)ticket.Rank, StringComparer.Ordinal);
        return [
            .. arms
                .Select(arm => ranks[arm].ToArray() is { Length: > 0 } own
                    ? new Standing(arm, own.Length, Sample.Mean(own))
                    : new Standing(arm, 0, null))
                .OrderByDescending(standing => standing.Ranks)
                .ThenBy(standing => standing.MeanRank)];
    }
}
