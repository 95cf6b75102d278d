using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>What a strategy has to see before it can score. What nobody asks for isn't computed.</summary>
[Flags]
public enum Needs
{
    /// <summary>Nothing but the shapes and a random stream.</summary>
    Nothing = 0,

    /// <summary>The Bayesian net's initial and final means and scales.</summary>
    Posterior = 1,

    /// <summary>The initial and final weights of the dense net.</summary>
    DenseWeights = 2,

    /// <summary>The Bayesian net's means and scales at nine moments on the way: after each tenth of its steps.</summary>
    Snapshots = 4,

    /// <summary>Gradient of the mean cross entropy over the training images, with the weights of the start.</summary>
    Gradients = 8,

    /// <summary>The Hessian's product with that gradient.</summary>
    Curvature = 16,

    /// <summary>Root mean square of each layer's inputs over the training images, with the weights of the start.</summary>
    InputActivity = 32,

    /// <summary>The weights that every net starts from. They come with gradients, curvature and input activity, too.</summary>
    Start = 64,
}

/// <summary>What a strategy's parameter may be.</summary>
public enum ParameterKind
{
    Number,
    Whole,
    Flag,
    Choice,

    /// <summary>The name of another strategy, whose criterion it is given.</summary>
    Strategy,
}

/// <summary>A parameter that a strategy declares: <c>--strategy name:parameter=value</c>.</summary>
/// <param name="Default">As it would be typed.</param>
/// <param name="Choices">For a choice: what it may be.</param>
public sealed record StrategyParameter(string Name, ParameterKind Kind, string Description, string Default, double Least, double Most, ImmutableArray<string> Choices);

/// <summary>What is known of a strategy without running it, with the values of its parameters.</summary>
/// <param name="Plugin">File name of its DLL.</param>
/// <param name="PluginVersion">Version of its assembly.</param>
/// <param name="PluginSha256">Of the DLL, hex: part of a ticket's key, because other code may give other masks.</param>
public sealed record StrategyInfo(string Name, string Description, Keep Keep, Needs Needs, string Plugin, string PluginVersion, string PluginSha256)
{
    /// <summary>For listings: what kind of criterion it is.</summary>
    public string Group { get; init; } = "other";

    public string Formula { get; init; } = "";

    /// <summary>Who proposed it.</summary>
    public string Reference { get; init; } = "";

    public ImmutableArray<StrategyParameter> Parameters { get; init; } = [];

    /// <summary>A value for every parameter, in the order they are declared.</summary>
    public ImmutableArray<NamedValue> Arguments { get; init; } = [];

    /// <summary>The other strategy that a parameter names.</summary>
    public StrategyInfo? Of { get; init; }

    /// <summary>The name with the arguments that differ from their defaults: how the strategy is called in tables and on the command line.</summary>
    public string Label => Name + string.Concat(Arguments
        .Where(argument => argument.Value != Parameters.First(parameter => parameter.Name == argument.Name).Default)
        .Select(argument => $":{argument.Name}={argument.Value}"));

    /// <summary>Its own needs and those of the strategy it refers to.</summary>
    public Needs AllNeeds => Needs | (Of?.AllNeeds ?? Needs.Nothing);

    public bool Equals(StrategyInfo? other) => other is not null && Label == other.Label && PluginSha256 == other.PluginSha256 && Equals(Of, other.Of);

    public override int GetHashCode() => HashCode.Combine(Label, PluginSha256);
}
