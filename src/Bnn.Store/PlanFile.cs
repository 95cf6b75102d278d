using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>A plan as it was read.</summary>
/// <param name="IsVerifiable">Whether it holds its own hash; a plan that was written before there were hashes doesn't.</param>
public sealed record StoredPlan(ExperimentRecord Experiment, bool IsVerifiable);

/// <summary>
/// plan.json: an experiment's trainings, cells and settings, enough to make its report again from the trainings' results; sealed
/// by its own hash.
/// </summary>
public static class PlanFile
{
    /// <summary>Bytes: a plan of a million trainings has less.</summary>
    private const long LargestSize = 1 << 28;

    private const string SealName = "sha256";

    /// <summary>How to get rid of a damaged plan.</summary>
    internal const string Again = "delete it and run the command that made it again";

    /// <summary>A field that is missing or null where it must not be is a fault; one that comes later needs a default.</summary>
    private static readonly JsonSerializerOptions Options = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
            new DensityConverter(),
            new ArchitectureConverter(),
        },
    };

    public static string Write(ExperimentRecord experiment) => Seal.Close(JsonSerializer.Serialize(
        new Content(
            experiment.PlanKey.Value,
            experiment.Command,
            experiment.Given,
            experiment.Net,
            experiment.Data,
            experiment.Settings,
            experiment.Roles,
            experiment.Strategies,
            [.. experiment.Trainings.Select(training => training.Cell).Distinct().Select(CellContent.Of)],
            [.. experiment.Trainings.Select(TrainingContent.Of)],
            experiment.Labels,
            experiment.Arms.IsEmpty ? null : experiment.Arms,
            experiment.Comparisons.IsEmpty ? null : experiment.Comparisons,
            Seal.Open),
        Options) + "\n");

    public static Result<StoredPlan> Read(FileLayer files, string path)
    {
        try
        {
            return Parse(path, files.ReadAll(path, LargestSize));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Damaged(path, Disk.Reason(e));
        }
    }

    /// <param name="path">What the file is called in messages.</param>
    public static Result<StoredPlan> Parse(string path, byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return Damaged(path, "no object");
            if (HasEmptyPlace(json.RootElement)) return Damaged(path, "a list with null in it");
            var isSealed = json.RootElement.TryGetProperty(SealName, out _);
            if (isSealed && Seal.Broken(content) is var (expected, found)) return new Fault.DamagedStore(path, expected, found, Again);
            var plan = json.RootElement.TryGetProperty("cells", out _)
                ? Experiment(json.Deserialize<Content>(Options))
                : EarlierPlan.Read(json, Options);
            return plan is null ? Damaged(path, "a field is missing or wrong") : new StoredPlan(plan, isSealed);
        }
        catch (JsonException e)
        {
            return Damaged(path, $"text that isn't JSON at line {e.LineNumber + 1}");
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Damaged(path, "a field of another type");
        }
    }

    /// <summary>Whether some list holds null: the serializer checks that of fields, but not of items.</summary>
    private static bool HasEmptyPlace(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Null || HasEmptyPlace(item)),
        JsonValueKind.Object => json.EnumerateObject().Any(field => HasEmptyPlace(field.Value)),
        _ => false,
    };

    private static ExperimentRecord? Experiment(Content? content)
    {
        if (content is not { PlanKey: not null, Net: not null, Data: not null, Roles: not null }) return null;
        if (content.Cells.IsDefault || content.Trainings.IsDefault) return null;
        ImmutableArray<LabelCounts> labels = content.Labels.IsDefault ? [] : content.Labels;
        if (labels.Any(counts => !counts.ArePossible)) return null;
        if (content.Cells.DistinctBy(cell => cell.Id, StringComparer.Ordinal).Count() < content.Cells.Length) return null;
        var cells = content.Cells.ToDictionary(cell => cell.Id, cell => cell.ToCell(), StringComparer.Ordinal);
        if (content.Trainings.Any(training => !cells.ContainsKey(training.Cell) || !TrainingKey.IsKey(training.Key))) return null;
        return new ExperimentRecord(
            new Digest(content.PlanKey),
            content.Command,
            content.Given,
            content.Net,
            content.Data,
            content.Settings,
            content.Roles,
            content.Strategies,
            [.. content.Trainings.Select(training => training.ToPlanned(cells[training.Cell]))])
        {
            Labels = labels,
            Arms = content.Arms ?? [],
            Comparisons = content.Comparisons ?? [],
        };
    }

    private static Fault.DamagedStore Damaged(string path, string found) =>
        new(path, "the plan of an experiment as JSON", found, Again);

    /// <summary>A field of another name is a damaged one: the seal's own name may be what was damaged.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Content(
        string PlanKey,
        string Command,
        ImmutableArray<NamedValue> Given,
        Architecture Net,
        DataHashes Data,
        ImmutableArray<NamedValue> Settings,
        Roles Roles,
        ImmutableArray<StrategyInfo> Strategies,
        ImmutableArray<CellContent> Cells,
        ImmutableArray<TrainingContent> Trainings,
        ImmutableArray<LabelCounts> Labels = default,
        ImmutableArray<StoredArm>? Arms = null,
        ImmutableArray<AskedComparison>? Comparisons = null,
        string? Sha256 = null);

    private sealed record TrainingContent(string Key, ulong Seed, string Cell, ImmutableArray<string>? From = null)
    {
        public static TrainingContent Of(PlannedTraining training) => new(
            training.Key.Value, training.Seed.Value, training.Cell.Id.Value,
            training.Parents.IsEmpty ? null : [.. training.Parents.Select(ParentText.Of)]);

        public PlannedTraining ToPlanned(PlannedCell cell) => new(new TrainingKey(Key), new Seed(Seed), cell)
        {
            Parents = [.. (From ?? []).Select(ParentText.Parse)],
        };
    }

    /// <summary>A parent as a text: "posterior c81a64eab619", "weights c81a64eab619 step500".</summary>
    private static class ParentText
    {
        private static readonly ImmutableArray<(ParentKind Kind, string Name)> Kinds =
            [.. Enum.GetValues<ParentKind>().Select(kind => (kind, kind.ToString().ToLowerInvariant()))];

        public static string Of(PlannedParent parent)
        {
            var name = $"{Kinds.First(kind => kind.Kind == parent.Kind).Name} {parent.Key}";
            return parent.Step is { } step ? $"{name} {Moment.After(step)}" : name;
        }

        /// <exception cref="FormatException">The text is another one.</exception>
        public static PlannedParent Parse(string text)
        {
            var parts = text.Split(' ');
            var kind = Kinds.FirstOrDefault(kind => kind.Name == parts[0]);
            var step = 0;
            return kind.Name is null || parts.Length is < 2 or > 3 || !TrainingKey.IsKey(parts[1])
                || parts.Length == 3 && !Moment.TryParseStep(parts[2], out step)
                ? throw new FormatException($"“{text}” is no parent of a training")
                : new PlannedParent(new TrainingKey(parts[1]), kind.Kind, step == 0 ? null : step);
        }
    }

    private sealed record CellContent(
        string Id,
        TrainingKind Kind,
        Architecture Net,
        string Label,
        int Steps,
        string? Strategy,
        string? Scope,
        Density? TargetDensity,
        double? Threshold,
        ImmutableArray<NamedValue> Factors,
        int? Round = null,
        bool Reported = true,
        string? Control = null,
        ImmutableArray<string>? Arms = null)
    {
        public static CellContent Of(PlannedCell cell) => new(
            cell.Id.Value,
            cell.Kind,
            cell.Net,
            cell.Label,
            cell.Steps,
            cell.Strategy,
            cell.Scope,
            cell.Cut?.Target,
            cell.Cut?.Threshold,
            cell.Factors,
            cell.Cut?.Round,
            cell.IsReported,
            cell.Control,
            cell.Arms.IsEmpty ? null : cell.Arms);

        public PlannedCell ToCell() => new(
            new Digest(Id), Kind, Net, Label, Steps, Strategy, Scope,
            TargetDensity is null && Threshold is null && Round is null ? null : new CutPoint(TargetDensity, Threshold, Round), Factors)
        {
            IsReported = Reported,
            Control = Control,
            Arms = Arms ?? [],
        };
    }

    private sealed class DensityConverter : JsonConverter<Density>
    {
        public override Density Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Density.Create(reader.GetDecimal()) is Result<Density>.Ok(var density)
                ? density
                : throw new JsonException("a density above 0 and at most 1");

        public override void Write(Utf8JsonWriter writer, Density value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(decimal.Parse(value.ToString(), CultureInfo.InvariantCulture));
    }

    private sealed class ArchitectureConverter : JsonConverter<Architecture>
    {
        public override Architecture Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return new Architecture([.. JsonSerializer.Deserialize<int[]>(ref reader) ?? []]);
            }
            catch (ArgumentException e)
            {
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, Architecture value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Sizes.ToArray());
    }
}
