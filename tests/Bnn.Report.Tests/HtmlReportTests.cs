using System.Text.RegularExpressions;
using Bnn.Core;

namespace Bnn.Report.Tests;

public sealed class HtmlReportTests
{
    [Fact]
    public void Equal_input_gives_equal_bytes() => Assert.Equal(HtmlReport.Render(Inputs.Seeds(3)), HtmlReport.Render(Inputs.Seeds(3)));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_sections_stand_in_order(int seeds)
    {
        var page = Own(HtmlReport.Render(Inputs.Seeds(seeds)));
        string[] sections = [
            "<h1>", "id=\"findings\"", "id=\"figure-1\"", "id=\"figure-2\"", "id=\"figure-3\"", "id=\"table\"",
            "id=\"settings\"", "id=\"how-to-read\""];
        var places = sections.Select(section => page.IndexOf(section, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void Further_measures_have_a_table_of_those_that_some_training_has()
    {
        FinishedTraining With(FinishedTraining done, params (Measure Measure, double Value)[] measures) => done with
        {
            Record = done.Record.WithStored(measures.ToDictionary(pair => pair.Measure.Name, pair => (double?)pair.Value)),
        };
        var (dense, ticket) = (Inputs.Done(Inputs.Dense(1), 0.98), Inputs.Done(Inputs.Ticket("variance", 0.05m, 1), 0.97));
        Assert.DoesNotContain("Further measures", Own(HtmlReport.Render(Inputs.Of([dense, ticket]))));
        var measured = With(dense, (Measures.TestBrierLast, 0.03125), (Measures.TestEceLast, 0.0125));
        var page = Own(HtmlReport.Render(Inputs.Of([measured, ticket])));
        Assert.Contains("Further measures", page);
        Assert.Contains(">test Brier score, last step</th>", page);
        Assert.Contains("<td>0.0313</td>", page);
        Assert.Contains("<td>1.25</td>", page);
        Assert.DoesNotContain("mutual information</th>", page);
    }

    [Fact]
    public void Nothing_is_fetched()
    {
        var html = HtmlReport.Render(Inputs.Seeds(3));
        var page = Own(html);
        Assert.DoesNotContain("http:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(new Regex("<link|<img|<iframe|<object|<base|\\bsrc\\s*=|@import|url\\(", RegexOptions.IgnoreCase), page);
        // Even what plotly.js might try is forbidden by the page itself.
        Assert.Contains("default-src 'none'", page);
        Assert.Single(Regex.Matches(html, Regex.Escape("* plotly.js v")));
    }

    [Fact]
    public void A_strategys_name_is_text_everywhere()
    {
        const string Name = "<b>\"x</script><img src=y>";
        var html = HtmlReport.Render(Inputs.Of(
            [
                Inputs.Done(Inputs.Bayesian(1), 0.98), Inputs.Done(Inputs.Dense(1), 0.98), Inputs.Done(Inputs.Ticket(Name, 0.05m, 1), 0.97),
                Inputs.Done(Inputs.Ticket("magnitude", 0.05m, 1), 0.97),
            ],
            [new MissingTraining(Inputs.Ticket(Name, 0.02m, 1), "<i>broke</i>")], Name));
        var page = Own(html);
        Assert.DoesNotContain("<b>", page);
        Assert.DoesNotContain("<i>", page);
        Assert.DoesNotContain("<img", page);
        Assert.Contains("&lt;b&gt;&quot;x&lt;/script&gt;", page);      // in the tables
        Assert.Contains("\"name\":\"&lt;b&gt;\\\"x&lt;/script&gt;", page);   // in the charts, which read some HTML
        Assert.Equal(Count(html, "<script>"), Count(html, "</script>"));
    }

    [Fact]
    public void Each_chart_has_its_own_id_and_is_drawn_once()
    {
        var page = Own(HtmlReport.Render(Inputs.Seeds(3)));
        string[] ids = [.. Regex.Matches(page, "<div class=\"plot\" id=\"([^\"]+)\"").Select(match => match.Groups[1].Value)];
        Assert.Equal(
            [
                "chart-accuracy", "chart-comparison-1", "chart-comparison-2", "chart-early-stop", "chart-curve-0", "chart-curve-1",
                "chart-sigma-1", "chart-sigma-2",
            ],
            ids);
        Assert.All(ids, id => Assert.Equal(1, Count(page, $"draw(\"{id}\",")));
    }

    [Fact]
    public void The_contents_name_each_part_of_the_page_once()
    {
        foreach (var input in (ReportInput[])[Inputs.Seeds(3), Inputs.Seeds(1), ManyStrategies.Of(), Inputs.Of([])])
        {
            var page = Own(HtmlReport.Render(input));
            string[] named = [.. Regex.Matches(page, "<li><a href=\"#([^\"]+)\">").Select(match => match.Groups[1].Value)];
            Assert.NotEmpty(named);
            Assert.All(named, id => Assert.Equal(1, Count(page, $" id=\"{id}\"")));
        }
    }

    [Fact]
    public void Every_figure_has_its_data_as_a_closed_table()
    {
        var page = Own(HtmlReport.Render(Inputs.Seeds(3)));
        foreach (var figure in Regex.Matches(page, "<figure.*?</figure>", RegexOptions.Singleline).Select(match => match.Value))
        {
            Assert.Contains("<figcaption>", figure);
            Assert.Matches(new Regex("<details><summary>[^<]*</summary>.*<table", RegexOptions.Singleline), figure);
        }
        Assert.DoesNotContain("<details open", page);
    }

    [Fact]
    public void Several_seeds_show_differences_with_their_intervals_and_missing_seeds()
    {
        var input = Inputs.Seeds(3);
        var gone = input.Finished.First(f => f.Training.Cell.Strategy == "random" && f.Training.Seed.Value == 2).Training;
        var page = Own(HtmlReport.Render(input with
        {
            Finished = input.Finished.RemoveAll(f => f.Training == gone),
            Missing = [new MissingTraining(gone, "stopped")],
        }));
        Assert.Contains("<td>−1.02 [−1.04, −1.00]</td>", page);
        Assert.Contains("<td>2: stopped</td>", page);
        Assert.Contains("<td>97.70 &#177; 0.10</td>", page);
    }

    [Fact]
    public void One_seed_shows_its_rows()
    {
        var page = Own(HtmlReport.Render(Inputs.Seeds(1)));
        Assert.Contains(Inputs.Ticket("variance", 0.05m, 1).Key.Value, page);
        Assert.Contains("<td>−1.01</td>", page);
        Assert.DoesNotContain("&#177; 0", page);
    }

    [Fact]
    public void Without_validation_figure_2_says_why_it_is_empty()
    {
        var page = Own(HtmlReport.Render(Inputs.Seeds(1, stop: null)));
        Assert.Contains("no images were held back for validation, so there is no curve", page);
        Assert.DoesNotContain("chart-curve", page);
    }

    [Fact]
    public void With_thresholds_points_stand_at_the_density_that_resulted()
    {
        var page = Own(HtmlReport.Render(Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.98), Inputs.Done(Inputs.AtThreshold("variance", 0.25, 1), 0.97, kept: 123)])));
        Assert.Contains("\"x\":[12.3]", page);
        Assert.Contains("threshold 0.25", page);
    }

    private static PlannedTraining Variance(ulong seed) => Inputs.Ticket("variance", 0.1m, seed);

    public static TheoryData<string, ReportInput> Unfinished => new()
    {
        { "nothing planned", Inputs.Of([]) },
        { "nothing finished", Inputs.Of([], [new(Inputs.Dense(1), "not run yet"), new(Variance(1), "not run yet")]) },
        {
            "only Bayesian",
            Inputs.Of([Inputs.Done(Inputs.Bayesian(1), 0.98)], [new(Inputs.Dense(1), "not run yet"), new(Variance(1), "waits")])
        },
        { "only dense", Inputs.Of([Inputs.Done(Inputs.Dense(1), 0.98)]) },
        {
            "dense missing",
            Inputs.Of([Inputs.Done(Variance(1), 0.98), Inputs.Done(Variance(2), 0.97)], [new(Inputs.Dense(1), "diverged")])
        },
        {
            "no curve",
            Inputs.Of([Inputs.Done(Inputs.Dense(1), 0.98) with { Rows = [] }, Inputs.Done(Variance(1), 0.98) with { Rows = [] }])
        },
        {
            "no sigma counts",
            Inputs.Seeds(1) with { Sigmas = [new(Inputs.Bayesian(1), 1, new LayerShape(10, 50), 0, 0, [], 0, [])] }
        },
        {
            "a mask that keeps nothing",
            Inputs.Of([Inputs.Done(Inputs.Dense(1), 0.98), Inputs.Done(Inputs.AtThreshold("variance", 9, 1), 0.1, kept: 0)])
        },
    };

    [Theory, MemberData(nameof(Unfinished))]
    public void Unfinished_experiments_have_a_whole_report(string what, ReportInput input)
    {
        var page = Own(HtmlReport.Render(input));
        Assert.True(page.EndsWith("</html>\n", StringComparison.Ordinal), what);
        Assert.DoesNotContain("NaN", page);
        Assert.DoesNotContain("∞", page);
        Assert.DoesNotContain("Infinity", page);
        Assert.Contains("id=\"how-to-read\"", page);
    }

    [Fact]
    public void Tables_have_scoped_headers_and_headings_skip_no_level()
    {
        var page = Own(HtmlReport.Render(Inputs.Seeds(3)));
        Assert.Contains("<html lang=\"en\">", page);
        Assert.DoesNotMatch("<th(?! scope=)[ >]", page);
        int[] levels = [.. Regex.Matches(page, "<h([1-6])").Select(match => match.Groups[1].Value[0] - '0')];
        Assert.Equal(1, levels[0]);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
    }

    /// <summary>The page without plotly.js.</summary>
    private static string Own(string html)
    {
        var start = html.IndexOf("<script>", StringComparison.Ordinal);
        var end = html.IndexOf("</script>", start, StringComparison.Ordinal);
        Assert.True(end - start > 1_000_000, "plotly.js is embedded");
        return html[..start] + html[end..];
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
