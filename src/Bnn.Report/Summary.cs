using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What an experiment came to: trainings grouped over their seeds, each ticket judged, strategies compared at equal sparsity.</summary>
/// <param name="Seeds">Planned, in plan order.</param>
/// <param name="Strategies">In plan order.</param>
/// <param name="Asked">Those of them that were asked for, not only compared with.</param>
/// <param name="Cuts">In plan order.</param>
/// <param name="Groups">In plan order: the Bayesian net, the dense net, the tickets.</param>
/// <param name="Comparisons">Strategy against baseline, cut by cut.</param>
/// <param name="HasValidation">Whether any finished training measured validation images: without them nothing stops early.</param>
/// <param name="Classes">The network's outputs.</param>
/// <param name="Infos">What is known of the strategies.</param>
public sealed record Summary(
    string Name, ImmutableArray<Seed> Seeds, ImmutableArray<string> Strategies, ImmutableArray<string> Asked, ImmutableArray<CutPoint> Cuts,
    ImmutableArray<GroupSummary> Groups, ImmutableArray<Comparison> Comparisons, bool HasValidation, int Classes, ImmutableArray<StrategyInfo> Infos)
{
    public const string Magnitude = "magnitude", Random = "random";

    /// <summary>Up to so many strategies the plan's order, one colour each and a sentence each are the easiest to read.</summary>
    public const int FewStrategies = 6;

    /// <summary>More strategies than can be told apart one by one: they are ranked and grouped.</summary>
    public bool HasMany => Strategies.Length > FewStrategies;

    /// <summary>A ranking for each cut, in plan order.</summary>
    public ImmutableArray<Ranking> Rankings { get; } = [.. Cuts.Select(cut => Ranking.Of(cut, Groups))];

    /// <summary>The strategies by their mean rank over the cuts, the best first; those with missing ranks come last.</summary>
    public ImmutableArray<Standing> Standings => Standing.Of(Strategies, Rankings);

    /// <summary>
    /// The groups as tables show them. Few strategies: plan order. Many: the nets that aren't pruned, then cut by cut in plan order the tickets, the best first, missing ones last.
    /// </summary>
    public ImmutableArray<GroupSummary> TableOrder => !HasMany
        ? Groups
        : [.. Groups.Where(group => group.Cut is null), .. Rankings.SelectMany(ranking => ranking.Tickets.Select(ticket => ticket.Group).Concat(ranking.Missing))];

    /// <summary>The group's place in its cut; null for what isn't a ticket or has not finished.</summary>
    public RankedTicket? RankOf(GroupSummary group) =>
        Rankings.FirstOrDefault(ranking => ranking.Cut == group.Cut)?.Tickets.FirstOrDefault(ticket => ReferenceEquals(ticket.Group, group));

    /// <summary>The heading that a strategy stands under: bayesian, magnitude, gradient, control or its author's own.</summary>
    public string FamilyOf(string strategy) => Infos.FirstOrDefault(info => info.Label == strategy)?.Group is { Length: > 0 } family ? family : "other";

    /// <summary>The dense net's group; null when none was planned.</summary>
    public GroupSummary? Dense => Groups.FirstOrDefault(group => group.Kind == GroupSummary.DenseKind);

    public IEnumerable<GroupSummary> Tickets => Groups.Where(group => group.IsTicket);

    public GroupSummary? Ticket(string strategy, CutPoint cut) => Groups.FirstOrDefault(group => group.Strategy == strategy && group.Cut == cut);

    public static Summary From(ReportInput input)
    {
        var experiment = input.Experiment;
        ImmutableArray<PlannedTraining> planned = [
            .. experiment.Trainings
                .Concat(input.Finished.Select(finished => finished.Training))
                .Concat(input.Missing.Select(missing => missing.Training))
                .DistinctBy(training => training.Key)];
        var members = planned
            .GroupBy(training => (training.Kind, training.Strategy, Cut: CutPoint.Of(training)))
            .Select(group => GroupMembers.Of([.. group], input))
            .ToList();

        var dense = members.Find(group => group.Kind == GroupSummary.DenseKind);
        ImmutableArray<GroupSummary> groups = [
            .. members.Select(group => group.Summarise(
                experiment.Asked.Contains(group.Strategy ?? ""), dense, members.Find(other => other.Strategy == Magnitude && other.Cut == group.Cut)))];
        ImmutableArray<string> strategies = [.. planned.Select(training => training.Strategy).OfType<string>().Distinct(StringComparer.Ordinal)];
        ImmutableArray<CutPoint> cuts = [.. planned.Select(CutPoint.Of).OfType<CutPoint>().Distinct()];

        return new Summary(
            input.Name, [.. planned.Select(training => training.Seed).Distinct()], strategies, experiment.Asked, cuts, groups,
            [.. Comparison.All(strategies, experiment.Asked, cuts, groups)],
            input.Finished.Any(finished => finished.Run.EarlyStopStep is not null || finished.Rows.Any(row => row.ValidationAccuracy is not null)),
            experiment.Net.Sizes[^1], experiment.Strategies);
    }
}

