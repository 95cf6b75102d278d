using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A training of an arm, and what it is there for.</summary>
/// <param name="IsReported">Whether reports show it; otherwise masks are found from it, and nothing else was asked of it.</param>
/// <param name="Control">Which control it is; null for what was asked for or compared with.</param>
internal sealed record ArmTraining(Training Training, bool IsReported = true, ControlKind? Control = null);

/// <summary>
/// The trainings of an arm, seed by seed: the Bayesian net, the dense net, then per strategy the tickets that are cut at once and those of
/// the rounds with what each round is found from, and the controls.
/// </summary>
internal sealed class ArmPlan
{
    /// <summary>The strategies that controls are made with, as the plugins name them.</summary>
    private const string RandomStrategy = "random", InvertedStrategy = "inverted";

    private readonly Moment _evidence;
    private readonly ImmutableArray<int> _rounds;
    private readonly ImmutableHashSet<int>? _controlledRounds;
    private readonly StrategyInfo? _random;
    private readonly ImmutableDictionary<StrategyInfo, StrategyInfo> _inverted;

    private ArmPlan(
        ArmSettings arm, CellBasis basis, Moment evidence, ImmutableArray<int> rounds, ImmutableHashSet<int>? controlledRounds,
        StrategyInfo? random, ImmutableDictionary<StrategyInfo, StrategyInfo> inverted)
    {
        (Arm, Basis, _evidence, _rounds, _controlledRounds) = (arm, basis, evidence, rounds, controlledRounds);
        (_random, _inverted) = (random, inverted);
    }

    public ArmSettings Arm { get; }

    public CellBasis Basis { get; }

    /// <summary>The arm's plan, or which of its settings don't fit the data.</summary>
    public static Result<ArmPlan> Create(ArmSettings arm, DatasetFacts data, EngineIdentity engine)
    {
        var (faults, values) = (new List<Fault>(), arm.Values);
        if (arm.Validation >= data.TrainCount)
        {
            faults.Add(values.Located(new Fault.BadSetting(
                TrainingSettings.Validation.Name, $"{arm.Validation}", $"fewer than the {data.TrainCount} training images")
            {
                Example = "0",
            }));
        }
        ImmutableArray<int> sizes = [data.Inputs, .. arm.HiddenLayers, data.Classes];
        if (sizes.Zip(sizes.Skip(1)).Sum(pair => (long)pair.First * pair.Second) > Plan.MostWeights)
        {
            faults.Add(values.Located(new Fault.BadSetting(
                TrainingSettings.Layers.Name, string.Join('-', sizes),
                $"a network of at most {Plan.MostWeights} weights", "use smaller layers")));
        }
        if (faults.Count > 0) return faults.ToImmutableArray();

        var net = new Architecture(sizes);
        var evidence = EvidenceOf(arm, data.TrainCount - arm.Validation).ValueOr(faults, values.Located);
        var rounds = RoundsOf(arm, net).ValueOr(faults, values.Located);
        var controlled = ControlledRounds(arm, net, rounds).ValueOr(faults, values.Located);
        var random = arm.Controls.Any(kind => kind is ControlKind.Random or ControlKind.RandomLive)
            ? StrategyText.Parse(RandomStrategy, values.Context.Strategies).ValueOr(faults)
            : null;
        var inverted = InvertedOf(arm).ValueOr(faults, values.Located);
        return faults.Count > 0
            ? faults.ToImmutableArray()
            : new ArmPlan(
                arm, new CellBasis(values, net, data.Hashes, engine), evidence, rounds, controlled, random, inverted!);
    }

    public IEnumerable<ArmTraining> OfSeed(Seed seed)
    {
        var bayesian = new Training(new Cell(Basis, TrainingKind.Bayesian, Mask: null), seed, [])
        {
            KeepsSnapshots = Arm.AllStrategies.Any(strategy => strategy.AllNeeds.HasFlag(Needs.Snapshots)),
        };
        var dense = new Training(new Cell(Basis, TrainingKind.Dense, Mask: null), seed, []);
        // The Bayesian net belongs to an experiment whose nets start from its means, even if no mask is found from it.
        if (Arm.NeedsBayesian || Basis.Values.Get(TrainingSettings.Start) == StartRule.Posterior) yield return new ArmTraining(bayesian);
        yield return new ArmTraining(dense);
        var whole = new Sources(bayesian, dense, Mask: null);
        var tickets = new List<(Training Ticket, Sources From)>();
        foreach (var strategy in Arm.AllStrategies)
        {
            foreach (var (training, from, isReported) in OneShot(strategy, whole).Concat(Rounds(strategy, whole)))
            {
                yield return new ArmTraining(training, isReported);
                if (isReported && Arm.Strategies.Contains(strategy)) tickets.Add((training, from));
            }
        }
        foreach (var kind in Arm.Controls)
        {
            foreach (var control in tickets.Where(ticket => IsControlled(ticket.Ticket.Cell.Mask!.Cut))
                .Select(ticket => Control(kind, ticket.Ticket, ticket.From, whole)).OfType<Training>())
                yield return new ArmTraining(control, Control: kind);
        }
    }

