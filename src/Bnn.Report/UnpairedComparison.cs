using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// Two tickets whose seeds aren't the same, compared as independent samples by Welch's t test: the spread between seeds, which pairing
/// takes out, stays in.
/// </summary>
/// <param name="Seeds">Seeds of the one and of the other.</param>
/// <param name="Test">Null where one of both has fewer than two seeds, or nothing follows from their numbers.</param>
/// <param name="HolmP">The test's p after Holm's correction over all that are compared together; NaN without a test.</param>
/// <param name="Reason">Why there is no test; empty where there is one.</param>
public sealed record UnpairedComparison(
    string Arm, string Against, CutPoint Cut, (int Own, int Other) Seeds, Welch? Test, double HolmP, string Reason)
{
    /// <summary>"worse", "better", "undecided after correction", "undecided", or why nothing can be said.</summary>
    public string Words => Test switch
    {
        null => Reason,
        { Difference: var mean } when HolmP < PairedTests.Level => mean < 0 ? "worse" : "better",
        { PTwoSided: < PairedTests.Level } => "undecided after correction",
        _ => "undecided",
    };

    /// <summary>All pairs, corrected together.</summary>
    public static ImmutableArray<UnpairedComparison> Of(IEnumerable<TicketPair> pairs)
    {
        var all = pairs.Select(Of).ToList();
        var tested = all.FindAll(pair => pair.Test is not null);
        var holm = MultipleTesting.Holm([.. tested.Select(pair => pair.Test!.PTwoSided)]);
        return [.. all.Select(pair => tested.IndexOf(pair) is >= 0 and var place ? pair with { HolmP = holm[place] } : pair)];
    }

    private static UnpairedComparison Of(TicketPair pair)
    {
        var (own, other, against) = pair;
        double[] x = [.. own.Finished.Select(finished => finished.Record.TestAccuracyLast)];
        double[] y = [.. other.Finished.Select(finished => finished.Record.TestAccuracyLast)];
        var reason = own.Hindrance?.ReasonOf(own.Name) ?? other.Hindrance?.ReasonOf(other.Name)
            ?? (own.IsAtChance && other.IsAtChance ? $"both are no better than {own.Chance.Answer}"
                : x.Length < 2 || y.Length < 2 ? "each needs two seeds or more" : "");
        var test = reason.Length == 0 ? Welch.Of(x, y) : null;
        if (test is not null && double.IsNaN(test.PTwoSided)) (test, reason) = (null, "neither has any spread to judge by");
        return new UnpairedComparison(own.Name, against, own.Cut!, (x.Length, y.Length), test, double.NaN, reason);
    }
}
