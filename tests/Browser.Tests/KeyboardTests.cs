using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>What a mouse can do on a report, a keyboard can.</summary>
[Collection(ReportCollection.Name)]
public sealed class KeyboardTests(Reports reports)
{
    private const string Operable = "a[href], button, summary, [tabindex='0']";

    [Theory]
    [InlineData(Reports.Study), InlineData(Reports.Many)]
    public async Task The_tabulator_reaches_everything_that_can_be_opened_pressed_or_scrolled(string report)
    {
        await using var opened = await reports.Open(report);
        var expected = await opened.Page.EvaluateAsync<int>($$"""
            () => [...document.querySelectorAll("{{Operable}}")]
              .filter(one => one.checkVisibility({contentVisibilityAuto: true}) && !one.closest("details:not([open]) > :not(summary)"))
              .map((one, i) => one.dataset.order = i).length
            """);
        Assert.True(expected > 30, $"{expected} places");
        var reached = new List<int>();
        for (var i = 0; i < expected; i++)
        {
            await opened.Page.Keyboard.PressAsync("Tab");
            reached.Add(await opened.Page.EvaluateAsync<int>("() => Number(document.activeElement.dataset.order ?? -1)"));
        }
        Assert.Equal(Enumerable.Range(0, expected), reached);
    }

    /// <summary>Nothing else reacts to a click: charts have no buttons of their own, and their legends are no switches.</summary>
    [Theory]
    [InlineData(Reports.Study), InlineData(Reports.Many)]
    public async Task Nothing_wants_a_mouse(string report)
    {
        await using var opened = await reports.Open(report);
        Opened.Nothing(await opened.Texts($$"""
            () => [...document.querySelectorAll("body *")]
              .filter(one => one.checkVisibility() && getComputedStyle(one).cursor === "pointer" && !one.closest("{{Operable}}"))
              .filter(one => getComputedStyle(one).pointerEvents !== "none")
              .map(one => `${one.closest("[id]")?.id}: ${one.outerHTML.slice(0, 120)}`)
            """));
    }

    [Fact]
    public async Task Every_heading_of_something_closed_opens_it()
    {
        await using var opened = await reports.Open(Reports.Study);
        var headings = opened.Page.Locator("summary");
        var count = await headings.CountAsync();
        Assert.True(count > 10, $"{count} headings");
        for (var i = 0; i < count; i++)
        {
            await headings.Nth(i).FocusAsync();
            await opened.Page.Keyboard.PressAsync(i % 2 == 0 ? "Enter" : "Space");
        }
        Assert.Equal(count, await opened.Page.Locator("details[open]").CountAsync());
    }

    [Fact]
    public async Task A_wide_table_scrolls_by_the_arrow_keys()
    {
        await using var opened = await reports.Open(Reports.Study, width: 390);
        var table = opened.Page.Locator("#table > .scroll").First;
        await table.FocusAsync();
        await opened.Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(table).Not.ToHaveJSPropertyAsync("scrollLeft", 0);
    }

    [Fact]
    public async Task Buttons_show_and_hide_lines()
    {
        await using var opened = await reports.Open(Reports.Many);
        const string Visible = """
            name => document.getElementById("chart-accuracy").data.filter(trace => trace.legendgroup === name)
              .every(trace => trace.visible === true)
            """;
        var button = opened.Page.Locator("#figure-1 button[aria-pressed=false]").First;
        var name = await button.GetAttributeAsync("data-strategy");
        button = opened.Page.Locator($"#figure-1 button[data-strategy='{name}']");
        Assert.False(await opened.Page.EvaluateAsync<bool>(Visible, name));
        foreach (var (key, isShown) in ((string, bool)[])[("Enter", true), ("Space", false), ("Space", true)])
        {
            await button.PressAsync(key);
            await Assertions.Expect(button).ToHaveAttributeAsync("aria-pressed", isShown ? "true" : "false");
            Assert.Equal(isShown, await opened.Page.EvaluateAsync<bool>(Visible, name));
        }
        await opened.Page.Locator("#figure-1 button[data-show=all]").PressAsync("Enter");
        await Assertions.Expect(opened.Page.Locator("#figure-1 button[aria-pressed=false]")).ToHaveCountAsync(0);
        await opened.Page.Locator("#figure-1 button[data-show=first]").PressAsync("Enter");
        Assert.False(await opened.Page.EvaluateAsync<bool>(Visible, name));
        Assert.Empty(opened.Problems);
    }

    [Fact]
    public async Task A_chart_is_saved_as_an_image()
    {
        await using var opened = await reports.Open(Reports.Study);
        var saved = await opened.Page.RunAndWaitForDownloadAsync(() => opened.Page.Locator("#figure-1 [data-save]").PressAsync("Enter"));
        Assert.Equal("chart-accuracy.png", saved.SuggestedFilename);
        await using var image = await saved.CreateReadStreamAsync();
        var head = new byte[4];
        await image.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
        Assert.Equal([0x89, 0x50, 0x4e, 0x47], head);
        Assert.Empty(opened.Problems);
    }
}
