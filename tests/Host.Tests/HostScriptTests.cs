using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>The script <c>host</c>, beside a <c>dotnet</c> that only tells how it was called: nothing is built.</summary>
public sealed class HostScriptTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        if [ "$1" = build ]; then
            echo begin >>"$LOG"
            sleep "${SECONDS_TO_BUILD:-0}"
            [ -z "$BROKEN" ] || { echo "error CS1002: ; expected"; exit 1; }
            mkdir -p "$2/bin/Release/net10.0/publish" "$2/../../plugins/MaskStrategies"
            : >"$2/bin/Release/net10.0/publish/host.dll"
            : >"$2/../../plugins/MaskStrategies/MaskStrategies.dll"
            echo end >>"$LOG"
        else
            echo "$HOST_COMMAND $*"
        fi
        """;

    private static readonly string Script = Path.Combine(Installation.Source, "..", "host");
    private readonly string _folder = Folders.Temporary("script");

    public HostScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the script needs a POSIX shell");
        Directory.CreateDirectory(In("clone/src/Host"));
        Directory.CreateDirectory(In("clone/studies"));
        Directory.CreateDirectory(In("bin"));
        Directory.CreateDirectory(In("links"));
        File.Copy(Script, In("clone/host"));
        string[] sources = ["clone/global.json", "clone/Directory.Build.props", "clone/claims.toml", "clone/src/Host/Program.cs"];
        foreach (var source in sources)
            File.WriteAllText(In(source), "");
        File.WriteAllText(In("bin/dotnet"), Dotnet + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(In("bin/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(In("links/absolute"), In("clone/host"));
        File.CreateSymbolicLink(In("links/relative"), "../clone/host");
        File.CreateSymbolicLink(In("links/twice"), "relative");
        File.CreateSymbolicLink(In("links/host"), In("clone/host"));
        Log = "";
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("clone", "./host", "./host"), InlineData(".", "clone/host", "clone/host")]
    [InlineData("links", "../clone/host", "../clone/host"), InlineData("links", "./absolute", "./absolute")]
    [InlineData("links", "./relative", "./relative"), InlineData(".", "links/twice", "links/twice")]
    [InlineData(".", "PATH=../links:links:$PATH; host", "host"), InlineData("clone", "PATH=$PWD/../links:$PATH; twice", "twice")]
    [InlineData("clone", "sh host", "./host"), InlineData(".", "sh clone/host", "clone/host")]
    public async Task It_finds_itself_and_tells_how_it_was_called(string folder, string command, string calledAs)
    {
        var outcome = await Sh(folder, $"{command} run 'a b' --x");
        Assert.Equal($"{calledAs} {Program} run a b --x\n", outcome.StandardOutput);
        Assert.Equal(("", 0, "begin\nend\n"), (outcome.StandardError, outcome.ExitCode, Log));
    }

    [Fact]
    public async Task It_builds_again_only_when_a_source_is_newer()
    {
        await Sh("clone", "./host 1; ./host 2");
        Assert.Equal("begin\nend\n", Log);
        File.SetLastWriteTimeUtc(In("clone/src/Host/Program.cs"), DateTime.UtcNow.AddMinutes(1));
        await Sh("clone", "./host 3");
        Assert.Equal("begin\nend\nbegin\nend\n", Log);
        Assert.DoesNotContain(Folders.Files(In("clone/src/Host/obj")).Keys, name => name.Contains('.', StringComparison.Ordinal));
    }

    [Theory, InlineData(""), InlineData("few")]
    public async Task First_calls_at_the_same_time_build_once(string tools)
    {
        var outcome = await Sh("clone", $"{Few(tools)} SECONDS_TO_BUILD=1; export SECONDS_TO_BUILD; ./host 1 & ./host 2 & ./host 3 & wait");
        Assert.Equal("begin\nend\n", Log);
        Assert.Equal(3, outcome.StandardOutput.Split('\n').Count(line => line.StartsWith($"./host {Program}", StringComparison.Ordinal)));
        Assert.Contains("host: waiting for another build to end", outcome.StandardError, StringComparison.Ordinal);
    }

    [Theory, InlineData(""), InlineData("few")]
    public async Task The_lock_of_a_build_that_was_killed_blocks_nobody(string tools)
    {
        var killed = await Sh("clone", $"{Few(tools)} SECONDS_TO_BUILD=20 ./host & sleep 0.5; kill -KILL $!; wait; ./host 2");
        Assert.Equal($"./host {Program} 2\n", killed.StandardOutput);
        Assert.Equal("begin\nbegin\nend\n", Log);
    }

    [Theory, InlineData("TERM", 143), InlineData("HUP", 129), InlineData("USR1", 75)]
    public async Task A_signal_ends_a_build_with_a_word(string signal, int code)
    {
        Signals.SkipIfIgnored(signal);
        var outcome = await Sh("clone", $"SECONDS_TO_BUILD=20 ./host & sleep 0.5; kill -{signal} $!; wait $!");
        Assert.Equal(code, outcome.ExitCode);
        Assert.Contains($"host: stopped by SIG{signal} while building", outcome.StandardError, StringComparison.Ordinal);
        Assert.Equal("", outcome.StandardOutput);
    }

    [Fact]
    public async Task A_build_that_fails_is_shown_and_tried_again()
    {
        var outcome = await Sh("clone", "BROKEN=yes ./host 1; echo $?; ./host 2");
        Assert.Equal($"1\n./host {Program} 2\n", outcome.StandardOutput);
        Assert.Contains("error CS1002", outcome.StandardError, StringComparison.Ordinal);
        Assert.Contains("host: the build failed", outcome.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_folder_for_temporary_files_it_builds_all_the_same()
    {
        var outcome = await Sh("clone", "TMPDIR=/nowhere ./host 1");
        Assert.Equal(($"./host {Program} 1\n", ""), (outcome.StandardOutput, outcome.StandardError));
    }

    private string Program => Path.Combine(In("clone"), "src/Host/bin/Release/net10.0/publish/host.dll");

    private string Log
    {
        get => File.ReadAllText(In("log"));
        set => File.WriteAllText(In("log"), value);
    }

    private string In(string name) => Path.Combine(_folder, name);

    /// <summary>A PATH with what any system has, and no flock(1).</summary>
    private string Few(string tools)
    {
        if (tools.Length == 0) return "";
        Directory.CreateDirectory(In(tools));
        foreach (var tool in (string[])["sh", "dirname", "readlink", "find", "mkdir", "mv", "rm", "cat", "touch", "sleep"])
        {
            var target = ((string[])["/bin", "/usr/bin"]).Select(folder => $"{folder}/{tool}").First(File.Exists);
            File.CreateSymbolicLink(In($"{tools}/{tool}"), target);
        }
        File.CreateSymbolicLink(In($"{tools}/dotnet"), In("bin/dotnet"));
        return $"PATH={In(tools)};";
    }

    private async Task<BufferedCommandResult> Sh(string folder, string script) => await Cli.Wrap("sh")
        .WithArguments(["-c", script])
        .WithWorkingDirectory(In(folder))
        .WithEnvironmentVariables(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{In("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["LOG"] = In("log"),
        })
        .WithValidation(CommandResultValidation.None)
        .ExecuteBufferedAsync();
}
