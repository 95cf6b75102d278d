using System.Text;
using CsCheck;

namespace Bnn.Store.Tests;

/// <summary>
/// Machines are made up here: each has a name of its own and its own folder of locks, as where the others' locks can't be seen.
/// </summary>
public sealed class LeasesTests : IDisposable
{
    private const string Name = "0123456789ab";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Beat = Patience / 8, Moment = TimeSpan.FromMilliseconds(1);
    private readonly string _root = Directory.CreateTempSubdirectory("leases-test-").FullName;

    [Fact]
    public void One_has_it_until_it_is_let_go_and_then_nothing_is_left()
    {
        var (here, too) = (Machine("a"), Machine("a"));
        using (var lease = here.Leases.TryTake(Name))
        {
            Assert.NotNull(lease);
            Assert.True(lease.IsHeld());
            Assert.Null(here.Leases.TryTake(Name));
            Assert.Null(too.Leases.TryTake(Name));
            Assert.True(too.Leases.IsTaken(Name));
            using var other = too.Leases.TryTake("another");
            Assert.NotNull(other);
        }
        Assert.False(too.Leases.IsTaken(Name));
        Assert.Empty(Directory.GetFiles(Folder));
        using var again = too.Leases.TryTake(Name);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_lease_of_another_machine_is_taken_over_only_when_it_has_not_changed_for_the_whole_time()
    {
        var (one, other) = (Machine("a"), Machine("b"));
        var lease = one.Leases.TryTake(Name)!;
        Assert.Null(other.Leases.TryTake(Name));                        // seen for the first time
        other.Clock.Advance(Patience - Moment);
        Assert.Null(other.Leases.TryTake(Name));
        one.Clock.Advance(Beat);                                        // it lives
        other.Clock.Advance(Moment);
        Assert.Null(other.Leases.TryTake(Name));
        other.Clock.Advance(Patience - Moment);
        Assert.Null(other.Leases.TryTake(Name));
        Assert.True(lease.IsHeld());
        other.Clock.Advance(Moment);                                    // and hasn't said so since
        using var taken = other.Leases.TryTake(Name);
        Assert.NotNull(taken);
        Assert.True(taken.IsHeld());
    }

    [Fact]
    public void Who_was_taken_for_dead_notices_and_takes_nothing_from_the_other()
    {
        var (one, other) = (Machine("a"), Machine("b"));
        var (byWord, byLook) = (one.Leases.TryTake(Name)!, one.Leases.TryTake("another")!);
        Assert.Null(other.Leases.TryTake(Name));
        Assert.Null(other.Leases.TryTake("another"));
        other.Clock.Advance(Patience);
        using var first = other.Leases.TryTake(Name);
        using var second = other.Leases.TryTake("another");
        Assert.False(byLook.IsHeld());                                  // before a commit
        Assert.False(byWord.Lost.IsCancellationRequested);
        one.Clock.Advance(Beat);                                        // with its next word
        Assert.True(byWord.Lost.IsCancellationRequested);
        byWord.Dispose();
        byLook.Dispose();
        Assert.True(first!.IsHeld());
        Assert.True(second!.IsHeld());
    }

    [Fact]
    public void Clocks_that_differ_decide_nothing()
    {
        var (one, other) = (Machine("a", hours: 30), Machine("b", hours: -30));
        using var lease = one.Leases.TryTake(Name);
        for (var beats = 0; beats < 30; beats++)
        {
            Assert.Null(other.Leases.TryTake(Name));
            one.Clock.Advance(Beat);
            other.Clock.Advance(Beat);
        }
        Assert.True(lease!.IsHeld());
    }

    [Fact]
    public void A_holder_lives_if_it_has_just_been_seen_to_and_not_if_it_was_long_ago()
    {
        var (one, other) = (Machine("a"), Machine("b"));
        using var lease = one.Leases.TryTake(Name);
        Assert.Null(other.Leases.TryTake(Name));
        Assert.False(other.Leases.IsAlive(Name));                       // there is a lease, and nothing more is known
        one.Clock.Advance(Beat);
        other.Clock.Advance(Beat);
        Assert.Null(other.Leases.TryTake(Name));
        Assert.True(other.Leases.IsAlive(Name));
        other.Clock.Advance(Patience);
        Assert.False(other.Leases.IsAlive(Name));

        one.Clock.Advance(Beat);                                        // its last word, which may be as old as the last look
        other.Clock.Advance(10 * Patience);
        Assert.Null(other.Leases.TryTake(Name));
        Assert.False(other.Leases.IsAlive(Name));
        one.Clock.Advance(Beat);
        other.Clock.Advance(Beat);
        Assert.Null(other.Leases.TryTake(Name));
        Assert.True(other.Leases.IsAlive(Name));
    }

    [Fact]
    public async Task Who_waits_has_it_once_it_is_let_go_or_its_holder_is_known_to_be_dead()
    {
        var (one, other) = (Machine("a"), Machine("b"));
        var lease = one.Leases.Take(Name);
        var waits = Task.Run(() => other.Leases.Take(Name), TestContext.Current.CancellationToken);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(waits.IsCompleted);
        lease.Dispose();
        (await waits).Dispose();

        _ = one.Leases.Take(Name);                                      // and dies with it
        waits = Task.Run(() => other.Leases.Take(Name), TestContext.Current.CancellationToken);
        while (!waits.IsCompleted)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            other.Clock.Advance(Patience);
        }
        (await waits).Dispose();
    }

