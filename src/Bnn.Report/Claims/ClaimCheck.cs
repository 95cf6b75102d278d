using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>What trainings say of a published number.</summary>
public enum ClaimVerdict
{
    /// <summary>The whole 95 % interval agrees with it.</summary>
    Replicated,

    /// <summary>The whole 95 % interval contradicts it.</summary>
    NotReplicated,

    /// <summary>The interval does neither, or there is none.</summary>
    Undecided,

    /// <summary>No training bears on it.</summary>
    NotRun,
}

/// <summary>What was observed beside a claim, in the claim's unit.</summary>
/// <param name="Trainings">Which trainings, where several observations bear on the claim; otherwise empty.</param>
/// <param name="Seeds">Those that the mean is of, ascending: of a difference or a ratio, those that both have.</param>
/// <param name="Interval">The 95 % interval over seeds; null where they give none.</param>
/// <param name="Reason">Why nothing is decided, where the interval alone doesn't say it; otherwise empty.</param>
public sealed record ClaimObservation(
    string Trainings, ImmutableArray<Seed> Seeds, double Mean, (double Low, double High)? Interval, ClaimVerdict Verdict, string Reason);

/// <summary>A claim and what was observed: nothing, or an observation for each cell of trainings that it speaks of.</summary>
public sealed record ClaimResult(Claim Claim, ImmutableArray<ClaimObservation> Observations)
{
    public bool IsRun => !Observations.IsEmpty;
}

/// <summary>
/// Published numbers beside trainings. With e the expected number, t its tolerance and [low, high] the 95 % interval of what was observed,
/// a claim is replicated, or not, if
/// <list type="table">
/// <item><term>above</term><description>low ≥ e − t; not if high &lt; e − t</description></item>
/// <item><term>below</term><description>high ≤ e + t; not if low &gt; e + t</description></item>
/// <item><term>near</term><description>e − t ≤ low and high ≤ e + t; not if high &lt; e − t or low &gt; e + t</description></item>
/// </list>
/// and undecided otherwise. Values and differences, which are paired by seed, have Student's interval; ratios that of
/// <see cref="RatioOfMeans"/>, from five seeds on. One seed has no interval, and seeds that all give the same have one that says nothing.
/// Cells are never pooled: two that a claim speaks of, such as those of two engines, are two observations.
/// </summary>
public static class ClaimCheck
{
    /// <summary>
    /// How far the share of kept weights may lie from a claim's, as a part of it: rounds of a fifth lead to shares near those that are
    /// published, and to no two of them.
    /// </summary>
    public const double DensityTolerance = 0.05;

    /// <summary>The finished trainings of a cell, by seed.</summary>
    private sealed record Trained(PlannedCell Cell, ImmutableArray<FinishedTraining> Trainings, double Share)
    {
        public static Trained Of(IGrouping<PlannedCell, FinishedTraining> cell)
        {
            ImmutableArray<FinishedTraining> bySeed = [.. cell.OrderBy(finished => finished.Training.Seed.Value)];
            return new Trained(cell.Key, bySeed, Sample.Mean([.. bySeed.Select(finished => finished.Record.KeptShare)]));
        }
    }

    /// <summary>Whether a cell's trainings can bear on any of the claims.</summary>
    public static bool Bears(ImmutableArray<Claim> claims, PlannedCell cell) =>
        claims.Any(claim => claim.Of.Include(cell) || claim.Against is { } against && against.Include(cell));

    /// <summary>Every claim, in the order given, with what the trainings say.</summary>
    /// <param name="finished">Trainings of any experiments; one that is there twice counts once.</param>
    public static ImmutableArray<ClaimResult> Of(ImmutableArray<Claim> claims, IEnumerable<FinishedTraining> finished)
    {
        var trained = finished.DistinctBy(done => done.Training.Key).GroupBy(done => done.Training.Cell)
            .Where(cell => Bears(claims, cell.Key)).Select(Trained.Of).ToList();
        return [.. claims.Select(claim => new ClaimResult(claim, Observe(claim, trained)))];
    }

