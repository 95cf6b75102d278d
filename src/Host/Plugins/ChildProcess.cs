using System.Diagnostics;
using System.IO.Pipes;

namespace Host.Plugins;

/// <summary>
/// A second host process that runs plugin code, so that it can be ended whatever the code does. It answers on a pipe of its own: nothing
/// that a plugin prints, to whichever stream, can be taken for an answer.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>Hidden commands of the program that a child is started with.</summary>
    public const string ProbeCommand = "plugin-probe", ScoreCommand = "plugin-score";

    private const int KeptErrorLines = 40;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Held from a pipe's creation until only the child has its other end: a child started in between would inherit that end, too, and keep
    /// it open.
    /// </summary>
    private static readonly Lock Starting = new();

    private readonly Process _process;
    private readonly AnonymousPipeServerStream _pipe;
    private readonly StreamReader _answers;
    private readonly Queue<string> _errors = new();

    /// <param name="memoryLimit">Bytes that the child's managed heap may take.</param>
    public ChildProcess(string command, long memoryLimit)
    {
        var program = typeof(ChildProcess).Assembly.Location;
        var own = Environment.ProcessPath!;
        var isMuxer = Path.GetFileNameWithoutExtension(own) is "dotnet";
        using var held = Starting.EnterScope();
        _pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var handle = _pipe.GetClientHandleAsString();
        var start = new ProcessStartInfo(own, isMuxer ? [program, command, handle] : [command, handle])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = memoryLimit.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        _process = Process.Start(start)!;
        _pipe.DisposeLocalCopyOfClientHandle();
        _answers = new StreamReader(_pipe);
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.OutputDataReceived += (_, line) => Remember(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
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

    /// <summary>The next answer; null when the child ends or doesn't answer within <paramref name="patience"/>.</summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public string? Answer(TimeSpan patience, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var read = _answers.ReadLineAsync(CancellationToken.None).AsTask();
        while (!read.Wait(Glance, stop))
        {
            if (watch.Elapsed >= patience) return null;
            if (!_process.HasExited) continue;
            return read.Wait(Glance, stop) ? read.Result : null;        // its last words may still be in the pipe
        }
        return read.Result;
    }

    /// <summary>
    /// A readable account of how the child ended; null while it lives. A child that has just closed its output is given a moment to end.
    /// </summary>
    public string? Ending()
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(2))) return null;
        var last = Errors.FirstOrDefault(line => line.Trim().Length > 0);
        return $"its process ended with code {_process.ExitCode}{(last is null ? "" : $" ({last.Trim()})")}";
    }

    /// <summary>The first lines it printed: the plugin's own output, and the runtime's messages when it died.</summary>
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
        _answers.Dispose();
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
