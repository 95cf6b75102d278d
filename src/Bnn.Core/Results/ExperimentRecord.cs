using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A training as plan.json names it.</summary>
/// <param name="Kind">bayesian, dense or ticket.</param>
/// <param name="Strategy">Of a ticket; else null.</param>
/// <param name="Scope">paper, layerwise, global or threshold; null for what is not pruned.</param>
/// <param name="TargetDensity">As asked for; null for what is not pruned and where a threshold cut.</param>
/// <param name="Threshold">Where a threshold cut: its value in units of the asked strategy's criterion.</param>
public sealed record PlannedTraining(
    RunKey Key, string Kind, string Label, Seed Seed, int Steps, string? Strategy, string? Scope, Density? TargetDensity, double? Threshold)
{
    public static PlannedTraining Of(TrainingSpec training)
    {
        var planned = new PlannedTraining(training.Key, training.Kind, training.Label, training.Seed, training.Steps, null, null, null, null);
        if (training is not TrainingSpec.Ticket ticket) return planned;
        planned = planned with { Strategy = ticket.Strategy.Label };
        return ticket.Cut switch
        {
            Cut.AtDensity cut => planned with { Scope = RunConfig.ScopeName(cut.Scope), TargetDensity = cut.Density },
            Cut.AtThreshold cut => planned with { Scope = ThresholdScope, Threshold = cut.Value },
            Cut.CountsOf cut => planned with { Scope = ThresholdScope, Threshold = cut.Value },
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public const string ThresholdScope = "threshold";
}

/// <summary>A setting as the report shows it.</summary>
public sealed record NamedValue(string Name, string Value);

/// <summary>An experiment as plan.json keeps it: all that a report needs beside the trainings' own results. Nothing of it tells when or where it ran.</summary>
/// <param name="Command">The command that repeats it.</param>
/// <param name="Asked">Strategies asked for; those of <paramref name="Strategies"/> that are not among them are compared with.</param>
public sealed record ExperimentRecord(
    RunKey PlanKey, string Command, Architecture Net, DataHashes Data, ImmutableArray<NamedValue> Settings,
    ImmutableArray<string> Asked, ImmutableArray<StrategyInfo> Strategies, ImmutableArray<PlannedTraining> Trainings);

/// <summary>A training that is done, with its curve.</summary>
public sealed record FinishedTraining(PlannedTraining Training, RunRecord Run, ImmutableArray<MetricsRow> Rows);

/// <summary>A training that isn't done, and why.</summary>
public sealed record MissingTraining(PlannedTraining Training, string Reason);

/// <summary>Posterior σ of one layer at the end of a Bayesian training, as counts in equal bins from <paramref name="Low"/> to <paramref name="High"/>.</summary>
/// <param name="Layer">From 1.</param>
/// <param name="Cuts">Where tickets masked by variance cut: the largest σ that was kept.</param>
public sealed record SigmaDistribution(
    Seed Seed, int Layer, LayerShape Shape, double Low, double High, ImmutableArray<int> Counts, double Mean, ImmutableArray<SigmaCut> Cuts);

/// <param name="Ticket">The ticket's label.</param>
/// <param name="Sigma">Largest σ it kept in the layer.</param>
public sealed record SigmaCut(string Ticket, double Sigma);

/// <summary>Everything that a report is made of. Trainings stand in the plan's order.</summary>
public sealed record ReportInput(
    string Name, ExperimentRecord Experiment, ImmutableArray<FinishedTraining> Finished, ImmutableArray<MissingTraining> Missing,
    ImmutableArray<SigmaDistribution> Sigmas);
