using System.Text.Json;
using System.Text.RegularExpressions;
using Bnn.Tests;

namespace Host.Tests;

/// <summary>What the documents say to Python, said to it.</summary>
public sealed class PythonTests(Installation installation)
{
    private static readonly string Documents = Path.Combine(Installation.Source, "..", "docs");

    private static readonly string Line = $"run --strategy variance,snr --compare magnitude,random --seeds 1..3 {Place.SmallAtDensities}";

    /// <summary>The notebook's cells in their order, beside a study of the name that it reads.</summary>
    [Fact]
    public async Task The_notebook_reads_a_study_and_computes_what_host_computes()
    {
        Python.Needs("pandas");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the notebook calls the script host");
        using var place = installation.Place();
        (await place.Run($"{Line} --name quick")).Done();
        await File.WriteAllTextAsync(
            place.File("host"), $"#!/bin/sh\nexec dotnet '{installation.Program}' \"$@\"\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(place.File("host"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Without a screen: where Matplotlib is installed, it draws into memory.
        var said = Python.SaysIn(place.Folder, $"import os\nos.environ['MPLBACKEND'] = 'agg'\n{string.Join('\n', Cells())}");
        Assert.All((string[])["variance", "snr", "magnitude", "random"], name => Assert.Contains(name, said, StringComparison.Ordinal));
        Assert.Matches(@"snr against magnitude at 20 %: [+-]\d+\.\d\d points \[-?\d+\.\d\d, -?\d+\.\d\d\], 3 seeds", said);
        Assert.Contains("Both agree to the hundredth of a point.", said, StringComparison.Ordinal);
        Assert.Contains("layer1.mask: keeps ", said, StringComparison.Ordinal);
        Assert.Contains(" of 36 pixels keep nothing.", said, StringComparison.Ordinal);
    }

    /// <summary>So that it reads the same in a diff, and on another machine.</summary>
    [Fact]
    public void The_notebook_holds_no_output_and_no_path_of_a_machine()
    {
        var text = File.ReadAllText(Path.Combine(Documents, "examples", "study.ipynb"));
        using var notebook = JsonDocument.Parse(text);
        Assert.Equal(4, notebook.RootElement.GetProperty("nbformat").GetInt32());
        Assert.All(CodeCells(notebook), cell =>
        {
            Assert.Equal(0, cell.GetProperty("outputs").GetArrayLength());
            Assert.Equal(JsonValueKind.Null, cell.GetProperty("execution_count").ValueKind);
        });
        Assert.DoesNotMatch("(/home|/root|/tmp|/usr|/work|[A-Z]:\\\\\\\\)", text);
    }

    /// <summary>The lines of docs/results.md for an experiment's table, for NumPy alone and for --npz.</summary>
    [Fact]
    public async Task The_lines_for_an_experiment_and_for_tensors_read_what_is_written()
    {
        Python.Needs("pandas");
        using var place = installation.Place();
        (await place.Run($"{Line} --name NAME")).Done();
        var ticket = place.Results.Tickets[0];
        (await place.Run("export", ticket.Key, "--npz", "--to", "tensors.npz")).Done();
        var blocks = Regex.Matches(
            await File.ReadAllTextAsync(Path.Combine(Documents, "results.md"), TestContext.Current.CancellationToken),
            "```python\n(?<lines>.*?)```", RegexOptions.Singleline).Select(block => block.Groups["lines"].Value).ToList();
        string Block(string part) => Assert.Single(blocks, block => block.Contains(part, StringComparison.Ordinal));
        var said = Python.SaysIn(place.Folder, $$"""
            {{Block("pivot_table")}}
            assert list(metrics.columns)[0] == "train_loss" and metrics.index[0] == 0 and metrics.index[-1] == 60
            {{Block("def load(path)")}}
            posterior = load(run + "/posterior.safetensors")
            assert posterior["final.layer1.rho"].shape == (36, 8)
            {{Block("np.load(\"tensors.npz\")")}}
            assert weight.shape == mask.shape == (36, 8)
            stored = load("results/runs/{{ticket.Key}}/weights.safetensors")
            assert sorted(stored) == sorted(net), (sorted(stored), sorted(net))
            assert all(np.array_equal(stored[name], net[name]) for name in stored)
            """);
        Assert.Matches(@"0\.2 +0\.\d+ +0\.\d+", said);
    }

    private static IEnumerable<string> Cells()
    {
        using var notebook = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Documents, "examples", "study.ipynb")));
        return [.. CodeCells(notebook).Select(cell =>
            string.Concat(cell.GetProperty("source").EnumerateArray().Select(line => line.GetString())))];
    }

    private static List<JsonElement> CodeCells(JsonDocument notebook) =>
        [.. notebook.RootElement.GetProperty("cells").EnumerateArray().Where(cell => cell.GetProperty("cell_type").GetString() == "code")];
}
