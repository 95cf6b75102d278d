using System.Globalization;
using System.Text.Json;

namespace Bnn.Report.Tests;

/// <summary>Expected results that other implementations computed: tests/golden. A case is added by adding a file.</summary>
internal static class GoldenStatistics
{
    private static readonly Lazy<JsonElement[]> Files = new(() =>
        [.. Directory.GetFiles(Path.Combine(Bnn.Tests.Golden.Folder, "stats"), "*.json").Order(StringComparer.Ordinal).Select(Read)]);

    /// <summary>All files of a kind.</summary>
    public static IEnumerable<JsonElement> OfKind(string kind) => Files.Value.Where(file => file.GetProperty("kind").GetString() == kind);

    /// <summary>The cases of all files of a kind; fails rather than pass with none.</summary>
    public static IReadOnlyList<JsonElement> Cases(string kind)
    {
        JsonElement[] cases = [.. OfKind(kind).SelectMany(file => file.GetProperty("cases").EnumerateArray())];
        Assert.NotEmpty(cases);
        return cases;
    }

    public static double Number(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? double.Parse(value.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture)
        : value.GetDouble();

    public static double[] Numbers(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray().Select(Number)];

    /// <summary>
    /// Allows a relative error of 1e-9, to which the files were checked. Where a result is 0 in exact arithmetic, both sides may carry
    /// rounding errors; there it allows 1e-14 of <paramref name="scale"/>, the size of the terms that cancel.
    /// </summary>
    public static void Close(JsonElement of, string name, double actual, double scale = 1) =>
        Close(of, name, of.GetProperty(name), actual, scale);

    private static void Close(JsonElement of, string name, JsonElement value, double actual, double scale)
    {
        var expected = Number(value);
        if (double.IsFinite(expected)
            ? Math.Abs(actual - expected) <= 1e-9 * Math.Abs(expected) + (Math.Abs(expected) < 1e-15 * scale ? 1e-14 * scale : 0)
            : actual.Equals(expected)) return;
        var what = of.TryGetProperty("name", out var label) ? label.GetString() : of.GetRawText();
        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}: {name}: expected {expected:R}, found {actual:R}"));
    }

    /// <summary><see cref="Close(JsonElement, string, double, double)"/> for each of a list.</summary>
    public static void AllClose(JsonElement of, string name, IReadOnlyList<double> actual)
    {
        var expected = of.GetProperty(name);
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        for (var i = 0; i < actual.Count; i++) Close(of, $"{name}[{i}]", expected[i], actual[i], 1);
    }

    private static JsonElement Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
