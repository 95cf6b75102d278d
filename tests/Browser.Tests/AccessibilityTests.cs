using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>axe-core's rules, over whole reports with everything open.</summary>
[Collection(ReportCollection.Name)]
public sealed class AccessibilityTests(Reports reports)
{
    [Theory]
    [InlineData(Reports.Study, 1280, ColorScheme.Light), InlineData(Reports.Study, 390, ColorScheme.Dark)]
    [InlineData(Reports.Many, 390, ColorScheme.Light), InlineData(Reports.OneSeed, 1280, ColorScheme.Dark)]
    public async Task Axe_finds_nothing(string report, int width, ColorScheme scheme)
    {
        await using var opened = await reports.Open(report, width, scheme, isWhole: true);
        // The rows that follow are like those before them, and what is inside a chart is described by the chart's name.
        await opened.Page.EvaluateAsync("""
            () => {
              document.querySelectorAll("tbody tr:nth-child(n+4)").forEach(row => row.remove());
              document.querySelectorAll("div.plot").forEach(plot => plot.replaceChildren());
            }
            """);
        var result = await opened.Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
        Opened.Nothing([.. result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Take(3).Select(node => node.Html))}")]);
        Assert.Empty(opened.Problems);
    }
}
