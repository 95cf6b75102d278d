using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Host.Tests;

/// <summary>
/// A real Slurm cluster on this machine: a controller and two nodes of two cores, with their own folder, key and ports. Its partition
/// <c>low</c> is preempted by <c>high</c>, and what is preempted is cancelled.
/// </summary>
public sealed class SlurmCluster : IAsyncLifetime
{
    private static readonly string[] Programs = ["munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "squeue", "sinfo"];
    private readonly string _folder = Folders.Temporary("slurm");
    private readonly Dictionary<string, Process> _daemons = new(StringComparer.Ordinal);

    /// <summary>Tasks that wait, and since when.</summary>
    private readonly Dictionary<string, Stopwatch> _held = new(StringComparer.Ordinal);

    /// <summary>What commands need to find this cluster.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["SLURM_CONF"] = Path.Combine(_folder, "slurm.conf"),
    };

    private static bool IsThere =>
        System.Environment.UserName == "root" && Array.TrueForAll(Programs, program => Find(program) is not null);

    public static void SkipIfAbsent() => Assert.SkipUnless(
        IsThere, "needs root, and Debian's slurmctld, slurmd, slurm-client, slurm-wlm-basic-plugins and munge");

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux() || !IsThere) return;
        File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("755", 8));
        var (key, socket) = (Path.Combine(_folder, "munge.key"), Path.Combine(_folder, "munge.socket"));
        await File.WriteAllBytesAsync(key, RandomNumberGenerator.GetBytes(128));
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        Start("munged", "munged", "--foreground", "--force", $"--key-file={key}", $"--socket={socket}",
            $"--pid-file={_folder}/munged.pid", $"--log-file={_folder}/munged.log", $"--seed-file={_folder}/munged.seed");
        await Until(() => File.Exists(socket), "munged doesn't listen");
        foreach (var name in (string[])["state", "spool.n1", "spool.n2"]) Directory.CreateDirectory(Path.Combine(_folder, name));
        var ports = FreePorts(3);
        await File.WriteAllTextAsync(Environment["SLURM_CONF"]!, string.Create(CultureInfo.InvariantCulture, $"""
            ClusterName=test
            SlurmctldHost={Name}(127.0.0.1)
            SlurmctldPort={ports[0]}
            SlurmUser=root
            AuthType=auth/munge
            AuthInfo=socket={socket}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            MpiDefault=none
            ReturnToService=2
            KillWait=5
            PreemptType=preempt/partition_prio
            PreemptMode=CANCEL
            SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=1000,bf_interval=1
            SlurmdParameters=config_overrides
            StateSaveLocation={_folder}/state
            SlurmdSpoolDir={_folder}/spool.%n
            SlurmctldLogFile={_folder}/slurmctld.log
            SlurmdLogFile={_folder}/slurmd.%n.log
            SlurmctldPidFile={_folder}/slurmctld.pid
            SlurmdPidFile={_folder}/slurmd.%n.pid
            NodeName=n1 NodeHostname={Name} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2
            NodeName=n2 NodeHostname={Name} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2
            PartitionName=low Nodes=n1,n2 Default=YES PriorityTier=1 PreemptMode=CANCEL State=UP
            PartitionName=high Nodes=n1,n2 PriorityTier=10 PreemptMode=OFF State=UP

            """));
        Start("slurmctld", "slurmctld", "-D", "-f", Environment["SLURM_CONF"]!);
        StartNode("n1");
        StartNode("n2");
        await Until(() => Run("sinfo", "-h", "-N", "-o", "%t").Split('\n').Count(state => state == "idle") >= 2, "the nodes aren't idle");
    }

    /// <summary>Starts a node's daemon, again after it was killed.</summary>
    public void StartNode(string node) => Start(node, "slurmd", "-D", "-N", node, "-f", Environment["SLURM_CONF"]!);

    /// <summary>Kills a node's daemon; what runs there goes on.</summary>
    public void KillNode(string node)
    {
        _daemons[node].Kill();
        _daemons[node].WaitForExit();
    }

    /// <summary>What a command of Slurm says; empty where it fails.</summary>
    public string Run(string program, params string[] words)
    {
        var start = new ProcessStartInfo(Find(program)!, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["SLURM_CONF"] = Environment["SLURM_CONF"];
        using var process = Process.Start(start)!;
        var err = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd().TrimEnd('\n');
        process.WaitForExit();
        _ = err.Result;
        return process.ExitCode == 0 ? said : "";
    }

    /// <summary>Tasks that wait or run, each as "812_3 RUNNING".</summary>
    public string[] Tasks() => Run("squeue", "-h", "-r", "-o", "%i %T").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Waits until there are no tasks, letting those run at once that Slurm holds back since they were put into the queue again.
    /// </summary>
    /// <param name="minutes">How long that may take.</param>
    public async Task End(int minutes = 2)
    {
        // While a task is put into the queue again there is a moment at which it is in none.
        const int Looks = 10;
        var empty = 0;
        await Until(() =>
        {
            empty = Tasks().Length == 0 ? empty + 1 : 0;
            Release();
            return empty == Looks;
        }, "jobs don't end", minutes);
    }

    /// <summary>
    /// Lets tasks run that have waited for three seconds since they were put into the queue again: what ran before has to be gone from its
    /// node, for which Slurm itself takes two minutes.
    /// </summary>
    public void Release()
    {
        var held = Tasks().Where(task => task.EndsWith("PENDING", StringComparison.Ordinal))
            .Select(task => task.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _held.Keys.Except(held).ToList()) _held.Remove(gone);
        foreach (var task in held)
        {
            if (_held.TryAdd(task, Stopwatch.StartNew()) || _held[task].Elapsed < TimeSpan.FromSeconds(3)) continue;
            Run("scontrol", "update", $"JobId={task}", "StartTime=now");
        }
    }

    public static async Task Until(Func<bool> holds, string otherwise, int minutes = 2)
    {
        for (var waited = Stopwatch.StartNew(); !holds();)
        {
            if (waited.Elapsed > TimeSpan.FromMinutes(minutes)) Assert.Fail(otherwise);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_daemons.Count > 0)
        {
            foreach (var task in Tasks()) Run("scancel", task.Split(' ')[0]);
            foreach (var name in (string[])["n1", "n2", "slurmctld", "munged"])
            {
                if (!_daemons.Remove(name, out var daemon)) continue;
                daemon.Kill(entireProcessTree: true);
                daemon.WaitForExit();
                daemon.Dispose();
            }
        }
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Name => System.Environment.MachineName.Split('.')[0];

    private static string? Find(string program) => ((string[])["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"])
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private void Start(string name, string program, params string[] words)
    {
        var start = new ProcessStartInfo(Find(program) ?? throw new Win32Exception($"there is no {program}"), words)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _daemons[name] = process;
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
