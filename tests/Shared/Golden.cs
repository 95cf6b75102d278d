using System.Globalization;
using System.Text.Json;

namespace Bnn.Tests;

/// <summary>A value in a golden file, whose form tests/golden/README.md describes.</summary>
/// <param name="element">The JSON.</param>
/// <param name="single">Whether its numbers are float32, to be read as such and widened.</param>
public readonly struct Golden(JsonElement element, bool single = false)
{
    public JsonElement Element => element;

    public bool IsNull => element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>A field; one that <see cref="IsNull"/> if the file doesn't have it.</summary>
    public Golden this[string name] => new(element.TryGetProperty(name, out var value) ? value : default, single);

    public IEnumerable<Golden> Items => [.. Each(element, single)];

    /// <summary>Fields of an object whose names are data, such as step numbers.</summary>
    public IEnumerable<KeyValuePair<string, Golden>> Fields
    {
        get
        {
            var narrow = single;
            return [.. element.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, new Golden(pair.Value, narrow)))];
        }
    }

    public string Text => element.GetString()!;

    public int Int => element.GetInt32();

    public double Number => element.ValueKind == JsonValueKind.String
        ? element.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text => throw new FormatException($"'{text}' is no number"),
        }
        : single ? float.Parse(element.GetRawText(), CultureInfo.InvariantCulture) : element.GetDouble();

    /// <summary>A vector, or a tensor's data, flat and row-major.</summary>
    public double[] Numbers => [.. Each(Data, single).Select(item => item.Number)];

    public float[] Singles => [.. Each(Data, single).Select(item => (float)item.Number)];

    public int[] Ints => [.. Each(Data, single).Select(item => item.Int)];

    public byte[] Bytes => [.. Each(Data, single).Select(item => (byte)item.Int)];

    public int[] Shape => [.. element.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    /// <summary>The same value, its numbers read as float32.</summary>
    public Golden AsSingle() => new(element, single: true);

    private JsonElement Data => element.ValueKind == JsonValueKind.Object ? element.GetProperty("data") : element;

    private static IEnumerable<Golden> Each(JsonElement array, bool single) =>
        array.EnumerateArray().Select(item => new Golden(item, single));

    /// <summary>The folder tests/golden.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "tests", "golden");

    /// <summary>Names ("folder/file.json") of all golden files of a kind in a folder: a new file is a new case.</summary>
    public static TheoryData<string> Files(string folder, string kind) => new(Directory
        .EnumerateFiles(Path.Combine(Folder, folder), "*.json")
        .Order(StringComparer.Ordinal)
        .Select(path => $"{folder}/{Path.GetFileName(path)}")
        .Where(name => string.Equals(Load(name)["kind"].Text, kind, StringComparison.Ordinal)));

    public static Golden Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name)));
        var root = document.RootElement.Clone();
        return new Golden(root, root.TryGetProperty("dtype", out var dtype) && dtype.ValueEquals("float32"));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Host.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds Host.sln");
    }
}

/// <summary>Comparison within a tolerance that says which element is off.</summary>
public static class Near
{
    /// <param name="what">What is compared, for the message.</param>
    /// <param name="allowed">Largest error for an expected value.</param>
    public static void Check(string what, ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, Func<double, double> allowed)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var same = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= allowed(expected[i]);
            Assert.True(same, string.Create(
                CultureInfo.InvariantCulture,
                $"{what}[{i}]: expected {expected[i]:R}, was {actual[i]:R}: "
                    + $"off by {Math.Abs(expected[i] - actual[i]):G3}, allowed {allowed(expected[i]):G3}"));
        }
    }

    public static void Check(string what, double expected, double actual, Func<double, double> allowed) =>
        Check(what, [expected], [actual], allowed);

    /// <summary>Allows an error of size·(1 + |expected|).</summary>
    public static Func<double, double> Mixed(double size) => expected => size * (1 + Math.Abs(expected));

    /// <summary>Allows an error of size·|expected|.</summary>
    public static Func<double, double> Relative(double size) => expected => size * Math.Abs(expected);

    public static Func<double, double> Absolute(double size) => _ => size;
}
