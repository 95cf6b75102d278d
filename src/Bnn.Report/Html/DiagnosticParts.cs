using Bnn.Core;

namespace Bnn.Report;

/// <summary>A part of the page with an id of its own.</summary>
internal sealed record DiagnosticPart(string Id, string Title, string Html);

/// <summary>The parts about what masks are made from; those that have nothing to show are left out.</summary>
internal static class DiagnosticParts
{
    public static IEnumerable<DiagnosticPart> Of(ReportInput input, Summary summary)
    {
        foreach (var question in QuestionFigure.All(input, summary)) yield return question;
        if (OverlapFigure.Html(input, summary) is { Length: > 0 } overlap)
            yield return new DiagnosticPart(OverlapFigure.Id, OverlapFigure.Title, overlap);
        if (CriterionFigure.Html(input) is { Length: > 0 } criterion)
            yield return new DiagnosticPart(CriterionFigure.Id, CriterionFigure.Title, criterion);
        if (InputMapFigure.Html(input) is { Length: > 0 } maps)
            yield return new DiagnosticPart(InputMapFigure.Id, InputMapFigure.Title, maps);
        if (LayerDensities.Html(summary) is { Length: > 0 } densities)
            yield return new DiagnosticPart(LayerDensities.Id, LayerDensities.Title, densities);
    }
}
