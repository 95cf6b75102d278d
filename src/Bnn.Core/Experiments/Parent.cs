namespace Bnn.Core;

/// <summary>A training that another one starts from, and what is taken from it.</summary>
/// <param name="Of">The training it comes from.</param>
public abstract record Parent(Training Of)
{
    /// <summary>The distribution of a Bayesian net's weights, initial and at a moment.</summary>
    public sealed record Posterior(Training Of, Moment Moment) : Parent(Of);

    /// <summary>The posterior during training, after each tenth of it.</summary>
    public sealed record Snapshots(Training Of) : Parent(Of);

    /// <summary>The weights of an ordinary net, initial and at a moment.</summary>
    public sealed record Weights(Training Of, Moment Moment) : Parent(Of);

    /// <summary>What a masked net starts from that isn't the seed's own start: a whole net of its kind at a moment.</summary>
    public sealed record Start(Training Of, Moment Moment) : Parent(Of);

    /// <summary>The mask that a training was made with: what the next round starts from.</summary>
    public sealed record MaskOf(Training Of) : Parent(Of);

    /// <summary>The step during its training at which it is taken; null for its start and its end.</summary>
    public int? Step => this switch
    {
        Posterior { Moment.Step: > 0 and var step } => step,
        Weights { Moment.Step: > 0 and var step } => step,
        Start { Moment.Step: > 0 and var step } => step,
        _ => null,
    };

    /// <summary>What is taken.</summary>
    public ParentKind Kind => this switch
    {
        Posterior => ParentKind.Posterior,
        Snapshots => ParentKind.Snapshots,
        Weights => ParentKind.Weights,
        Start => ParentKind.Start,
        MaskOf => ParentKind.Mask,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>
    /// What is taken, where it isn't the usual: a moment other than the end, or the mask. Part of the config's list of needs.
    /// </summary>
    public string Part => this switch
    {
        Posterior { Moment: var moment } when moment != Moment.Final => $"@{moment}",
        Weights { Moment: var moment } when moment != Moment.Final => $"@{moment}",
        Start { Moment: var moment } when moment != Moment.Final => $"@{moment}",
        MaskOf => "@mask",
        _ => "",
    };
}


/// <summary>What one training takes from another.</summary>
public enum ParentKind
{
    /// <summary>A Bayesian net's posterior, which a mask is scored from.</summary>
    Posterior,

    /// <summary>The posteriors on the way, which a mask is scored from.</summary>
    Snapshots,

    /// <summary>An ordinary net's weights, which a mask is scored from.</summary>
    Weights,

    /// <summary>The parameters that a masked net starts from.</summary>
    Start,

    /// <summary>The mask of the round before, or the one that a control is made from.</summary>
    Mask,
}
