using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Host.Tests;

/// <summary>Where the numbers support no verdict, none is given: in the table, the findings, and a report that is made again.</summary>
public sealed class VerdictTests(Installation installation)
{
    private const string Slow = "--steps 300 --batch 10 --layers 8,5 --validation 50 --eval-every 20", Learning = $"{Slow} --lr 0.01";

    [Fact]
    public async Task A_dense_net_at_chance_judges_nothing()
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run --optimizer sgd {Slow} --lr 1e-7 --density 0.5,0.2 --seeds 1..3")).Done();
        Assert.All(Tickets(outcome), cells => Assert.Equal("can't be judged", cells[^1]));
        Assert.StartsWith("With all 3 seeds the dense net is no better than always answering the commonest class", FirstFinding(outcome));
        Assert.Contains("33.33 % of 90 test images", FirstFinding(outcome), StringComparison.Ordinal);
        NothingIsClaimed(place.Results);

        (await place.Run($"report {place.Results.Experiment()}")).Done();
        NothingIsClaimed(place.Results);
        Assert.StartsWith("With all 3 seeds the dense net is no better", Findings(place.Results)[0]);
    }

    [Fact]
    public async Task Equal_images_teach_nothing()
    {
        using var place = installation.Place();
        var set = new IdxSet();
        set.WriteTo(place.File("black"), gzip: false);
        foreach (var name in (string[])[IdxSet.TrainImages, IdxSet.TestImages])
            File.WriteAllBytes(Path.Combine(place.File("black"), name), [.. set[name][..16], .. new byte[set[name].Length - 16]]);
        Assert.Contains("All training images are equal", (await place.Run("data --data black")).Done().Out, StringComparison.Ordinal);
        var outcome = (await place.Run($"run --data black {Place.SmallAtDensities}")).Done();
        Assert.All(Tickets(outcome), cells => Assert.Equal("can't be judged", cells[^1]));
        Assert.StartsWith("The dense net is no better than always answering the commonest class", FirstFinding(outcome));
        Assert.DoesNotContain("One seed gives no interval", outcome.Err, StringComparison.Ordinal);         // more seeds wouldn't help
        NothingIsClaimed(place.Results);
    }

    [Fact]
    public async Task A_posterior_that_learned_nothing_says_nothing_and_magnitude_is_still_judged()
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run --bayesian-steps 1 --compare magnitude {Learning} --density 0.1 --seeds 1..3")).Done();
        Assert.StartsWith("With ", FirstFinding(outcome));
        Assert.Contains("the Bayesian net is no better than always answering", FirstFinding(outcome), StringComparison.Ordinal);
        Assert.Equal("can't be judged", Tickets(outcome).Single(cells => cells[0] == "variance")[^1]);
        Assert.NotEqual("can't be judged", Tickets(outcome).Single(cells => cells[0] == "magnitude")[^1]);
        var findings = Findings(place.Results);
        Assert.Contains(findings, finding =>
            finding.StartsWith("variance and magnitude can't be compared at 10 %", StringComparison.Ordinal));
        Assert.DoesNotContain(findings, finding => finding.Contains("At 10 % of the weights", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Masks_without_a_path_are_neither_judged_nor_compared()
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run --strategy magnitude --compare random {Learning} --density 0.5,0.005")).Done();
        Assert.StartsWith("Masks without a path from the inputs to the outputs", FirstFinding(outcome));
        var row = place.Results.Table().Last(row => row["strategy"] == "magnitude");
        Assert.Contains(0, place.Results.Run(row["run"]).KeptPerLayer);
        Assert.Equal(("0", "0"), (row["living_units"], row["connected_classes"]));
        Assert.Equal("3", place.Results.Table().First(row => row["strategy"] == "magnitude")["connected_classes"]);
        Assert.Equal("can't be judged", Tickets(outcome).Last(cells => cells[0] == "magnitude")[^1]);
        Assert.Contains(
            "magnitude and random can't be compared at 0.5 %: the mask of magnitude leaves no path from the inputs to the outputs.",
            Findings(place.Results));
    }

    /// <summary>Results of earlier versions don't say what their masks connect: the masks do.</summary>
    [Fact]
    public async Task Older_results_are_counted_from_their_masks()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy random --compare none {Place.Small} --density 0.05")).Done();
        var (table, findings) = (place.Results.Table(), Findings(place.Results));
        Assert.NotEqual("3", table[^1]["connected_classes"]);
        foreach (var run in place.Results.Runs)
        {
            var result = JsonNode.Parse(File.ReadAllText(run.File("result.json")))!.AsObject();
            foreach (var later in (string[])["living_units", "connected_classes", "files", "scored_from", "sha256"])
                Assert.True(result.Remove(later));
            File.WriteAllText(run.File("result.json"), result.ToJsonString());
        }
        (await place.Run($"report {place.Results.Experiment()}")).Done();
        Assert.Equal(table[^1]["connected_classes"], place.Results.Table()[^1]["connected_classes"]);
        Assert.Equal(findings, Findings(place.Results));
    }

    [Fact]
    public async Task A_seed_that_still_improved_is_not_judged_and_several_say_so()
    {
        using var place = installation.Place();
        var one = (await place.Run($"run --compare none {Place.Small} --density 0.5")).Done();
        Assert.Equal("60", one.Table.Single(cells => cells[0] == "dense")[^2]);
        Assert.Equal("can't be judged", Tickets(one).Single()[^1]);
        Assert.Contains("still improving at the last step", FirstFinding(one), StringComparison.Ordinal);
        (await place.Run($"run --compare none {Place.Small} --density 0.5 --seeds 1..3 --name several")).Done();
        Assert.Contains(Findings(place.Results, "several"), finding =>
            finding.StartsWith("Still improving when training ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Labels_that_never_occur_are_named_by_data_and_report()
    {
        using var place = installation.Place();
        var set = new IdxSet();
        set.WriteTo(place.File("from-one"), gzip: false);
        foreach (var name in (string[])[IdxSet.TrainLabels, IdxSet.TestLabels])
        {
            byte[] labels = [.. set[name][..8], .. set[name][8..].Select(label => (byte)(label + 1))];
            File.WriteAllBytes(Path.Combine(place.File("from-one"), name), labels);
        }
        const string Remark = "Label 0 never occurs, so that only 3 of the network's 4 classes can be learned.";
        Assert.Contains(Remark, (await place.Run("data --data from-one")).Done().Out, StringComparison.Ordinal);
        (await place.Run($"run --compare none --data from-one {Place.SmallAtDensities}")).Done();
        Assert.Contains(Remark, Findings(place.Results));
        Assert.Equal(4, place.Results.Dense.Config.GetProperty("layers").EnumerateArray().Last().GetInt32());
        (await place.Run($"report {place.Results.Experiment()}")).Done();
        Assert.Contains(Remark, Findings(place.Results));
    }

    private static IEnumerable<string[]> Tickets(Outcome outcome) => outcome.Table.Skip(1).Where(cells => cells[1].Length > 0);

    /// <summary>The line below the table.</summary>
    private static string FirstFinding(Outcome outcome) =>
        outcome.Out.Split('\n').SkipWhile(line => !line.StartsWith('+')).First(line => line.Length > 0 && line[0] is not ('+' or '|'));

    private static void NothingIsClaimed(Results results)
    {
        Assert.All((string[])["wins", "winning", "level", "better than magnitude", "worse", "show no difference", "tell little"], word =>
            Assert.DoesNotContain(Findings(results), finding => finding.Contains(word, StringComparison.Ordinal)));
        Assert.DoesNotContain("does not win</td>", results.Report(), StringComparison.Ordinal);
        Assert.DoesNotContain("wins</td>", results.Report(), StringComparison.Ordinal);
    }

    /// <summary>The report's findings, in order.</summary>
    private static string[] Findings(Results results, string? name = null)
    {
        var section = Regex.Match(results.Report(name), "<section id=\"findings\">.*?</section>", RegexOptions.Singleline).Value;
        return [
            .. Regex.Matches(section, "(?<=<li>).*?(?=</li>)", RegexOptions.Singleline)
                .Select(item => System.Net.WebUtility.HtmlDecode(item.Value).Replace('\u00a0', ' '))];
    }
}
