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
    string? Plugin)
{
    /// <summary>Seconds that the process worked on it which ended it; what earlier ones did before they were stopped isn't known.</summary>
    public double Seconds => (Finished - Started).TotalSeconds;
}

/// <summary>A parent's file that a training's mask was found from.</summary>
/// <param name="Key">The parent.</param>
/// <param name="File">Its name there.</param>
public sealed record ScoredFile(string Key, string File, string Sha256);

/// <summary>What result.json says.</summary>
/// <param name="Files">What every other lasting file of the folder is known by; null in a folder that was written before these were
/// kept, whose content can't be verified.</param>
/// <param name="ScoredFrom">Empty where the mask needed nothing that was trained, for whole nets, and where <paramref name="Files"/> is
/// null.</param>
public sealed record StoredResult(
    TrainingRecord Record, ImmutableSortedDictionary<string, FileHash>? Files, ImmutableArray<ScoredFile> ScoredFrom)
{
    public bool IsVerifiable => Files is not null;

    /// <summary>When, where and by what it was trained; null where result.json doesn't say.</summary>
    public Provenance? Provenance { get; init; }
}

/// <summary>
/// result.json: a training's measures, the weights it kept, what its files and those it was made from are known by, and its provenance;
/// sealed by its own hash.
/// </summary>
public static class ResultFile
{
    /// <summary>Bytes: a hundred times what the largest network of a plan needs.</summary>
    public const long LargestSize = 1 << 24;

    private const string Key = "key", Kept = "kept", Total = "total", Files = "files", ScoredFrom = "scored_from",
        ProvenanceName = "provenance", SealName = "sha256";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public static string Write(
        TrainingRecord record, Provenance provenance, ImmutableSortedDictionary<string, FileHash> files,
        ImmutableArray<ScoredFile> scoredFrom)
    {
        var json = new JsonObject
        {
            [Key] = record.Key.Value,
            [Kept] = new JsonArray([.. record.Kept.Select(kept => JsonValue.Create(kept))]),
            [Total] = new JsonArray([.. record.Total.Select(total => JsonValue.Create(total))]),
        };
        foreach (var measure in Measures.OfOutcome)
        {
            json[measure.Name] = record[measure] switch
            {
                null => null,
                { } steps when measure.Unit == MeasureUnit.Steps => JsonValue.Create((long)steps),
                { } value => JsonValue.Create(value),
            };
        }
        json[Files] = JsonSerializer.SerializeToNode(files, Options);
        json[ScoredFrom] = JsonSerializer.SerializeToNode(scoredFrom, Options);
        json[ProvenanceName] = JsonSerializer.SerializeToNode(provenance, Options);
        json[SealName] = Seal.Open;
        return Seal.Close(json.ToJsonString(Options) + "\n");
    }

    /// <summary>The same result with more files; unchanged where its files are not known.</summary>
    /// <param name="path">What the file is called in messages.</param>
    internal static Result<string> WithFiles(string path, byte[] content, IReadOnlyDictionary<string, FileHash> added) =>
        Parse(path, content).Map(stored =>
        {
            var json = JsonNode.Parse(content)!.AsObject();
            if (stored.Files is not { } files) return System.Text.Encoding.UTF8.GetString(content);
            json[Files] = JsonSerializer.SerializeToNode(files.SetItems(added), Options);
            json[SealName] = Seal.Open;
            return Seal.Close(json.ToJsonString(Options) + "\n");
        });

    /// <param name="path">What the file is called in messages.</param>
    public static Result<StoredResult> Parse(string path, byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (JsonObject.Create(document.RootElement) is not { } json || json[Key] is not { } key)
                return Damaged(path, "a field is missing");
            var isSealed = json.ContainsKey(SealName) || json.ContainsKey(Files) || json.ContainsKey(ScoredFrom);
            if (isSealed && Seal.Broken(content) is var (expected, actual))
                return new Fault.DamagedStore(path, expected, actual, TrainingFolder.Again);
            if (Counts(json[Kept]) is not { } kept || Counts(json[Total]) is not { } total) return Damaged(path, "a field is missing");
            if (kept.Length != total.Length || kept.Zip(total).Any(pair => pair.First < 0 || pair.First > pair.Second))
                return Damaged(path, $"{kept.Length} layers that keep {string.Join(", ", kept)} of {string.Join(", ", total)} weights");
            var values = ImmutableDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
            foreach (var measure in Measures.OfOutcome)
            {
                if (json[measure.Name] is not { } node) continue;
                var value = node.GetValue<double>();
                if (!measure.Unit.Allows(value)) return Damaged(path, FormattableString.Invariant($"{measure.Name} is {value}"));
                values[measure.Name] = value;
            }
            if (!values.ContainsKey(Measures.TestAccuracyLast.Name)) return Damaged(path, $"{Measures.TestAccuracyLast.Name} is missing");
            var record = new TrainingRecord(new TrainingKey(key.GetValue<string>()), kept, total, values.ToImmutable());
            var stored = isSealed
                ? new StoredResult(record, Hashes(json[Files]), Sources(json[ScoredFrom]))
                : new StoredResult(record, null, []);
            return stored with { Provenance = ProvenanceOf(json[ProvenanceName]) };
        }
        catch (JsonException e)
        {
            return Damaged(path, $"text that isn't JSON at line {e.LineNumber + 1}");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            return Damaged(path, "a field of another type");
        }
    }

    /// <summary>No number depends on it: one that another version wrote is as none.</summary>
    private static Provenance? ProvenanceOf(JsonNode? node)
    {
        try
        {
            return node.Deserialize<Provenance>(Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ImmutableSortedDictionary<string, FileHash> Hashes(JsonNode? files) =>
        files.Deserialize<Dictionary<string, FileHash?>>(Options) is { } hashes && hashes.Values.All(hash => hash is not null)
            ? hashes.ToImmutableSortedDictionary(hash => hash.Key, hash => hash.Value!, StringComparer.Ordinal)
            : throw new FormatException("no files");

    private static ImmutableArray<ScoredFile> Sources(JsonNode? sources) =>
        sources.Deserialize<List<ScoredFile?>>(Options) is { } list && list.TrueForAll(source => source is not null)
            ? [.. list.Select(source => source!)]
            : throw new FormatException("no list");

    private static ImmutableArray<int>? Counts(JsonNode? node) => node is JsonArray array ? [.. array.Select(Count)] : null;

    private static int Count(JsonNode? node) => (node ?? throw new FormatException("a count is null")).GetValue<int>();

    private static Fault.DamagedStore Damaged(string path, string found) =>
        new(path, "a training's result as JSON", found, TrainingFolder.Again);
}