    [Fact]
    public async Task Who_waits_for_one_that_lives_and_does_not_let_go_is_told_so()
    {
        var (one, other) = (Machine("a"), Machine("b"));
        using var lease = one.Leases.Take(Name);
        var waits = Task.Run(() => other.Leases.Take(Name), TestContext.Current.CancellationToken);
        while (!waits.IsCompleted)
        {
            one.Clock.Advance(Beat);
            await Task.Delay(150, TestContext.Current.CancellationToken);   // for more than one look
            other.Clock.Advance(Beat);
        }
        var told = await Assert.ThrowsAsync<IOException>(() => waits);
        Assert.Contains("others have held", told.Message, StringComparison.Ordinal);
        Assert.True(lease.IsHeld());
    }

    [Fact]
    public void A_process_of_this_machine_that_is_gone_is_followed_at_once()
    {
        var here = Holder.OfProcess;
        if (here.Started.Length == 0) Assert.Skip("this system doesn't say when a process started");
        foreach (var gone in (Holder[])[here with { Process = int.MaxValue }, here with { Started = "1" }])
        {
            Leave(LeaseFile.Write(new LeaseRecord("left", gone, DateTimeOffset.UnixEpoch, "3")));
            var machine = new Leases(FileLayer.OfSystem, Folder, Locks("a"), here, new LeasePace(Beat, Patience), new Clock(0));
            Assert.False(machine.IsTaken(Name));
            using var lease = machine.TryTake(Name);
            Assert.NotNull(lease);
        }
    }

    [Fact]
    public void A_process_of_this_machine_that_lives_is_not_followed_however_long_it_is_silent()
    {
        var here = Holder.OfProcess;
        if (here.Started.Length == 0) Assert.Skip("this system doesn't say when a process started");
        using var other = System.Diagnostics.Process.Start("sleep", "60");
        try
        {
            var stat = File.ReadAllText($"/proc/{other.Id}/stat");
            var started = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
            var lives = here with { Process = other.Id, Started = started };
            Leave(LeaseFile.Write(new LeaseRecord("held", lives, DateTimeOffset.UnixEpoch, "3")));
            var clock = new Clock(0);
            var machine = new Leases(FileLayer.OfSystem, Folder, Locks("a"), here, new LeasePace(Beat, Patience), clock);
            machine.CreateFolders();
            using (FileLayer.OfSystem.TryLock(Path.Combine(Locks("a"), Name)))
            {
                for (var i = 0; i < 3; i++)
                {
                    Assert.Null(machine.TryTake(Name));
                    clock.Advance(Patience);
                }
            }
            // Without its lock it only couldn't delete the file.
            using var lease = machine.TryTake(Name);
            Assert.NotNull(lease);
        }
        finally
        {
            other.Kill();
        }
    }

    [Theory]
    [InlineData(""), InlineData("{\"id\":\"a\""), InlineData("no lease\n"), InlineData("{}\n"), InlineData("null\nnull\n")]
    public void A_file_that_is_no_lease_is_in_the_way_for_as_long_as_one_may_take_to_be_written(string text)
    {
        Leave(Encoding.UTF8.GetBytes(text));
        var machine = Machine("a");
        Assert.Empty(machine.Leases.All());
        Assert.Null(machine.Leases.TryTake(Name));
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(machine.Leases.TryTake(Name));
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        using var lease = machine.Leases.TryTake(Name);
        Assert.NotNull(lease);
    }

    [Fact]
    public void Who_looks_sees_the_holder_and_how_far_it_is()
    {
        var (one, other) = (Machine("a"), Machine("b"));
        using var lease = one.Leases.TryTake(Name);
        Assert.Null(other.Leases.All()[Name].Progress);
        lease!.Progress = () => new LeaseProgress(1500, 812.5);
        one.Clock.Advance(Beat);
        var seen = other.Leases.All()[Name];
        Assert.Equal(("a", new LeaseProgress(1500, 812.5)), (seen.Holder.Host, seen.Progress));
        lease.Progress = () => new LeaseProgress(1, double.NaN);           // shorter than the line before it
        one.Clock.Advance(Beat);
        Assert.Equal(new LeaseProgress(1, double.NaN), other.Leases.All()[Name].Progress);
    }

