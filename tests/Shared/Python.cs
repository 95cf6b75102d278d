using System.ComponentModel;
using System.Diagnostics;

namespace Bnn.Tests;

/// <summary>
/// A python3, for formats whose other readers are written in it: the path's, or the system's where that one has the package.
/// </summary>
public static class Python
{
    private static readonly AsyncLocal<string?> Chosen = new();

    private static readonly string[] Places = ["python3", "/usr/bin/python3"];

    /// <summary>Skips the test unless a python3 has a package; what the test runs from then on, runs in that one.</summary>
    public static void Needs(string package)
    {
        const string Script = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)";
        Chosen.Value = Places.FirstOrDefault(python => Run(python, Script, [package], "").Code == 0);
        Assert.SkipWhen(Chosen.Value is null, $"needs python3 with {package}");
    }

    /// <summary>What a script writes to its standard output.</summary>
    public static string Says(string script, params string[] arguments) => SaysIn("", script, arguments);

    /// <summary>What a script writes that runs in a folder.</summary>
    public static string SaysIn(string folder, string script, params string[] arguments)
    {
        var (code, output, errors) = Run(Chosen.Value ?? Places[0], script, arguments, folder);
        Assert.True(code == 0, errors);
        return output;
    }

    private static (int Code, string Output, string Errors) Run(string python, string script, string[] arguments, string folder)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", script, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            return (-1, "", e.Message);
        }
    }
}
