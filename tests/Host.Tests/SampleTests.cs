using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>samples/MeanShift, built as a user builds it, against the packed contract.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task The_recipe_of_the_sample_leads_to_a_report()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        var artifacts = place.File("built");
        var project = Path.Combine(Installation.Source, "..", "samples", "MeanShift");
        var build = await Cli.Wrap("dotnet").WithArguments(["build", project, "-c", "Release", "--artifacts-path", artifacts])
            .WithEnvironmentVariables(variables => variables.Set("NUGET_PACKAGES", place.File("packages")))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.True(build.ExitCode == 0, build.StandardOutput);
        var dll = Directory.EnumerateFiles(Path.Combine(artifacts, "bin"), "MeanShift.dll", SearchOption.AllDirectories).Single();
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(dll)!, "Bnn.*.dll"));

        var check = (await place.Run("strategies check", dll)).Done();
        Assert.DoesNotContain("FAILED", check.Out, StringComparison.Ordinal);
        (await place.Run("strategies add", dll)).Done();
        (await place.Run($"run --strategy mean-shift,mean-shift:unit=initial --compare variance {Place.SmallAtDensities}")).Done();
        Assert.Equal(
            ["", "", "mean-shift", "mean-shift", "mean-shift:unit=initial", "mean-shift:unit=initial", "variance", "variance"],
            place.Results.Table().Select(row => row["strategy"]));
        Assert.Contains("|μ − μ₀|/σ", System.Net.WebUtility.HtmlDecode(place.Results.Report()), StringComparison.Ordinal);

        (await place.Run("strategies remove MeanShift")).Done();
        (await place.Run($"run --strategy mean-shift {Place.SmallAtDensities}")).Refused(2, "unknown strategy 'mean-shift'");
    }
}
