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
    private int _step;
    private double _loss = double.NaN, _accuracy = double.NaN;
    private long _started;
    private int _state = (int)TrainingState.Waiting;

    public Training Training { get; } = training;

    public string Name { get; } = $"{training.Label} · seed {training.Seed}";

    public TrainingState State
    {
        get => (TrainingState)Volatile.Read(ref _state);
        set
        {
            if (value == TrainingState.Running) Volatile.Write(ref _started, TimeProvider.System.GetTimestamp());
            Volatile.Write(ref _state, (int)value);
        }
    }

    public int Step => Volatile.Read(ref _step);

    /// <summary>Mean NLL of the latest batch, without the KL term.</summary>
    public double Loss => Volatile.Read(ref _loss);

    /// <summary>Validation accuracy of the latest evaluation; NaN before the first and without validation.</summary>
    public double ValidationAccuracy => Volatile.Read(ref _accuracy);

    public double StepsPerSecond => State == TrainingState.Running && Step > 0
        ? Step / TimeProvider.System.GetElapsedTime(Volatile.Read(ref _started)).TotalSeconds
        : double.NaN;

    public void Stepped(int step, StepLoss loss)
    {
        Volatile.Write(ref _step, step);
        Volatile.Write(ref _loss, loss.Nll);
    }

    public void Evaluated(MetricsRow row, LoopMoment now) => Volatile.Write(ref _accuracy, row.ValidationAccuracy ?? double.NaN);
}
