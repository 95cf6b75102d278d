using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Bnn.Core;

namespace Compare;

/// <summary>
/// PyTorch, in a Python process that runs torch_steps.py. A line such as "dense 200" asks for 200 steps; their milliseconds are the answer.
/// Between requests the child waits for its next line and takes no processor time from the others.
/// </summary>
internal sealed class TorchChild : IContender
{
    private const string Script = "torch_steps.py";
    private const string Ready = "ready ";

    private const string Hint =
        "on Debian and Ubuntu: apt install python3-torch libopenblas0; elsewhere: python3 -m pip install torch numpy";

    /// <summary>The Python on the PATH first; the system's, if it is another one, has the distribution's packages.</summary>
    private static readonly string[] Pythons = ["python3", "/usr/bin/python3"];

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private string _work = "";
    private bool _isLost;

    private TorchChild(string python, string dataFolder)
    {
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, Script), dataFolder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };

        // The BLAS libraries read these when they are loaded, before the script could set them.
        foreach (var variable in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = "1";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginErrorReadLine();
    }

    public string Name => "torch";

    /// <summary>The versions of PyTorch and Python, and the library that multiplies the matrices.</summary>
    public string Version { get; private set; } = "";

    /// <summary>A child that is ready, or why there is none.</summary>
    public static Result<TorchChild> Start(string dataFolder)
    {
        var reason = "no python3 was found";
        foreach (var python in Pythons)
        {
            try
            {
                var child = new TorchChild(python, dataFolder);
                if (child._process.StandardOutput.ReadLine() is { } line && line.StartsWith(Ready, StringComparison.Ordinal))
                {
                    child.Version = line[Ready.Length..];
                    return child;
                }
                reason = $"{python}: {child.Ending()}";
                child.Dispose();
            }
            catch (Win32Exception)
            {
                // There is no such program: the next place.
            }
        }
        return new Fault.EngineUnavailable("torch", reason, Hint);
    }

    public void Begin(Work work) => _work = work.Name;

    public double[]? Run(int repeats)
    {
        if (_isLost) return null;
        if (Ask(string.Create(CultureInfo.InvariantCulture, $"{_work} {repeats}")) is { } answer) return answer;
        _isLost = true;
        Console.Error.WriteLine($"torch is left out from {_work} on: {Ending()}");
        return null;
    }

    public void Dispose()
    {
        try
        {
            // The end of its input ends the child; one that doesn't listen any more is killed.
            _process.StandardInput.Close();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(2))) _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or Win32Exception)
        {
            // It ended by itself in between.
        }
        _process.Dispose();
    }

    /// <summary>What the child answers; null if it is gone.</summary>
    private double[]? Ask(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            return null;
        }
        return _process.StandardOutput.ReadLine() is { } answer
            ? Array.ConvertAll(answer.Split(' '), ms => double.Parse(ms, CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>How the child ended, with the last line it wrote: in a Python traceback that is the error itself.</summary>
    private string Ending()
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(2))) return "it closed its output";
        _process.WaitForExit();     // until its last line of stderr was read
        lock (_errors)
        {
            var last = _errors.LastOrDefault(line => line.Trim().Length > 0);
            return last?.Trim() ?? string.Create(CultureInfo.InvariantCulture, $"it ended with code {_process.ExitCode}");
        }
    }

    private void Remember(string? line)
    {
        const int Kept = 20;
        if (line is null) return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > Kept) _errors.Dequeue();
        }
    }
}
