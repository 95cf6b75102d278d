using Bnn.Tests;
using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>Choosing an engine on the command line.</summary>
public sealed class EngineTests(Installation installation)
{
    private static readonly Dictionary<string, string?> NoLibrary = new(StringComparer.Ordinal)
    {
        ["BNN_LIBTF_DIR"] = null,
        ["VIRTUAL_ENV"] = null,
        ["CONDA_PREFIX"] = null,
        ["HOME"] = "/nonexistent",
    };

    [Fact]
    public async Task Engines_lists_both_and_says_why_one_is_not_available()
    {
        using var place = installation.Place();
        var outcome = (await place.Run(NoLibrary, "engines"))
            .Done()
            .Says("engine tensorflow: the library was found in none of the usual places", "docs/tensorflow.md");
        Assert.Contains("| simd ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("not available", outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--engine tensorflw", 2, "did you mean 'tensorflow'")]
    [InlineData("--tf-threads 2", 2, "--engine tensorflow")]
    [InlineData("--engine tensorflow --tf-threads 0", 2, "--tf-threads")]
    [InlineData("--engine tensorflow --tf-noise hst", 2, "did you mean 'host'")]
    [InlineData("--engine tensorflow", 4, "found in none of the usual places")]
    [InlineData("--engine tensorflow --tf-library nowhere", 4, "nowhere is or holds no TensorFlow library")]
    public async Task What_cannot_be_is_refused_before_training(string flags, int code, string part)
    {
        using var place = installation.Place();
        (await place.Run(NoLibrary, $"run {flags} {Place.SmallAtDensities}")).Refused(code, part);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Theory, InlineData("engines install", "--from")]
    [InlineData("engines install tensorflow --from nothing.whl", "is not there")]
    [InlineData("engines install torch --from x", "unknown engine to install 'torch'")]
    public async Task An_install_that_cannot_be_is_refused(string line, string part)
    {
        using var place = installation.Place();
        var outcome = await place.Run(NoLibrary, line);
        Assert.Contains(outcome.Code, (int[])[2, 4]);
        outcome.Says(part);
    }

    [Fact]
    public async Task TensorFlow_does_what_the_default_engine_does()
    {
        var script = Path.GetFullPath(Path.Combine(Golden.Folder, "..", "..", "..", "shared", "libtensorflow", "unpack"));
        Assert.SkipUnless(File.Exists(script), "TensorFlow's library is not here: no ../shared/libtensorflow beside the repository");
        var unpacked = await Cli.Wrap("sh")
            .WithArguments([script, Path.Combine(Path.GetTempPath(), "bnn-libtensorflow")])
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["BNN_LIBTF_DIR"] = unpacked.StandardOutput.Trim() };

        using var place = installation.Place();
        var outcome = (await place.Run(environment, $"run --strategy variance,snip --engine tensorflow {Place.SmallAtDensities}")).Done();
        Assert.DoesNotContain("tensorflow/", outcome.Err, StringComparison.Ordinal);        // none of the library's own log
        Assert.All(place.Results.Runs, run =>
            Assert.StartsWith("tensorflow-2.", run.Config.GetProperty("engine").GetString(), StringComparison.Ordinal));
        Assert.Contains("tensorflow-2.", place.Results.Report(), StringComparison.Ordinal);
        var again = (await place.Run(environment, $"run --strategy variance,snip --engine tensorflow {Place.SmallAtDensities}")).Done();
        Assert.Contains("reused from earlier commands", again.Err, StringComparison.Ordinal);
        var diverging = Place.SmallAtDensities.Replace("--lr 0.01", "--lr 1e30", StringComparison.Ordinal);
        (await place.Run(environment, $"run --engine tensorflow --optimizer sgd {diverging}")).Ends(7).Says("at step ", "--lr");
        Assert.Contains("2.15", (await place.Run(environment, "engines")).Done().Out, StringComparison.Ordinal);
    }
}
