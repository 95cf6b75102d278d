using Host.Experiments;

namespace Host.Consoles;

/// <summary>Estimates the work that is left, from the rates measured so far.</summary>
internal static class WorkLeft
{
    /// <summary>Share of all work that is done, [0, 1].</summary>
    public static double Share(IReadOnlyList<TrainingProgress> all)
    {
        var total = all.Sum(progress => Weight(progress) * progress.Training.Steps);
        return all.Sum(progress => Weight(progress) * Done(progress)) / total;
    }

    /// <summary>Seconds left for one training; NaN before its first step.</summary>
    public static double Seconds(TrainingProgress progress) => (progress.Training.Steps - progress.Step) / progress.StepsPerSecond;

    /// <summary>Seconds left for all of them, if the running ones stay as fast and the others are like them.</summary>
    public static double Seconds(IReadOnlyList<TrainingProgress> all, int jobs)
    {
        var costs = all
            .Where(progress => !double.IsNaN(progress.StepsPerSecond))
            .Select(progress => 1 / (progress.StepsPerSecond * Weight(progress)))
            .ToList();
        if (costs.Count == 0) return double.NaN;
        var left = all
            .Where(progress => progress.State is TrainingState.Waiting or TrainingState.Elsewhere or TrainingState.Running)
            .Sum(progress => Weight(progress) * (progress.Training.Steps - progress.Step));
        var longest = all.Select(Seconds).Where(seconds => !double.IsNaN(seconds)).DefaultIfEmpty(0).Max();
        return Math.Max(left * costs.Average() / jobs, longest);
    }

    private static double Weight(TrainingProgress progress) => progress.Weight;

    private static int Done(TrainingProgress progress) =>
        progress.State is TrainingState.Trained or TrainingState.Reused or TrainingState.Failed ? progress.Training.Steps : progress.Step;
}
