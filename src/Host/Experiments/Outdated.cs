using System.Text.Json.Nodes;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>A ticket that must be trained again because its strategy's plugin isn't the file that made its mask before.</summary>
/// <param name="Before">SHA-256 of the plugin's earlier file.</param>
public sealed record OutdatedTicket(Training Training, string Before);

/// <summary>
/// Finds finished tickets that differ from planned ones in a plugin's hash alone, so that people can be told why they are trained again.
/// Nothing of them is reused, since other code may give other masks.
/// </summary>
public static class Outdated
{
    private const string Hash = "plugin_sha256";

    public static IReadOnlyList<OutdatedTicket> Of(ResultsStore store, Plan plan)
    {
        var open = plan.Trainings.Where(training => training.Cell.Mask is not null && !store.Training(training.Key).IsDone).ToList();
        if (open.Count == 0) return [];
        var before = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var config in store.FinishedConfigs())
            if (WithoutHashes(config) is var (text, hash)) before[text] = hash;
        return [
            .. from training in open
               let own = WithoutHashes(training.Config)
               where own is not null && before.ContainsKey(own.Value.Text)
               select new OutdatedTicket(training, before[own.Value.Text])];
    }

    /// <summary>A ticket's config without its plugins' hashes, and the first of them; null for another training's config.</summary>
    private static (string Text, string Hash)? WithoutHashes(string config)
    {
        try
        {
            if (JsonNode.Parse(config) is not JsonObject json || json[Hash]?.GetValue<string>() is not { } hash) return null;
            Remove(json);
            return (json.ToJsonString(), hash);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;        // damage is reported where the training is used
        }
    }

    private static void Remove(JsonObject json)
    {
        json.Remove(Hash);
        foreach (var (_, child) in json)
            if (child is JsonObject inner) Remove(inner);
    }
}
