using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Bnn.Core;

/// <summary>
/// Writes config.json: fields in one fixed order, two spaces, line feeds, shortest numbers; so equal trainings are equal bytes. It is made
/// here and not where files are written because keys are its digests.
/// </summary>
public static class TrainingConfig
{
    /// <summary>Changing it would change every key: settings that are added later stay out of keys at their defaults instead.</summary>
    private const int Format = 1;

    private static readonly JsonWriterOptions Canonical = new() { Indented = true, IndentSize = 2, NewLine = "\n" };

    /// <param name="seed">Null for the text that names the cell.</param>
    /// <param name="needs">Names of the parents: their keys, or their cells' names for the cell's text.</param>
    public static string Write(Cell cell, Seed? seed, ImmutableArray<string> needs)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Canonical))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("kind", cell.Kind.Name());
            json.WriteString("engine", cell.Basis.Engine.Name);
            json.WriteNumber("numerics", cell.Basis.Engine.Numerics);
            WriteData(json, cell.Basis.Data);
            var context = new KeyContext(cell.Basis.Values, cell.Net, seed);
            foreach (var setting in cell.Basis.Values.Table)
                if (setting.Part == SettingPart.Replicate || cell.Owns(setting)) setting.WriteKey(json, context);
            if (cell.Mask is { } mask) WriteMask(json, mask, needs);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteData(Utf8JsonWriter json, DataHashes data)
    {
        json.WriteStartObject("data");
        json.WriteString("train_images", data.TrainImages);
        json.WriteString("train_labels", data.TrainLabels);
        json.WriteString("test_images", data.TestImages);
        json.WriteString("test_labels", data.TestLabels);
        json.WriteEndObject();
    }

    private static void WriteMask(Utf8JsonWriter json, MaskRecipe mask, ImmutableArray<string> needs)
    {
        switch (mask.Cut)
        {
            case Cut.AtDensity cut:
                json.WriteString("scope", cut.Scope.Name());
                json.WriteNumber("density", cut.Density.Shortest);
                break;
            case Cut.AtThreshold cut:
                json.WriteNumber("threshold", cut.Value);
                break;
            case Cut.CountsOf cut:
                json.WriteStartObject("counts_of");
                WriteStrategy(json, cut.Reference);
                json.WriteNumber("threshold", cut.Value);
                json.WriteEndObject();
                break;
            case Cut.CountsOfGlobal cut:
                json.WriteStartObject("counts_of");
                WriteStrategy(json, cut.Reference);
                json.WriteNumber("density", cut.Density.Shortest);
                json.WriteEndObject();
                break;
            case Cut.AtRound cut:
                WriteRound(json, "round", cut.Round, cut.PerRound, cut.Scope);
                break;
            case Cut.CountsOfRound cut:
                WriteRound(json, "counts_of_round", cut.Round, cut.PerRound, cut.Scope);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
        if (mask.Transform is { } transform) json.WriteString("places", transform.Name());
        WriteStrategy(json, mask.Strategy);
        json.WriteStartArray("needs");
        foreach (var key in needs) json.WriteStringValue(key);
        json.WriteEndArray();
    }

    private static void WriteRound(Utf8JsonWriter json, string name, int round, RoundRate perRound, MaskScope scope)
    {
        json.WriteString("scope", scope.Name());
        json.WriteNumber("per_round", perRound.Shortest);
        json.WriteNumber(name, round);
    }

    /// <summary>Scores are stored under it too: other code or other arguments may give other scores.</summary>
    internal static void WriteStrategy(Utf8JsonWriter json, StrategyInfo strategy)
    {
        json.WriteString("strategy", strategy.Name);
        json.WriteString("plugin_sha256", strategy.PluginSha256);
        if (!strategy.Arguments.IsEmpty)
        {
            json.WriteStartObject("parameters");
            foreach (var argument in strategy.Arguments) json.WriteString(argument.Name, argument.Value);
            json.WriteEndObject();
        }
        if (strategy.Of is not { } of) return;
        json.WriteStartObject("of");
        WriteStrategy(json, of);
        json.WriteEndObject();
    }
}
