using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Claims with what was observed, as rows: for people, and for other programs.</summary>
public static class ClaimTable
{
    public static ImmutableArray<string> Headings { get; } =
        ["claim", "source", "expected", "tolerance", "observed", "95 % interval", "n", "verdict"];

    /// <summary>A row for each observation, and for each claim without one; those with observations come first.</summary>
    public static IEnumerable<string[]> Rows(IEnumerable<ClaimResult> results) => results.OrderBy(result => result.IsRun ? 0 : 1)
        .SelectMany(result => result.IsRun ? result.Observations.Select(one => Row(result.Claim, one)) : [NotRun(result.Claim)]);

    /// <summary>"3 replicated, 1 not replicated, 2 undecided, 60 not run": the verdicts that there are.</summary>
    public static string Counts(IEnumerable<ClaimResult> results)
    {
        var verdicts = results.SelectMany(result => result.IsRun
            ? result.Observations.Select(one => one.Verdict)
            : [ClaimVerdict.NotRun]).ToList();
        return string.Join(", ", Enum.GetValues<ClaimVerdict>()
            .Select(verdict => (Name: NameOf(verdict), Count: verdicts.Count(own => own == verdict)))
            .Where(own => own.Count > 0).Select(own => $"{Text.Count(own.Count)} {own.Name}"));
    }

    /// <summary>The same for other programs, at full precision and in the claims' order: RFC 4180 with line feeds.</summary>
    public static string Csv(IEnumerable<ClaimResult> results)
    {
        var csv = new StringBuilder(
            "claim,source,measure,compared,density,direction,expected,tolerance,trainings,n,observed,low,high,verdict,reason\n");
        foreach (var (claim, observations) in results)
        {
            foreach (var one in observations.Cast<ClaimObservation?>().DefaultIfEmpty(null))
            {
                csv.AppendJoin(',', ((string[])[
                    claim.Says, claim.Source, claim.Measure.Name, claim.Form.Name(),
                    claim.IsAtBestDensity ? "best" : claim.Density?.ToString() ?? "", claim.Direction.Name(), Text.Exact(claim.Expected),
                    Text.Exact(claim.Tolerance), one?.Trainings ?? "",
                    one is null ? "0" : one.Seeds.Length.ToString(CultureInfo.InvariantCulture),
                    one is null ? "" : Text.Exact(one.Mean), one?.Interval is var (low, _) ? Text.Exact(low) : "",
                    one?.Interval is var (_, high) ? Text.Exact(high) : "", NameOf(one?.Verdict ?? ClaimVerdict.NotRun), one?.Reason ?? "",
                ]).Select(TableFormats.Quoted)).Append('\n');
            }
        }
        return csv.ToString();
    }

    private static string NameOf(ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Replicated => "replicated",
        ClaimVerdict.NotReplicated => "not replicated",
        ClaimVerdict.Undecided => "undecided",
        ClaimVerdict.NotRun => "not run",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string[] Row(Claim claim, ClaimObservation one) => [
        one.Trainings.Length == 0 ? NameOf(claim) : $"{NameOf(claim)}: {one.Trainings}", claim.Source, Expected(claim),
        Number(claim, claim.Tolerance), Amount(claim, one.Mean),
        one.Interval is var (low, high) ? $"{Signed(claim, low)} to {Signed(claim, high)}" : "",
        Text.Count(one.Seeds.Length), one.Reason.Length == 0 ? NameOf(one.Verdict) : $"{NameOf(one.Verdict)}: {one.Reason}"];

    private static string[] NotRun(Claim claim) =>
        [NameOf(claim), claim.Source, Expected(claim), Number(claim, claim.Tolerance), "", "", "0", NameOf(ClaimVerdict.NotRun)];

    /// <summary>"Large-final, at 8.7 %".</summary>
    private static string NameOf(Claim claim) => claim switch
    {
        { IsAtBestDensity: true } => $"{claim.Says}, at the density that does best",
        { Density: { } density } => $"{claim.Says}, at {Text.Share(density)}",
        _ => claim.Says,
    };

    private static string Expected(Claim claim) => claim.Direction switch
    {
        ClaimDirection.Above => $"at least {Amount(claim, claim.Expected)}",
        ClaimDirection.Below => $"at most {Amount(claim, claim.Expected)}",
        _ => Amount(claim, claim.Expected),
    };

    /// <summary>With its unit: "97.83 %", "+0.30 points", "0.62 times", "5,500 steps".</summary>
    private static string Amount(Claim claim, double value) => (claim.Form, claim.Measure.Unit) switch
    {
        (ClaimForm.Ratio, _) => $"{Number(claim, value)} times",
        _ when claim.Measure == ClaimMeasures.TestErrorOfPruning => $"{Signed(claim, value)} points",
        (ClaimForm.Difference, MeasureUnit.Share) => $"{Signed(claim, value)} points",
        (_, MeasureUnit.Share) => $"{Number(claim, value)} %",
        (_, MeasureUnit.Steps) => $"{Signed(claim, value)} steps",
        (_, MeasureUnit.Nats) => $"{Signed(claim, value)} nats",
        _ => Signed(claim, value),
    };

    /// <summary>The number; of a difference with its sign, which what rounds to zero has none of.</summary>
    private static string Signed(Claim claim, double value)
    {
        var size = Number(claim, Math.Abs(value));
        var isDifference = claim.Form == ClaimForm.Difference || claim.Measure == ClaimMeasures.TestErrorOfPruning;
        return (isDifference, value < 0, size.Any(digit => digit is >= '1' and <= '9')) switch
        {
            (_, true, true) => $"−{size}",
            (true, false, true) => $"+{size}",
            _ => size,
        };
    }

    private static string Number(Claim claim, double value) => (claim.Form, claim.Measure.Unit) switch
    {
        (ClaimForm.Ratio, _) or (_, MeasureUnit.Share) => value.ToString("0.00", CultureInfo.InvariantCulture),
        (_, MeasureUnit.Nats or MeasureUnit.Score or MeasureUnit.Operations) => Text.Short(value),
        _ => Text.Count(value),
    };
}
