using Bnn.Core;

namespace Bnn.Report;

/// <summary>Mean over the seeds that have the value.</summary>
/// <param name="Sd">Standard deviation, with n − 1; null for one value.</param>
public sealed record Spread(int N, double Mean, double? Sd)
{
    /// <summary>Null for no values.</summary>
    public static Spread? Of(IReadOnlyList<double> values) => values.Count == 0
        ? null
        : new Spread(values.Count, Sample.Mean(values), values.Count == 1 ? null : Sample.StandardDeviation(values));
}

/// <summary>A seed of a group that has no result, and why.</summary>
public sealed record MissingSeed(Seed Seed, string Reason);
