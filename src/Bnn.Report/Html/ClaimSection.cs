using Bnn.Core;

namespace Bnn.Report;

/// <summary>The published numbers that an experiment's trainings bear on.</summary>
internal static class ClaimSection
{
    private const string Rule = "Replicated: the whole 95 % interval over seeds lies on the expected side of the number, or within the "
        + "tolerance of it; not replicated: it lies wholly elsewhere; undecided: neither, or no interval, which one seed never gives and a "
        + "ratio only from five on. Differences and ratios are paired by seed. The tolerances are not the sources'.";

    /// <summary>Empty where they bear on none.</summary>
    public static string Html(ReportInput input)
    {
        if (input.Claims.IsEmpty) return "";
        var results = ClaimCheck.Of(input.Claims, input.Finished).Where(result => result.IsRun).ToList();
        if (results.Count == 0) return "";
        return $"""
            <section id="claims">
            <h2>Claims</h2>
            {Markup.Note(Rule)}{Markup.Table(
                $"Published numbers beside these trainings: {ClaimTable.Counts(results)}", ClaimTable.Headings, ClaimTable.Rows(results),
                "texts claims")}</section>

            """;
    }
}
