using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// One way to get and train subnetworks, over seeds and densities or rounds: settings of which each has the one value that its trainings
/// have.
/// </summary>
/// <param name="Name">What a study calls it; empty where an experiment has no named arms.</param>
public sealed record ArmSettings(string Name, SettingValues Values)
{
    /// <summary>The strategies asked for, in the order given.</summary>
    public ImmutableArray<StrategyInfo> Strategies => Values.Get(TrainingSettings.Strategy);

    /// <summary>The strategies compared with that aren't asked for themselves.</summary>
    public ImmutableArray<StrategyInfo> Compared => [.. Values.Get(TrainingSettings.Compare).Where(info => !Strategies.Contains(info))];

    /// <summary>Those asked for, then those compared with.</summary>
    public ImmutableArray<StrategyInfo> AllStrategies => [.. Strategies, .. Compared];

    /// <summary>The densities, highest first; empty when thresholds cut.</summary>
    public ImmutableArray<Density> Densities => Thresholds.IsEmpty ? Values.Get(TrainingSettings.Density) : [];

    /// <summary>Values of the one strategy's criterion, in its units; empty when densities cut.</summary>
    public ImmutableArray<double> Thresholds => Values.Find(TrainingSettings.Threshold, out var thresholds) ? thresholds : [];

    public ScopeChoice Scope => Values.Get(TrainingSettings.Scope);

    public PruningRounds Rounds => Values.Get(TrainingSettings.Rounds);

    /// <summary>The share of the weights left that a round prunes.</summary>
    public RoundRate PerRound => Values.Get(TrainingSettings.PerRound);

    /// <summary>Whether every round is reported, since no densities choose some.</summary>
    public bool ReportsEveryRound => !Values.IsGiven(TrainingSettings.Density);

    public ImmutableArray<ControlKind> Controls => Values.Get(TrainingSettings.Controls);

    /// <summary>The densities, or rounds near them, at which controls are trained; null for all.</summary>
    public ImmutableArray<Density>? ControlsAt => Values.Find(TrainingSettings.ControlsAt, out var densities) ? densities : null;

    /// <summary>The moment of the Bayesian training that masks are found at.</summary>
    public AskedMoment BayesianAt => Values.Get(TrainingSettings.BayesianAt).Single();

    /// <summary>Units of each hidden layer, from the inputs on.</summary>
    public ImmutableArray<int> HiddenLayers => Values.Get(TrainingSettings.Layers);

    public ImmutableArray<Seed> Seeds => Values.Get(TrainingSettings.Seeds);

    /// <summary>Number of training images held back for validation.</summary>
    public int Validation => Values.Get(TrainingSettings.Validation);

    /// <summary>Whether some strategy is found from a Bayesian net.</summary>
    public bool NeedsBayesian => AllStrategies.Append(Scope.CountsOf).OfType<StrategyInfo>()
        .Any(strategy => (strategy.AllNeeds & (Needs.Posterior | Needs.Snapshots)) != Needs.Nothing);

