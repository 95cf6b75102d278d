namespace Bnn.Core;

/// <summary>Follows a training; implements what it wants to know of. Called by the thread that trains, which goes on when the call
/// returns.</summary>
public interface ITrainingObserver
{
    /// <summary>Steps after which it wants to be called, 0 being the start; those that the training doesn't have are never
    /// reached.</summary>
    IReadOnlyCollection<int> Moments => [];

    /// <summary>A step's loss has become known.</summary>
    /// <param name="step">From 1, ascending; an engine that reports its losses once an interval leaves some out.</param>
    /// <param name="loss">Of the step's batch, before its update.</param>
    void Stepped(int step, StepLoss loss)
    {
    }

    /// <summary>There is a new row of metrics.</summary>
    /// <param name="row">The row, which <paramref name="now"/>'s state already holds.</param>
    /// <param name="now">The training at this step.</param>
    void Evaluated(MetricsRow row, LoopMoment now)
    {
    }

    /// <summary>One of <see cref="Moments"/> is there; an evaluation at the same step comes before. A training that goes on from a state at
    /// a moment reaches it again.</summary>
    void Reached(LoopMoment moment)
    {
    }
}

/// <summary>A training between two steps, for as long as the call lasts that hands it over.</summary>
/// <param name="step">Steps done.</param>
/// <param name="state">Copies the state.</param>
/// <param name="posterior">Copies the distribution of the weights.</param>
public sealed class LoopMoment(int step, Func<LoopState> state, Func<PosteriorSnapshot?> posterior)
{
    /// <summary>Steps done.</summary>
    public int Step => step;

    /// <summary>A copy of all that it takes to go on from here.</summary>
    public LoopState State() => state();

    /// <summary>A copy of the weights' distribution; null for an ordinary net.</summary>
    public PosteriorSnapshot? Posterior() => posterior();
}
