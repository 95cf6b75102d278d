namespace Host.Tests;

/// <summary>Comparisons on the terminal and in studies, of small trainings.</summary>
public sealed class CompareCommandTests(Installation installation)
{
    private const string Run = $"run --strategy variance --compare magnitude,random {Place.SmallAtDensities} --name small";

    [Fact]
    public async Task An_experiments_tickets_are_compared_with_its_baseline_by_name_and_by_folder()
    {
        using var place = installation.Place();
        (await place.Run($"{Run} --seeds 1..5")).Done();
        var byName = (await place.Run("compare small")).Done();
        Assert.Contains("paired t test", byName.Out, StringComparison.Ordinal);
        Assert.Contains("Wilcoxon's signed-rank test can't reach 0.05", byName.Out, StringComparison.Ordinal);
        Assert.Equal(
            [("variance", "magnitude", "50 %"), ("variance", "magnitude", "20 %"), ("random", "magnitude", "50 %"),
                ("random", "magnitude", "20 %")],
            byName.Table.Skip(1).Take(4).Select(cells => (cells[0], cells[1], cells[2])));
        Assert.All(byName.Table.Skip(1).Take(4), cells => Assert.Equal("5", cells[3]));
        Assert.Equal(byName.Out, (await place.Run($"compare {place.Results.Experiment("small")}")).Done().Out);
        var random = (await place.Run("compare small --baseline random --margin 5")).Done();
        Assert.Contains("against 5.0 points", random.Out, StringComparison.Ordinal);
        Assert.All(random.Table.Skip(1).Take(4), cells => Assert.Equal("random", cells[1]));
        var report = place.Results.Report("small");
        Assert.Contains("id=\"chart-comparison-1\"", report, StringComparison.Ordinal);
        Assert.Contains("Differences to magnitude", report, StringComparison.Ordinal);
        Assert.Contains("Differences to random", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_compared_is_said_before_anything_else()
    {
        using var place = installation.Place();
        (await place.Run($"{Run} --seeds 1..2")).Done();
        (await place.Run("compare")).Refused(2, "no experiment is given");
        (await place.Run("compare smal")).Refused(2, "EXPERIMENT", "smal", "did you mean 'small'?");
        (await place.Run("compare small --output elsewhere")).Ends(5).Says("elsewhere");
        (await place.Run("compare small --baseline magnitud"))
            .Refused(2, "--baseline: unknown strategy 'magnitud': did you mean 'magnitude'?");
        (await place.Run("compare small --by strategi")).Refused(2, "--baseline", "strategi");
        (await place.Run("compare small --by strategi --baseline 1")).Refused(2, "--by: unknown factor 'strategi'", "strategy");
        foreach (var margin in (string[])["0", "-1", "many", "1e9", "NaN"])
            (await place.Run($"compare small --margin={margin}")).Refused(2, "--margin", margin, "points above 0");
        File.AppendAllText(Path.Combine(place.Results.Experiment("small"), "plan.json"), " ");
        (await place.Run("compare small")).Refused(5, "plan.json");
    }

    [Fact]
    public async Task Another_factor_than_the_strategy_is_compared_by_its_values()
    {
        using var place = installation.Place();
        const string Line = $"run --strategy variance --compare none {Place.Small} --density 0.5 --seeds 1..3";
        (await place.Run($"{Line} --bayesian-images 1,0.5 --name images")).Done();
        var images = (await place.Run("compare images --by bayesian-images --baseline 1")).Done();
        Assert.Equal(
            ["variance (bayesian-images 0.5)", "variance", "50 %", "3"], Assert.Single(images.Table.Skip(1).Take(1)).Take(4));
        (await place.Run("compare images --by bayesian-images --baseline 0.25"))
            .Refused(2, "--baseline: unknown bayesian-images '0.25'", "1, 0.5");
        (await place.Run("compare images --by bayesian-images")).Refused(2, "give --baseline", "bayesian-images");
    }

    [Fact]
    public async Task Tickets_without_a_seed_in_common_are_compared_only_on_request()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance --compare none {Place.Small} --density 0.5 --seeds 1..3 --name one")).Done();
        (await place.Run($"run --strategy magnitude --compare none {Place.Small} --density 0.5 --seeds 11..13 --name two")).Done();
        var both = $"report {place.Results.Experiment("one")} {place.Results.Experiment("two")} --name both";
        (await place.Run(both)).Done();
        (await place.Run("compare both --baseline magnitude")).Refused(2, "no ticket has a seed in common with magnitude", "--unpaired");
        var unpaired = (await place.Run("compare both --baseline magnitude --unpaired")).Done();
        Assert.Contains("Welch's t test", unpaired.Out, StringComparison.Ordinal);
        Assert.Equal(["variance", "magnitude", "50 %", "3, 3"], unpaired.Table[1].Take(4));
    }

    [Theory]
    [InlineData("layers", "--layers 10,6")]
    [InlineData("data", "--data other")]
    public async Task Other_data_and_other_networks_are_compared_only_where_they_are_asked_for(string by, string flags)
    {
        using var place = installation.Place();
        new IdxSet(train: 280).WriteTo(place.File("other"), gzip: false);
        var line = $"{Place.Small.Replace("--layers 8,5 ", "", StringComparison.Ordinal)} --compare none --density 0.5 --seeds 1..3";
        (await place.Run($"run --strategy variance {line} --layers 8,5 --name one")).Done();
        (await place.Run($"run --strategy magnitude {line} {(by == "layers" ? flags : $"--layers 8,5 {flags}")} --name two")).Done();
        (await place.Run($"report {place.Results.Experiment("one")} {place.Results.Experiment("two")} --name both")).Done();
        (await place.Run("compare both --baseline magnitude"))
            .Refused(2, "no two tickets of both differ in their strategy alone, one of them with magnitude", by);
        (await place.Run("compare both --baseline magnitude --unpaired")).Refused(2, "differ in their strategy alone");

        (await place.Run($"run --strategy variance {line} {(by == "layers" ? flags : $"--layers 8,5 {flags}")} --name three")).Done();
        (await place.Run($"report {place.Results.Experiment("one")} {place.Results.Experiment("three")} --name same")).Done();
        var baseline = place.Results.Table("same").First(row => row["kind"] == "ticket")[by];
        foreach (var unpaired in (string[])["", " --unpaired"])
        {
            var row = (await place.Run($"compare same --by {by} --baseline {baseline}{unpaired}")).Done().Table[1];
            Assert.Equal(unpaired.Length == 0 ? "3" : "3, 3", row[3]);
            Assert.Matches(@"^[+−]\d", row[4]);
            Assert.DoesNotContain("can't be compared", row[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_studys_comparisons_are_those_it_asks_for_at_its_margin()
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("arms.toml"), """
            question = "Does an earlier posterior do?"

            [common]
            strategy = "variance"
            compare = "none"
            density = 0.5
            seeds = "1..3"
            steps = 60
            batch = 10
            layers = "8,5"
            validation = 50
            eval-every = 20
            lr = 0.01

            [[arm]]
            name = "end"
            bayesian-at = "final"

            [[arm]]
            name = "early"
            bayesian-at = "step:30"

            [[compare]]
            baseline = "end"
            margin = 0.7
            """);
        (await place.Run("study arms.toml")).Done();
        var report = place.Results.Report("arms");
        Assert.Contains("Differences to end", report, StringComparison.Ordinal);
        Assert.Contains("0.7 points", report, StringComparison.Ordinal);
        var compared = (await place.Run("compare arms --by arm")).Done();
        Assert.Equal(["variance (bayesian-at step30)", "variance", "50 %", "3"], compared.Table[1].Take(4));
    }
}
