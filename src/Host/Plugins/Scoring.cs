using Bnn.Contract;
using Bnn.Core;

namespace Host.Plugins;

/// <summary>What a strategy may see of the trainings it needs; null where it didn't ask.</summary>
public sealed record ScoringInput(Architecture Net, Seed Seed, PosteriorSnapshot? Initial, PosteriorSnapshot? Final, PointWeights? DenseInitial, PointWeights? DenseFinal);

/// <summary>Asks a strategy for its criterion.</summary>
public static class Scoring
{
    /// <summary>The raw criterion per layer, [inputs, outputs], or what the strategy did wrong.</summary>
    public static Result<IReadOnlyList<double[]>> Score(LoadedStrategy strategy, ScoringInput input)
    {
        try
        {
            var scorer = (IMaskStrategy)Activator.CreateInstance(strategy.Type)!;
            var criterion = new List<double[]>();
            for (var l = 0; l < input.Net.Layers.Length; l++)
            {
                var scores = new double[input.Net.Layers[l].Weights];
                scorer.Score(View(strategy.Info, input, l), scores);
                var bad = Array.FindIndex(scores, double.IsNaN);
                if (bad >= 0) return Failed(strategy, $"gave NaN for weight {bad} of layer {l + 1}");
                criterion.Add(scores);
            }
            return criterion;
        }
        catch (Exception e) when (e is not OutOfMemoryException)        // a plugin may throw anything; it costs its own tickets only
        {
            var cause = e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            return Failed(strategy, $"threw {cause.GetType().Name}: {cause.Message}");
        }
    }

    private static LayerView View(StrategyInfo info, ScoringInput input, int l)
    {
        var shape = input.Net.Layers[l];
        var (posterior, dense) = (info.Needs.HasFlag(Needs.Posterior), info.Needs.HasFlag(Needs.DenseWeights));

        // Copies: a plugin that writes through a span it shouldn't have can't reach what is trained from.
        return new LayerView
        {
            Index = l,
            Inputs = shape.Inputs,
            Outputs = shape.Outputs,
            InitialMu = posterior ? input.Initial!.Layers[l].Mu.ToArray() : [],
            InitialSigma = posterior ? input.Initial!.Layers[l].Sigma() : [],
            Mu = posterior ? input.Final!.Layers[l].Mu.ToArray() : [],
            Sigma = posterior ? input.Final!.Layers[l].Sigma() : [],
            DenseInitial = dense ? input.DenseInitial!.Layers[l].Weight.ToArray() : [],
            DenseFinal = dense ? input.DenseFinal!.Layers[l].Weight.ToArray() : [],
            Random = new StrategyRandom(input.Seed, info.Name, l),
        };
    }

    private static Fault.StrategyFailed Failed(LoadedStrategy strategy, string reason) =>
        new(strategy.Info.Name, strategy.Path, reason, "the strategy's author can mend it; the other tickets are not touched");
}
