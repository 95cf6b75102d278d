using Bnn.Core;

namespace Host.Execution;

/// <summary>Keeps the posterior at some steps.</summary>
public sealed class SnapshotTaker(IReadOnlyCollection<int> steps) : ITrainingObserver
{
    private const int Parts = 10;

    public List<(int Step, PosteriorSnapshot Posterior)> Taken { get; } = [];

    public IReadOnlyCollection<int> Moments => steps;

    /// <summary>The ends of the first nine tenths of a training; fewer where it is too short for nine.</summary>
    public static int[] StepsOf(int steps) => [.. Enumerable.Range(1, Parts - 1).Select(part => (int)((long)steps * part / Parts)).Where(step => step > 0).Distinct()];

    public void Reached(LoopMoment moment) => Taken.Add((moment.Step, moment.Posterior()!));
}
