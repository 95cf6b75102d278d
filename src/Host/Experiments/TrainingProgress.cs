using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Experiments;

public enum TrainingState
{
    Waiting,

    /// <summary>Another process has it.</summary>
    Elsewhere,
    Running,
    Trained,
    Reused,
    Failed,
}

/// <summary>The progress of a training: written by the thread that trains, read by the view.</summary>
public sealed class TrainingProgress(Training training) : ITrainingObserver
{
    private readonly List<Fault> _notes = [];
    private int _step, _from;
    private double _loss = double.NaN, _accuracy = double.NaN;
    private long _started, _elsewhere;
    private int _state = (int)TrainingState.Waiting;

    public Training Training { get; } = training;

    /// <summary>Cost of its steps relative to those of the others.</summary>
    internal double Weight { get; } = RelativeCost.OfStep(training);

    public string Name { get; } = $"{training.Label} · seed {training.Seed}";

    public TrainingState State
    {
        get => (TrainingState)Volatile.Read(ref _state);
        set
        {
            if (value == TrainingState.Elsewhere && State != value) Volatile.Write(ref _elsewhere, TimeProvider.System.GetTimestamp());
            Volatile.Write(ref _state, (int)value);
        }
    }

    /// <summary>What went wrong on the way and didn't stop it.</summary>
    public ImmutableArray<Fault> Notes
    {
        get
        {
            lock (_notes) return [.. _notes];
        }
    }

    /// <summary>The training starts, or continues after <paramref name="step"/> updates.</summary>
    public void Start(int step)
    {
        (_from, _step) = (step, step);
        Volatile.Write(ref _started, TimeProvider.System.GetTimestamp());
        State = TrainingState.Running;
    }

    public void Note(Fault fault)
    {
        lock (_notes) _notes.Add(fault);
    }

    public int Step => Volatile.Read(ref _step);

    /// <summary>Mean NLL of the latest batch, without the KL term.</summary>
    public double Loss => Volatile.Read(ref _loss);

    /// <summary>Validation accuracy of the latest evaluation; NaN before the first and without validation.</summary>
    public double ValidationAccuracy => Volatile.Read(ref _accuracy);

    public double StepsPerSecond => State == TrainingState.Running && Step > _from
        ? (Step - _from) / TimeProvider.System.GetElapsedTime(Volatile.Read(ref _started)).TotalSeconds
        : double.NaN;

    /// <summary>How long another process is known to have had it; zero if none has.</summary>
    public TimeSpan Waited => State == TrainingState.Elsewhere
        ? TimeProvider.System.GetElapsedTime(Volatile.Read(ref _elsewhere))
        : TimeSpan.Zero;

    public void Stepped(int step, StepLoss loss)
    {
        Volatile.Write(ref _step, step);
        Volatile.Write(ref _loss, loss.Nll);
    }

    public void Evaluated(MetricsRow row, LoopMoment now) => Volatile.Write(ref _accuracy, row.ValidationAccuracy ?? double.NaN);
}
