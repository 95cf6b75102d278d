using System.Diagnostics;

namespace Host.Plugins;

/// <summary>A second host that runs plugin code, so that whatever the code does can be ended: it answers on lines of its own among whatever a plugin prints.</summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>Hidden commands of the program: what a child is started as.</summary>
    public const string ProbeCommand = "plugin-probe", ScoreCommand = "plugin-score";

    /// <summary>What an answer line begins with.</summary>
    public const string AnswerMark = "\u0001host ";

    private const int KeptErrorLines = 40;
    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    /// <param name="memoryLimit">Bytes that the child's managed heap may take.</param>
    public ChildProcess(string command, long memoryLimit)
    {
        var program = typeof(ChildProcess).Assembly.Location;
        var own = Environment.ProcessPath!;
        var isMuxer = Path.GetFileNameWithoutExtension(own) is "dotnet";
        var start = new ProcessStartInfo(own, isMuxer ? [program, command] : [command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = memoryLimit.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>Sends one line; false when the child is gone.</summary>
    public bool Send(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The next answer; null when the child ends or says nothing for so long.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public string? Answer(TimeSpan patience, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var read = _process.StandardOutput.ReadLineAsync(stop).AsTask();
            var left = patience - watch.Elapsed;
            if (left <= TimeSpan.Zero || !read.Wait((int)Math.Min(left.TotalMilliseconds, int.MaxValue), stop)) return null;
            if (read.Result is not { } line) return null;
            if (line.StartsWith(AnswerMark, StringComparison.Ordinal)) return line[AnswerMark.Length..];
            Remember(line);
        }
    }

    /// <summary>How the child ended, for people; null while it lives. A child that has just closed its output is given a moment to end.</summary>
    public string? Ending()
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(2))) return null;
        var last = Errors.FirstOrDefault(line => line.Trim().Length > 0);
        return $"its process ended with code {_process.ExitCode}{(last is null ? "" : $" ({last.Trim()})")}";
    }

    /// <summary>The latest lines that were no answers: the plugin's own talk, and what the runtime said when it died.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_errors) return [.. _errors];
        }
    }

    public void Dispose()
    {
        try
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in between.
        }
        _process.Dispose();
    }

    private void Remember(string? line)
    {
        if (line is null) return;
        lock (_errors)
        {
            if (_errors.Count < KeptErrorLines) _errors.Enqueue(line.Length > 300 ? line[..300] + "…" : line);
        }
    }
}
