using Bnn.Core;
using Serilog;

namespace Host.Execution;

/// <summary>Writes each row of metrics to a training's log.</summary>
public sealed class EvaluationLog(ILogger log) : ITrainingObserver
{
    public void Evaluated(MetricsRow row, LoopMoment now) => log.Information(
        "step {Step}: train loss {Loss}, validation NLL {Nll}, accuracy {Accuracy}", row.Step, row.TrainLoss, row.ValidationNll, row.ValidationAccuracy);
}
