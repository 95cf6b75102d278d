using System.Text.Json;
using System.Text.RegularExpressions;
using Bnn.Core;

namespace Bnn.Report.Tests;

public sealed class ManyHtmlTests
{
    [Fact]
    public void Equal_input_gives_equal_bytes_in_any_culture()
    {
        var expected = HtmlReport.Render(ManyStrategies.Of());
        Assert.Equal(expected, HtmlReport.Render(ManyStrategies.Of()));
        Assert.Equal(expected, Cultures.WithDecimalComma(() => HtmlReport.Render(ManyStrategies.Of())));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(30)]
    public void The_ranking_stands_before_the_figures_where_there_are_many(int strategies)
    {
        var page = Page(ManyStrategies.Of([.. ManyStrategies.Names.TakeLast(strategies)]));
        Assert.Equal(strategies > 6, page.Contains("id=\"ranking\"", StringComparison.Ordinal));
        Assert.Equal(strategies > 6, page.Contains("<th scope=\"col\">rank</th>", StringComparison.Ordinal));
        Assert.Equal(strategies > 6 ? 3 * strategies : 0, Regex.Count(page, "<button[^>]* data-strategy="));
        if (strategies > 6)
            Assert.True(page.IndexOf("id=\"findings\"", StringComparison.Ordinal) < page.IndexOf("id=\"ranking\"", StringComparison.Ordinal)
                && page.IndexOf("id=\"ranking\"", StringComparison.Ordinal) < page.IndexOf("id=\"figure-1\"", StringComparison.Ordinal));
    }

    [Fact]
    public void The_ranking_goes_by_mean_rank_and_names_what_is_missing()
    {
        var ranking = Ranking(ManyStrategies.Of(missing: (name, density, seed) =>
            (name == "s3" && density == 0.1m) || (name == "snr" && density == 0.2m && seed == 2)));
        string[] rows = [.. Regex.Matches(ranking, "<th scope=\"row\">([^<]*)</th>").Select(match => match.Groups[1].Value)];
        Assert.Equal(["magnitude", "snr", "variance"], rows[..3]);
        Assert.Equal("s3", rows[^1]);
        Assert.Contains("<td class=\"none\">missing</td>", ranking);
        Assert.Contains("<small>2 of 3 seeds</small>", ranking);
        Assert.Contains(
            "<th scope=\"row\">magnitude</th><td class=\"family\">bayesian</td><td>1.0</td>"
            + "<td class=\"heat-4\"><b>1</b> 98.25 <span role=\"img\" aria-label=\"wins\">✓</span></td>",
            ranking);
        Assert.Contains("class=\"heat-0\"><b>30</b>", ranking);
        Assert.DoesNotContain("asked for", ranking);
    }

    [Fact]
    public void A_strategy_asked_for_among_many_is_marked() =>
        Assert.Contains("<th scope=\"row\">s7</th><td class=\"family\">own, asked for</td>", Ranking(ManyStrategies.Of(asked: ["s7"])));

    [Fact]
    public void Shared_ranks_are_marked()
    {
        var input = Inputs.Of(Enumerable.Range(0, 8).Select(i => Inputs.Done(Inputs.Ticket($"s{i}", 0.1m, 1), i == 7 ? 0.98 : 0.97)));
        var ranking = Ranking(input);
        Assert.Contains("Lines of equal results cover one another", Figure(Page(input), "figure-1"));
        Assert.Equal(7, Regex.Count(ranking, "<b>2=</b>"));
        Assert.Contains("one seed, so luck is part of it", ranking);
    }

    [Fact]
    public void With_more_than_twelve_lines_the_best_five_and_the_baselines_are_drawn_at_first()
    {
        var page = Page(ManyStrategies.Of());
        string[] shown = ["magnitude", "random", "s24", "s25", "snr", "variance"];   // magnitude is one of the best
        foreach (var figure in (string[])["figure-1", "figure-2"])
        {
            var html = Figure(page, figure);
            Assert.Equal(shown, Pressed(html));
            Assert.Equal(shown, Drawn(html));
            Assert.Contains(
                "Drawn at first: the 5 strategies with the best mean rank, magnitude and random; "
                + "press a name above the chart for any other.",
                html);
        }
    }

