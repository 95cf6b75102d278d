using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>How far a training is, as the files of a results folder tell it.</summary>
public enum WorkState
{
    Done,
    Running,

    /// <summary>Someone has it who is dead or hasn't given a sign of life for long: a worker takes it over.</summary>
    Lost,
    Failed,

    /// <summary>It needs one that failed.</summary>
    Blocked,

    /// <summary>It was begun, and is continued from what is kept of it.</summary>
    Stopped,
    Waiting,
}

/// <summary>A training that someone has.</summary>
/// <param name="Silent">Time since its holder's last sign of life, by this machine's clock and the file system's.</param>
public sealed record HeldTraining(PlannedTraining Training, LeaseRecord Lease, TimeSpan Silent);

/// <summary>A training that failed.</summary>
public sealed record FailedTraining(PlannedTraining Training, StoredFailure Failure);

/// <summary>How far the workers of an experiment are.</summary>
/// <param name="States">Of each training, in the plan's order.</param>
/// <param name="Leases">All that there were, by the name of what is leased.</param>
/// <param name="SecondsLeft">For all that is left, with as many at a time as run now; null where no rate is known.</param>
public sealed record WorkStatus(
    ImmutableArray<WorkState> States, ImmutableArray<HeldTraining> Running, ImmutableArray<HeldTraining> Lost,
    ImmutableArray<FailedTraining> Failed, ImmutableSortedDictionary<string, LeaseRecord> Leases, double? SecondsLeft)
{
    /// <summary>Whether some holders have been silent for long by a clock that may be wrong: a second look tells.</summary>
    public bool IsUnsure { get; init; }

    /// <summary>Whether nothing more happens by itself: all are done, failed, or need what failed.</summary>
    public bool IsOver => States.All(state => state is WorkState.Done or WorkState.Failed or WorkState.Blocked);

    public int Count(WorkState state) => States.Count(own => own == state);

    /// <param name="patience">Silence after which a holder of another machine counts as lost.</param>
    /// <param name="before">Leases as they were a while ago: only one that is the same still can be lost; empty for a first look.</param>
    public static Result<WorkStatus> Of(
        ResultsStore store, ExperimentRecord experiment, TimeSpan patience, DateTimeOffset now,
        ImmutableSortedDictionary<string, LeaseRecord> before) =>
        store.List().Map(list => Of(store, list, experiment, patience, now, before));

    private static WorkStatus Of(
        ResultsStore store, TrainingList list, ExperimentRecord experiment, TimeSpan patience, DateTimeOffset now,
        ImmutableSortedDictionary<string, LeaseRecord> before)
    {
        ImmutableArray<PlannedTraining> trainings = [.. experiment.Trainings.DistinctBy(training => training.Key)];
        var leases = store.Leases.All();
        var (states, running, lost, failed) = (new Dictionary<TrainingKey, WorkState>(), new List<HeldTraining>(), new List<HeldTraining>(),
            new List<FailedTraining>());
        var isUnsure = false;
        foreach (var training in trainings)
            states[training.Key] = Look(training);
        // Parents stand before their children in a plan.
        foreach (var training in trainings.Where(training => states[training.Key] is WorkState.Waiting or WorkState.Stopped))
        {
            if (training.Parents.Any(parent => states.GetValueOrDefault(parent.Key) is WorkState.Failed or WorkState.Blocked))
                states[training.Key] = WorkState.Blocked;
        }
        return new WorkStatus(
            [.. trainings.Select(training => states[training.Key])], [.. running], [.. lost], [.. failed], leases,
            Left(store, trainings, states, running))
        { IsUnsure = isUnsure };

        WorkState Look(PlannedTraining training)
        {
            var folder = store.Training(training.Key);
            var isBegun = list.Begun.Contains(training.Key.Value);
            if (list.Done.Contains(training.Key.Value) || (isBegun && folder.IsDone)) return WorkState.Done;
            if (leases.TryGetValue(training.Key.Value, out var lease))
            {
                var written = store.Leases.WrittenAt(training.Key.Value);
                var held = new HeldTraining(training, lease, written is { } at && now > at ? now - at : TimeSpan.Zero);
                var isLost = store.Leases.IsKnownDead(lease);
                if (!isLost && held.Silent > patience)
                {
                    isLost = before.GetValueOrDefault(training.Key.Value) == lease;
                    isUnsure |= !before.ContainsKey(training.Key.Value);
                }
                (isLost ? lost : running).Add(held);
                return isLost ? WorkState.Lost : WorkState.Running;
            }
            if (!isBegun) return WorkState.Waiting;
            if (folder.ReadFailure() is { } failure)
            {
                failed.Add(new FailedTraining(training, failure));
                return WorkState.Failed;
            }
            return folder.ContinuesFrom is null ? WorkState.Waiting : WorkState.Stopped;
        }
    }

    /// <summary>From the rates of those that run, and of one that is done for each cell.</summary>
    private static double? Left(
        ResultsStore store, ImmutableArray<PlannedTraining> trainings, Dictionary<TrainingKey, WorkState> states,
        List<HeldTraining> running)
    {
        var rates = new Dictionary<PlannedCell, double>();
        foreach (var held in running)
        {
            if (held.Lease.Progress is { StepsPerSecond: > 0 and var rate } && double.IsFinite(rate)) rates[held.Training.Cell] = rate;
        }
        foreach (var cell in trainings.Where(training => states[training.Key] == WorkState.Done).DistinctBy(training => training.Cell))
        {
            if (!rates.ContainsKey(cell.Cell) && store.Training(cell.Key).ReadResult() is Result<StoredResult>.Ok(var stored)
                && stored.Provenance is { StepsPerSecond: > 0 and var rate }) rates[cell.Cell] = rate;
        }
        if (rates.Count == 0 || running.Count == 0) return null;
        var usual = rates.Values.Average();
        var steps = running.ToDictionary(held => held.Training.Key, held => held.Lease.Progress?.Step ?? 0);
        var left = trainings.Where(training => states[training.Key] is not (WorkState.Done or WorkState.Failed or WorkState.Blocked))
            .Select(training => (training.Cell.Steps - StepOf(training)) / rates.GetValueOrDefault(training.Cell, usual)).ToList();
        return Math.Max(left.Sum() / running.Count, left.Max());

        int StepOf(PlannedTraining training) =>
            steps.TryGetValue(training.Key, out var step) ? step : store.Training(training.Key).ContinuesFrom ?? 0;
    }
}
