using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bnn.Core;

namespace Host.Store;

/// <summary>plan.json: an experiment's trainings and settings, enough to make its report again from the runs.</summary>
public static class PlanFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new KeyConverter(), new SeedConverter(), new DensityConverter(), new ArchitectureConverter() },
    };

    public static string Write(ExperimentRecord experiment) => JsonSerializer.Serialize(experiment, Options) + "\n";

    public static Result<ExperimentRecord> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ExperimentRecord>(File.ReadAllText(path), Options) is { Net: not null, Trainings.IsDefault: false } experiment
                ? experiment
                : Damaged(path, "a field is missing");
        }
        catch (JsonException e)
        {
            return Damaged(path, $"line {e.LineNumber + 1} is not");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Damaged(path, e.Message.TrimEnd('.'));
        }
    }

    private static Fault.DamagedStore Damaged(string path, string found) =>
        new(path, "the plan of an experiment as JSON", found, "run the experiment's command again");

    private sealed class KeyConverter : JsonConverter<RunKey>
    {
        public override RunKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, RunKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }

    private sealed class SeedConverter : JsonConverter<Seed>
    {
        public override Seed Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetUInt64());

        public override void Write(Utf8JsonWriter writer, Seed value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
    }

    private sealed class DensityConverter : JsonConverter<Density>
    {
        public override Density Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Density.Create(reader.GetDecimal()) is Result<Density>.Ok(var density) ? density : throw new JsonException("a density above 0 and at most 1");

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