    /// <inheritdoc cref="ClaimCheck"/>
    public static ClaimVerdict Verdict(Claim claim, double low, double high)
    {
        var (least, most) = (claim.Expected - claim.Tolerance, claim.Expected + claim.Tolerance);
        var (agrees, contradicts) = claim.Direction switch
        {
            ClaimDirection.Above => (low >= least, high < least),
            ClaimDirection.Below => (high <= most, low > most),
            ClaimDirection.Near => (low >= least && high <= most, high < least || low > most),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return agrees ? ClaimVerdict.Replicated : contradicts ? ClaimVerdict.NotReplicated : ClaimVerdict.Undecided;
    }

    private static ImmutableArray<ClaimObservation> Observe(Claim claim, List<Trained> trained)
    {
        List<(Trained Own, Trained? Other, ImmutableArray<Measured> Seeds)> all = [
            .. from pair in Pairs(claim, trained)
               let seeds = Measure(claim, pair.Own, pair.Other)
               where !seeds.IsEmpty
               select (pair.Own, pair.Other, seeds)];
        if (claim.IsAtBestDensity)
            all = [.. all.GroupBy(one => WithoutCut(one.Own.Cell), StringComparer.Ordinal).Select(cells => cells.MaxBy(MeanOf))];
        var own = ArmNames.Of([.. all.Select(one => one.Own.Cell).Distinct()]);
        var others = ArmNames.Of([.. all.Select(one => one.Other?.Cell).OfType<PlannedCell>().Distinct()]);
        return [.. all.Select(one => Judge(claim, NameOf(one.Own, one.Other), one.Seeds))];

        static double MeanOf((Trained Own, Trained? Other, ImmutableArray<Measured> Seeds) one) =>
            Sample.Mean([.. one.Seeds.Select(seed => seed.Own)]);

        string NameOf(Trained cell, Trained? other) => (own.Count > 1, others.Count > 1) switch
        {
            (true, true) => $"{own[cell.Cell]}, against {others[other!.Cell]}",
            (true, false) => own[cell.Cell],
            (false, true) => $"against {others[other!.Cell]}",
            _ => "",
        };
    }

    private static IEnumerable<(Trained Own, Trained? Other)> Pairs(Claim claim, List<Trained> trained)
    {
        foreach (var own in trained.Where(cell => claim.Of.Include(cell.Cell) && IsAt(claim, cell.Share)))
        {
            if (claim.Against is not { } against)
            {
                yield return (own, null);
                continue;
            }
            foreach (var other in trained.Where(cell => cell.Cell != own.Cell && against.Include(cell.Cell)))
            {
                if (IsComparable(own, other, against)) yield return (own, other);
            }
        }
    }

    /// <summary>A whole net whose claim is about a share of its own weights keeps all of them.</summary>
    private static bool IsAt(Claim claim, double share) =>
        claim.Density is not { } wanted || claim.Measure == ClaimMeasures.TestErrorOfPruning
            || Math.Abs(share - (double)wanted.Value) <= DensityTolerance * (double)wanted.Value;

    /// <summary>
    /// Whether two cells agree in every factor that both have, apart from those that the claim gives and how masks are found and cut; two
    /// masks keep about as many weights.
    /// </summary>
    private static bool IsComparable(Trained own, Trained other, ClaimTrainings against)
    {
        if (own.Cell.Strategy is not null && other.Cell.Strategy is not null
            && Math.Abs(own.Share - other.Share) > DensityTolerance * own.Share)
            return false;
        foreach (var factor in own.Cell.Factors)
        {
            if (factor.Name is Factor.Kind or Factor.Strategy or Factor.Cut) continue;
            if (against.Own.Any(given => given.Name == factor.Name)) continue;
            if (factor.Name == Factor.Plugin && own.Cell.Strategy != other.Cell.Strategy) continue;
            if (other.Cell[factor.Name] is { } value && value != factor.Value) return false;
        }
        return true;
    }

    /// <summary>What a seed has of a measure, and what the same seed of the other trainings has.</summary>
    private readonly record struct Measured(Seed Seed, double Own, double Other);

    /// <summary>The seeds that have a number, or both numbers, ascending.</summary>
    private static ImmutableArray<Measured> Measure(Claim claim, Trained own, Trained? other)
    {
        var others = other?.Trainings.ToDictionary(finished => finished.Training.Seed, Of);
        return [
            .. from finished in own.Trainings
               let seed = finished.Training.Seed
               let value = Of(finished)
               let with = others is null ? 0 : others.GetValueOrDefault(seed)
               where value is not null && with is not null
               select new Measured(seed, value.Value, with.Value)];

        double? Of(FinishedTraining done) =>
            ClaimMeasures.Of(done.Record, claim.Measure, claim.Density) is { } value && double.IsFinite(value) ? value : null;
    }

    private static ClaimObservation Judge(Claim claim, string trainings, ImmutableArray<Measured> seeds)
    {
        var (mean, interval, reason) = claim.Form == ClaimForm.Ratio ? Ratio(seeds) : Student(seeds, claim.Scale);
        return new ClaimObservation(
            trainings, [.. seeds.Select(seed => seed.Seed)], mean, interval,
            reason.Length == 0 && interval is var (low, high) ? Verdict(claim, low, high) : ClaimVerdict.Undecided, reason);
    }

    private static (double Mean, (double Low, double High)? Interval, string Reason) Student(ImmutableArray<Measured> seeds, double scale)
    {
        // A value has 0 beside it.
        double[] all = [.. seeds.Select(seed => seed.Own - seed.Other)];
        if (all.Length == 1) return (scale * all[0], null, "one seed");
        var interval = TInterval.Of(all);
        return (
            scale * interval.Mean, (scale * interval.Low, scale * interval.High),
            interval.HasNoWidth() ? "all seeds give the same" : "");
    }

    private static (double Mean, (double Low, double High)? Interval, string Reason) Ratio(ImmutableArray<Measured> seeds)
    {
        double[] own = [.. seeds.Select(seed => seed.Own)], others = [.. seeds.Select(seed => seed.Other)];
        var mean = Sample.Mean(own) / Sample.Mean(others);
        if (own.Concat(others).Any(value => value <= 0)) return (mean, null, "a number isn't above 0");
        if (RatioOfMeans.Of(own, others) is not { } ratio) return (mean, null, $"fewer than {RatioOfMeans.FewestPairs} seeds");
        return (ratio.Ratio, (ratio.Low, ratio.High), ratio.High - ratio.Low <= 1e-12 ? "all seeds give the same" : "");
    }

    /// <summary>All factors of a cell but how much its mask keeps.</summary>
    private static string WithoutCut(PlannedCell cell) => string.Join(
        '\n', cell.Factors.Where(factor => factor.Name != Factor.Cut).Select(factor => $"{factor.Name}={factor.Value}"));
}
