namespace Bnn.Core;

/// <summary>What a strategy has to see before it can score.</summary>
[Flags]
public enum Needs
{
    /// <summary>Nothing but the shapes and a random stream.</summary>
    Nothing = 0,

    /// <summary>The Bayesian net's initial and final means and scales.</summary>
    Posterior = 1,

    /// <summary>The initial and final weights of the dense net.</summary>
    DenseWeights = 2,
}

/// <summary>What is known of a strategy without running it.</summary>
/// <param name="Plugin">File name of its DLL.</param>
/// <param name="PluginVersion">Version of its assembly.</param>
/// <param name="PluginSha256">Of the DLL, hex: part of a ticket's key, because other code may give other masks.</param>
public sealed record StrategyInfo(string Name, string Description, Keep Keep, Needs Needs, string Plugin, string PluginVersion, string PluginSha256);