    [Fact]
    public void Where_locks_mean_nothing_the_file_decides()
    {
        var files = new WithoutLocks();
        Leases Of(Holder holder) => new(files, Folder, Locks("a"), holder, new LeasePace(Beat, Patience), new Clock(0));
        var here = Of(Holder.OfProcess);
        using var lease = here.TryTake(Name);
        Assert.NotNull(lease);
        Assert.Null(here.TryTake(Name));                                   // another thread of this process
        Assert.Null(Of(Holder.OfProcess with { Process = 1 }).TryTake(Name));
        Assert.True(lease.IsHeld());
    }

    [Theory]
    [InlineData(1, 0.125), InlineData(120, 15), InlineData(3600, 15)]
    public void A_holder_says_that_it_lives_often_enough_for_those_with_less_patience(double patience, double beat) =>
        Assert.Equal(TimeSpan.FromSeconds(beat), LeasePace.Of(TimeSpan.FromSeconds(patience)).Beat);

    [Fact]
    public void Of_many_that_want_it_at_once_one_at_a_time_has_it()
    {
        string[] names = ["x", "y", "z"];
        var (inside, most, taken) = (new int[names.Length], 0, 0);
        var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            var machine = Machine($"machine {i / 2}");                       // two processes each
            for (var round = 0; round < 40; round++)
            {
                var which = (round + i) % names.Length;
                using var lease = machine.Leases.TryTake(names[which]);
                if (lease is null) continue;
                var now = Interlocked.Increment(ref inside[which]);
                if (now > 1) Interlocked.Exchange(ref most, now);
                Interlocked.Increment(ref taken);
                Thread.Yield();
                Assert.True(lease.IsHeld());
                Interlocked.Decrement(ref inside[which]);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(0, most);
        Assert.True(taken >= names.Length, $"taken {taken} times");
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public void A_lease_reads_back_as_it_was_written() =>
        Gen.Select(Gen.String, Gen.String, Gen.Int, Gen.String, Gen.Long[0, long.MaxValue]).Sample((host, job, process, started, count) =>
        {
            var record = new LeaseRecord(
                "id", new Holder(host, "boot", process, started, job), DateTimeOffset.UnixEpoch, LeaseFile.Beat(count, null));
            return LeaseFile.Parse(LeaseFile.Write(record)) == record;
        });

    [Fact]
    public void Bytes_that_are_no_lease_are_no_error() =>
        Gen.Byte.Array[0, 200].Sample(bytes => LeaseFile.Parse(bytes) is null or { Id: not null });

    [Theory]
    [InlineData("812", "3", "815", "812_3"), InlineData(null, null, "815", "815"), InlineData(null, null, null, "")]
    public void The_job_is_named_as_the_cluster_names_it(string? array, string? task, string? job, string expected) =>
        Assert.Equal(expected, Holder.JobOf(name => name switch
        {
            "SLURM_ARRAY_JOB_ID" => array,
            "SLURM_ARRAY_TASK_ID" => task,
            _ => job,
        }));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Folder => Path.Combine(_root, "leases");

    private string Locks(string machine) => Path.Combine(_root, "locks", machine);

    private (Leases Leases, Clock Clock) Machine(string name, int hours = 0)
    {
        var clock = new Clock(hours);
        var holder = new Holder(name, $"boot of {name}", 1, "1", "");
        return (new Leases(FileLayer.OfSystem, Folder, Locks(name), holder, new LeasePace(Beat, Patience), clock), clock);
    }

    private void Leave(byte[] content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, Name), content);
    }

    /// <summary>A file system on which everybody gets every lock.</summary>
    private sealed class WithoutLocks : FileLayer
    {
        public override IDisposable? TryLock(string path) => new MemoryStream();
    }

    /// <summary>Time that passes when it is told to.</summary>
    private sealed class Clock(int hours) : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56).AddHours(hours) + _now;

        public void Advance(TimeSpan time)
        {
            var end = _now + time;
            while (_timers.Where(timer => timer.Next <= end).MinBy(timer => timer.Next) is { } first)
            {
                _now = first.Next;
                first.Fire();
            }
            _now = end;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(this, callback, state, period) { Next = _now + dueTime };
            _timers.Add(timer);
            return timer;
        }

        private sealed class Timer(Clock clock, TimerCallback callback, object? state, TimeSpan period) : ITimer
        {
            public TimeSpan Next { get; set; }

            public void Fire()
            {
                Next += period;
                callback(state);
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose() => clock._timers.Remove(this);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
