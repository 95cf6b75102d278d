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
    }
}
