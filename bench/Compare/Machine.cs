using System.Globalization;
using System.Runtime.InteropServices;
using Bnn.Simd;

namespace Compare;

/// <summary>What a measurement depends on: the lines that are printed above its numbers.</summary>
internal static class Machine
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <param name="engines">Other engines and their versions.</param>
    public static void Print(IEnumerable<(string Engine, string Version)> engines)
    {
        Row("CPU", $"{CpuModel()}, {Environment.ProcessorCount} logical cores");
        Row("family", CpuFamily());
        Row("vectors", new SimdEngine().Description);
        Row("OS", RuntimeInformation.OSDescription);
        Row(".NET", RuntimeInformation.FrameworkDescription);
        foreach (var (engine, version) in engines) Row(engine, version);
        Row("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Console.Out.WriteLine();

        static void Row(string name, string value) => Console.Out.WriteLine($"{name,-11} {value}");
    }

    /// <summary>The model as Linux names it; elsewhere only the kind of processor is known.</summary>
    private static string CpuModel() => Field("model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>
    /// Vendor, family and model, as the processor itself numbers them: virtual machines often hide the name but not these, on which
    /// times depend.
    /// </summary>
    private static string CpuFamily() => (Field("vendor_id"), Field("cpu family"), Field("model")) is ({ } vendor, { } family, { } model)
        ? $"{vendor} family {family} model {model}"
        : "unknown";

    /// <summary>What Linux says of the first processor.</summary>
    private static string? Field(string name)
    {
        var lines = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo) : [];
        return lines.Select(line => line.Split(':', 2)).FirstOrDefault(parts => parts[0].TrimEnd() == name && parts.Length == 2)?[1].Trim();
    }
}
