using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// The results of an experiment: trainings grouped by cell, each ticket judged, arms compared with baselines and controls at equal
/// sparsity.
/// </summary>
/// <param name="Seeds">The planned seeds, in plan order.</param>
/// <param name="Arms">Ways to get tickets, in plan order: a strategy, with the factors that vary in the experiment.</param>
/// <param name="Roles">Which strategies are asked for, baselines and controls.</param>
/// <param name="Cuts">The cuts, in plan order.</param>
/// <param name="Groups">One for each cell, in plan order: the Bayesian net, the dense net, the tickets.</param>
/// <param name="Families">What is compared with each baseline or control, cut by cut, the most important first.</param>
/// <param name="HasValidation">Whether any finished training measured validation images: without them nothing stops early.</param>
/// <param name="Classes">The network's outputs.</param>
/// <param name="Infos">What is known about the strategies.</param>
/// <param name="Labels">How often each class occurs, one for each data set; none where it wasn't counted.</param>
public sealed record Summary(
    string Name, ImmutableArray<Seed> Seeds, ImmutableArray<Arm> Arms, Roles Roles, ImmutableArray<CutPoint> Cuts,
    ImmutableArray<GroupSummary> Groups, ImmutableArray<ComparisonFamily> Families, bool HasValidation, int Classes,
    ImmutableArray<StrategyInfo> Infos, ImmutableArray<LabelCounts> Labels)
{
    /// <summary>All comparisons, family by family.</summary>
    public IEnumerable<Comparison> Comparisons => Families.SelectMany(family => family.Pairs);

    /// <summary>Up to this many arms, the plan's order, one colour each and one sentence each are the easiest to read.</summary>
    public const int FewArms = 6;

    /// <summary>More arms than can be told apart one by one: they are ranked and grouped.</summary>
    public bool HasMany => Arms.Length > FewArms;

    /// <summary>The baselines that have tickets here, the most important first.</summary>
    public ImmutableArray<string> Baselines => [.. Roles.Baselines.Where(IsTrained)];

    /// <summary>The controls that have tickets here.</summary>
    public ImmutableArray<string> Controls => [.. Roles.Controls.Where(IsTrained)];

    /// <summary>A ranking for each cut, in plan order.</summary>
    public ImmutableArray<Ranking> Rankings { get; } = [.. Cuts.Select(cut => Ranking.Of(cut, Groups))];

    /// <summary>The arms by their mean rank over the cuts, the best first; those with missing ranks come last.</summary>
    public ImmutableArray<Standing> Standings => Standing.Of([.. Arms.Select(arm => arm.Name)], Rankings);

    /// <summary>
    /// The groups as tables show them. Few arms: plan order. Many: the nets that aren't pruned, then cut by cut in plan order the tickets,
    /// the best first, those without a rank and missing ones last.
    /// </summary>
    public ImmutableArray<GroupSummary> TableOrder => !HasMany
        ? Groups
        : [
            .. Groups.Where(group => group.Cut is null),
            .. Rankings.SelectMany(ranking => (IEnumerable<GroupSummary>)[
                .. ranking.Tickets.Select(ticket => ticket.Group), .. ranking.Unranked, .. ranking.Missing])];

    /// <summary>Arms of strategies that were asked for.</summary>
    public ImmutableArray<Arm> Asked => [.. Arms.Where(arm => IsAsked(arm.Name))];

    /// <summary>The group's place in its cut; null for what isn't a ticket or has not finished.</summary>
    public RankedTicket? RankOf(GroupSummary group) =>
        Rankings.FirstOrDefault(ranking => ranking.Cut == group.Cut)?
            .Tickets.FirstOrDefault(ticket => ReferenceEquals(ticket.Group, group));

    /// <summary>The heading under which an arm's strategy is listed: bayesian, magnitude, gradient, control or its author's own.</summary>
    public string FamilyOf(string arm) =>
        Infos.FirstOrDefault(info => info.Label == StrategyOf(arm))?.Group is { Length: > 0 } family ? family : "other";

    /// <summary>The strategy of an arm.</summary>
    public string StrategyOf(string arm) => Arms.FirstOrDefault(known => known.Name == arm)?.Strategy ?? arm;

    public bool IsAsked(string arm) => Roles.Asked.Contains(StrategyOf(arm)) && !IsControl(arm);

    public bool IsReference(string arm) => Roles.References.Contains(StrategyOf(arm)) && !IsControl(arm);

    /// <summary>Whether all of an arm was trained as a control and as nothing else: it is no criterion that is assessed.</summary>
    public bool IsControl(string arm) => Groups.Any(group => group.Name == arm) && Groups.Where(group => group.Name == arm)
        .All(group => group.Cell.Control is not null);

    /// <summary>The dense nets: one, unless their factors vary.</summary>
    public IEnumerable<GroupSummary> DenseNets =>
        Groups.Where(group => group.Kind == TrainingKind.Dense && group.Cell.Control is null);

    /// <summary>The dense net; null when none was planned, or several that differ.</summary>
    public GroupSummary? Dense => DenseNets.ToList() is [var only] ? only : null;

    public IEnumerable<GroupSummary> Tickets => Groups.Where(group => group.IsTicket);

    /// <summary>The one dense net that differs from a group in its mask alone; null where there is none, or more than one.</summary>
    public GroupSummary? DenseOf(GroupSummary group) => Only(DenseNets, dense => dense.Cell.AgreesWith(group.Cell));

    /// <summary>The one ticket of a strategy that differs from a group in how its mask is found alone.</summary>
    public GroupSummary? Counterpart(GroupSummary group, string strategy) =>
        Counterpart(Tickets, group.Cell, strategy, other => other.Cell);

    public static Summary From(ReportInput input)
    {
        var experiment = input.Experiment;
        ImmutableArray<PlannedTraining> planned = [
            .. experiment.Trainings
                .Concat(input.Finished.Select(finished => finished.Training))
                .Concat(input.Missing.Select(missing => missing.Training))
                .DistinctBy(training => training.Key)];
        var members = Members([.. planned.Where(training => training.Cell.IsReported)], input);
        var names = ArmNames.Of([.. members.Select(group => group.Cell)]);
        var (roles, sources) = (experiment.Roles, new Sources(experiment, input.Finished));
        ImmutableArray<GroupSummary> groups = [.. members.Select(group => group.Summarise(
            names[group.Cell],
            group.Cell.Strategy is { } strategy && roles.Asked.Contains(strategy) && group.Cell.Control is null,
            Only(members, other => other.Cell is { Kind: TrainingKind.Dense, Control: null } && other.Cell.AgreesWith(group.Cell)),
            TicketsOfBaselines(group, members, roles),
            Hindrance.Of(group, sources)))];
        groups = [.. groups.Zip(Verdict.Corrected([.. groups.Select(group => group.Verdict)]), (group, verdict) =>
            group with { Verdict = verdict })];
        ImmutableArray<Arm> arms = [
            .. groups.Where(group => group.Strategy is not null).Select(group => new Arm(group.Name, group.Strategy!)).Distinct()];
        ImmutableArray<CutPoint> cuts = [.. members.Select(group => group.Cell.Cut).OfType<CutPoint>().Distinct()];
        var hasValidation = input.Finished.Any(finished =>
            finished.Record.EarlyStopStep is not null || finished.Rows.Any(row => row.ValidationAccuracy is not null));
        var summary = new Summary(
            input.Name, [.. planned.Select(training => training.Seed).Distinct()], arms, roles, cuts, groups, [],
            hasValidation, experiment.Net.Sizes[^1], experiment.Strategies, experiment.Labels);
        return summary with { Families = [.. ComparisonFamily.All(summary, experiment.Comparisons)] };
    }

    /// <summary>Each baseline with its ticket at the group's cut; empty for what isn't a ticket.</summary>
    private static ImmutableArray<(string Baseline, GroupMembers? Members)> TicketsOfBaselines(
        GroupMembers group, List<GroupMembers> members, Roles roles)
    {
        if (group.Cell.Strategy is not { } strategy) return [];
        return [
            .. roles.Baselines.Where(baseline => baseline != strategy)
                .Select(baseline => (baseline, Counterpart(members, group.Cell, baseline, other => other.Cell)))];
    }

    /// <summary>
    /// The one ticket of a strategy at a cell's cut that differs from it in how its mask is found alone: pruned round after round as it is,
    /// or at once as it is, if there are both.
    /// </summary>
    private static T? Counterpart<T>(IEnumerable<T> tickets, PlannedCell cell, string strategy, Func<T, PlannedCell> cellOf)
        where T : class
    {
        var fitting = tickets.Where(other => cellOf(other) is { Control: null } own
            && own.Strategy == strategy && own.Cut == cell.Cut && own.AgreesWith(cell)).ToList();
        return Only(fitting, _ => true) ?? Only(fitting, other => cellOf(other)[Factor.Pruning] == cell[Factor.Pruning]);
    }

    private bool IsTrained(string strategy) => Arms.Any(arm => arm.Strategy == strategy);

    private static List<GroupMembers> Members(ImmutableArray<PlannedTraining> planned, ReportInput input)
    {
        var results = input.Finished.DistinctBy(finished => finished.Training.Key).ToDictionary(finished => finished.Training.Key);
        var reasons = input.Missing.DistinctBy(missing => missing.Training.Key)
            .ToDictionary(missing => missing.Training.Key, missing => missing.Reason);
        return [.. planned.GroupBy(training => training.Cell).Select(cell => new GroupMembers(
            cell.Key,
            [.. cell.Where(training => results.ContainsKey(training.Key)).Select(training => results[training.Key])],
            [.. cell.Where(training => !results.ContainsKey(training.Key))
                .Select(training => new MissingSeed(training.Seed, reasons.GetValueOrDefault(training.Key, "not run yet")))],
            Chance.Of(input.Experiment.LabelsOf(cell.Key), cell.Key.Net.Sizes[^1])))];
    }

    /// <summary>The only item that fits; null if none does, or several, since nothing would decide between them.</summary>
    internal static T? Only<T>(IEnumerable<T> items, Func<T, bool> fits)
        where T : class => items.Where(fits).Take(2).ToList() is [var only] ? only : null;
}