/// <summary>Where tickets were cut: a share of the weights, or a value of the asked strategy's criterion.</summary>
public sealed record CutPoint(Density? Target, double? Threshold)
{
    /// <summary>Null for what isn't pruned.</summary>
    public static CutPoint? Of(PlannedTraining training) => training.TargetDensity is null && training.Threshold is null
        ? null
        : new CutPoint(training.TargetDensity, training.Threshold);

    /// <summary>"5 %" or "threshold 0.01".</summary>
    public string Label => Target is { } density ? Text.Share(density) : $"threshold {Text.Exact(Threshold ?? double.NaN)}";
}

/// <summary>Mean over the seeds that have the value.</summary>
/// <param name="Sd">With n − 1; null for one value.</param>
public sealed record Spread(int N, double Mean, double? Sd)
{
    /// <summary>Null for no values.</summary>
    public static Spread? Of(IReadOnlyList<double> values) => values.Count == 0
        ? null
        : new Spread(values.Count, Sample.Mean(values), values.Count == 1 ? null : Sample.StandardDeviation(values));
}

/// <summary>A seed of a group that has no result, and why.</summary>
public sealed record MissingSeed(Seed Seed, string Reason);

/// <summary>Trainings that differ in nothing but the seed.</summary>
/// <param name="Kind">bayesian, dense or ticket.</param>
/// <param name="Strategy">Of a ticket; else null.</param>
/// <param name="Asked">A ticket of a strategy that was asked for.</param>
/// <param name="Missing">Planned seeds without a result; they enter no mean.</param>
/// <param name="Last">Test accuracy after the last step, a fraction.</param>
/// <param name="EarlyStop">Test accuracy at the early stop; null without validation.</param>
/// <param name="Density">Mean kept share.</param>
/// <param name="Kept">Weights kept: smallest and largest over the seeds.</param>
/// <param name="ToDense">Difference to the dense net, paired by seed; null for the dense net itself.</param>
/// <param name="ToMagnitude">Difference to the ticket of magnitude at the same cut, paired by seed; null for magnitude itself and where there is none.</param>
public sealed record GroupSummary(
    string Kind, string? Strategy, string? Scope, CutPoint? Cut, bool Asked,
    ImmutableArray<FinishedTraining> Finished, ImmutableArray<MissingSeed> Missing,
    Spread? Last, Spread? EarlyStop, Spread? EarlyStopStep, double? Density, (int Low, int High)? Kept, int? Total,
    Differences? ToDense, Differences? ToMagnitude, Verdict Verdict)
{
    public const string BayesianKind = "bayesian", DenseKind = "dense", TicketKind = "ticket";

    public int N => Finished.Length;

    public bool IsTicket => Kind == TicketKind;

    /// <summary>"variance", "dense": what a row is called beside its cut.</summary>
    public string Name => Strategy ?? Kind;

    /// <summary>"variance at 5 %".</summary>
    public string Label => Cut is null ? Name : $"{Name} at {Cut.Label}";

    /// <summary>"13,310", or "13,300 to 13,321" where seeds differ; empty without results.</summary>
    public string KeptText => Kept switch
    {
        null => "",
        var (low, high) when low == high => Text.Count(low),
        var (low, high) => $"{Text.Count(low)} to {Text.Count(high)}",
    };
}

/// <summary>A difference of test accuracies after the last step and at the early stop; null where no seed has both.</summary>
public sealed record Differences(PairedDifference? Last, PairedDifference? EarlyStop);

