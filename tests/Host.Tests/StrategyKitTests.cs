using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>Creating a strategy and checking it.</summary>
public sealed class StrategyKitTests(Installation installation)
{
    /// <summary>No proxy answers there, so that any access to a network fails.</summary>
    private const string Unreachable = "http://127.0.0.1:9";

    [Fact]
    public async Task A_new_strategy_builds_offline_passes_its_test_and_the_kit_and_runs()
    {
        using var own = new Installation();
        using var place = own.Place();
        // Inside a repository with settings of its own, as inside this one.
        File.WriteAllText(
            place.File("Directory.Packages.props"),
            "<Project><PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup></Project>");
        Assert.Equal(place.File("my-idea"), (await place.Run("strategies new my-idea")).Done().Out.Trim());
        await Dotnet(place, "build -c Release");
        Assert.Contains("passed", await Dotnet(place, "run --project tests"), StringComparison.Ordinal);
        var built = place.File("my-idea/bin/Release/net10.0");
        Assert.Empty(Directory.GetFiles(built, "Bnn.*.dll"));
        var dll = Path.Combine(built, "MyIdea.dll");
        var check = (await place.Run("strategies check", dll)).Done().Out;
        Assert.DoesNotContain("FAILED", check, StringComparison.Ordinal);
        Assert.Equal(7, check.Split("  ok      ").Length - 1);
        (await place.Run("strategies add", dll)).Done();
        (await place.Run($"run --strategy my-idea,my-idea:power=2 --compare snr {Place.SmallAtDensities}")).Done();
        Assert.Equal(place.Results.Mask("snr", "0.2", 1), place.Results.Mask("my-idea", "0.2", 1));
        (await place.Run("strategies new my-idea")).Refused(2, "my-idea", "exists; choose another name");
    }

    [Theory, InlineData("My-Idea"), InlineData("1st"), InlineData("a--b"), InlineData("../a"), InlineData("a b"), InlineData("")]
    public async Task A_name_that_could_not_be_typed_is_refused(string name)
    {
        using var place = installation.Place();
        (await place.Run("strategies new", name)).Refused(2, "NAME");
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Theory]
    [InlineData("Fickle", "gives the same scores in another process: other scores")]
    [InlineData("OrderBound", "gave other scores when it was asked for the layers in another order")]
    [InlineData("Meddles", "changed its input, which is not its own")]
    [InlineData("PluginNaN", "gave NaN for weight 7 of layer 2")]
    [InlineData("Unwritten", "wrote no criterion for weight 3 of layer 2")]
    [InlineData("PluginThrows", "threw InvalidOperationException: the dice fell off the table")]
    [InlineData("Exits", "its process ended with code 0")]
    [InlineData("CtorThrows", "threw InvalidOperationException: not today")]
    [InlineData("Divides", "handles weights that are all equal: gave NaN for weight 0 of layer 1")]
    public async Task The_kit_finds_what_is_wrong_and_only_that(string plugin, string wrong)
    {
        using var place = installation.Place();
        var outcome = (await place.Run("strategies check", Installation.TestPlugin(plugin))).Ends(4);
        var failed = Assert.Single(outcome.Out.Split('\n'), line => line.Contains("FAILED", StringComparison.Ordinal));
        Assert.Contains(wrong, failed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_kit_finds_nothing_in_what_is_sound_and_refuses_what_is_no_plugin()
    {
        using var place = installation.Place();
        foreach (var plugin in (string[])["PluginGood", "Echo", "Whole", "Knobs"])
        {
            var check = (await place.Run("strategies check", Installation.TestPlugin(plugin))).Done();
            Assert.DoesNotContain("FAILED", check.Out, StringComparison.Ordinal);
        }
        (await place.Run("strategies check", Installation.TestPlugin("PluginEmpty"))).Refused(4, "holds no strategy");
        (await place.Run("strategies check nowhere.dll")).Refused(4, "nowhere.dll");
    }

    private static async Task<string> Dotnet(Place place, string line)
    {
        var result = await Cli.Wrap("dotnet").WithArguments(line).WithWorkingDirectory(place.File("my-idea"))
            .WithEnvironmentVariables(variables => variables
                .Set("HTTPS_PROXY", Unreachable)
                .Set("HTTP_PROXY", Unreachable)
                .Set("NUGET_PACKAGES", place.File("packages"))
                .Set("NUGET_HTTP_CACHE_PATH", place.File("answers"))          // nothing that was asked for shortly before
                .Set("MSBUILDDISABLENODEREUSE", "1"))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Encoding.UTF8, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        Assert.DoesNotContain("warning", result.StandardOutput, StringComparison.Ordinal);
        return result.StandardOutput;
    }
}
