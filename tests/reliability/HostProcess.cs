using System.Diagnostics;
using Host.Tests;

namespace Reliability;

/// <summary>The built program, running; it can be killed.</summary>
internal sealed class HostProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Process _process;
    private readonly Task<string> _out, _err;

    /// <param name="folder">The current folder; scratch files go to <c>tmp</c> in it.</param>
    public HostProcess(Installation installation, string folder, string line)
    {
        var start = new ProcessStartInfo("dotnet", [installation.Program, .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(installation.Root, "cache");
        start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(folder, "tmp")).FullName;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";        // the runtime's own pipes, which a kill leaves in TMPDIR
        _process = Process.Start(start)!;
        (_out, _err) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>kill -9; false if it had ended by itself.</summary>
    public bool Kill()
    {
        if (_process.HasExited) return false;
        _process.Kill();
        _process.WaitForExit();
        return _process.ExitCode == 137;
    }

    /// <summary>Waits for its end; a process that doesn't end is killed, and the test fails.</summary>
    public async Task<Outcome> End()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"it didn't end within {Patience.TotalMinutes} minutes");
        }
        return new Outcome(_process.ExitCode, await _out, await _err);
    }

    /// <summary>What nobody cleaned up below the folder: files half written, checkpoints of finished trainings, scratch folders.</summary>
    public static string LeftIn(string folder) => string.Join(", ", Directory
        .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path))
        .Where(path => path.EndsWith(".tmp", StringComparison.Ordinal) || path.Contains(".scratch", StringComparison.Ordinal)
            || path.StartsWith(Path.Combine("tmp", "host-"), StringComparison.Ordinal)
            || Path.GetFileName(path).StartsWith("checkpoint-", StringComparison.Ordinal)));
}
