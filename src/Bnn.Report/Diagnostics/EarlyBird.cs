using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// The early-bird rule on the masks of one seed's moments: training may end at the first moment from which the largest share of kept
/// weights replaced, over the last five pairs of consecutive masks, is below 10 %.
/// </summary>
/// <remarks>
/// After You et al. 2020, "Drawing Early-Bird Tickets", arXiv:1909.11957, whose distance counts all weights: at 5 % density no two masks
/// differ in more than 10 % of these, so that a share of the kept ones is taken.
/// </remarks>
/// <param name="Moment">The moment's place among those asked for, from 0; null where the rule holds at none.</param>
/// <param name="Last">The largest share replaced over the last five pairs of all.</param>
public sealed record EarlyBird(Seed Seed, int? Moment, double Last)
{
    /// <summary>Pairs of consecutive masks that are looked back on: six moments have them.</summary>
    public const int Pairs = 5;

    /// <summary>The share of kept weights that may not be reached.</summary>
    public const double Most = 0.1;

    /// <param name="replaced">Between each two consecutive masks, the earliest first: how much of the first one's weights went.</param>
    /// <returns>Null for fewer than five pairs, which the rule says nothing about.</returns>
    public static EarlyBird? Of(Seed seed, ImmutableArray<double> replaced)
    {
        if (replaced.Length < Pairs) return null;
        int? first = null;
        for (var end = Pairs; end <= replaced.Length && first is null; end++)
            if (Largest(end) < Most) first = end;
        return new EarlyBird(seed, first, Largest(replaced.Length));

        double Largest(int end) => replaced.AsSpan((end - Pairs)..end).ToArray().Max();
    }
}
