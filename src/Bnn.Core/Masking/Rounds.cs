using System.Collections.Immutable;
using System.Globalization;

namespace Bnn.Core;

/// <summary>
/// How many weights are left after n rounds. A round prunes floor(r·n + ½) of the n weights that the rounds before left, r being its
/// per-round rate; round 0 is the whole net.
/// </summary>
/// <remarks>Frankle and Carbin 2018, arXiv:1803.03635; docs/rounds.md compares the counts with those of their code.</remarks>
public static class Rounds
{
    /// <summary>
    /// The per-round rate of each group of weights that is ranked by itself: of each layer under <see cref="MaskScope.Paper"/> (r, and r/2
    /// for the output layer) and <see cref="MaskScope.Layerwise"/> (r); one, r, of all weights under <see cref="MaskScope.Global"/>.
    /// </summary>
    /// <remarks>r/2 is computed in decimal and then rounded to double, as at a density.</remarks>
    public static ImmutableArray<double> Rates(Architecture net, MaskScope scope, RoundRate perRound) => scope == MaskScope.Global
        ? [(double)perRound.Value]
        : MaskSelection.Rates(perRound.Value, scope, net.Layers.Length);

    /// <summary>
    /// How many weights of each group are left after a number of rounds: per layer under <see cref="MaskScope.Paper"/> and
    /// <see cref="MaskScope.Layerwise"/>, of all together under <see cref="MaskScope.Global"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of rounds.</exception>
    public static ImmutableArray<int> KeptCounts(Architecture net, MaskScope scope, RoundRate perRound, int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rounds);
        var rates = Rates(net, scope, perRound);
        var kept = Whole(net, scope);
        for (var round = 0; round < rounds; round++) kept = Next(kept, rates);
        return kept;
    }

    /// <summary>The share of all weights that is left after a number of rounds: the mask's <see cref="Mask.Density"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of rounds.</exception>
    public static double KeptShare(Architecture net, MaskScope scope, RoundRate perRound, int rounds) =>
        (double)KeptCounts(net, scope, perRound, rounds).Sum() / net.Weights;

    /// <summary>
    /// The rounds that densities name, each once, ascending: for each density the one of rounds 0 … <paramref name="rounds"/> that leaves
    /// the nearest share, the earlier of two that are as near.
    /// </summary>
    /// <returns>
    /// The rounds, or a fault for each density that is no round's: one below the last round's share by more than half of what that round
    /// prunes. Of two rounds that a density lies between, one is never further away than half the distance between them. Where rounds have
    /// stopped pruning, the last is the last that pruned.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of rounds.</exception>
    public static Result<ImmutableArray<int>> Nearest(
        IReadOnlyList<Density> densities, Architecture net, MaskScope scope, RoundRate perRound, int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rounds);
        var kept = Totals(net, scope, perRound).Take(rounds + 1).ToArray();
        var faults = new List<Fault>();
        var named = new SortedSet<int>();
        foreach (var density in densities)
        {
            var wanted = density.Value * net.Weights;
            var nearest = Enumerable.Range(0, kept.Length).MinBy(round => Math.Abs(wanted - kept[round]));
            if (kept[nearest] == kept[^1] && wanted < Least(kept, nearest))
                faults.Add(NoRound(density, net, scope, perRound, kept[nearest], nearest, Least(kept, nearest)));
            else
                named.Add(nearest);
        }
        return faults.Count > 0 ? faults.ToImmutableArray() : named.ToImmutableArray();
    }

    /// <summary>The fewest weights that still name a round, as the last one: its own, less half of what it prunes.</summary>
    private static decimal Least(IReadOnlyList<int> kept, int round) =>
        round == 0 ? kept[0] : kept[round] - (kept[round - 1] - kept[round]) / 2m;

    private static Fault.BadSetting NoRound(
        Density density, Architecture net, MaskScope scope, RoundRate perRound, int kept, int nearest, decimal leastKept)
    {
        var least = leastKept / net.Weights;
        var atLeast = Density.Normalised(Math.Ceiling(least / Unit(least)) * Unit(least));
        var share = (decimal)kept / net.Weights;
        var shown = Density.Normalised(Math.Round(share / Unit(share)) * Unit(share));
        return new Fault.BadSetting(
            "density",
            density.ToString(),
            string.Create(
                CultureInfo.InvariantCulture,
                $"a share near that of a round; the nearest, round {nearest}, keeps {shown} ({kept} of {net.Weights} weights)"),
            Enough(density.Value * net.Weights, net, scope, perRound) is { } enough
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"ask for {enough} round{(enough == 1 ? "" : "s")}, or for a density of {atLeast} or more")
                : $"no number of rounds gets there at {perRound} a round: ask for a density of {atLeast} or more");
    }

    /// <summary>The number of rounds, the last of which is near enough; null where rounds stop pruning before that.</summary>
    private static int? Enough(decimal wanted, Architecture net, MaskScope scope, RoundRate perRound)
    {
        var kept = new List<int>();
        foreach (var total in Totals(net, scope, perRound))
        {
            if (kept.Count > 0 && total == kept[^1]) return null;       // the same counts again: nothing is pruned from here on
            kept.Add(total);
            if (wanted >= Least(kept, kept.Count - 1)) return kept.Count - 1;
        }
        return null;
    }

    /// <summary>The power of ten that a share above 0 holds 100 to 999 times: three digits.</summary>
    private static decimal Unit(decimal share)
    {
        var unit = 1m;
        while (unit > share / 100) unit /= 10;
        return unit;
    }

    /// <summary>The number of weights left after 0, 1, 2 … rounds, without end.</summary>
    private static IEnumerable<int> Totals(Architecture net, MaskScope scope, RoundRate perRound)
    {
        var rates = Rates(net, scope, perRound);
        for (var kept = Whole(net, scope); ; kept = Next(kept, rates)) yield return kept.Sum();
    }

    private static ImmutableArray<int> Whole(Architecture net, MaskScope scope) =>
        scope == MaskScope.Global ? [net.Weights] : [.. net.Layers.Select(shape => shape.Weights)];

    private static ImmutableArray<int> Next(ImmutableArray<int> kept, ImmutableArray<double> rates) =>
        [.. kept.Zip(rates, (left, rate) => left - MaskSelection.PrunedCount(rate, left))];
}
