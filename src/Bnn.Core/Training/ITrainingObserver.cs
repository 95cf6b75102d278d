namespace Bnn.Core;

/// <summary>
/// Follows a training; implements the calls it wants. Called by the thread that trains, which continues when the call returns.
/// </summary>
public interface ITrainingObserver
{
    /// <summary>
    /// Steps after which it wants to be called, 0 being the start, or k that of a net rewound to step k; those that the training doesn't
    /// have are never reached.
    /// </summary>
    IReadOnlyCollection<int> Moments => [];

    /// <summary>A step's loss has become known.</summary>
    /// <param name="step">From 1, ascending; an engine that reports its losses once per interval leaves some out.</param>
    /// <param name="loss">The loss of the step's batch, before its update.</param>
    void Stepped(int step, StepLoss loss)
    {
    }

    /// <summary>Whether it wants the training's state, asked after each call of <see cref="Stepped"/>.</summary>
    bool WantsPause => false;

    /// <summary>
    /// The training pauses between two steps: because an observer wanted it, or because it is being stopped, after which nothing more is
    /// called.
    /// </summary>
    void Paused(LoopMoment now)
    {
    }

    /// <summary>There is a new row of metrics.</summary>
    /// <param name="row">The row, which <paramref name="now"/>'s state already holds.</param>
    /// <param name="now">The training at this step.</param>
    void Evaluated(MetricsRow row, LoopMoment now)
    {
    }

    /// <summary>
    /// One of <see cref="Moments"/> was reached, after any evaluation at the same step. A training that continues from a state at a
    /// moment reaches it again.
    /// </summary>
    void Reached(LoopMoment moment)
    {
    }
}

/// <summary>A training between two steps, valid for the duration of the call that passes it.</summary>
/// <param name="step">As in <see cref="LoopState"/>.</param>
/// <param name="state">Copies the state.</param>
/// <param name="posterior">Copies the distribution of the weights.</param>
public sealed class LoopMoment(int step, Func<LoopState> state, Func<PosteriorSnapshot?> posterior)
{
    /// <summary>Steps done, those before a net was rewound included.</summary>
    public int Step => step;

    /// <summary>A copy of everything needed to continue from here.</summary>
    public LoopState State() => state();

    /// <summary>A copy of the weights' distribution; null for an ordinary net.</summary>
    public PosteriorSnapshot? Posterior() => posterior();
}
