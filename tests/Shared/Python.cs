using System.ComponentModel;
using System.Diagnostics;

namespace Bnn.Tests;

/// <summary>The python3 of the path, for formats whose other readers are written in it.</summary>
public static class Python
{
    /// <summary>Skips the test unless python3 has a package.</summary>
    public static void Needs(string package) => Assert.SkipUnless(
        Run("import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)", package) is (0, _),
        $"needs python3 with {package}");

    /// <summary>What a script writes to its standard output.</summary>
    public static string Says(string script, params string[] arguments)
    {
        var (code, output) = Run(script, arguments);
        Assert.Equal(0, code);
        return output;
    }

    private static (int Code, string Output) Run(string script, params string[] arguments)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            })!;
            var output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return (python.ExitCode, output);
        }
        catch (Win32Exception)
        {
            return (-1, "");
        }
    }
}
