namespace Bnn.Core;

/// <summary>Follows a training.</summary>
public interface ITrainingObserver
{
    void Stepped(int step, StepLoss loss);

    void Evaluated(MetricsRow row);
}
