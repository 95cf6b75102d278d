using System.Globalization;

namespace Host.Tests;

/// <summary>Which signals the tests' own process ignores, and so every process that it starts: SIGHUP under nohup.</summary>
internal static class Signals
{
    private static readonly Dictionary<string, int> Numbers =
        new(StringComparer.Ordinal) { ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["USR1"] = 10, ["USR2"] = 12, ["TERM"] = 15, ["XCPU"] = 24 };

    public static void SkipIfIgnored(params string[] signals) => Assert.SkipWhen(
        Array.Exists(signals, IsIgnored), $"this process ignores {string.Join(" or ", signals)}, and so do those that it starts");

    private static bool IsIgnored(string signal)
    {
        if (!OperatingSystem.IsLinux()) return false;
        var mask = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)).Split('\t')[1];
        return (ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (Numbers[signal] - 1) & 1) != 0;
    }
}
