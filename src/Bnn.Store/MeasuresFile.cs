using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>What measures.json says.</summary>
/// <param name="Key">The training.</param>
/// <param name="Inputs">SHA-256 of each file that the measures were computed from, by its name in the training's folder.</param>
public sealed record StoredMeasures(
    string Key, ImmutableSortedDictionary<string, string> Inputs, ImmutableSortedDictionary<string, StoredMeasure> Measures);

/// <param name="Value">Null where it was computed and there is none.</param>
/// <param name="Version">That of the measure's definition when it was computed.</param>
/// <param name="Beside">SHA-256 of the second data set's images, hex; null for a measure that needs none.</param>
public sealed record StoredMeasure(
    double? Value, int Version, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Beside = null)
{
    /// <summary>Whether it is what a measure's definition gives today.</summary>
    public bool IsOf(Measure measure) => Version == measure.Version && Beside is not null == measure.NeedsSecondSet;
}

/// <summary>
/// measures.json: measures of a finished training that are computed from its tensors; sealed by its own hash. It can be deleted: the next
/// run makes it again.
/// </summary>
public static class MeasuresFile
{
    /// <summary>Bytes: far more than all measures there are.</summary>
    internal const long LargestSize = 1 << 20;

    /// <summary>How to get rid of a damaged one.</summary>
    internal const string Again = "delete it; the next run of the experiment makes it again";

    public static string Write(StoredMeasures measures) => Seal.Close(
        JsonSerializer.Serialize(new Content(measures.Key, measures.Inputs, measures.Measures, Seal.Open), SealedJson.Options) + "\n");

    /// <param name="path">What the file is called in messages.</param>
    public static Result<StoredMeasures> Parse(string path, byte[] content)
    {
        try
        {
            if (Seal.Broken(content) is var (expected, found)) return new Fault.DamagedStore(path, expected, found, Again);
            if (JsonSerializer.Deserialize<Content>(content, SealedJson.Options) is not { } read) return Damaged("nothing");
            foreach (var (name, measure) in read.Measures)
            {
                if (measure is null) return Damaged($"{name} without a value");
                if (Measures.All.FirstOrDefault(known => known.Name == name) is { } known
                    && measure.Value is { } value && !known.Unit.Allows(value))
                    return Damaged(FormattableString.Invariant($"{name} is {value}"));
            }
            return read.Inputs.Values.Any(hash => hash is null)
                ? Damaged("an input without a hash")
                : new StoredMeasures(read.Key, read.Inputs, read.Measures!);
        }
        catch (JsonException e)
        {
            return Damaged($"text that isn't JSON at line {e.LineNumber + 1}");
        }

        Fault.DamagedStore Damaged(string found) => new(path, "a training's measures as JSON", found, Again);
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Content(
        string Key,
        ImmutableSortedDictionary<string, string> Inputs,
        ImmutableSortedDictionary<string, StoredMeasure> Measures,
        string Sha256);
}
