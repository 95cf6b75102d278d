using System.Text.Json;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>What a config.json says of its training to readers that have no plan.</summary>
/// <param name="Strategy">The strategy of a masked net, with its arguments: <c>snr-power:alpha=0.5</c>; null for a whole net.</param>
public sealed record StoredConfig(TrainingKind Kind, Seed Seed, string? Strategy)
{
    /// <param name="path">What the file is called in messages.</param>
    public static Result<StoredConfig> Parse(string path, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var config = json.RootElement;
            var name = config.GetProperty("kind").GetString();
            var kind = Enum.GetValues<TrainingKind>().Where(kind => kind.Name() == name).ToList();
            if (kind.Count == 0) return Damaged($"kind {name}");
            return new StoredConfig(kind[0], new Seed(config.GetProperty("seed").GetUInt64()), StrategyOf(config));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return Damaged("something else");
        }

        Fault.DamagedStore Damaged(string found) => new(path, "a training's settings as JSON", found, TrainingFolder.Again);
    }

    private static string? StrategyOf(JsonElement config) => config.TryGetProperty("strategy", out var name)
        ? name.GetString() + (config.TryGetProperty("parameters", out var arguments)
            ? string.Concat(arguments.EnumerateObject().Select(argument => $":{argument.Name}={argument.Value.GetString()}"))
            : "")
        : null;
}
