using System.Collections.Concurrent;
using System.Text.Json;
using Bnn.Tests;

[assembly: AssemblyFixture(typeof(Host.Tests.Installation))]

namespace Host.Tests;

/// <summary>
/// The built program as a user has it, in a folder of its own: program, plugins.json, plugins and a small data set as data/mnist.
/// </summary>
public sealed class Installation : IDisposable
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(Golden.Folder, "..", ".."));

    /// <summary>Release or Debug, as this test was built.</summary>
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The results of lines that several tests begin with.</summary>
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _trained = new(StringComparer.Ordinal);

    private readonly ConcurrentBag<Place> _places = [];

    public Installation()
    {
        Root = Folders.Temporary("host");
        Folders.Copy(ProgramFolder, Path.Combine(Root, "program"));
        foreach (var part in (string[])["feed", "studies"])
            Folders.Copy(Path.Combine(ProgramFolder, part), Path.Combine(Root, "program", part));
        Folders.Copy(Path.Combine(Repository, "plugins", "MaskStrategies"), Path.Combine(Root, "plugins", "MaskStrategies"));
        File.Copy(Path.Combine(Repository, "plugins.json"), Path.Combine(Root, "plugins.json"));
        new IdxSet().WriteTo(Path.Combine(Root, "data", "mnist"), gzip: true);
    }

    public static string Source => Path.Combine(Repository, "src");

    public static string PublishScript => Path.Combine(Repository, "publish");

    /// <summary>The output folder of a project below src, such as <c>Host</c> or <c>Plugins/MaskStrategies</c>.</summary>
    public static string OutputOf(string project) => Path.Combine(Source, project, "bin", Configuration, "net10.0");

    public static string ProgramFolder => Path.Combine(OutputOf("Host"), "publish");

    /// <summary>The program of a project below bench.</summary>
    public static string BenchProgram(string project) =>
        Path.Combine(Repository, "bench", project, "bin", Configuration, "net10.0", $"{project}.dll");

    /// <summary>The DLL of a project below tests/TestPlugins.</summary>
    public static string TestPlugin(string name) => Path.Combine(AppContext.BaseDirectory, "TestPlugins", $"{name}.dll");

    public string Root { get; }

    public string Program => Path.Combine(Root, "program", "host.dll");

    public string Plugins => Path.Combine(Root, "plugins");

    public string PluginsFile => Path.Combine(Root, "plugins.json");

    public string Data => Path.Combine(Root, "data", "mnist");

    /// <summary>Puts a test plugin there as X.dll, or as X/X.dll.</summary>
    public Installation With(string plugin, bool inFolder = false)
    {
        var folder = inFolder ? Path.Combine(Plugins, plugin) : Plugins;
        Directory.CreateDirectory(folder);
        File.Copy(TestPlugin(plugin), Path.Combine(folder, $"{plugin}.dll"));
        return this;
    }

    /// <summary>A new folder to run in, gone when it is disposed.</summary>
    public Place Place() => new(this);

    /// <summary>
    /// A new folder in which a line has been run: it is run once, and every other place with it gets a copy of its results.
    /// </summary>
    public async Task<Place> Trained(string line)
    {
        var results = await _trained.GetOrAdd(line, _ => new Lazy<Task<string>>(() => Train(line))).Value;
        var place = Place();
        Folders.CopyAll(results, place.Results.Root);
        return place;
    }

    private async Task<string> Train(string line)
    {
        var place = Place();
        _places.Add(place);
        (await place.Run(line)).Done();
        return place.Results.Root;
    }

    public void Dispose()
    {
        foreach (var place in _places) place.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

public static class Folders
{
    public static string Temporary(string prefix) => Directory.CreateTempSubdirectory($"{prefix}-test-").FullName;

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>With all folders below.</summary>
    public static void CopyAll(string from, string to)
    {
        Copy(from, to);
        foreach (var folder in Directory.EnumerateDirectories(from)) CopyAll(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    /// <summary>Every file below a folder, by its relative path with slashes.</summary>
    public static SortedDictionary<string, byte[]> Files(string folder) => new(
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllBytes)
            : [], StringComparer.Ordinal);

    /// <summary>Fails with the names of the files that differ, which a comparison of bytes doesn't say.</summary>
    public static void Same(IReadOnlyDictionary<string, byte[]> expected, IReadOnlyDictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, file => Assert.True(file.Value.AsSpan().SequenceEqual(actual[file.Key]), $"{file.Key} differs"));
    }

    public static JsonElement Json(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        return json.RootElement.Clone();
    }
}