/// <summary>x − y over the seeds that have both.</summary>
/// <param name="Seeds">That were paired.</param>
/// <param name="Interval">Student's 95 % interval of the mean difference; null for one pair.</param>
public sealed record PairedDifference(ImmutableArray<Seed> Seeds, double Mean, TInterval? Interval)
{
    public const double Confidence = 0.95;

    public int N => Seeds.Length;

    /// <summary>Null when no seed has both.</summary>
    public static PairedDifference? Of(IEnumerable<FinishedTraining> x, IEnumerable<FinishedTraining> y, Func<RunRecord, double?> value)
    {
        var others = y.DistinctBy(finished => finished.Training.Seed).ToDictionary(finished => finished.Training.Seed, finished => value(finished.Run));
        List<(Seed Seed, double Difference)> pairs = [
            .. from finished in x
               let other = others.GetValueOrDefault(finished.Training.Seed)
               let own = value(finished.Run)
               where own is not null && other is not null
               select (finished.Training.Seed, own.Value - other.Value)];
        if (pairs.Count == 0) return null;
        double[] d = [.. pairs.Select(pair => pair.Difference)];
        return new PairedDifference([.. pairs.Select(pair => pair.Seed)], Sample.Mean(d), d.Length == 1 ? null : TInterval.Of(d, Confidence));
    }

    /// <summary>"95 % interval −1.50 to −0.96, 3 seeds", or "one seed, no interval".</summary>
    public string IntervalText => Interval is null
        ? "one seed, no interval"
        : $"95 % interval {Text.Points(Interval.Low)} to {Text.Points(Interval.High)}, {Text.Seeds(N)}";
}

/// <summary>The trainings of a group before anything is computed of them.</summary>
internal sealed record GroupMembers(
    string Kind, string? Strategy, string? Scope, CutPoint? Cut, ImmutableArray<FinishedTraining> Finished, ImmutableArray<MissingSeed> Missing)
{
    public static GroupMembers Of(ImmutableArray<PlannedTraining> planned, ReportInput input)
    {
        var results = input.Finished.DistinctBy(finished => finished.Training.Key).ToDictionary(finished => finished.Training.Key);
        var reasons = input.Missing.DistinctBy(missing => missing.Training.Key).ToDictionary(missing => missing.Training.Key, missing => missing.Reason);
        return new GroupMembers(
            planned[0].Kind, planned[0].Strategy, planned[0].Scope, CutPoint.Of(planned[0]),
            [.. planned.Where(training => results.ContainsKey(training.Key)).Select(training => results[training.Key])],
            [.. planned.Where(training => !results.ContainsKey(training.Key))
                .Select(training => new MissingSeed(training.Seed, reasons.GetValueOrDefault(training.Key, "not run yet")))]);
    }

    public GroupSummary Summarise(bool asked, GroupMembers? dense, GroupMembers? magnitude)
    {
        var runs = Finished.Select(finished => finished.Run).ToList();
        var toDense = Against(Kind == GroupSummary.DenseKind ? null : dense);
        return new GroupSummary(
            Kind, Strategy, Scope, Cut, asked, Finished, Missing,
            Spread.Of([.. runs.Select(run => run.TestAccuracyLast)]),
            Spread.Of([.. runs.Select(run => run.TestAccuracyEarlyStop).OfType<double>()]),
            Spread.Of([.. runs.Select(run => (double?)run.EarlyStopStep).OfType<double>()]),
            runs.Count == 0 ? null : Sample.Mean([.. runs.Select(run => run.Density)]),
            runs.Count == 0 ? null : (runs.Min(run => run.KeptCount), runs.Max(run => run.KeptCount)),
            runs.Count == 0 ? null : runs[0].TotalCount,
            toDense, Against(Strategy is null or Summary.Magnitude ? null : magnitude),
            Kind == GroupSummary.TicketKind ? Verdict.Of(this, dense, toDense?.Last) : Verdict.None);
    }

    private Differences? Against(GroupMembers? other) => other is null
        ? null
        : new Differences(
            PairedDifference.Of(Finished, other.Finished, run => run.TestAccuracyLast),
            PairedDifference.Of(Finished, other.Finished, run => run.TestAccuracyEarlyStop));
}
