using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What keeps a ticket's numbers from saying anything about its strategy.</summary>
public enum HindranceKind
{
    /// <summary>Its mask leaves no path from the inputs to the outputs.</summary>
    NoPath,

    /// <summary>A Bayesian net whose posterior it was scored from, in its own round or an earlier one, is no better than chance.</summary>
    Posterior,

    /// <summary>An ordinary net whose weights it was scored from, in its own round or an earlier one, is no better than chance.</summary>
    Weights,
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
        _ => $"{whose} criterion{arm} comes from the weights of a net that is no better than chance",
    };

    /// <summary>The first one of a ticket's; null if there is none.</summary>
    internal static Hindrance? Of(GroupMembers ticket, Sources sources)
    {
        if (ticket.Cell.Kind != TrainingKind.Ticket) return null;
        return Where(HindranceKind.NoPath, finished => HasNoPath(finished.Record))
            ?? Where(HindranceKind.Posterior, finished => sources.HaveLearnedNothing(finished.Training, HindranceKind.Posterior))
            ?? Where(HindranceKind.Weights, finished => sources.HaveLearnedNothing(finished.Training, HindranceKind.Weights));

        Hindrance? Where(HindranceKind kind, Func<FinishedTraining, bool> holds)
        {
            ImmutableArray<Seed> seeds = [.. ticket.Finished.Where(holds).Select(finished => finished.Training.Seed)];
            return seeds.IsEmpty ? null : new Hindrance(kind, seeds);
        }
    }

    /// <summary>An empty layer leaves no path; for other masks it was counted.</summary>
    private static bool HasNoPath(TrainingRecord record) => record.Kept.Contains(0) || record[Measures.ConnectedClasses] == 0;
}