    [Fact]
    public void A_strategy_asked_for_is_drawn_at_first_however_it_ranks()
    {
        var figure = Figure(Page(ManyStrategies.Of(asked: ["s0"])), "figure-2");
        Assert.Contains("s0", Drawn(figure));
        Assert.Contains("those asked for", figure);
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(13, false)]
    public void Up_to_twelve_lines_are_all_drawn_at_first(int strategies, bool all)
    {
        var page = Page(ManyStrategies.Of([.. ManyStrategies.Names.TakeLast(strategies)]));
        Assert.Equal(all, !page.Contains("\"visible\":\"legendonly\"", StringComparison.Ordinal));
        Assert.Equal(all, !page.Contains("Drawn at first", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_trace_of_a_strategy_is_found_by_its_button()
    {
        var figure = Figure(Page(ManyStrategies.Of()), "figure-2");
        // Three panels, each with the highest, lowest and mean of the seeds.
        Assert.Equal(3 * 3, Regex.Count(figure, "\"legendgroup\":\"s7\""));
        Assert.Single(Regex.Matches(figure, "data-strategy=\"s7\""));
    }

    [Fact]
    public void Families_share_a_colour_and_no_two_members_look_alike()
    {
        var figure = Figure(Page(ManyStrategies.Of()), "figure-1");
        const string Button = "<button[^>]*data-strategy=\"(?<name>[^\"]*)\"[^>]*><svg[^>]*>";
        const string Line = "<line[^>]*stroke=\"(?<colour>[^\"]*)\"[^>]*stroke-dasharray=\"(?<dash>[^\"]*)\"[^>]*/>";
        const string Marker = "<path d=\"(?<symbol>[^\"]*)\"";
        var looks = Regex.Matches(figure, Button + Line + Marker)
            .Select(match => match.Groups)
            .Select(own => (
                Name: own["name"].Value, Colour: own["colour"].Value, Dash: own["dash"].Value, Symbol: own["symbol"].Value))
            .ToList();
        Assert.Equal(30, looks.Count);
        Assert.Equal(30, looks.Select(look => (look.Colour, look.Dash, look.Symbol)).Distinct().Count());
        Assert.Equal(5, Regex.Count(figure, "<fieldset>"));
        Assert.Equal("#7A7A7A", looks.Single(look => look.Name == "random").Colour);
        Assert.Equal("none", looks.Single(look => look.Name == "magnitude").Dash);
        var families = looks.GroupBy(look => look.Colour)
            .Select(colour => colour.Select(look => Summary.From(ManyStrategies.Of()).FamilyOf(look.Name)).Distinct().Count());
        Assert.All(families, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Settings_show_formula_reference_and_every_argument()
    {
        var input = Inputs.Seeds(1);
        StrategyParameter Parameter(string name) => new(name, ParameterKind.Number, "", "1", 0, 10, []);
        var info = ManyStrategies.Info("variance", "own") with
        {
            Formula = "|μ|/σ^α",
            Reference = "Someone 2020, arXiv:2001.00001",
            Parameters = [Parameter("alpha"), Parameter("beta")],
            Arguments = [new NamedValue("alpha", "1"), new NamedValue("beta", "0.5")],
        };
        var page = Page(input with
        {
            Experiment = input.Experiment with { Strategies = [info, ManyStrategies.Info("random", "control")] },
        });
        Assert.Contains(
            "<th scope=\"row\">variance:beta=0.5</th><td>criterion of variance</td><td>|μ|/σ^α</td>"
            + "<td>Someone 2020, arXiv:2001.00001</td><td>alpha=1, beta=0.5</td>",
            page);
        Assert.DoesNotContain("<th scope=\"col\">arguments</th>", Page(input));   // no strategy has any
    }

    [Fact]
    public void Hostile_texts_of_plugins_are_text_everywhere()
    {
        const string Evil = "\"'><b>&x</script><img src=y onerror=z>";
        var input = ManyStrategies.Of(
            asked: [Evil + "0"],
            label: name => name.StartsWith('s') ? Evil + name[1..] : name,
            missing: (name, density, _) => name.EndsWith("12", StringComparison.Ordinal));
        var html = HtmlReport.Render(input with
        {
            Experiment = input.Experiment with
            {
                Strategies = [.. input.Experiment.Strategies.Select(info => info with
                {
                    Group = info.Group == "own" ? Evil : info.Group, Formula = Evil, Reference = Evil, Description = Evil,
                    Parameters = [], Arguments = [],
                })],
            },
        });
        var page = Own(html);
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotMatch("<b>(?!\\d)", page);   // the ranking's own hold a rank
        Assert.DoesNotContain("\"'>", page);
        Assert.Equal(html.Split("<script>").Length, html.Split("</script>").Length);
        Assert.Contains($"<legend>{System.Net.WebUtility.HtmlEncode(Evil)}</legend>", page);
        Assert.Equal(3 * 29, Regex.Count(page, "data-strategy=\""));
    }

    [Fact]
    public void Nothing_is_fetched() => Assert.DoesNotMatch(
        new Regex("https?:|<link|<img|<iframe|\\bsrc\\s*=|@import|url\\(", RegexOptions.IgnoreCase), Page(ManyStrategies.Of()));

    private static readonly ReportInput Whole = ManyStrategies.Of();

    public static TheoryData<string, ReportInput> Unfinished => new()
    {
        { "nothing finished", ManyStrategies.Of(missing: (_, _, _) => true) },
        { "one cut", ManyStrategies.Of(missing: (_, density, _) => density != 0.1m) },
        { "ten strategies", ManyStrategies.Of(missing: (name, _, _) => ManyStrategies.Names.IndexOf(name) >= 10) },
        { "no dense net", Whole with { Finished = Whole.Finished.RemoveAll(f => f.Training.Kind == TrainingKind.Dense) } },
        { "thresholds", ManyStrategies.AtThreshold() },
        { "no curves", Whole with { Finished = [.. Whole.Finished.Select(f => f with { Rows = [] })] } },
    };

    [Theory, MemberData(nameof(Unfinished))]
    public void Unfinished_experiments_have_a_whole_report(string what, ReportInput input)
    {
        var page = Page(input);
        Assert.True(page.EndsWith("</html>\n", StringComparison.Ordinal), what);
        Assert.DoesNotContain("NaN", page);
        Assert.DoesNotContain("Infinity", page);
        Assert.Contains("id=\"ranking\"", page);
        int[] levels = [.. Regex.Matches(page, "<h([1-6])").Select(match => match.Groups[1].Value[0] - '0')];
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
    }

    [Fact]
    public void Files_for_other_programs_keep_the_plans_order()
    {
        var input = ManyStrategies.Of();
        using var table = JsonDocument.Parse(TableFiles.Json(input));
        Assert.Equal(
            input.Finished.Select(f => f.Record.Key.Value),
            table.RootElement.EnumerateArray().Select(row => row.GetProperty("run").GetString()));
    }

    private static string Page(ReportInput input) => Own(HtmlReport.Render(input));

    /// <summary>The page without plotly.js.</summary>
    private static string Own(string html)
    {
        var start = html.IndexOf("<script>", StringComparison.Ordinal);
        return html[..start] + html[html.IndexOf("</script>", start, StringComparison.Ordinal)..];
    }

    private static string Ranking(ReportInput input) =>
        Regex.Match(Page(input), "<section id=\"ranking\">.*?</section>", RegexOptions.Singleline).Value;

    private static string Figure(string page, string id) =>
        Regex.Match(page, $"<figure id=\"{id}\"[^>]*>.*?</figure>", RegexOptions.Singleline).Value;

    private static IEnumerable<string> Pressed(string figure) =>
        Regex.Matches(figure, "<button[^>]* data-strategy=\"([^\"]*)\"[^>]* aria-pressed=\"true\"")
            .Select(match => match.Groups[1].Value)
            .Order(StringComparer.Ordinal);

    /// <summary>Strategies whose traces are visible, in any panel.</summary>
    private static IEnumerable<string> Drawn(string figure) =>
        Regex.Matches(figure, "\"legendgroup\":\"([^\"]*)\"[^{}]*(?:\\{[^{}]*\\}[^{}]*)*?\"visible\":(true|\"legendonly\")")
            .Where(match => match.Groups[2].Value == "true")
            .Select(match => match.Groups[1].Value)
            .Distinct()
            .Order(StringComparer.Ordinal);
}
