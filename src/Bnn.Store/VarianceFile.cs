using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// gradient-variance.json: the gradients' distances that a study has measured so far, by moment, size, perturbation and layer; sealed by
/// its own hash.
/// </summary>
public static class VarianceFile
{
    public const string Name = Stem + ".json";

    /// <summary>What the names of all files about a study's gradients begin with.</summary>
    public const string Stem = "gradient-variance";

    /// <summary>Bytes: far more than any study measures.</summary>
    internal const long LargestSize = 1 << 28;

    internal const string Again = "delete it, or run the same command with --repair, to measure again";

    public static string Write(GradientVariance variance)
    {
        var asked = variance.Asked;
        var content = new Content(
            GradientVariance.Version, asked.Training.Value, asked.Seed.Value, [.. asked.Net.Sizes],
            [.. asked.Moments.Select(moment => moment.ToString())], [.. asked.Batches], asked.Repeats,
            [.. variance.Cells.Select(cell => new StoredCell(
                cell.Moment.ToString(), cell.Batch, cell.Perturbation.Name(), cell.Layer, cell.Variance, [.. cell.Distances]))],
            Seal.Open);
        return Seal.Close(JsonSerializer.Serialize(content, SealedJson.Options) + "\n");
    }

    /// <summary>What was measured; null where an earlier version of the measurement wrote it.</summary>
    /// <param name="path">What the file is called in messages.</param>
    public static Result<GradientVariance?> Parse(string path, byte[] content)
    {
        try
        {
            if (Seal.Broken(content) is var (expected, found)) return new Fault.DamagedStore(path, expected, found, Again);
            if (JsonSerializer.Deserialize<Content>(content, SealedJson.Options) is not { } read) return Damaged("nothing");
            if (read.Version != GradientVariance.Version) return new Result<GradientVariance?>.Ok(null);
            if (!TrainingKey.IsKey(read.Training)) return Damaged("a training without a key");
            if (read.Net.Length < 2 || read.Net.Any(size => size < 1)) return Damaged("a net without layers");
            if (read.Repeats < 3 || read.Batches.Any(size => size < 1)) return Damaged("sizes that can't be");
            ImmutableArray<Moment?> moments = [.. read.Moments.Select(MomentOf)];
            var cells = read.Cells.Select(cell => CellOf(cell, read.Repeats, read.Net.Length - 1)).ToList();
            if (moments.Any(moment => moment is null) || cells.Exists(cell => cell is null)) return Damaged("a variance of nothing known");
            return new GradientVariance(
                new AskedVariance(
                    new TrainingKey(read.Training), new Seed(read.Seed), new Architecture([.. read.Net]),
                    [.. moments.Select(moment => moment!.Value)], [.. read.Batches], read.Repeats),
                [.. cells.Select(cell => cell!)]);
        }
        catch (JsonException e)
        {
            return Damaged($"something else at line {e.LineNumber + 1}");
        }

        Fault.DamagedStore Damaged(string found) => new(path, "variances of gradients as JSON", found, Again);
    }

    private static Moment? MomentOf(string? name) => name is null ? null
        : name == Moment.Initial.ToString() ? Moment.Initial
        : name == Moment.Final.ToString() ? Moment.Final
        : Moment.TryParseStep(name, out var step) ? Moment.After(step)
        : null;

    private static GradientCell? CellOf(StoredCell? cell, int repeats, int layers) =>
        cell is not null && MomentOf(cell.Moment) is { } moment
        && cell.Distances.Length == repeats && cell is { Batch: > 0, Layer: > 0 } && cell.Layer <= layers
        && cell.Distances.All(distance => double.IsFinite(distance) && distance >= 0)
        && Perturbations.All.Where(perturbation => perturbation.Name() == cell.Perturbation).ToList() is [var perturbation]
            ? new GradientCell(moment, cell.Layer, perturbation, cell.Batch, [.. cell.Distances])
            : null;

    private sealed record StoredCell(string Moment, int Batch, string Perturbation, int Layer, double Variance, double[] Distances);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Content(
        int Version, string Training, ulong Seed, int[] Net, string?[] Moments, int[] Batches, int Repeats, StoredCell?[] Cells,
        string Sha256);
}
