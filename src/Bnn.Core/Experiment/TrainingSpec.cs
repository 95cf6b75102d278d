using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What all trainings of an experiment have in common.</summary>
/// <param name="Validation">Training images held back for validation.</param>
/// <param name="EvalEvery">Steps from one evaluation to the next.</param>
/// <param name="Engine">Name of the engine that trains.</param>
/// <param name="Numerics">Version of the engine's arithmetic: raised when its bits change.</param>
public sealed record SharedSettings(
    Architecture Net, DataHashes Data, int Validation, Optimizer Optimizer, int Batch, int EvalEvery, string Engine, int Numerics);

/// <summary>One training: everything that can change its bits. Three kinds: Bayesian net, dense net, ticket.</summary>
public abstract record TrainingSpec
{
    private TrainingSpec(SharedSettings shared, Seed seed, int steps) => (Shared, Seed, Steps) = (shared, seed, steps);

    public SharedSettings Shared { get; init; }

    public Seed Seed { get; init; }

    public int Steps { get; init; }

    public abstract string Kind { get; }

    /// <summary>For people: the kind, or the ticket's strategy and density.</summary>
    public abstract string Label { get; }

    /// <summary>Trainings whose results this one starts from.</summary>
    public virtual ImmutableArray<RunKey> Needs => [];

    /// <summary>The text of config.json.</summary>
    public string Config => RunConfig.Write(this);

    public RunKey Key => RunKey.Of(Config);

    /// <summary>The Flipout net.</summary>
    public sealed record Bayesian(SharedSettings Shared, Seed Seed, int Steps, double KlWeight, double PriorScale)
        : TrainingSpec(Shared, Seed, Steps)
    {
        /// <summary>Whether some strategy wants the posterior on the way kept too. It changes no bits, so it is not part of the key.</summary>
        public bool KeepsSnapshots { get; init; }

        public override string Kind => "bayesian";

        public override string Label => "bayesian";
    }

    /// <summary>The whole ordinary net, from the Bayesian net's initial means.</summary>
    public sealed record Dense(SharedSettings Shared, Seed Seed, int Steps) : TrainingSpec(Shared, Seed, Steps)
    {
        public override string Kind => "dense";

        public override string Label => "dense";
    }

    /// <summary>A masked ordinary net from the same means.</summary>
    public sealed record Ticket(SharedSettings Shared, Seed Seed, int Steps, StrategyInfo Strategy, Cut Cut, ImmutableArray<RunKey> Requires)
        : TrainingSpec(Shared, Seed, Steps)
    {
        public override string Kind => "ticket";

        public override ImmutableArray<RunKey> Needs => Requires;

        public override string Label => $"{Strategy.Label} {Cut.Label}";
    }
}

/// <summary>Where a ranking is cut.</summary>
public abstract record Cut
{
    private Cut() { }

    public string Label => this switch
    {
        AtDensity cut => cut.Density.ToString(),
        AtThreshold cut => $"at {Shortest(cut.Value)}",
        CountsOf cut => $"as {cut.Reference.Label} at {Shortest(cut.Value)}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>An exact share of the weights.</summary>
    public sealed record AtDensity(Density Density, MaskScope Scope) : Cut;

    /// <summary>A value of the raw criterion, all layers alike.</summary>
    public sealed record AtThreshold(double Value) : Cut;

    /// <summary>As many in each layer as <paramref name="Reference"/> keeps at its threshold.</summary>
    public sealed record CountsOf(StrategyInfo Reference, double Value) : Cut;

    private static string Shortest(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}
