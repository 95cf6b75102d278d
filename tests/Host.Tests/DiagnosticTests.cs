using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Host.Tests;

/// <summary>What a report says about masks and posteriors, against the tensors that it was made from.</summary>
public sealed class DiagnosticTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare magnitude --density 0.5,0.2 --seeds 1..2 {Place.Small}";

    [Fact]
    public async Task Overlaps_and_questions_are_those_of_the_stored_masks()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --bayesian-images 1,0.5 --bayesian-at 0.5,final --controls shuffle-inputs")).Done();
        var page = place.Results.Report();

        var rows = place.Results.Table().Where(row => row["kind"] == "ticket" && row["control"] == "").ToList();
        var expected = ((string[])["1", "2"]).Average(seed => Jaccard(
            Of(row => row["seed"] == seed && row["bayesian_images"] == "0.5" && row["bayesian_at"] == "final"),
            Of(row => row["seed"] == seed && row["bayesian_images"] == "1" && row["bayesian_at"] == "final")));
        var cells = Rows(Figure(page, "mask-overlap")).Single(cells =>
            cells.Length > 8 && cells[0] == "variance (bayesian-images 0.5)" && cells[1] == "variance"
                && cells[2] == "20 %");
        Assert.Equal(expected.ToString("0.000", CultureInfo.InvariantCulture), cells[5]);
        var kinds = Rows(Figure(page, "mask-overlap")).Select(row => row[1]).ToHashSet();
        Assert.All(
            (string[])["other seed", "other moment", "other share of the images", "two strategies", "control’s places"],
            kind => Assert.Contains(kind, kinds));

        var images = Figure(page, "images-needed");
        Assert.Contains("variance at 20&nbsp;%: ", images);
        Assert.Equal(cells[5], Rows(images).Single(row => row[0] == "variance at 20 %" && row[1] == "50 % of the images (125)")[^2]);
        Assert.Contains("fewer than six moments were asked for", Figure(page, "moment-needed"));
        // Half an epoch of half the images is another step, so each share has a line of its own, with two moments.
        Assert.Equal(2 * 2 * 2, Rows(Figure(page, "moment-needed")).Count());

        // Made again from what is stored, it is the same; a file that was deleted to save space takes its masks out and is no damage.
        (await place.Run($"report {place.Results.Experiment()}")).Done();
        Assert.Equal(page, place.Results.Report());
        File.Delete(Of(row => row["strategy"] == "magnitude").File("weights.safetensors"));
        (await place.Run($"report {place.Results.Experiment()}")).Done();
        Assert.Matches(new Regex(@"\d+ of \d+ masks were compared"), Figure(place.Results.Report(), "mask-overlap"));

        Run Of(Func<Row, bool> which) => place.Results.Run(rows.First(row =>
            row["target_density"] == "0.2" && which(row))["run"]);
    }

    [Fact]
    public async Task The_criterion_s_part_counts_the_weights_of_pixels_that_are_always_zero()
    {
        using var place = installation.Place();
        var set = new IdxSet();
        set.WriteTo(place.File("dark"), gzip: false);
        foreach (var name in (string[])[IdxSet.TrainImages, IdxSet.TestImages])
        {
            var content = set[name];
            for (var i = 16; i < content.Length; i++)
                if ((i - 16) % 36 < 12) content[i] = 0;
            File.WriteAllBytes(Path.Combine(place.File("dark"), name), content);
        }
        (await place.Run($"{Line} --data dark --scope global")).Done();
        var page = place.Results.Report();
        var figure = Figure(page, "criterion");
        Assert.Contains("Always-zero inputs: 12 of 36", figure);
        var mask = place.Results.Of(row => row["strategy"] == "variance" && row["target_density"] == "0.2" && row["seed"] == "1")
            .Weights["layer1.mask"].Bytes;
        var pruned = mask[..(12 * 8)].Count(kept => kept == 0) / (double)(12 * 8);
        var cells = Rows(figure).First(cells => cells[0] == "variance at 20 %" && cells.Length == 5);
        Assert.Equal($"{(100 * pruned).ToString("0.00", CultureInfo.InvariantCulture)} %", cells[1]);
        // The scope global leaves each layer another share.
        Assert.Contains("<section id=\"layer-densities\">", page);
    }

    private static double Jaccard(Run one, Run two)
    {
        var (both, any) = (0, 0);
        for (var layer = 1; layer <= 3; layer++)
        {
            var (a, b) = (one.Weights[$"layer{layer}.mask"].Bytes, two.Weights[$"layer{layer}.mask"].Bytes);
            both += a.Zip(b).Count(pair => pair.First + pair.Second == 2);
            any += a.Zip(b).Count(pair => pair.First + pair.Second > 0);
        }
        return (double)both / any;
    }

    private static string Figure(string page, string id) =>
        Regex.Match(page, $"<figure id=\"{id}\"[^>]*>.*?</figure>", RegexOptions.Singleline) is { Success: true } match
            ? match.Value
            : throw new Xunit.Sdk.XunitException($"no figure {id}");

    /// <summary>The cells of all rows of all tables.</summary>
    private static IEnumerable<string[]> Rows(string html) => Regex.Matches(html, "<tr><th scope=\"row\">.*?</tr>")
        .Select(row => Regex.Matches(row.Value, "<t[hd][^>]*>(.*?)</t[hd]>")
            .Select(cell => WebUtility.HtmlDecode(cell.Groups[1].Value)).ToArray());
}
