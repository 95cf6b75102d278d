using System.Runtime.InteropServices;
using Host.Consoles;

namespace Host.Commands;

/// <summary>
/// The signals that end the process. From the start, each ends it with a word and its own exit code. While an instance lives, the first
/// one only cancels <see cref="Token"/>, so that trainings end at a step; the second ends the process, whichever it is.
/// </summary>
public sealed class Stop : IDisposable
{
    public const string Stopping = "stopping at the next step; a second signal stops at once";

    /// <summary>Numbers of signals that the base library has no names for; 10 and 12 are Linux's.</summary>
    private const int HangUp = 1, CpuTime = 24, FileSize = 25;
    private static readonly int User1 = OperatingSystem.IsLinux() ? 10 : 30, User2 = OperatingSystem.IsLinux() ? 12 : 31;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly Lock Gate = new();
    private static readonly List<PosixSignalRegistration> Registrations = [];
    private static Stop? _inSteps;
    private static int _signalled;
    private readonly CancellationTokenSource _source = new();

    /// <summary>From here on the first signal cancels <see cref="Token"/>.</summary>
    public Stop()
    {
        lock (Gate) _inSteps = this;
    }

    /// <summary>The exit code of the signal that came, if one did.</summary>
    public static int? Signalled => Volatile.Read(ref _signalled) is not 0 and var code ? code : null;

    public CancellationToken Token => _source.Token;

    /// <summary>Starts to listen. SIGHUP stays ignored if it was when the process started, as under nohup.</summary>
    public static void Listen()
    {
        if (!SystemCalls.IsIgnored(HangUp)) On(PosixSignal.SIGHUP, "SIGHUP", ExitCode.HungUp);
        On(PosixSignal.SIGINT, "SIGINT", ExitCode.Interrupted);
        On(PosixSignal.SIGQUIT, "SIGQUIT", ExitCode.Quit);
        On(PosixSignal.SIGTERM, "SIGTERM", ExitCode.Terminated);
        if (OperatingSystem.IsWindows()) return;
        On((PosixSignal)User1, "SIGUSR1", ExitCode.ToBeContinued);
        On((PosixSignal)User2, "SIGUSR2", ExitCode.User2);
        On((PosixSignal)CpuTime, "SIGXCPU", ExitCode.OutOfTime);

        // A file beyond the limit is then what the disk refuses, and is told as such.
        Registrations.Add(PosixSignalRegistration.Create((PosixSignal)FileSize, context => context.Cancel = true));
    }

    public void Dispose()
    {
        lock (Gate) _inSteps = null;
        _source.Dispose();
    }

    private static void On(PosixSignal signal, string name, int code) => Registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (IsFirst(code)) StopInSteps(name);
        else StopAtOnce(name, code);
    }));

    /// <summary>Whether it is the first signal while trainings can stop at a step.</summary>
    private static bool IsFirst(int code)
    {
        lock (Gate) return _inSteps is not null && Interlocked.CompareExchange(ref _signalled, code, 0) == 0;
    }

    /// <summary>A live view says by itself that it is stopping.</summary>
    private static void StopInSteps(string name)
    {
        lock (Gate) _inSteps?._source.Cancel();
        if (!LiveView.IsShown) _ = Task.Run(() => Console.Error.WriteLine($"{name}: {Stopping}"));
    }

    /// <summary>Ends the process even if nobody reads what it says.</summary>
    private static void StopAtOnce(string name, int code)
    {
        Task.Run(() =>
        {
            LiveView.Clear();
            Console.Error.WriteLine($"host: stopped by {name}{(Signalled is null ? "" : "; run the same command again to continue")}");
        }).Wait(LastWords);
        Environment.Exit(code);
    }
}