    /// <summary>What of its settings contradicts others, as far as that shows without the data.</summary>
    internal IEnumerable<Fault> Contradictions()
    {
        var (rounds, rewind) = (Rounds, Values.Get(TrainingSettings.Rewind));
        if (!Thresholds.IsEmpty)
        {
            if (Values.IsGiven(TrainingSettings.Scope))
                yield return Request(
                    $"{Where(TrainingSettings.Scope)} has no meaning with {Where(TrainingSettings.Threshold)}, which cuts all layers alike",
                    $"leave {Where(TrainingSettings.Scope)} out");
            if (Strategies.Length != 1)
                yield return Request(
                    $"{Where(TrainingSettings.Threshold)} is a value of one strategy's criterion, but "
                        + $"{(Strategies.IsEmpty ? "none is" : $"{Strategies.Length} are")} asked for",
                    $"give one {Where(TrainingSettings.Strategy)}; those of {Where(TrainingSettings.Compare)} get its counts");
            if (rounds.Count > 0)
                yield return Request(
                    $"{Where(TrainingSettings.Threshold)} cuts at once, so that {Where(TrainingSettings.Rounds)} has no meaning",
                    $"leave one of them out");
        }
        if (rounds.Count > 0 && Scope.CountsOf is not null)
            yield return Request(
                $"{Where(TrainingSettings.Scope)} {Scope.Name} takes the counts of a density, and "
                    + $"{Where(TrainingSettings.Rounds)} has none",
                "give the scope paper, layerwise or global");
        if (rounds.Count == 0 && Values.IsGiven(TrainingSettings.PerRound))
            yield return Request(
                $"{Where(TrainingSettings.PerRound)} has no meaning without rounds", $"give {Where(TrainingSettings.Rounds)} as well");
        foreach (var fault in OfRewinding(rewind)) yield return fault;
        foreach (var fault in OfControls(rounds)) yield return fault;
        if (Values.Get(TrainingSettings.Pruned) == PrunedRule.TowardsZero
            && AllStrategies.FirstOrDefault(strategy => (strategy.AllNeeds & (Needs.Posterior | Needs.DenseWeights)) == Needs.Nothing)
                is { } blind)
        {
            yield return Request(
                $"{Where(TrainingSettings.Pruned)} {PrunedRule.TowardsZero.Name()} asks how training moved the weights, but "
                    + $"{blind.Label} is found from no trained net",
                $"leave {blind.Label} out, or use {PrunedRule.Freeze.Name()} or {PrunedRule.Zero.Name()}");
        }
    }

    private IEnumerable<Fault> OfRewinding(Moment rewind)
    {
        if (rewind == Moment.Initial) yield break;
        if (Values.Get(TrainingSettings.Kept) != KeptRule.Rewind)
            yield return Request(
                $"{Where(TrainingSettings.Kept)} changes the initial values, but {Where(TrainingSettings.Rewind)} starts from others",
                $"leave one of them out");
        if (rewind.Step is not { } step) yield break;
        foreach (var steps in (Setting<int>[])[TrainingSettings.Steps, TrainingSettings.BayesianSteps])
        {
            if (steps == TrainingSettings.BayesianSteps && !(Rounds.Iterative && NeedsBayesian)) continue;
            if (step >= Values.Get(steps))
                yield return new Fault.BadSetting(
                    TrainingSettings.Rewind.Name, SettingText.Whole(step),
                    $"a step before the last one, which is {SettingText.Whole(Values.Get(steps))} ({steps.Name})")
                {
                    Example = "0",
                    Origin = Values.OriginOf(TrainingSettings.Rewind),
                };
        }
    }

    private IEnumerable<Fault> OfControls(PruningRounds rounds)
    {
        if (ControlsAt is not { } at) yield break;
        if (Controls.IsEmpty)
            yield return Request(
                $"{Where(TrainingSettings.ControlsAt)} has no meaning without controls",
                $"give {Where(TrainingSettings.Controls)} as well");
        if (!Thresholds.IsEmpty)
            yield return Request(
                $"{Where(TrainingSettings.ControlsAt)} names densities, but {Where(TrainingSettings.Threshold)} cuts",
                $"leave {Where(TrainingSettings.ControlsAt)} out");
        else if (rounds.Count == 0 && at.Except(Densities).ToList() is { Count: > 0 } others)
            yield return new Fault.BadSetting(
                TrainingSettings.ControlsAt.Name, SettingText.List(others, density => density.ToString()),
                $"densities of the tickets, which are {SettingText.List(Densities, density => density.ToString())}")
            {
                Example = Densities[^1].ToString(),
                Origin = Values.OriginOf(TrainingSettings.ControlsAt),
            };
    }

    private string Where(Setting setting) => Values.OriginOf(setting).Where;

    private static Fault.BadRequest Request(string reason, string fix) => new(reason, fix);
}
