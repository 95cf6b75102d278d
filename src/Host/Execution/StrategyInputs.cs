using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bnn.Core;
using Host.Plugins;
using Host.Store;

namespace Host.Execution;

/// <summary>
/// Gathers what a strategy asked for. Posteriors and dense weights are read from the store, so that a strategy sees the same after a pause as without
/// one; gradients and activities at the start are computed once a seed, and only if someone asks.
/// </summary>
public sealed class StrategyInputs(ResultsStore store, Dataset data, ITrainingEngine engine)
{
    private const Needs Probed = Needs.Gradients | Needs.Curvature | Needs.InputActivity;
    private readonly ConcurrentDictionary<Seed, Lazy<NetworkProbe>> _probes = new();
    private readonly ConcurrentDictionary<Seed, Lazy<PointWeights>> _curvatures = new();

    public Result<ScoringInput> Of(TrainingSpec.Ticket ticket, Needs needs)
    {
        var net = ticket.Shared.Net;
        var faults = new List<Fault>();
        var input = new ScoringInput(net, ticket.Seed);
        foreach (var folder in ticket.Needs.Select(store.Run))
        {
            if (File.Exists(folder.Posterior) && needs.HasFlag(Needs.Posterior))
            {
                var (initial, final) = folder.ReadPosterior(net).ValueOr(faults);
                input = input with { Initial = initial, Final = final };
            }
            if (File.Exists(folder.Posterior) && needs.HasFlag(Needs.Snapshots))
                input = input with { Snapshots = folder.ReadSnapshots(net).ValueOr(faults) };
            if (File.Exists(folder.Weights) && needs.HasFlag(Needs.DenseWeights))
                input = input with { DenseInitial = folder.ReadWeights("initial", net).ValueOr(faults), DenseFinal = folder.ReadWeights("final", net).ValueOr(faults) };
        }
        if (faults.Count > 0) return faults.ToImmutableArray();
        return (needs & ScoringTensors.AtStart) == Needs.Nothing ? input : WithStart(input, ticket, needs);
    }

    private ScoringInput WithStart(ScoringInput input, TrainingSpec.Ticket ticket, Needs needs)
    {
        var start = Initialisation.Posterior(ticket.Seed, ticket.Shared.Net).Means();
        if ((needs & Probed) == Needs.Nothing) return input with { Start = start };
        var images = new Lazy<int[]>(() => Split.Create(ticket.Seed, data.Train.Count, ticket.Shared.Validation).Train);
        var probe = _probes.GetOrAdd(ticket.Seed, _ => new Lazy<NetworkProbe>(() => engine.Probe(start, data.Train, images.Value))).Value;
        return input with
        {
            Start = start,
            Probe = probe,
            HessianGradient = needs.HasFlag(Needs.Curvature)
                ? _curvatures.GetOrAdd(ticket.Seed, _ => new Lazy<PointWeights>(() =>
                    Curvature.TimesGradient(start, probe.Gradient, weights => engine.Probe(weights, data.Train, images.Value).Gradient))).Value
                : null,
        };
    }
}
