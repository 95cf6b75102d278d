using System.Security.Cryptography;

namespace Host.Tests;

/// <summary>The commands that train nothing.</summary>
public sealed class CommandTests(Installation installation)
{
    [Fact]
    public async Task Report_makes_the_same_files_again()
    {
        using var place = installation.Place();
        (await place.Run($"run {Place.SmallAtDensities} --seeds 1,2 --name kept")).Done();
        var folder = place.Results.Experiment("kept");
        var before = Folders.Files(place.Results.Root);
        foreach (var name in (string[])["report.html", "summary.md", "table.csv", "table.json"]) File.Delete(Path.Combine(folder, name));
        var outcome = (await place.Run($"report {folder}")).Done();
        Assert.EndsWith($"report: {Path.Combine(folder, "report.html")}\n", outcome.Out, StringComparison.Ordinal);
        Folders.Same(before, Folders.Files(place.Results.Root));
    }

    [Fact]
    public async Task Report_takes_a_folder_as_people_type_it_and_results_that_were_moved()
    {
        using var place = await installation.Trained($"run {Place.SmallAtDensities} --name kept");
        Directory.Move(place.Results.Root, place.File("moved"));
        (await place.Run("report moved/experiments/kept/")).Done();
    }

    [Fact]
    public async Task Report_of_something_else_is_refused()
    {
        using var place = installation.Place();
        (await place.Run($"run {Place.SmallAtDensities} --compare none --name kept")).Done();
        (await place.Run("report results")).Refused(2, "an experiment's folder with a plan.json", "found results", "results/experiments");
        (await place.Run("report results/store.json")).Refused(2, "an experiment's folder with a plan.json");
    }

    [Fact]
    public async Task Report_names_what_is_missing()
    {
        using var place = await installation.Trained($"run {Place.SmallAtDensities} --name kept");
        File.Delete(place.Results.Of(row => row["strategy"] == "random", "kept").File("result.json"));
        (await place.Run("report results/experiments/kept")).Done();
        Assert.Equal(7, place.Results.Table("kept").Count);
        Assert.Contains("1 of 8 trainings", place.Results.Report("kept"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_shows_sizes_and_hashes()
    {
        using var place = installation.Place();
        var outcome = (await place.Run("data")).Done();
        var set = new IdxSet();
        foreach (var name in IdxSet.Names)
        {
            Assert.Contains(name, outcome.Out, StringComparison.Ordinal);
            Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(set[name])), outcome.Out, StringComparison.Ordinal);
        }
        Assert.Contains("300 training and 90 test images of 6×6, 3 classes", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strategies_shows_what_each_ranks_by_needs_and_comes_from()
    {
        using var place = installation.Place();
        var outcome = (await place.Run("strategies")).Done();
        var lines = outcome.Out.Split('\n');
        (string Name, string Keeps, string Needs)[] expected = [
            ("magnitude", "highest", "dense weights"), ("mean-magnitude", "highest", "posterior"), ("random", "highest", "nothing"),
            ("snr", "highest", "posterior"), ("variance", "lowest", "posterior")];
        foreach (var (name, keeps, needs) in expected)
        {
            var line = Assert.Single(lines, line => line.StartsWith($"| {name} ", StringComparison.Ordinal));
            foreach (var part in (string[])[$"| {keeps} ", $"| {needs} ", "| MaskStrategies.dll 0.1.0.0 "])
                Assert.Contains(part, line, StringComparison.Ordinal);
        }
        Assert.Empty(outcome.Err);
    }

    [Fact]
    public async Task Doctor_finds_everything_in_order_and_leaves_nothing()
    {
        using var place = installation.Place();
        var outcome = (await place.Run("doctor")).Done();
        string[] parts = [
            "300 + 90 images, 3 classes", "30 strategies",
            $"{place.Results.Root} can be written; files are renamed and locked; ", " GB free",
            "nothing yet", "simd: ", "as expected",
            installation.Root];
        foreach (var part in parts) Assert.Contains(part, outcome.Out, StringComparison.Ordinal);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Version_is_a_version()
    {
        using var place = installation.Place();
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", (await place.Run("--version")).Done().Out);
    }

    [Theory]
    [InlineData("", "host run --strategy variance", "strategies")]
    [InlineData("run", "host run --strategy variance,snr --seeds 1..5", "--threshold")]
    [InlineData("study", "host study quick", "--vary"), InlineData("study copy", "host study copy quick mine.toml", "FILE")]
    [InlineData("study show", "host study show quick", "NAME"), InlineData("report", "host report results/experiments/", "DIR")]
    [InlineData("strategies", "host strategies", "new my-idea"), InlineData("data", "host data --data ", "--data")]
    [InlineData("doctor", "host doctor", "--output"), InlineData("export", "host export 0dd94ce5a1b2 --npz --to ", "--moment")]
    [InlineData("ls", "host ls first-try", "--where")]
    [InlineData("show", "host show c81a64eab619", "KEY"), InlineData("table", "host table first-try --json", "--parquet")]
    [InlineData("clean", "host clean --yes", "--output")]
    [InlineData("claims", "host claims lottery-ticket-paper zhou", "--claims"), InlineData("compare", "host compare quick", "--unpaired")]
    public async Task Help_has_examples(string command, string example, string mentions)
    {
        using var place = installation.Place();
        foreach (var flag in (string[])["--help", "-h"])
        {
            var outcome = (await place.Run($"{command} {flag}")).Done();
            Assert.Contains("Example", outcome.Out, StringComparison.Ordinal);
            Assert.Contains(example, outcome.Out, StringComparison.Ordinal);
            Assert.Contains(mentions, outcome.Out, StringComparison.Ordinal);
            Assert.Empty(outcome.Err);
        }
    }

    [Fact]
    public async Task Help_offers_only_what_there_is()
    {
        using var place = installation.Place();
        Assert.DoesNotContain("Additional Arguments", (await place.Run("run --help")).Done().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_run_names_every_flag_with_its_default()
    {
        using var place = installation.Place();
        var help = (await place.Run("run --help")).Done().Out;
        string[] flags = [
            "--strategy", "--compare", "--density", "--threshold", "--scope", "--layers", "--steps", "--bayesian-steps", "--batch", "--lr",
            "--optimizer", "--seed", "--seeds", "--validation", "--eval-every", "--kl-weight", "--prior-scale", "--data", "--jobs",
            "--output", "--name", "--print-config"];
        string[] defaults = [
            "[0.2,0.1,0.05,0.02,0.01]", "[300,100]", "[30000]", "[60]", "[0.0012]", "[5000]", "[paper]", "[magnitude,random]"];
        foreach (var flag in flags) Assert.Contains($"  {flag} ", help, StringComparison.Ordinal);
        foreach (var value in defaults) Assert.Contains(value, help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_arguments_show_the_help()
    {
        using var place = installation.Place();
        Assert.Equal((await place.Run("--help")).Done().Out, (await place.Run("")).Done().Out);
    }

    [Theory, InlineData("1"), InlineData(null)]
    public async Task Piped_output_has_no_escape_characters(string? noColor)
    {
        using var place = installation.Place();
        Dictionary<string, string?> environment = new() { ["NO_COLOR"] = noColor, ["TERM"] = "xterm-256color", ["FORCE_COLOR"] = null };
        foreach (var line in (string[])[$"run {Place.SmallAtDensities}", "strategies", "data", "doctor", "run --help", "run --density 7"])
        {
            var outcome = await place.Run(environment, line);
            Assert.DoesNotContain('\e', outcome.Out + outcome.Err);
        }
    }
}
