namespace Bnn.Core;

/// <summary>Losses since the latest row of metrics, in the order of the steps.</summary>
/// <param name="Nll">Sum of the batches' mean cross entropies, nats.</param>
/// <param name="Kl">Sum of the KL divergences, nats, not divided.</param>
/// <param name="Count">Steps.</param>
public record struct LossSums(double Nll, double Kl, int Count)
{
    /// <summary>Adds a step's loss.</summary>
    public void Add(StepLoss loss)
    {
        Nll += loss.Nll;
        Kl += loss.Kl;
        Count++;
    }
}

/// <summary>A loss that is NaN or infinite.</summary>
/// <param name="Step">The step that gave it, from 1.</param>
/// <param name="Quantity">What it is, as a fault calls it.</param>
/// <param name="Value">NaN or infinite.</param>
public readonly record struct BadLoss(int Step, string Quantity, double Value)
{
    /// <summary>What is bad about a step's loss; null if both parts are finite.</summary>
    public static BadLoss? Of(int step, StepLoss loss) =>
        !double.IsFinite(loss.Nll) ? new BadLoss(step, "the training loss", loss.Nll)
        : !double.IsFinite(loss.Kl) ? new BadLoss(step, "the KL divergence", loss.Kl)
        : null;
}
