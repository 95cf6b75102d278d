using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;

namespace Host.Plugins;

/// <summary>
/// A second host process that runs plugin code, so that it can be ended whatever the code does. It is asked and answers on pipes of its
/// own: nothing that a plugin prints, to whichever stream, can be taken for an answer. When this process ends, in whatever way, the system
/// closes its end of the first pipe, and the child ends itself (<see cref="ChildLife"/>).
/// </summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>Hidden commands of the program that a child is started with.</summary>
    public const string ProbeCommand = "plugin-probe", ScoreCommand = "plugin-score";

    /// <summary>The first line of a child, before it runs any plugin's code: only from then on is a plugin's time counted.</summary>
    internal const string Ready = "ready";

    /// <summary>Time in which a child must have started; on a busy machine that takes many times what it does on an idle one.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(1);

    /// <summary>Bytes that a child may take beyond its managed heap: the runtime, and what a plugin takes from the system itself.</summary>
    private const long BesideHeap = 1L << 30;

    private const int KeptLines = 40, KeptLetters = 300, AnswerLetters = 1 << 16;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200), MemoryGlance = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Held from the pipes' creation until only the child has their other ends: a child started in between would inherit those ends, too,
    /// and keep them open.
    /// </summary>
    private static readonly Lock Starting = new();

    private readonly Process _process;
    private readonly AnonymousPipeServerStream _requestPipe, _answerPipe;
    private readonly StreamWriter _requests;
    private readonly StreamReader _answers;
    private readonly StringBuilder _beyondAnswer = new();
    private readonly Queue<string> _printed = new();
    private readonly Task _drains;
    private readonly Timer _memoryWatch;
    private readonly long _memoryLimit;
    private volatile string? _endedFor;
    private bool _isReady;

    /// <param name="heapLimit">Bytes that the child's managed heap may take.</param>
    public ChildProcess(string command, long heapLimit)
    {
        var program = typeof(ChildProcess).Assembly.Location;
        var own = Environment.ProcessPath!;
        var isMuxer = Path.GetFileNameWithoutExtension(own) is "dotnet";
        _memoryLimit = heapLimit + BesideHeap;
        using (Starting.EnterScope())
        {
            _requestPipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
            _answerPipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
            string[] words = [command, _requestPipe.GetClientHandleAsString(), _answerPipe.GetClientHandleAsString()];
            var start = new ProcessStartInfo(own, isMuxer ? [program, .. words] : words)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["DOTNET_GCHeapHardLimit"] = heapLimit.ToString("x", CultureInfo.InvariantCulture);
            start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
            _process = Process.Start(start)!;
            _requestPipe.DisposeLocalCopyOfClientHandle();
            _answerPipe.DisposeLocalCopyOfClientHandle();
        }
        _process.StandardInput.Close();             // a plugin that reads it finds it at its end
        _requests = new StreamWriter(_requestPipe) { AutoFlush = true };
        _answers = new StreamReader(_answerPipe);
        _drains = Task.WhenAll(Drain(_process.StandardError), Drain(_process.StandardOutput));
        _memoryWatch = new Timer(_ => LookAtMemory(), null, MemoryGlance, MemoryGlance);
    }

    /// <summary>Sends one line; false when the child is gone.</summary>
    public bool Send(string line)
    {
        try
        {
            _requests.WriteLine(line);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>
    /// The next answer; null when the child ends, or doesn't answer within <paramref name="patience"/> once it has started.
    /// </summary>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public string? Answer(TimeSpan patience, CancellationToken stop)
    {
        _isReady = _isReady || Line(StartPatience, stop) == Ready;
        return _isReady ? Line(patience, stop) : null;
    }

    private string? Line(TimeSpan patience, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var read = BoundedReader.Line(_answers, _beyondAnswer, AnswerLetters);
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
        if (_endedFor is { } reason) return reason;
        _drains.Wait(Glance);
        var last = Printed.FirstOrDefault(line => line.Trim().Length > 0);
        return $"its process ended with code {_process.ExitCode}{(last is null ? "" : $" ({last.Trim()})")}";
    }

    public void Dispose()
    {
        _memoryWatch.Dispose();
        End();
        _process.Dispose();
        _requests.Dispose();
        _answers.Dispose();
    }

    /// <summary>The first lines it printed: the plugin's own output, and the runtime's messages when it died.</summary>
    private IReadOnlyList<string> Printed
    {
        get
        {
            lock (_printed) return [.. _printed];
        }
    }

    private Task Drain(StreamReader reader) => BoundedReader.Drain(reader, KeptLines, KeptLetters, line =>
    {
        lock (_printed) _printed.Enqueue(line);
    });

    /// <summary>
    /// Ends a child that holds too much memory. The heap's own limit doesn't see what a plugin takes from the system, and the system's
    /// limits count address space, of which the runtime reserves far more than it uses.
    /// </summary>
    private void LookAtMemory()
    {
        try
        {
            if (_endedFor is not null || _process.HasExited || ChildSystem.MemoryOf(_process) is var taken && taken <= _memoryLimit) return;
            _endedFor = $"took {Gibibytes(taken)} GiB of memory, more than the {Gibibytes(_memoryLimit)} GiB that it may";
            End();
        }
        catch (InvalidOperationException)
        {
            // It was disposed of in between.
        }
    }

    private static string Gibibytes(long bytes) => (bytes / (double)(1 << 30)).ToString("0.0", CultureInfo.InvariantCulture);

    private void End()
    {
        try
        {
            if (_process.HasExited) return;
            ChildSystem.EndGroup(_process.Id);
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in between.
        }
    }
}
