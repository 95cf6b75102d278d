namespace Host.Tests;

/// <summary>Streams that take nothing: the work is done all the same, and the exit code says that something wasn't shown.</summary>
public sealed class StandardStreamTests(Installation installation)
{
    private const string Line = $"run --compare none {Place.SmallAtDensities} --jobs 1";

    [Theory]
    [InlineData(">/dev/full", "stdout: can't be written (No space left on device)")]
    [InlineData(">&-", "stdout: can't be written (it is closed)")]
    [InlineData("1</dev/null", "stdout: can't be written (Bad file descriptor)")]
    [InlineData("2>/dev/full", "stderr: can't be written (No space left on device)")]
    [InlineData("2>&-", "stderr: can't be written (it is closed)"), InlineData("2</dev/null", "stderr: can't be written (")]
    [InlineData("2>&- <&-", "stderr: can't be written (it is closed)"), InlineData(">/dev/full 2>&1", "")]
    [InlineData(">&- 2>&-", ""), InlineData(">&- 2>&- <&-", "")]
    public async Task A_stream_that_takes_nothing_costs_no_result(string redirection, string told)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        using var place = installation.Place();
        var outcome = (await place.Sh($"host {Line} {redirection}")).Ends(6);
        Assert.Contains(told, outcome.Out + outcome.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", outcome.Out + outcome.Err, StringComparison.Ordinal);
        Assert.Equal(4, place.Results.Table().Count);
        Assert.DoesNotContain(Folders.Files(place.Folder).Keys, name => name.Contains("bug", StringComparison.Ordinal));
        (await place.Run(Line)).Done().Reused(1, 1, 2);
    }

    [Theory]
    [InlineData("strategies"), InlineData("data"), InlineData("doctor"), InlineData("--help"), InlineData("--version")]
    [InlineData("run --validation 50 --print-config")]
    public async Task Every_command_says_that_its_output_is_lost(string line)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        using var place = installation.Place();
        (await place.Sh($"host {line} >/dev/full")).Refused(6, "host: stdout: can't be written (No space left on device)");
        Assert.Single((await place.Sh($"host {line} >&-")).Refused(6, "it is closed").Faults);
    }

    /// <summary>The faults of a command line have a code of their own, shown or not.</summary>
    [Fact]
    public async Task A_worse_exit_code_stays()
    {
        using var place = installation.Place();
        (await place.Sh("host run --density 7 2>&-")).Ends(2);
    }

    [Fact]
    public async Task Who_reads_only_the_first_line_has_what_was_wanted()
    {
        using var place = installation.Place();
        (await place.Sh($"{{ host {Line}; echo $? >code; }} | head -n 1")).Done();
        Assert.Equal("0\n", File.ReadAllText(place.File("code")));
        Assert.Equal(4, place.Results.Table().Count);
    }

    [Fact]
    public async Task A_log_that_takes_nothing_costs_no_training()
    {
        using var place = installation.Place();
        (await place.Run(Line)).Done();
        var expected = place.Results.Lasting;
        foreach (var run in place.Results.Runs)
        {
            File.Delete(run.File("result.json"));
            File.Delete(run.File("log.txt"));
            Directory.CreateDirectory(Path.Combine(run.File("log.txt"), "below"));
        }
        (await place.Run(Line)).Ends(6).Says("log.txt: can't be written", "the training itself isn't affected");
        Folders.Same(expected, place.Results.Lasting);
    }
}