    /// <summary>What a mask is found from: nets that were trained before.</summary>
    /// <param name="Mask">
    /// The net whose mask is the previous round's; null in the first round, and where no net was trained with it.
    /// </param>
    private sealed record Sources(Training? Bayesian, Training? Dense, Training? Mask);

    private IEnumerable<(Training, Sources, bool IsReported)> OneShot(StrategyInfo strategy, Sources whole)
    {
        if (!Arm.Rounds.OneShot) yield break;
        foreach (var cut in Cuts(strategy))
            yield return (Masked(TrainingKind.Ticket, new MaskRecipe(strategy, cut), whole, whole), whole, true);
    }

    private IEnumerable<Cut> Cuts(StrategyInfo strategy)
    {
        if (!Arm.Thresholds.IsEmpty)
        {
            return Arm.Thresholds.Select<double, Cut>(value =>
                strategy == Arm.Strategies[0] ? new Cut.AtThreshold(value) : new Cut.CountsOf(Arm.Strategies[0], value));
        }
        if (Arm.Rounds.Count > 0) return _rounds.Select(round => new Cut.CountsOfRound(round, Arm.PerRound, Arm.Scope.Scope));
        return Arm.Densities.Select<Density, Cut>(density => Arm.Scope.CountsOf is { } reference && reference != strategy
            ? new Cut.CountsOfGlobal(reference, density)
            : new Cut.AtDensity(density, Arm.Scope.Scope));
    }

    /// <summary>
    /// Each round's mask is found from the nets that the round before masked, in which pruned weights stay pruned. Strategies that need no
    /// trained net need none of the rounds before, either.
    /// </summary>
    private IEnumerable<(Training, Sources, bool IsReported)> Rounds(StrategyInfo strategy, Sources whole)
    {
        if (!Arm.Rounds.Iterative || _rounds.IsEmpty) yield break;
        var usesBayesian = (strategy.AllNeeds & (Needs.Posterior | Needs.Snapshots)) != Needs.Nothing;
        var usesDense = strategy.AllNeeds.HasFlag(Needs.DenseWeights);
        var (from, last) = (whole, _rounds.Max());
        for (var round = 1; round <= last; round++)
        {
            var recipe = new MaskRecipe(strategy, new Cut.AtRound(round, Arm.PerRound, Arm.Scope.Scope));
            var isReported = _rounds.Contains(round);
            var bayesian = usesBayesian && round < last ? Masked(TrainingKind.MaskedBayesian, recipe, from, whole) : null;
            var ticket = isReported || (usesDense && round < last) ? Masked(TrainingKind.Ticket, recipe, from, whole) : null;
            if (bayesian is not null) yield return (bayesian, from, false);
            if (ticket is not null) yield return (ticket, from, isReported);
            from = new Sources(bayesian, ticket, usesBayesian ? bayesian : usesDense ? ticket : null);
        }
    }

    /// <param name="from">What its mask is found from.</param>
    /// <param name="whole">The nets that it may be rewound to.</param>
    private Training Masked(TrainingKind kind, MaskRecipe recipe, Sources from, Sources whole, CellBasis? basis = null)
    {
        var cell = new Cell(basis ?? Basis, kind, recipe);
        var parents = ImmutableArray.CreateBuilder<Parent>();
        if (recipe.Needs.HasFlag(Needs.Posterior)) parents.Add(new Parent.Posterior(from.Bayesian!, _evidence));
        if (recipe.Needs.HasFlag(Needs.Snapshots)) parents.Add(new Parent.Snapshots(from.Bayesian!));
        if (recipe.Needs.HasFlag(Needs.DenseWeights)) parents.Add(new Parent.Weights(from.Dense!, Moment.Final));
        if (from.Mask is { } previous) parents.Add(new Parent.MaskOf(previous));
        if (cell.Rewind != Moment.Initial)
            parents.Add(new Parent.Start(kind == TrainingKind.MaskedBayesian ? whole.Bayesian! : whole.Dense!, cell.Rewind));
        return new Training(cell, whole.Dense!.Seed, parents.ToImmutable())
        {
            KeepsSnapshots = kind == TrainingKind.MaskedBayesian && recipe.Strategy.AllNeeds.HasFlag(Needs.Snapshots),
        };
    }

