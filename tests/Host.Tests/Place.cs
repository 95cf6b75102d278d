using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>A current folder for one test. Results land below it unless the test says otherwise.</summary>
public sealed class Place(Installation installation) : IDisposable
{
    /// <summary>A network and a training that take well under a second.</summary>
    public const string Small = "--steps 60 --batch 10 --layers 8,5 --validation 50 --eval-every 20 --lr 0.01";

    public const string SmallAtDensities = Small + " --density 0.5,0.2";

    public string Folder { get; } = Folders.Temporary("place");

    public Results Results => At("results");

    public Results At(string output) => new(Path.Combine(Folder, output));

    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>Runs the program: words of <paramref name="line"/>, then <paramref name="more"/> as they are.</summary>
    public Task<Outcome> Run(string line, params string[] more) => Run(new Dictionary<string, string?>(StringComparer.Ordinal), line, more);

    public async Task<Outcome> Run(IReadOnlyDictionary<string, string?> environment, string line, params string[] more)
    {
        var result = await Command(environment, line, more).ExecuteBufferedAsync(Encoding.UTF8);
        return new Outcome(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <summary>Runs a shell script in which <c>host</c> is the program.</summary>
    public async Task<Outcome> Sh(string script)
    {
        var result = await In(new Dictionary<string, string?>(StringComparer.Ordinal), "sh")
            .WithArguments(["-c", $"program='{installation.Program}'; host() {{ dotnet \"$program\" \"$@\"; }}\n{script}"])
            .ExecuteBufferedAsync(Encoding.UTF8);
        return new Outcome(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <summary>Starts the program, for tests that do more than wait.</summary>
    public CommandTask<BufferedCommandResult> Start(string line, IReadOnlyDictionary<string, string?>? environment = null) =>
        Command(environment ?? new Dictionary<string, string?>(StringComparer.Ordinal), line, []).ExecuteBufferedAsync(Encoding.UTF8);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private Command Command(IReadOnlyDictionary<string, string?> environment, string line, string[] more) => In(environment, "dotnet")
        .WithArguments([installation.Program, .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. more]);

    /// <summary>
    /// A command here, called as people call it in a clone. The user's cache folder is inside the installation, so that no test reads what
    /// another one left.
    /// </summary>
    private Command In(IReadOnlyDictionary<string, string?> environment, string command) => Cli.Wrap(command)
        .WithWorkingDirectory(Folder)
        .WithEnvironmentVariables(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["XDG_CACHE_HOME"] = Path.Combine(installation.Root, "cache"),
                ["HOST_COMMAND"] = "./host",
            }
            .Concat(environment).GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(pairs => pairs.Key, pairs => pairs.Last().Value, StringComparer.Ordinal))
        .WithValidation(CommandResultValidation.None);
}

/// <summary>What a process left behind on its two streams and as its exit code.</summary>
public sealed record Outcome(int Code, string Out, string Err)
{
    public Outcome Ends(int code)
    {
        Assert.True(code == Code, $"expected exit code {code}, was {Code}\n{Err}\n{Out}");
        Assert.DoesNotContain("\n   at ", "\n" + Err + "\n" + Out, StringComparison.Ordinal);
        return this;
    }

    public Outcome Done() => Ends(0);

    /// <summary>Ended with <paramref name="code"/> and nothing on stdout; stderr has each of <paramref name="parts"/>.</summary>
    public Outcome Refused(int code, params string[] parts)
    {
        Ends(code);
        Assert.Empty(Out);
        return Says(parts);
    }

    public Outcome Says(params string[] parts)
    {
        foreach (var part in parts) Assert.Contains(part, Err, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Says that exactly this many trainings of each kind were reused from earlier commands.</summary>
    public Outcome Reused(int bayesian, int dense, int tickets)
    {
        var line = Assert.Single(Err.Split('\n'), line => line.StartsWith("reused from earlier commands: ", StringComparison.Ordinal));
        (int Count, string Kind)[] parts = [(bayesian, "bayesian"), (dense, "dense"), (tickets, "ticket")];
        var expected = parts.Where(part => part.Count > 0).Select(part => $"{part.Count} {part.Kind}");
        Assert.Equal(expected, line.Split(": ")[1].Split(", ").OrderBy(part => part.Split(' ')[1], StringComparer.Ordinal));
        return this;
    }

    /// <summary>The table on stdout as cells: headings, then rows; the lines above the rule together are the headings.</summary>
    public IReadOnlyList<string[]> Table
    {
        get
        {
            var lines = Out.Split('\n').SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).ToList();
            var rule = lines.FindIndex(line => line.StartsWith("|-", StringComparison.Ordinal));
            var headings = lines[..rule].Select(Cells).Aggregate((above, below) => [.. above.Zip(below, (a, b) => $"{a} {b}".Trim())]);
            return [headings, .. lines[(rule + 1)..].Select(Cells)];
        }
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];

    public string[] Faults => [.. Err.Split('\n').Where(line => line.StartsWith("host: ", StringComparison.Ordinal))];
}
