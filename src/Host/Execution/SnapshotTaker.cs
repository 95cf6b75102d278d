using Bnn.Core;

namespace Host.Execution;

/// <summary>Keeps the posterior at some steps, and passes everything on to another observer.</summary>
public sealed class SnapshotTaker(ITrainingObserver next, IBayesianStepper stepper, IReadOnlyCollection<int> steps) : ITrainingObserver
{
    private const int Parts = 10;

    public List<(int Step, PosteriorSnapshot Posterior)> Taken { get; } = [];

    /// <summary>The ends of the first nine tenths of a training; fewer where it is too short for nine.</summary>
    public static int[] StepsOf(int steps) => [.. Enumerable.Range(1, Parts - 1).Select(part => (int)((long)steps * part / Parts)).Where(step => step > 0).Distinct()];

    public void Stepped(int step, StepLoss loss)
    {
        if (steps.Contains(step)) Taken.Add((step, stepper.Posterior()));
        next.Stepped(step, loss);
    }

    public void Evaluated(MetricsRow row) => next.Evaluated(row);
}
