using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>Where things are: on a telephone, on a wide window, on paper.</summary>
[Collection(ReportCollection.Name)]
public sealed class LayoutTests(Reports reports)
{
    /// <summary>A4 without its margins, in CSS pixels.</summary>
    private const int Paper = 718;

    public static TheoryData<string> All => [Reports.Study, Reports.Many, Reports.OneSeed, Reports.Hostile];

    /// <summary>Wide tables scroll by themselves, where a keyboard can reach them; nothing else is wider than the window.</summary>
    [Theory, MemberData(nameof(All))]
    public async Task On_a_telephone_nothing_is_cut_off(string report)
    {
        await using var opened = await reports.Open(report, width: 390, isWhole: true);
        Assert.Equal(390, await opened.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Opened.Nothing(await opened.Texts("""
            () => [...document.querySelectorAll("body *")]
              .filter(one => !one.closest("svg") && one.checkVisibility() && one.getClientRects().length > 0)
              .filter(one => {
                const style = getComputedStyle(one), isWide = one.scrollWidth > one.clientWidth + 1 && style.display !== "inline";
                const scrolls = style.overflowX === "auto" || style.overflowX === "scroll";
                if (scrolls) return isWide && one.tabIndex !== 0 && !one.querySelector("a[href]");
                const inside = one.parentElement.closest(".scroll, pre, nav ul");
                const isCut = isWide && style.overflowX === "hidden" && !one.matches("div.plot");
                return !inside && (one.getBoundingClientRect().right > innerWidth + 1 || isCut);
              })
              .map(one => one.outerHTML.slice(0, 120))
            """));
        // What tables say about themselves can be read without scrolling them.
        Opened.Nothing(await opened.Texts("""
            () => [...document.querySelectorAll("caption")]
              .filter(one => {
                const range = document.createRange();
                range.selectNodeContents(one);
                return range.getBoundingClientRect().right > innerWidth;
              })
              .map(one => one.textContent.slice(0, 80))
            """));
    }

    /// <summary>Labels, ticks and legends of charts are inside their charts, wide and narrow.</summary>
    [Theory]
    [InlineData(Reports.Study, 390), InlineData(Reports.Study, 1280), InlineData(Reports.Many, 390), InlineData(Reports.OneSeed, 1280)]
    [InlineData(Reports.Hostile, 1280)]
    public async Task No_text_of_a_chart_is_cut_off(string report, int width)
    {
        await using var opened = await reports.Open(report, width, isWhole: true);
        Opened.Nothing(await opened.Texts("""
            () => [...document.querySelectorAll("div.plot text")]
              .filter(text => {
                const box = text.getBoundingClientRect(), plot = text.closest("div.plot").getBoundingClientRect();
                return box.width > 0 && (box.left < plot.left - 1 || box.right > plot.right + 1 || box.top < plot.top - 1
                  || box.bottom > plot.bottom + 1);
              })
              .map(text => `${text.closest("div.plot").id}: ${text.textContent}`)
            """));
    }

    [Theory]
    [InlineData(1280), InlineData(390)]
    public async Task The_contents_stay_in_view_and_cover_no_part_that_they_lead_to(int width)
    {
        await using var opened = await reports.Open(Reports.Study, width);
        var links = opened.Page.Locator("nav a");
        Assert.True(await links.CountAsync() > 10);
        foreach (var link in await links.AllAsync())
        {
            await link.ClickAsync();
            Opened.Nothing(await opened.Texts("""
                () => {
                  const nav = document.querySelector("nav").getBoundingClientRect();
                  const part = document.querySelector(location.hash), heading = part.querySelector("h2").getBoundingClientRect();
                  const isBeside = nav.right <= heading.left, isBelow = nav.bottom <= heading.top;
                  const wrong = [];
                  if (nav.top < 0 || nav.left < 0 || nav.bottom > innerHeight) wrong.push(`${location.hash}: the contents are out of view`);
                  if (!isBeside && !isBelow) wrong.push(`${location.hash}: the contents cover its heading`);
                  if (heading.top < 0 || heading.bottom > innerHeight) wrong.push(`${location.hash}: its heading is out of view`);
                  return wrong;
                }
                """));
        }
    }

    /// <summary>Everything that is behind a heading on the screen, and tables and charts in the paper's width.</summary>
    [Theory, MemberData(nameof(All))]
    public async Task On_paper_everything_is_there(string report)
    {
        await using var opened = await reports.Open(report);
        await opened.Page.SetViewportSizeAsync(Paper, 1000);
        await opened.Page.EvaluateAsync("() => dispatchEvent(new Event('beforeprint'))");
        await opened.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        Opened.Nothing(await opened.Texts("""
            () => {
              const gone = [...document.querySelectorAll("main *")]
                .filter(one => !one.closest("svg, script, .save, [data-show]") && one.childElementCount === 0 && one.textContent.trim())
                .filter(one => !one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})
                  || one.getClientRects().length === 0)
                .map(one => `not there: ${one.outerHTML.slice(0, 100)}`);
              const cut = [...document.querySelectorAll("table, div.plot, div.plot .main-svg, pre, p, figcaption, dd")]
                .filter(one => one.getBoundingClientRect().right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1)
                .map(one => `wider than the paper: ${one.outerHTML.slice(0, 100)}`);
              const hidden = [...document.querySelectorAll("main *")]
                .filter(one => !one.closest("svg, div.plot") && getComputedStyle(one).overflowY !== "visible"
                  && one.scrollHeight > one.clientHeight + 1)
                .map(one => `not shown to its end: ${one.outerHTML.slice(0, 100)}`);
              const covering = [...document.querySelectorAll("nav, thead th")]
                .filter(one => one.checkVisibility() && getComputedStyle(one).position === "sticky")
                .map(one => `covers what is printed: ${one.outerHTML.slice(0, 100)}`);
              return [...gone, ...cut, ...hidden, ...covering];
            }
            """));
        Assert.Equal("%PDF", System.Text.Encoding.ASCII.GetString((await opened.Page.PdfAsync())[..4]));
        Assert.Empty(opened.Problems);
    }
}