    private bool IsControlled(Cut cut) => cut.Point switch
    {
        { Round: { } round } => _controlledRounds?.Contains(round) ?? true,
        { Target: { } density } => Arm.ControlsAt?.Contains(density) ?? true,
        _ => true,
    };

    /// <summary>A ticket's control; null where there is none of that kind.</summary>
    private Training? Control(ControlKind kind, Training ticket, Sources from, Sources whole)
    {
        var recipe = ticket.Cell.Mask!;
        return kind switch
        {
            ControlKind.Random => IsSharedRandom(recipe.Cut)
                ? OfCounts(_random!, transform: null)
                : Like(recipe with { Transform = MaskTransform.ShuffleLayers }),
            ControlKind.RandomLive => IsSharedRandom(recipe.Cut)
                ? OfCounts(_random!, MaskTransform.LiveInputs)
                : Like(recipe with { Transform = MaskTransform.LiveInputs }),
            ControlKind.ShuffleInputs => Like(recipe with { Transform = MaskTransform.ShuffleInputs }),
            ControlKind.Inverted => recipe.Cut.IsIterative ? null : OfCounts(_inverted[recipe.Strategy], transform: null),
            ControlKind.Reinit => Masked(TrainingKind.Ticket, recipe, from, whole, Basis with
            {
                Values = Basis.Values.With(TrainingSettings.Kept, KeptRule.Reinit).With(TrainingSettings.Rewind, Moment.Initial),
            }),
            ControlKind.GlorotStart => new Training(
                new Cell(
                    Basis with { Values = Basis.Values.With(TrainingSettings.Start, StartRule.Glorot) }, TrainingKind.Dense, Mask: null),
                ticket.Seed,
                []),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

        Training Like(MaskRecipe changed) => Masked(TrainingKind.Ticket, changed, from, whole);

        Training OfCounts(StrategyInfo strategy, MaskTransform? transform) => Masked(
            TrainingKind.Ticket, new MaskRecipe(strategy, CountsOf(recipe), transform), whole, whole);
    }

    /// <summary>
    /// Whether one random mask serves all strategies: they keep as many weights in each layer, and what becomes of pruned weights doesn't
    /// depend on the net that a mask was found from.
    /// </summary>
    private bool IsSharedRandom(Cut cut) => Basis.Values.Get(TrainingSettings.Pruned) != PrunedRule.TowardsZero && cut switch
    {
        _ when Arm.Scope.CountsOf is not null => true,
        Cut.AtDensity density => density.Scope != MaskScope.Global,
        Cut.AtRound round => round.Scope != MaskScope.Global,
        Cut.CountsOfRound round => round.Scope != MaskScope.Global,
        _ => true,
    };

    /// <summary>A cut at once that keeps as many weights in each layer as a recipe's does.</summary>
    private static Cut CountsOf(MaskRecipe recipe) => recipe.Cut switch
    {
        Cut.AtThreshold cut => new Cut.CountsOf(recipe.Strategy, cut.Value),
        Cut.AtDensity { Scope: MaskScope.Global } cut => new Cut.CountsOfGlobal(recipe.Strategy, cut.Density),
        Cut.AtRound cut => new Cut.CountsOfRound(cut.Round, cut.PerRound, cut.Scope),
        var cut => cut,
    };

    private static Result<Moment> EvidenceOf(ArmSettings arm, int images)
    {
        var steps = arm.Values.Get(TrainingSettings.BayesianSteps);
        var rewind = arm.Rounds.Iterative ? arm.Values.Get(TrainingSettings.Rewind).Step ?? 0 : 0;
        if (rewind > 0 && Training.SnapshotStepsOf(steps) is [var first, ..] && rewind >= first
            && arm.AllStrategies.Any(strategy => strategy.AllNeeds.HasFlag(Needs.Snapshots)))
        {
            return new Fault.BadSetting(
                TrainingSettings.Rewind.Name, $"{rewind}",
                $"a step before the first tenth of the Bayesian training, step {first}, which a strategy needs")
            {
                Example = "0",
            };
        }
        return arm.BayesianAt.StepOf(images, arm.Values.Get(TrainingSettings.Batch)).Bind<Moment>(asked => asked switch
        {
            null => Moment.Final,
            { } step when step == steps => Moment.Final,
            { } step when step >= 1 && step < steps && step > rewind => Moment.After(step),
            { } step when step <= rewind && step >= 1 => new Fault.BadSetting(
                TrainingSettings.BayesianAt.Name, $"{arm.BayesianAt}, which is step {step}",
                $"a moment after step {rewind}, to which the nets of the rounds are rewound")
            { Example = "final" },
            { } step => new Fault.BadSetting(
                TrainingSettings.BayesianAt.Name, $"{arm.BayesianAt}, which is step {step}",
                $"a moment of the Bayesian training, from its first step to its last, which is {steps}")
            { Example = "step:100" },
        });
    }

    /// <summary>The rounds that are reported, ascending; none without rounds.</summary>
    private static Result<ImmutableArray<int>> RoundsOf(ArmSettings arm, Architecture net)
    {
        if (arm.Rounds.Count == 0) return ImmutableArray<int>.Empty;
        if (arm.ReportsEveryRound) return Enumerable.Range(1, arm.Rounds.Count).ToImmutableArray();
        return NearestRounds(arm, net, arm.Densities).Map(rounds => rounds.Where(round => round > 0).Order().ToImmutableArray());
    }

    private static Result<ImmutableHashSet<int>?> ControlledRounds(ArmSettings arm, Architecture net, ImmutableArray<int> reported)
    {
        if (arm.Rounds.Count == 0 || arm.ControlsAt is not { } densities) return (ImmutableHashSet<int>?)null!;
        var nearest = NearestRounds(arm, net, densities).MapFaults(OfControlsAt);
        return nearest.Bind<ImmutableHashSet<int>?>(rounds => rounds.Except(reported).ToList() is [var other, ..]
            ? new Fault.BadSetting(
                TrainingSettings.ControlsAt.Name, SettingText.List(densities, density => density.ToString()),
                $"densities of rounds that are reported; none of them is round {other}",
                $"give these densities to {arm.Values.OriginOf(TrainingSettings.Density).Where} as well")
            : rounds.ToImmutableHashSet());
    }

    private static Fault OfControlsAt(Fault fault) =>
        fault is Fault.BadSetting bad ? bad with { Setting = TrainingSettings.ControlsAt.Name } : fault;

    private static Result<ImmutableArray<int>> NearestRounds(ArmSettings arm, Architecture net, ImmutableArray<Density> densities) =>
        Bnn.Core.Rounds.Nearest(densities, net, arm.Scope.Scope, arm.PerRound, arm.Rounds.Count);

    private static Result<ImmutableDictionary<StrategyInfo, StrategyInfo>> InvertedOf(ArmSettings arm)
    {
        var (faults, inverted) = (new List<Fault>(), ImmutableDictionary.CreateBuilder<StrategyInfo, StrategyInfo>());
        if (!arm.Controls.Contains(ControlKind.Inverted)) return inverted.ToImmutable();
        if (!arm.Rounds.OneShot)
            return new Fault.BadRequest(
                $"the control {ControlKind.Inverted.Name()} is of tickets that are cut at once, but all are found round after round",
                $"give {arm.Values.OriginOf(TrainingSettings.Rounds).Where} 0 as well, or leave the control out");
        if (arm.Rounds.Count > 0 && arm.Scope.Scope == MaskScope.Global)
            return new Fault.BadRequest(
                $"the control {ControlKind.Inverted.Name()} has its ticket's counts in each layer, which those of a round under the scope "
                    + "global don't tell",
                $"give {arm.Values.OriginOf(TrainingSettings.Scope).Where} paper or layerwise, or leave the control out");
        if (StrategyText.Parse(InvertedStrategy, arm.Values.Context.Strategies).ValueOr(faults) is not { } info)
            return faults.ToImmutableArray();
        foreach (var strategy in arm.Strategies)
        {
            if (strategy.Of is not null)
            {
                faults.Add(new Fault.BadRequest(
                    $"{strategy.Label} refers to another strategy, so that it can't be inverted", $"leave it, or the control, out"));
                continue;
            }
            var arguments = info.Arguments.Select(argument =>
                info.Parameters.Any(parameter => parameter.Name == argument.Name && parameter.Kind == ParameterKind.Strategy)
                    ? argument with { Value = strategy.Label }
                    : argument);
            inverted[strategy] = info with { Arguments = [.. arguments], Of = strategy };
        }
        return faults.Count > 0 ? faults.ToImmutableArray() : inverted.ToImmutable();
    }
}
