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
    /// the start. Where the ranking is cut is not part of it: all cuts share the scores.
    /// </summary>
    public static Digest ScoresOf(Training training, StrategyInfo strategy)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            TrainingConfig.WriteStrategy(json, strategy);
            json.WriteEndObject();
        }
        var parents = training.Parents.Select(parent => $"{parent.GetType().Name} {parent.Of.Key}{parent.Part}");
        return Digest.Of($"{Encoding.UTF8.GetString(stream.ToArray())}\n{StartOf(training)}\n{string.Join('\n', parents)}");
    }

    /// <summary>
    /// The name of what is computed with the weights that a training starts from, over its training images: gradients, curvature, activity.
    /// </summary>
    public static Digest StartOf(Training training)
    {
        var (cell, basis) = (training.Cell, training.Cell.Basis);
        return Digest.Of(string.Create(
            CultureInfo.InvariantCulture,
            $"{training.Seed} {cell.Net} {Initialisation.Name} {cell.Validation} "
                + $"{basis.Engine.Name} {basis.Engine.Numerics} {basis.Data}"));
    }
}
