using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// When, where and by what a training was done. It is in result.json alone, so that all other files are byte-identical when the training
/// is repeated.
/// </summary>
public sealed record Provenance(
    DateTimeOffset Started,
    DateTimeOffset Finished,
    double StepsPerSecond,
    string Machine,
    string Host,
    string Runtime,
    string Engine,
    string? Plugin);

/// <summary>result.json: a training's measures, the weights it kept, and its provenance.</summary>
public static class ResultFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(TrainingRecord record, Provenance provenance)
    {
        var json = new JsonObject
        {
            ["key"] = record.Key.Value,
            ["kept"] = new JsonArray([.. record.Kept.Select(kept => JsonValue.Create(kept))]),
            ["total"] = new JsonArray([.. record.Total.Select(total => JsonValue.Create(total))]),
        };
        foreach (var measure in Measures.All)
        {
            json[measure.Name] = record[measure] switch
            {
                null => null,
                { } steps when measure.Unit == MeasureUnit.Steps => JsonValue.Create((long)steps),
                { } value => JsonValue.Create(value),
            };
        }
        json["provenance"] = JsonSerializer.SerializeToNode(provenance, Options);
        return json.ToJsonString(Options) + "\n";
    }

    public static Result<TrainingRecord> Parse(string path, string text)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject json || json["key"] is not { } key) return Damaged(path, "a field is missing");
            if (Counts(json["kept"]) is not { } kept || Counts(json["total"]) is not { } total) return Damaged(path, "a field is missing");
            var values = ImmutableDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
            foreach (var measure in Measures.All)
                if (json[measure.Name] is { } value) values[measure.Name] = value.GetValue<double>();
            return values.ContainsKey(Measures.TestAccuracyLast.Name)
                ? new TrainingRecord(new TrainingKey(key.GetValue<string>()), kept, total, values.ToImmutable())
                : Damaged(path, $"{Measures.TestAccuracyLast.Name} is missing");
        }
        catch (JsonException e)
        {
            return Damaged(path, $"something else at line {e.LineNumber + 1}");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            return Damaged(path, "a field of another type");
        }
    }

    private static ImmutableArray<int>? Counts(JsonNode? node) => node is JsonArray array ? [.. array.Select(Count)] : null;

    private static int Count(JsonNode? node) => (node ?? throw new FormatException("a count is null")).GetValue<int>();

    private static Fault.DamagedStore Damaged(string path, string found) =>
        new(path, "a training's result as JSON", found, TrainingFolder.Again);
}
