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
        Row("vectors", new SimdEngine().Description);
        Row("OS", RuntimeInformation.OSDescription);
        Row(".NET", RuntimeInformation.FrameworkDescription);
        foreach (var (engine, version) in engines) Row(engine, version);
        Row("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Console.Out.WriteLine();

        static void Row(string name, string value) => Console.Out.WriteLine($"{name,-11} {value}");
    }

    /// <summary>The model as Linux names it; elsewhere only the kind of processor is known.</summary>
    private static string CpuModel()
    {
        var lines = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo) : [];
        if (lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line)
            return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return RuntimeInformation.ProcessArchitecture.ToString();
    }
}
