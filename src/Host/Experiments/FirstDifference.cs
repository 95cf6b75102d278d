using System.Globalization;
using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>Finds where two trainings' files differ first: the file, and in it the tensor and index, or the step.</summary>
public static class FirstDifference
{
    /// <summary>Files in the order in which a difference arises: what was asked for, the curve, then what came out.</summary>
    private static readonly string[] Compared = [
        TrainingFolder.ConfigName, TrainingFolder.MetricsName, TrainingFolder.SnapshotsName, TrainingFolder.PosteriorName,
        TrainingFolder.WeightsName];

    /// <returns>Null if every file that both have is equal to the byte, and so are the measures.</returns>
    public static string? Between(TrainingFolder stored, TrainingFolder again)
    {
        var names = Compared.Concat(Directory.EnumerateFiles(stored.Path, "*.step*.safetensors").Select(Path.GetFileName).OfType<string>());
        foreach (var name in names.Where(name => File.Exists(stored.In(name)) && File.Exists(again.In(name))))
        {
            if (Same(stored.In(name), again.In(name))) continue;
            var where = name switch
            {
                TrainingFolder.MetricsName => InMetrics(File.ReadAllLines(stored.In(name)), File.ReadAllLines(again.In(name))),
                TrainingFolder.ConfigName => "the settings",
                _ => InTensors(stored.In(name), again.In(name)),
            };
            return $"{name}: {where}";
        }
        return stored.ReadResult() is Result<StoredResult>.Ok(var before) && again.ReadResult() is Result<StoredResult>.Ok(var now)
            ? InMeasures(before.Record, now.Record)
            : null;
    }

    private static bool Same(string a, string b) =>
        FileLayer.OfSystem.HashOf(a) is { } hash && hash == FileLayer.OfSystem.HashOf(b);

    private static string InMetrics(string[] stored, string[] again)
    {
        for (var i = 0; i < Math.Min(stored.Length, again.Length); i++)
        {
            if (stored[i] == again[i]) continue;
            var (names, before, now) = (stored[0].Split(','), stored[i].Split(','), again[i].Split(','));
            var column = Enumerable.Range(0, Math.Min(before.Length, now.Length)).FirstOrDefault(c => before[c] != now[c]);
            return $"step {now[0]}: {names[Math.Min(column, names.Length - 1)]} is {now[column]}, stored is {before[column]}";
        }
        return $"{again.Length} lines, stored are {stored.Length}";
    }

    private static string InTensors(string stored, string again)
    {
        if (Tensors(stored) is not { } before) return "stored is no tensor file";
        if (Tensors(again) is not { } now) return "no tensor file";
        foreach (var (name, tensor) in now)
        {
            if (!before.TryGetValue(name, out var other)) return $"{name} is not in the stored file";
            if (!tensor.Shape.SequenceEqual(other.Shape)) return $"{name} has another shape in the stored file";
            for (var i = 0; i < (tensor.Floats?.Length ?? 0); i++)
            {
                if (other.Floats is { } floats
                    && BitConverter.SingleToInt32Bits(tensor.Floats![i]) != BitConverter.SingleToInt32Bits(floats[i]))
                    return string.Create(CultureInfo.InvariantCulture, $"{name}[{i}] is {tensor.Floats[i]:R}, stored is {floats[i]:R}");
            }
            for (var i = 0; i < (tensor.Bytes?.Length ?? 0); i++)
            {
                if (other.Bytes is { } bytes && tensor.Bytes![i] != bytes[i])
                    return $"{name}[{i}] is {tensor.Bytes[i]}, stored is {bytes[i]}";
            }
        }
        return "the header";
    }

    private static IReadOnlyDictionary<string, NamedTensor>? Tensors(string path) =>
        Safetensors.Read(path).Match<IReadOnlyDictionary<string, NamedTensor>?>(tensors => tensors, _ => null);

    private static string? InMeasures(TrainingRecord stored, TrainingRecord again)
    {
        foreach (var measure in Measures.All)
        {
            // A measure that was added later isn't in what was stored before.
            if (stored[measure] is { } before && again[measure] is { } now && before != now)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"{TrainingFolder.ResultName}: {measure.Name} is {now:R}, stored is {before:R}");
            }
        }
        return null;
    }
}
