using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>A ticket of the posterior's seed with its mask.</summary>
public sealed record MaskedTicket(PlannedTraining Ticket, Mask Mask);

/// <summary>Computes what a posterior says about the strategies that make masks of it.</summary>
public static class Criterion
{
    private const int Bins = 60;

    /// <summary>Weights of a layer that correlations are computed from: all of a smaller one, evenly spaced ones of a larger one.</summary>
    public const int MostRanked = 100_000;

    /// <summary>The share of weights kept that is looked at where one has to be chosen: the nearest cut, in ratio.</summary>
    private const double Looked = 0.05;

    /// <summary>
    /// The tickets at one density for each strategy: their masks may have been found from the posterior, or from none, and nothing else
    /// about them varies.
    /// </summary>
    public static IEnumerable<FinishedTraining> TicketsOf(PlannedTraining posterior, IEnumerable<FinishedTraining> finished) => finished
        .Where(done => done.Training.Seed == posterior.Seed && IsOf(posterior, done.Training))
        .DistinctBy(done => (done.Training.Cell.Strategy, done.Training.Cell.Cut, done.Training.Cell.Scope));

    private static bool IsOf(PlannedTraining posterior, PlannedTraining ticket) =>
        ticket.Cell is { Kind: TrainingKind.Ticket, Strategy: not null, Cut: not null, Control: null, IsReported: true } cell
        && cell.Net.Equals(posterior.Cell.Net)
        && cell[Factor.Pruning] != Factor.Iterative
        && cell[Factor.Places] is null or Factor.Chosen
        && cell[TrainingSettings.BayesianAt.Name] is null or OpenQuestion.AtTheEnd
        && cell.AgreesWith(posterior.Cell);

    /// <param name="initial">The posterior before the training.</param>
    /// <param name="final">The posterior after it.</param>
    /// <param name="tickets">As <see cref="TicketsOf"/> gives them.</param>
    /// <param name="needsPosterior">Whether a strategy is scored from the posterior.</param>
    /// <param name="dense">The dense net of the same seed before and after its training; null for none.</param>
    public static CriterionDiagnostics Of(
        PlannedTraining posterior, PosteriorSnapshot initial, PosteriorSnapshot final, ImmutableArray<MaskedTicket> tickets,
        Func<string, bool> needsPosterior, (PointWeights Initial, PointWeights Final)? dense)
    {
        var at = Nearest(tickets.Where(ticket => needsPosterior(ticket.Ticket.Cell.Strategy!)));
        ImmutableArray<MaskedTicket> drawn = [
            .. tickets.Where(ticket => needsPosterior(ticket.Ticket.Cell.Strategy!) && ticket.Ticket.Cell.Cut == at)
                .DistinctBy(ticket => ticket.Ticket.Cell.Strategy)];
        return new CriterionDiagnostics(
            posterior,
            [.. final.Layers.Select((layer, l) => LayerOf(l, initial.Layers[l], layer, drawn))],
            [.. tickets.Select(ticket => new KeptByInput(
                ticket.Ticket.Cell.Strategy!, ticket.Ticket.Cell.Cut!, [.. MaskPairs.KeptByInput(ticket.Mask.Layers[0])],
                ticket.Mask.Layers[0].Shape.Outputs))],
            dense is { } net ? DeadInputs(net.Initial.Layers[0], net.Final.Layers[0]) : null);
    }

    /// <summary>The cut whose share of weights kept is nearest to 5 %; null without tickets.</summary>
    public static CutPoint? Nearest(IEnumerable<MaskedTicket> tickets) => tickets
        .MinBy(ticket => Math.Abs(Math.Log(Math.Max(ticket.Mask.Density, double.Epsilon) / Looked)))?.Ticket.Cell.Cut;

    /// <summary>The inputs of a layer whose weights a training left as they were, to the bit, ascending.</summary>
    public static ImmutableArray<int> DeadInputs(LayerWeights before, LayerWeights after)
    {
        var outputs = before.Shape.Outputs;
        return [.. Enumerable.Range(0, before.Shape.Inputs).Where(input =>
            before.Weight.AsSpan(input * outputs, outputs).SequenceEqual(after.Weight.AsSpan(input * outputs, outputs)))];
    }

    private static LayerCriterion LayerOf(int l, LayerPosterior initial, LayerPosterior final, ImmutableArray<MaskedTicket> tickets)
    {
        var (sigma, before) = (final.Sigma(), initial.Sigma());
        double[] moved = [.. sigma.Zip(before, (after, start) => Math.Log((double)after / start))];
        var (low, high) = (moved.Min(), moved.Max());
        int[] bins = [.. moved.Select(value => high > low ? Math.Min(Bins - 1, (int)((value - low) / (high - low) * Bins)) : 0)];
        var every = (sigma.Length + MostRanked - 1) / MostRanked;
        var variance = Ranked(i => (double)sigma[i] * sigma[i]);
        return new LayerCriterion(
            l + 1, final.Shape, low, high, Counts(bins, _ => true),
            [.. tickets.Select(ticket => new KeptInBins(
                ticket.Ticket.Cell.Strategy!, ticket.Ticket.Cell.Cut!, Counts(bins, i => ticket.Mask.Layers[l].Kept[i] != 0)))],
            Ranks.Correlation(variance, Ranked(i => Math.Abs(final.Mu[i]))),
            Ranks.Correlation(variance, Ranked(i => Math.Abs((double)final.Mu[i] - initial.Mu[i]))),
            every);

        double[] Ranked(Func<int, double> value) => Ranks.Midranks(
            [.. Enumerable.Range(0, (sigma.Length + every - 1) / every).Select(k => value(k * every))]);
    }

    private static ImmutableArray<int> Counts(int[] bins, Func<int, bool> counts)
    {
        var all = new int[Bins];
        for (var i = 0; i < bins.Length; i++)
            if (counts(i)) all[bins[i]]++;
        return [.. all];
    }
}
