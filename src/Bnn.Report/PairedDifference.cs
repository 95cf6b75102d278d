using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>A difference of test accuracies after the last step and at the early stop; null where no seed has both.</summary>
public sealed record Differences(PairedDifference? Last, PairedDifference? EarlyStop);

/// <summary>x − y over the seeds that have both.</summary>
/// <param name="Seeds">The seeds that were paired.</param>
/// <param name="Interval">Student's 95 % interval of the mean difference; null for one pair.</param>
public sealed record PairedDifference(ImmutableArray<Seed> Seeds, double Mean, TInterval? Interval)
{
    public const double Confidence = 0.95;

    public int N => Seeds.Length;

    /// <summary>The differences, seed by seed.</summary>
    public ImmutableArray<double> Values { get; init; } = [];

    /// <summary>Null when no seed has both.</summary>
    public static PairedDifference? Of(
        IEnumerable<FinishedTraining> x, IEnumerable<FinishedTraining> y, Func<TrainingRecord, double?> value)
    {
        var others = y.DistinctBy(finished => finished.Training.Seed)
            .ToDictionary(finished => finished.Training.Seed, finished => value(finished.Record));
        List<(Seed Seed, double Difference)> pairs = [
            .. from finished in x
               let other = others.GetValueOrDefault(finished.Training.Seed)
               let own = value(finished.Record)
               where own is not null && other is not null
               select (finished.Training.Seed, own.Value - other.Value)];
        if (pairs.Count == 0) return null;
        double[] d = [.. pairs.Select(pair => pair.Difference)];
        return new PairedDifference(
            [.. pairs.Select(pair => pair.Seed)], Sample.Mean(d), d.Length == 1 ? null : TInterval.Of(d, Confidence))
        {
            Values = [.. d],
        };
    }

    /// <summary>"95 % interval −1.50 to −0.96, 3 seeds", or "one seed, no interval".</summary>
    public string IntervalText => Interval is null
        ? "one seed, no interval"
        : $"95 % interval {Text.Points(Interval.Low)} to {Text.Points(Interval.High)}, {Text.Seeds(N)}";
}
