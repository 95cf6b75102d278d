using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bnn.Core;

/// <summary>
/// Names for intermediate results of making a mask. Each name covers everything that the result was computed from, and nothing else.
/// </summary>
public static class Evidence
{
    /// <summary>
    /// The name of a strategy's scores for a training's mask: strategy, plugin and arguments, the seed, what is taken of which parent, and
    /// the start, and what an earlier round has pruned. Where the ranking is cut is not part of it: all cuts share the scores.
    /// </summary>
    /// <param name="previous">The mask of the round before; null in the first.</param>
    public static Digest ScoresOf(Training training, StrategyInfo strategy, Mask? previous = null)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            TrainingConfig.WriteStrategy(json, strategy);
            json.WriteEndObject();
        }
        var parents = training.Parents.Where(parent => parent is not Parent.Start)
            .Select(parent => $"{parent.GetType().Name} {parent.Of.Key}{parent.Part}");
        return Digest.Of($"{Encoding.UTF8.GetString(stream.ToArray())}\n{StartOf(training, previous)}\n{string.Join('\n', parents)}");
    }

    /// <summary>
    /// The name of what is computed with the weights that a training starts from, over its training images: gradients, curvature, activity.
    /// </summary>
    /// <inheritdoc cref="ScoresOf"/>
    public static Digest StartOf(Training training, Mask? previous = null)
    {
        var (cell, basis) = (training.Cell, training.Cell.Basis);
        var start = cell.Start == StartRule.Posterior ? "" : $" {cell.Start.Name()}";
        var masked = previous is null ? "" : $" {DigestOf(previous)}";
        return Digest.Of(string.Create(
            CultureInfo.InvariantCulture,
            $"{training.Seed} {cell.Net} {Initialisation.Name} {cell.Validation} "
                + $"{basis.Engine.Name} {basis.Engine.Numerics} {basis.Data}{start}{masked}"));
    }

    /// <summary>The name of a round's mask that no trained net is needed for.</summary>
    public static Digest RoundOf(Training training, StrategyInfo strategy, Cut.AtRound cut) =>
        Digest.Of($"{ScoresOf(training, strategy)}\n{cut.Scope.Name()} {cut.PerRound} {SettingText.Whole(cut.Round)}");

    private static string DigestOf(Mask mask) => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData([.. mask.Layers.SelectMany(layer => layer.Kept)]));
}
