using System.Text.Json;

namespace Host.Tests;

/// <summary>A results folder, read only by the description of its files.</summary>
public sealed class Results(string root)
{
    public string Root => root;

    public string RunsFolder => Path.Combine(root, "runs");

    public string ExperimentsFolder => Path.Combine(root, "experiments");

    public IReadOnlyList<Run> Runs =>
        [.. Directory.EnumerateDirectories(RunsFolder).Order(StringComparer.Ordinal).Select(folder => new Run(folder))];

    public Run Run(string key) => new(Path.Combine(RunsFolder, key));

    /// <summary>The folder of an experiment; of the only one when no name is given.</summary>
    public string Experiment(string? name = null) =>
        name is null ? Assert.Single(Directory.GetDirectories(ExperimentsFolder)) : Path.Combine(ExperimentsFolder, name);

    public IReadOnlyList<Row> Table(string? name = null)
    {
        var lines = File.ReadAllText(Path.Combine(Experiment(name), "table.csv")).TrimEnd('\n').Split('\n');
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => new Row(names.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second)))];
    }

    public string Report(string? name = null) => File.ReadAllText(Path.Combine(Experiment(name), "report.html"));

    /// <summary>The run of a row of the table.</summary>
    public Run Of(Func<Row, bool> which, string? name = null) => Run(Table(name).First(which)["run"]);

    public Run Bayesian => Of(row => row["kind"] == "bayesian");

    public Run Dense => Of(row => row["kind"] == "dense");

    public IReadOnlyList<Run> Tickets => [.. Table().Where(row => row["kind"] == "ticket").Select(row => Run(row["run"]))];

    /// <summary>All files that repeating a training must reproduce to the byte: neither the log nor the result, which has times.</summary>
    public SortedDictionary<string, byte[]> Lasting
    {
        get
        {
            var files = Folders.Files(RunsFolder);
            foreach (var name in files.Keys.Where(name => Path.GetFileName(name) is "log.txt" or "result.json").ToList())
                files.Remove(name);
            return files;
        }
    }

    /// <summary>Nothing was trained or even begun.</summary>
    public void AreEmpty()
    {
        Assert.Empty(Folders.Files(RunsFolder));
        Assert.Empty(Folders.Files(ExperimentsFolder));
    }
}

/// <summary>A row of table.csv.</summary>
public sealed class Row(IReadOnlyDictionary<string, string> cells)
{
    public string this[string column] => cells[column];

    public double Number(string column) => double.Parse(cells[column], System.Globalization.CultureInfo.InvariantCulture);

    public int Whole(string column) => int.Parse(cells[column], System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A training's folder.</summary>
public sealed class Run(string folder)
{
    public string Folder => folder;

    public string Key => Path.GetFileName(folder);

    public string File(string name) => Path.Combine(folder, name);

    public JsonElement Config => Folders.Json(File("config.json"));

    public JsonElement Result => Folders.Json(File("result.json"));

    public string Kind => Config.GetProperty("kind").GetString()!;

    public string[][] Metrics =>
        [.. System.IO.File.ReadAllText(File("metrics.csv")).TrimEnd('\n').Split('\n').Select(line => line.Split(','))];

    public TensorFile Posterior => TensorFile.Read(File("posterior.safetensors"));

    public TensorFile Weights => TensorFile.Read(File("weights.safetensors"));

    public int[] KeptPerLayer => [.. Result.GetProperty("kept").EnumerateArray().Select(kept => kept.GetInt32())];
}
