namespace Host.Tests;

/// <summary>Commands that are printed to be typed: they keep what was given, and work from where the user stands.</summary>
public sealed class CommandTextTests(Installation installation)
{
    // Long enough for the dense net to leave chance: more seeds are proposed only then.
    private const string Tiny = "--steps 200 --batch 10 --layers 5 --validation 50 --density 0.5";

    [Theory]
    [InlineData("--seeds 2..2", "2..6"), InlineData("--seed 7", "7..11"), InlineData("--seeds 2", "2..6"), InlineData("", "1..5")]
    [InlineData("--seeds 18446744073709551615..18446744073709551615", "18446744073709551611..18446744073709551615")]
    [InlineData("--seed 18446744073709551612", "18446744073709551611..18446744073709551615")]
    public async Task The_command_for_more_seeds_keeps_every_flag_but_the_name(string seed, string seeds)
    {
        using var place = installation.Place();
        var flags = $"--compare none {Tiny} --jobs 1 --output else/where --plugin-timeout 99";
        var typed = TypedAfter((await place.Run($"run {flags} --name mine {seed}")).Done(), "type: ");
        var words = typed.Split(' ');
        Assert.Equal(["./host", "run"], words[..2]);
        Assert.Equal(Flags($"{flags} --seeds {seeds}"), Flags(string.Join(' ', words[2..])));

        (await place.Run(typed["./host ".Length..])).Done().Reused(1, 1, 1);            // it is a command, with the seed that is there
        Assert.Equal(2, Directory.GetDirectories(place.At("else/where").ExperimentsFolder).Length);
    }

    [Fact]
    public async Task The_command_to_try_again_is_the_one_that_was_typed()
    {
        using var place = installation.Place();
        var line = $"run --compare none {Tiny} --lr 1e30 --jobs 1 --name mine --plugin-timeout 99";
        var outcome = (await place.Run(line, "--output", "it's here")).Ends(7);
        Assert.Equal(
            $"./host run --compare none --density 0.5 --validation 50 --layers 5 --lr 1e30 --batch 10 --steps 200 --jobs 1 "
                + @"--output 'it'\''s here' --name mine --plugin-timeout 99",
            TypedAfter(outcome, "to try again: "));
    }

    [Fact]
    public async Task A_report_says_where_its_results_are_from_here()
    {
        using var place = installation.Place();
        (await place.Run($"run --compare none {Tiny} --output a/b --name mine")).Done();
        var experiment = place.At("a/b").Experiment("mine");
        var here = await place.Run($"report {experiment}");
        Assert.Contains(" --output a/b --seeds 1..5", TypedAfter(here, "type: "), StringComparison.Ordinal);
        var below = await place.Sh("mkdir c; cd c; host report ../a/b/experiments/mine");
        Assert.Contains(" --output ../a/b --seeds 1..5", TypedAfter(below, "type: "), StringComparison.Ordinal);
        var beside = await place.Sh("mv a/b results; host report results/experiments/mine");
        Assert.DoesNotContain("--output", TypedAfter(beside, "type: "), StringComparison.Ordinal);
    }

    /// <summary>What is stored is the same wherever it was made and however it was called.</summary>
    [Fact]
    public async Task It_is_called_as_the_user_called_it()
    {
        using var place = installation.Place();
        Dictionary<string, string?> called = new(StringComparer.Ordinal) { ["HOST_COMMAND"] = "../my repo/host" };
        var outcome = (await place.Run(called, $"run --compare none {Tiny}")).Done();
        Assert.StartsWith("'../my repo/host' run --compare none", TypedAfter(outcome, "type: "), StringComparison.Ordinal);
        Assert.Contains(">./host run --compare none --density 0.5", place.Results.Report(), StringComparison.Ordinal);
        (await place.Run(called, "strategies add a b")).Refused(2, "see '../my repo/host' strategies add --help");
        Assert.Contains("  '../my repo/host' run --strategy variance\n", (await place.Run(called, "--help")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_script_it_is_called_by_its_file()
    {
        using var place = installation.Place();
        Dictionary<string, string?> called = new(StringComparer.Ordinal) { ["HOST_COMMAND"] = null };
        var outcome = (await place.Run(called, $"run --compare none {Tiny}")).Done();
        var words = TypedAfter(outcome, "type: ").Split(' ');
        Assert.Equal("dotnet", words[0]);
        Assert.Equal(installation.Program, Path.GetFullPath(words[1], place.Folder));
    }

    private static string TypedAfter(Outcome outcome, string words)
    {
        var line = Assert.Single(outcome.Err.Split('\n'), line => line.Contains(words, StringComparison.Ordinal));
        return line[(line.IndexOf(words, StringComparison.Ordinal) + words.Length)..];
    }

    private static IEnumerable<string> Flags(string line) => $" {line}".Split(" --").Order(StringComparer.Ordinal);
}
