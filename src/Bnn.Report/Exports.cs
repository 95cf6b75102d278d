using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>A file that is made from an experiment, beside its plan.json.</summary>
/// <param name="FileName">Its name in the experiment's folder.</param>
/// <param name="Write">Its text; equal inputs give equal texts.</param>
public sealed record Export(string FileName, Func<ReportInput, string> Write);

/// <summary>The files that are made from every experiment; a new one is an entry (docs/extending/output-file.md).</summary>
public static class Exports
{
    /// <summary>The one that people open.</summary>
    public static Export Main { get; } = new("report.html", HtmlReport.Render);

    /// <summary>In the order in which they are written.</summary>
    public static ImmutableArray<Export> All { get; } = [
        new("table.csv", TableFiles.Csv),
        new("table.json", TableFiles.Json),
        new("summary.md", SummaryFile.Write),
        Main,
    ];
}
