using System.Runtime.InteropServices;

namespace Host.Commands;

/// <summary>Handles Ctrl-C and SIGTERM: the first ends trainings within a step, the second ends the process.</summary>
public sealed class Stop : IDisposable
{
    private static int _signalled;
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

    public Stop()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => On(context, ExitCode.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => On(context, ExitCode.Terminated));
    }

    /// <summary>The exit code of the signal that came, if one did.</summary>
    public static int? Signalled => Volatile.Read(ref _signalled) is not 0 and var code ? code : null;

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void On(PosixSignalContext context, int code)
    {
        if (Signalled is not null) Environment.Exit(code);
        context.Cancel = true;
        Volatile.Write(ref _signalled, code);
        _source.Cancel();
    }
}
