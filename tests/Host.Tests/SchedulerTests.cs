using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;
using Host.Experiments;

namespace Host.Tests;

/// <summary>Who trains what: threads of one process, and several processes on one results folder.</summary>
public sealed class SchedulerTests
{
    private static readonly StrategyInfo[] Known = [
        new("variance", "", Keep.Lowest, Needs.Posterior, "P.dll", "1", "a"),
        new("magnitude", "", Keep.Highest, Needs.DenseWeights, "P.dll", "1", "a"),
        new("random", "", Keep.Highest, Needs.Nothing, "P.dll", "1", "a")];

    private static Plan PlanOf(int seeds)
    {
        var given = new Dictionary<string, Given> { ["seeds"] = new($"1..{seeds}", Origin.Named("seeds")) };
        var settings = ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, Known).OrThrow();
        var data = new DatasetFacts(36, 3, 60_000, new DataHashes("a", "b", "c", "d"));
        return Plan.Create(settings, data, new EngineIdentity("simd", 1)).OrThrow();
    }

    [Fact]
    public void Every_training_is_done_once_after_its_parents()
    {
        var (plan, folder) = (PlanOf(5), new Folder());
        var ends = new Scheduler(plan.Trainings, 4, new Trainer(folder)).Run(CancellationToken.None);
        Assert.Equal(plan.Trainings.Length, ends.Length);
        Assert.Equal(plan.Trainings.Length, folder.Order.Distinct().Count());
        Assert.Equal(plan.Trainings.Length, folder.Order.Count);
    }

    [Fact]
    public void Two_processes_with_one_plan_each_take_what_the_other_does_not_have()
    {
        var (plan, folder) = (PlanOf(10), new Folder());
        var trainers = new Trainer[] { new(folder), new(folder) };
        var ends = Together([.. trainers.Select(trainer => (Func<ImmutableArray<TrainingEnd>>)(
            () => new Scheduler(plan.Trainings, 1, trainer).Run(CancellationToken.None)))]);
        Assert.All(ends, all => Assert.All(all, end => Assert.Empty(end.Faults)));
        Assert.All(ends, all => Assert.Equal(plan.Trainings.Length, all.Length));          // each reports all of them
        Assert.Equal(plan.Trainings.Length, folder.Order.Count);                           // none was done twice
        // Neither trails the other: with trainings of one length each does its half, give or take a few.
        Assert.All(trainers, trainer => Assert.InRange(trainer.Trained, plan.Trainings.Length / 3, 2 * plan.Trainings.Length / 3));
    }

    [Fact]
    public async Task Who_finds_a_training_taken_does_something_else_and_waits_only_at_the_end()
    {
        var (plan, folder) = (PlanOf(3), new Folder());
        var held = plan.Trainings[0];                                                      // the first Bayesian net
        var elsewhere = folder.Claim(held)!;
        var trainer = new Trainer(folder);
        var scheduler = new Scheduler(plan.Trainings, 2, trainer);
        var run = Task.Run(() => scheduler.Run(CancellationToken.None), TestContext.Current.CancellationToken);
        bool NeedsHeld(Training training) => training == held || training.Parents.Any(parent => parent.Of == held);
        SpinWait.SpinUntil(() => folder.Order.Count == plan.Trainings.Count(training => !NeedsHeld(training)), TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(folder.Order, NeedsHeld);
        Assert.False(run.IsCompleted);
        Assert.Equal(TrainingState.Elsewhere, scheduler.Progress[0].State);
        folder.Finish(held);                                                               // the other process did it
        elsewhere.Dispose();
        var ends = await run;
        Assert.Equal(TrainingState.Reused, ends.Single(end => end.Training == held).State);
        Assert.Equal(plan.Trainings.Length, ends.Length);
    }

    [Fact]
    public async Task A_process_that_gives_up_leaves_its_training_to_the_other()
    {
        var (plan, folder) = (PlanOf(1), new Folder());
        var elsewhere = folder.Claim(plan.Trainings[1])!;
        var run = Task.Run(
            () => new Scheduler(plan.Trainings, 1, new Trainer(folder)).Run(CancellationToken.None), TestContext.Current.CancellationToken);
        SpinWait.SpinUntil(() => folder.Order.Count > 5, TimeSpan.FromSeconds(30));
        elsewhere.Dispose();                                                               // killed: the claim is gone, nothing is finished
        Assert.All(await run, end => Assert.Equal(TrainingState.Trained, end.State));
    }

    [Fact]
    public void A_failure_costs_what_needs_it_and_nothing_else()
    {
        var (plan, folder) = (PlanOf(2), new Folder());
        var broken = plan.Trainings[0];
        var trainer = new Trainer(folder) { Fails = training => training == broken };
        var ends = new Scheduler(plan.Trainings, 3, trainer).Run(CancellationToken.None);
        Assert.Single(ends, end => !end.Faults.IsEmpty);
        var others = plan.Trainings.Where(training => training != broken && training.Parents.All(parent => parent.Of != broken));
        Assert.Equal(others.Count(), folder.Order.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Nothing_more_begins_once_the_disk_takes_nothing_more(bool takesNothing)
    {
        var (plan, folder) = (PlanOf(2), new Folder());
        var trainer = new Trainer(folder)
        {
            Fails = _ => true,
            Failure = _ => new Fault.Disk("results", "is full", "make room") { TakesNothing = takesNothing },
        };
        var ends = new Scheduler(plan.Trainings, 1, trainer).Run(CancellationToken.None);
        Assert.Equal(takesNothing ? 1 : plan.Trainings.Count(training => training.Parents.IsEmpty), ends.Length);
    }

    [Fact]
    public void What_is_done_before_is_found_before_anything_is_claimed()
    {
        var (plan, folder) = (PlanOf(4), new Folder());
        foreach (var training in plan.Trainings) folder.Finish(training);
        var ends = new Scheduler(plan.Trainings, 2, new Trainer(folder)).Run(CancellationToken.None);
        Assert.All(ends, end => Assert.Equal(TrainingState.Reused, end.State));
        Assert.Equal(0, folder.Claims);
    }

    [Fact]
    public async Task A_worker_leaves_once_others_can_do_the_rest_and_stays_while_they_may_make_more_ready()
    {
        var (plan, folder) = (PlanOf(2), new Folder());
        var first = plan.Trainings[0];
        var last = plan.Trainings.Last(training => training.Parents.Any(parent => parent.Of == first));
        var elsewhere = folder.Claim(first)!;                                               // a Bayesian net, which several tickets need
        var scheduler = new Scheduler(plan.Trainings, 2, new Trainer(folder)) { LeavesTheRest = true };
        var run = Task.Run(() => scheduler.Run(CancellationToken.None), TestContext.Current.CancellationToken);
        SpinWait.SpinUntil(() => run.IsCompleted, TimeSpan.FromMilliseconds(600));
        Assert.False(run.IsCompleted);
        Assert.NotNull(folder.Claim(last));                                                 // nothing follows from this one
        folder.Finish(first);
        elsewhere.Dispose();
        Assert.Equal(plan.Trainings.Length - 1, (await run).Length);
    }

    [Fact]
    public void Workers_that_begin_at_different_places_seldom_ask_for_the_same_training()
    {
        var (plan, folder) = (PlanOf(40), new Folder());
        var ends = Together([.. Enumerable.Range(0, 4).Select(i => (Func<ImmutableArray<TrainingEnd>>)(
            () => new Scheduler(plan.Trainings, 1, new Trainer(folder)) { BeginsAt = i / 4.0 }.Run(CancellationToken.None)))]);
        Assert.All(ends, all => Assert.Equal(plan.Trainings.Length, all.Length));
        Assert.Equal(plan.Trainings.Length, folder.Order.Count);
    }

    [Fact]
    public void A_bug_in_one_training_ends_all_and_is_thrown()
    {
        var plan = PlanOf(3);
        var trainer = new Trainer(new Folder()) { Fails = _ => throw new InvalidOperationException("a bug") };
        Assert.Throws<AggregateException>(() => new Scheduler(plan.Trainings, 2, trainer).Run(CancellationToken.None));
    }

    private static T[] Together<T>(Func<T>[] works)
    {
        var results = new T[works.Length];
        Thread[] threads = [.. works.Select((work, i) => new Thread(() => results[i] = work()))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return results;
    }

    /// <summary>A results folder in memory: what is done, and who has what.</summary>
    private sealed class Folder
    {
        private readonly ConcurrentDictionary<Training, bool> _done = new(), _claimed = new();
        private int _claims;

        public ConcurrentQueue<Training> Order { get; } = new();

        public int Claims => _claims;

        public bool IsDone(Training training) => _done.ContainsKey(training);

        public void Finish(Training training) => _done[training] = true;

        public IDisposable? Claim(Training training)
        {
            Interlocked.Increment(ref _claims);
            return _claimed.TryAdd(training, true) ? new Held(() => _claimed.TryRemove(training, out _)) : null;
        }

        private sealed class Held(Action release) : IDisposable
        {
            public void Dispose() => release();
        }
    }

    /// <summary>Takes two milliseconds for each training.</summary>
    private sealed class Trainer(Folder folder) : ITrainer
    {
        private int _trained;

        public Func<Training, bool> Fails { get; init; } = _ => false;

        public Func<Training, Fault> Failure { get; init; } =
            training => new Fault.Diverged(training.Name, 1, "the training loss", double.NaN, "try less");

        public int Trained => _trained;

        public Result<bool> IsDone(Training training) => folder.IsDone(training);

        public Result<TrainingState> TryRun(Training training, TrainingProgress progress, CancellationToken stop)
        {
            using var claim = folder.Claim(training);
            return claim is null ? TrainingState.Elsewhere : Run(training);
        }

        public bool IsUnderWay(Training training) => true;

        private Result<TrainingState> Run(Training training)
        {
            if (folder.IsDone(training)) return TrainingState.Reused;
            Assert.All(training.Parents, parent => Assert.True(folder.IsDone(parent.Of)));
            if (Fails(training)) return Failure(training);
            Thread.Sleep(2);
            Interlocked.Increment(ref _trained);
            folder.Order.Enqueue(training);
            folder.Finish(training);
            return TrainingState.Trained;
        }
    }
}
