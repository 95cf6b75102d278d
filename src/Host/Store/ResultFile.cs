using System.Text.Json;
using Bnn.Core;

namespace Host.Store;

/// <summary>When, where and by what a training was done: in result.json alone, so that everything else is equal to the byte when it is repeated.</summary>
public sealed record Provenance(
    DateTimeOffset Started, DateTimeOffset Finished, double StepsPerSecond, string Machine, string Host, string Runtime, string Engine, string? Plugin);

/// <summary>result.json.</summary>
public static class ResultFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(RunRecord run, Provenance provenance) => JsonSerializer.Serialize(new Content(
        run.Key.Value, [.. run.Kept], [.. run.Total], run.EarlyStopStep, run.TestAccuracyEarlyStop, run.TestNllEarlyStop,
        run.TestAccuracyLast, run.TestNllLast, provenance), Options) + "\n";

    public static Result<RunRecord> Parse(string path, string text)
    {
        try
        {
            var content = JsonSerializer.Deserialize<Content>(text, Options);
            return content is { Key: not null, Kept: not null, Total: not null }
                ? new RunRecord(new RunKey(content.Key), [.. content.Kept], [.. content.Total], content.EarlyStopStep, content.TestAccuracyEarlyStop,
                    content.TestNllEarlyStop, content.TestAccuracyLast, content.TestNllLast)
                : Damaged(path, "a field is missing");
        }
        catch (JsonException e)
        {
            return Damaged(path, $"line {e.LineNumber + 1} is not");
        }
    }

    private static Fault.DamagedStore Damaged(string path, string found) =>
        new(path, "a training's result as JSON", found, "delete that run's folder and run the same command again");

    private sealed record Content(
        string Key, int[] Kept, int[] Total, int? EarlyStopStep, double? TestAccuracyEarlyStop, double? TestNllEarlyStop,
        double TestAccuracyLast, double TestNllLast, Provenance? Provenance);
}
