namespace Browser.Tests;

/// <summary>What each figure has, and that names are text.</summary>
[Collection(ReportCollection.Name)]
public sealed class FigureTests(Reports reports)
{
    [Theory]
    [InlineData(Reports.Study), InlineData(Reports.Many), InlineData(Reports.OneSeed)]
    public async Task Every_figure_has_a_name_a_description_of_its_charts_how_it_is_computed_and_its_data(string report)
    {
        await using var opened = await reports.Open(report);
        Opened.Nothing(await opened.Texts("""
            () => [...document.querySelectorAll("figure")].flatMap(figure => {
              const wrong = [], miss = what => wrong.push(`${figure.id}: ${what}`);
              const name = document.getElementById(figure.getAttribute("aria-labelledby"))?.textContent.trim();
              if (!name) miss("no name");
              const charts = [...figure.querySelectorAll("div.plot")];
              const isNamed = chart => chart.getAttribute("role") === "img" && chart.getAttribute("aria-label");
              if (!charts.every(isNamed)) miss("a chart without a name");
              if (charts.some(chart => !chart.querySelector(".main-svg"))) miss("a chart that isn't drawn");
              if (charts.length === 0) return wrong;
              if (!figure.querySelector("figcaption")?.textContent.trim()) miss("no caption");
              const how = [...figure.querySelectorAll("summary")].find(one => one.textContent === "How it is computed");
              if (!how || how.parentElement.textContent.length < 80) miss("not how it is computed");
              const rows = [...figure.querySelectorAll("table tbody tr")];
              if (rows.length === 0) miss("no data");
              return wrong;
            })
            """));
        Assert.Empty(opened.Problems);
    }

    [Fact]
    public async Task A_study_s_report_has_all_its_parts_the_findings_first()
    {
        await using var opened = await reports.Open(Reports.Study);
        string[] parts = await opened.Texts("() => [...document.querySelectorAll('nav a')].map(one => one.hash.slice(1))");
        Assert.Equal("findings", parts[0]);
        string[] expected = [
            "figure-1", "comparisons", "early-stop", "figure-2", "controls", "mask-overlap", "criterion", "kept-by-pixel", "images-needed",
            "moment-needed", "calibration", "claims", "table", "settings", "how-to-read"];
        Assert.Empty(expected.Except(parts));
        Assert.Equal(parts, await opened.Texts(
            "() => [...document.querySelectorAll('main > section, main > figure')].map(one => one.id)"));
    }

    [Fact]
    public async Task Names_that_are_markup_are_shown_and_do_nothing()
    {
        await using var opened = await reports.Open(Reports.Hostile, isWhole: true);
        Assert.Empty(opened.Problems);
        Assert.Equal(0, await opened.Page.Locator("img, main b").CountAsync());
        var text = await opened.Page.Locator("body").InnerTextAsync();
        var charts = string.Concat(await opened.Texts("() => [...document.querySelectorAll('div.plot text')].map(one => one.textContent)"));
        foreach (var name in Reports.HostileNames)
        {
            Assert.Contains(name, text, StringComparison.Ordinal);
            Assert.Contains(name, charts, StringComparison.Ordinal);
        }
    }
}
