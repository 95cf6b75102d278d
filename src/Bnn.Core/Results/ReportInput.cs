using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A training that is done, with its curve.</summary>
public sealed record FinishedTraining(PlannedTraining Training, TrainingRecord Record, ImmutableArray<MetricsRow> Rows);

/// <summary>A training that isn't done, and why.</summary>
public sealed record MissingTraining(PlannedTraining Training, string Reason);

/// <summary>Everything that a report is made of. Trainings are in the plan's order.</summary>
public sealed record ReportInput(
    string Name, ExperimentRecord Experiment, ImmutableArray<FinishedTraining> Finished, ImmutableArray<MissingTraining> Missing,
    ImmutableArray<SigmaDistribution> Sigmas)
{
    /// <summary>How far masks agree, for some of them.</summary>
    public MaskOverlaps Overlaps { get; init; } = MaskOverlaps.None;

    /// <summary>What the first posterior says about the strategies; null where there is none.</summary>
    public CriterionDiagnostics? Criterion { get; init; }

    /// <summary>Published numbers that its trainings may bear on.</summary>
    public ImmutableArray<Claim> Claims { get; init; } = [];
}
