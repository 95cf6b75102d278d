using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>The trainings of one cell: they differ in nothing but the seed.</summary>
/// <param name="Name">A row's name without its cut: the strategy or the kind of net, and each factor that varies in the experiment.</param>
/// <param name="Asked">A ticket of a strategy that was asked for.</param>
/// <param name="Missing">Planned seeds without a result; they are part of no mean.</param>
/// <param name="Last">Test accuracy after the last step, a fraction.</param>
/// <param name="EarlyStop">Test accuracy at the early stop; null without validation.</param>
/// <param name="Density">Mean kept share.</param>
/// <param name="Kept">Number of weights kept: smallest and largest over the seeds.</param>
/// <param name="ToDense">Difference to the dense net, paired by seed; null for the dense net itself.</param>
/// <param name="ToBaselines">Differences to the baselines' tickets at the same cut, paired by seed, by the baseline's strategy.</param>
public sealed record GroupSummary(
    PlannedCell Cell, string Name, bool Asked, ImmutableArray<FinishedTraining> Finished, ImmutableArray<MissingSeed> Missing,
    Spread? Last, Spread? EarlyStop, Spread? EarlyStopStep, double? Density, (int Low, int High)? Kept, int? Total,
    Differences? ToDense, ImmutableArray<(string Baseline, Differences Difference)> ToBaselines, Verdict Verdict)
{
    /// <summary>What a net reaches on its data that has learned nothing.</summary>
    public required Chance Chance { get; init; }

    /// <summary>The seeds whose net is no better than chance after the last step.</summary>
    public required ImmutableArray<Seed> AtChance { get; init; }

    /// <summary>Why its numbers say nothing about its strategy; null where they may.</summary>
    public required Hindrance? Hindrance { get; init; }

    /// <summary>The seeds whose training still improved when it ended.</summary>
    public ImmutableArray<Seed> StillImproving =>
        [.. Finished.Where(Verdict.StillImproved).Select(finished => finished.Training.Seed)];

    /// <summary>Whether nothing it has trained is better than chance.</summary>
    public bool IsAtChance => N > 0 && AtChance.Length == N;

    /// <summary>Whether its place among others means something.</summary>
    public bool CanBeRanked => N > 0 && Hindrance is null && !IsAtChance;

    public int N => Finished.Length;

    public TrainingKind Kind => Cell.Kind;

    /// <summary>The ticket's strategy; null for other nets.</summary>
    public string? Strategy => Cell.Strategy;

    public CutPoint? Cut => Cell.Cut;

    public bool IsTicket => Kind == TrainingKind.Ticket;

    /// <summary>"variance at 5 %".</summary>
    public string Label => Cut is null ? Name : $"{Name} at {Cut.Label()}";

    /// <summary>"13,310", or "13,300 to 13,321" where seeds differ; empty without results.</summary>
    public string KeptText => Kept switch
    {
        null => "",
        var (low, high) when low == high => Text.Count(low),
        var (low, high) => $"{Text.Count(low)} to {Text.Count(high)}",
    };

    /// <summary>The difference to a baseline's ticket; null where there is none to compare with.</summary>
    public Differences? To(string baseline)
    {
        foreach (var (name, difference) in ToBaselines)
            if (name == baseline) return difference;
        return null;
    }
}

/// <summary>A cell's trainings before anything is computed from them.</summary>
internal sealed record GroupMembers(
    PlannedCell Cell, ImmutableArray<FinishedTraining> Finished, ImmutableArray<MissingSeed> Missing, Chance Chance)
{
    /// <inheritdoc cref="GroupSummary.AtChance"/>
    public ImmutableArray<Seed> AtChance { get; } = [
        .. Finished.Where(finished => Chance.IsNoBetter(finished.Record.TestAccuracyLast)).Select(finished => finished.Training.Seed)];

    public GroupSummary Summarise(
        string name, bool asked, GroupMembers? dense, ImmutableArray<(string Baseline, GroupMembers? Members)> baselines,
        Hindrance? hindrance)
    {
        var records = Finished.Select(finished => finished.Record).ToList();
        var toDense = Against(Cell.Kind == TrainingKind.Dense ? null : dense);
        var others = baselines.Where(pair => pair.Members is not null && pair.Members != this);
        return new GroupSummary(
            Cell, name, asked, Finished, Missing,
            Spread.Of([.. records.Select(record => record.TestAccuracyLast)]),
            Spread.Of([.. records.Select(record => record.TestAccuracyEarlyStop).OfType<double>()]),
            Spread.Of([.. records.Select(record => (double?)record.EarlyStopStep).OfType<double>()]),
            records.Count == 0 ? null : Sample.Mean([.. records.Select(record => record.KeptShare)]),
            records.Count == 0 ? null : (records.Min(record => record.KeptCount), records.Max(record => record.KeptCount)),
            records.Count == 0 ? null : records[0].TotalCount,
            toDense,
            [.. others.Select(pair => (pair.Baseline, Against(pair.Members)!))],
            Cell.Kind == TrainingKind.Ticket ? Verdict.Of(this, dense, toDense?.Last, hindrance) : Verdict.None)
        {
            Chance = Chance,
            AtChance = AtChance,
            Hindrance = hindrance,
        };
    }

    private Differences? Against(GroupMembers? other) => other is null
        ? null
        : new Differences(
            PairedDifference.Of(Finished, other.Finished, record => record.TestAccuracyLast),
            PairedDifference.Of(Finished, other.Finished, record => record.TestAccuracyEarlyStop));
}
