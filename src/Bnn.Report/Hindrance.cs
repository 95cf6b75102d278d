using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What keeps a ticket's numbers from saying anything about its strategy.</summary>
public enum HindranceKind
{
    /// <summary>Its mask leaves no path from the inputs to the outputs.</summary>
    NoPath,

    /// <summary>The Bayesian net whose posterior it was scored from is no better than chance.</summary>
    Posterior,

    /// <summary>The dense net whose weights it was scored from is no better than chance.</summary>
    DenseWeights,
}

/// <summary>Why a ticket's numbers say nothing about its strategy, whatever they are.</summary>
/// <param name="Seeds">The seeds it holds for; one is enough, since the others' mean is not that of the experiment.</param>
public sealed record Hindrance(HindranceKind Kind, ImmutableArray<Seed> Seeds)
{
    /// <summary>"its mask leaves no path from the inputs to the outputs".</summary>
    public string Reason => Of("its");

    /// <summary>"the mask of random leaves no path from the inputs to the outputs".</summary>
    public string ReasonOf(string arm) => Of("the", $" of {arm}");

    private string Of(string whose, string arm = "") => Kind switch
    {
        HindranceKind.NoPath => $"{whose} mask{arm} leaves no path from the inputs to the outputs",
        HindranceKind.Posterior => $"{whose} criterion{arm} comes from the posterior of a Bayesian net that is no better than chance",
        _ => $"{whose} criterion{arm} comes from the weights of a dense net that is no better than chance",
    };

    /// <summary>The first one of a ticket's; null if there is none.</summary>
    internal static Hindrance? Of(GroupMembers ticket, IReadOnlyList<GroupMembers> all, ExperimentRecord experiment)
    {
        if (ticket.Cell.Strategy is not { } strategy) return null;
        var cut = SeedsOf(ticket.Finished.Where(finished => HasNoPath(finished.Record)));
        if (!cut.IsEmpty) return new Hindrance(HindranceKind.NoPath, cut);
        var needs = NeedsOf(strategy, experiment);
        if (ticket.Cell.Cut?.Threshold is not null)      // it may have the counts that the asked strategy has at its threshold
            foreach (var asked in experiment.Roles.Asked) needs |= NeedsOf(asked, experiment);
        return Source(TrainingKind.Bayesian, Needs.Posterior | Needs.Snapshots, HindranceKind.Posterior)
            ?? Source(TrainingKind.Dense, Needs.DenseWeights, HindranceKind.DenseWeights);

        Hindrance? Source(TrainingKind kind, Needs need, HindranceKind hindrance)
        {
            if ((needs & need) == Needs.Nothing) return null;
            var bad = all.Where(group => group.Cell.Kind == kind && ticket.Cell.HasFactorsOf(group.Cell))
                .SelectMany(group => group.AtChance).ToHashSet();
            var seeds = SeedsOf(ticket.Finished.Where(finished => bad.Contains(finished.Training.Seed)));
            return seeds.IsEmpty ? null : new Hindrance(hindrance, seeds);
        }
    }

    /// <summary>An empty layer leaves no path; for other masks it was counted.</summary>
    private static bool HasNoPath(TrainingRecord record) => record.Kept.Contains(0) || record[Measures.ConnectedClasses] == 0;

    private static Needs NeedsOf(string strategy, ExperimentRecord experiment) =>
        experiment.Strategies.FirstOrDefault(info => info.Label == strategy)?.AllNeeds ?? Needs.Nothing;

    private static ImmutableArray<Seed> SeedsOf(IEnumerable<FinishedTraining> trainings) =>
        [.. trainings.Select(finished => finished.Training.Seed)];
}
