using System.Runtime.InteropServices;
using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>What <c>./publish</c> makes runs where the clone and the SDK are not, and gives the same keys and bits.</summary>
public sealed class PublishTests(Installation installation)
{
    private const string Line = $"run --strategy variance,snr --compare magnitude {Place.SmallAtDensities} --name mine";

    [Fact]
    public async Task A_packed_folder_runs_where_there_is_no_dotnet()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "packs for Linux on x64");
        using var place = installation.Place();
        var packed = await Made(place, "linux-x64");
        (await Sh(place, $"tar -xzf '{packed}' && mv bnn-host-*-linux-x64 installed")).Done();
        (await Sh(place, "mkdir bin && ln -s ../installed/host bin/host")).Done();
        Assert.Equal(
            ["LICENSE", "README.md", "data", "docs", "host", "plugins", "plugins.json", "program"],
            Directory.EnumerateFileSystemEntries(place.File("installed")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // Through a link, without any variable that leads to .NET.
        var program = $"env -i PATH=/nowhere HOME='{place.Folder}' '{place.File("bin/host")}'";
        Assert.Contains("variance-vs-magnitude", (await Sh(place, $"{program} study --list")).Done().Out, StringComparison.Ordinal);
        Assert.Contains("60000×28×28", (await Sh(place, $"{program} data")).Done().Out, StringComparison.Ordinal);
        await GivesTheSame(place, program, "installed/host");
    }

    [Fact]
    public async Task A_tool_runs_where_the_sdk_is_not_on_the_path()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "./publish is a shell script");
        using var place = installation.Place();
        var packed = await Made(place, "tool");
        var sources = $"<packageSources><clear /><add key=\"here\" value=\"{Path.GetDirectoryName(packed)}\" /></packageSources>";
        File.WriteAllText(place.File("nuget.config"), $"<configuration>{sources}</configuration>");
        (await Sh(place, $"dotnet tool install bnn-host --tool-path tools --configfile nuget.config")).Done();
        var dotnet = Path.GetDirectoryName((await Sh(place, "readlink -f \"$(command -v dotnet)\"")).Done().Out.Trim());
        var program = $"env -i PATH=/nowhere HOME='{place.Folder}' DOTNET_ROOT='{dotnet}' '{place.File("tools/bnn-host")}'";
        Assert.Contains("60000×28×28", (await Sh(place, $"{program} data")).Done().Out, StringComparison.Ordinal);
        await GivesTheSame(place, program, "tools/bnn-host");
    }

    /// <summary>On Windows <c>dotnet run</c> starts the program from there.</summary>
    [Fact]
    public void What_dotnet_run_starts_can_make_a_strategy_too()
    {
        var packages = Folders.Files(Path.Combine(Installation.OutputOf("Host"), "feed"));
        Assert.NotEmpty(packages);
        Folders.Same(Folders.Files(Path.Combine(Installation.ProgramFolder, "feed")), packages);
    }

    [Theory, InlineData(""), InlineData("somewhere"), InlineData("--help"), InlineData("tool here and-there")]
    public async Task What_it_does_not_know_it_says(string words)
    {
        using var place = installation.Place();
        var outcome = (await Sh(place, $"'{Installation.PublishScript}' {words}")).Ends(2);
        Assert.Contains("usage: ./publish linux-x64|tool [FOLDER]", outcome.Err, StringComparison.Ordinal);
        Assert.Empty(Folders.Files(place.Folder));
    }

    /// <param name="isTyped">How it is called in what it says.</param>
    private async Task GivesTheSame(Place place, string program, string isTyped)
    {
        (await Sh(place, $"{program} {Line} --data '{installation.Data}'")).Done().Says($"type: {isTyped} run ");
        (await Sh(place, $"{program} strategies new my-idea")).Done();
        using var ordinary = installation.Place();
        (await ordinary.Run(Line)).Done();
        Folders.Same(ordinary.Results.Lasting, place.Results.Lasting);
    }

    /// <summary>The path that the script prints.</summary>
    private static async Task<string> Made(Place place, string target) =>
        (await Sh(place, $"'{Installation.PublishScript}' {target} '{place.File("dist")}'")).Done().Out.Trim();

    private static async Task<Outcome> Sh(Place place, string script)
    {
        var result = await Cli.Wrap("sh").WithArguments(["-c", script]).WithWorkingDirectory(place.Folder)
            .WithEnvironmentVariables(variables => variables.Set("MSBUILDDISABLENODEREUSE", "1"))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Encoding.UTF8, TestContext.Current.CancellationToken);
        return new Outcome(result.ExitCode, result.StandardOutput, result.StandardError);
    }
}
