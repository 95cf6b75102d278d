using System.Diagnostics;
using Bnn.Core;

namespace Host;

/// <summary>The process's exit codes; README.md lists them for users.</summary>
public static class ExitCode
{
    public const int Done = 0, Bug = 1, BadSettings = 2, BadData = 3, BadPlugin = 4, BadStore = 5, Disk = 6, SomeFailed = 7, Differs = 8;

    /// <summary>Stopped by SIGUSR1, to be continued by the same command: what clusters take for "not done yet".</summary>
    public const int ToBeContinued = 75;

    /// <summary>Stopped by another signal: 128 and the signal's number.</summary>
    public const int HungUp = 129, Interrupted = 130, Quit = 131, User2 = 140, Terminated = 143, OutOfTime = 152;

    public static int For(Fault fault) => fault switch
    {
        Fault.BadSetting or Fault.UnknownValue or Fault.UnknownName or Fault.BadRequest => BadSettings,
        Fault.BadData or Fault.MissingData => BadData,
        Fault.PluginRejected or Fault.StrategyFailed or Fault.EngineUnavailable or Fault.WrongArithmetic => BadPlugin,
        Fault.DamagedStore => BadStore,
        Fault.Disk => Disk,
        Fault.Diverged => SomeFailed,
        _ => throw new UnreachableException(),
    };

    /// <summary>The exit code of the fault that comes first in this order: settings, data, plugins, store, disk, training.</summary>
    public static int For(IEnumerable<Fault> faults) => faults.Min(fault => For(fault));
}
