using Bnn.Core;
using Serilog;

namespace Host.Experiments;

/// <summary>Writes each evaluation to the training's log.</summary>
public sealed class LogWriter(ILogger log) : ITrainingObserver
{
    private const string Line = "step {Step}: train loss {Loss}, validation NLL {Nll}, accuracy {Accuracy}";

    public void Evaluated(MetricsRow row, LoopMoment now) =>
        log.Information(Line, row.Step, row.TrainLoss, row.ValidationNll, row.ValidationAccuracy);
}

/// <summary>Keeps the posterior at some steps of a Bayesian training.</summary>
public sealed class SnapshotTaker(IReadOnlyCollection<int> steps) : ITrainingObserver
{
    private const int Parts = 10;

    public IReadOnlyCollection<int> Moments => steps;

    public List<(int Step, PosteriorSnapshot Posterior)> Taken { get; } = [];

    /// <summary>The ends of the first nine tenths of a training; fewer where it is too short for nine.</summary>
    public static int[] StepsOf(int steps) =>
        [.. Enumerable.Range(1, Parts - 1).Select(part => (int)((long)steps * part / Parts)).Where(step => step > 0).Distinct()];

    public void Reached(LoopMoment moment) => Taken.Add((moment.Step, moment.Posterior()!));
}
