using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>What trainings start from: the seed's own start, what masked nets are rewound to, and the values of pruned weights.</summary>
public sealed class Starts(ResultsStore store)
{
    /// <summary>The weights and biases that the ordinary whole net of a training's seed starts from.</summary>
    public static PointWeights Own(Training training) => training.Cell.Start switch
    {
        StartRule.Glorot => Initialisation.Glorot(training.Seed, training.Cell.Net),
        _ => Initialisation.Posterior(training.Seed, training.Cell.Net).Means(),
    };

    /// <summary>The weights that an ordinary net starts from, with those at pruned places; a parent's damaged file is a fault.</summary>
    /// <param name="mask">Null for the whole net.</param>
    public Result<PointWeights> Ordinary(Training training, Mask? mask)
    {
        var (cell, own) = (training.Cell, Own(training));
        if (mask is null) return own;
        return Kept(training, own, mask).Bind(kept => cell.Pruned != PrunedRule.TowardsZero
            ? cell.Pruned.Apply(kept, mask, own)
            : Decide(training, mask).Map(decided => cell.Pruned.Apply(kept, mask, own, decided)));
    }

    /// <summary>The distribution that a Bayesian net starts from.</summary>
    public Result<PosteriorSnapshot> Bayesian(Training training)
    {
        var net = training.Cell.Net;
        if (training.Parents.OfType<Parent.Start>().FirstOrDefault() is not { } parent) return Initialisation.Posterior(training.Seed, net);
        var folder = store.Training(parent.Of.Key);
        return parent.Step is { } step ? folder.ReadPosteriorAt(step, net) : folder.ReadPosterior(net).Map(posterior => posterior.Final);
    }

    private Result<PointWeights> Kept(Training training, PointWeights own, Mask mask)
    {
        var cell = training.Cell;
        if (training.Parents.OfType<Parent.Start>().FirstOrDefault() is not { } parent)
            return cell.Kept.Apply(cell.Start, training.Seed, cell.Net, mask, own);
        var folder = store.Training(parent.Of.Key);
        return parent.Step is { } step
            ? folder.ReadWeightsAt(step, cell.Net)
            : folder.ReadWeights(cell.Net).Map(weights => weights.Final);
    }

    /// <summary>
    /// Which pruned weights are frozen because training moved them away from zero, as seen in the net from which the round that pruned
    /// them was found.
    /// </summary>
    private Result<ImmutableArray<byte[]>> Decide(Training training, Mask mask)
    {
        var net = training.Cell.Net;
        // Parents may also be there for another strategy, whose counts are used.
        Parent? evidence = training.Cell.Mask!.Strategy.AllNeeds.HasFlag(Needs.DenseWeights)
            ? training.Parents.OfType<Parent.Weights>().FirstOrDefault()
            : training.Parents.OfType<Parent.Posterior>().FirstOrDefault();
        if (evidence is null) throw new InvalidOperationException($"{training} was found from no net that was trained");
        return Moved(evidence, net).Bind(moved => evidence.Of.Cell.Mask is null
            ? PrunedRules.Decide(decided: null, previous: null, mask, moved.Initial, moved.Final)
            : store.Training(evidence.Of.Key).ReadMask(evidence.Of.Kind, net).Bind(previous => Decide(evidence.Of, previous)
                .Map(decided => PrunedRules.Decide(decided, previous, mask, moved.Initial, moved.Final))));
    }

    /// <summary>The weights, or means, of a net before and after its training.</summary>
    private Result<(PointWeights Initial, PointWeights Final)> Moved(Parent evidence, Architecture net)
    {
        var folder = store.Training(evidence.Of.Key);
        if (evidence is Parent.Weights) return folder.ReadWeights(net).Map(weights => (weights.Initial, weights.Final));
        return folder.ReadPosterior(net).Bind(posterior => evidence.Step is { } step
            ? folder.ReadPosteriorAt(step, net).Map(at => (posterior.Initial.Means(), at.Means()))
            : (posterior.Initial.Means(), posterior.Final.Means()));
    }
}
