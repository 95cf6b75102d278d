using System.Text.Json.Nodes;

namespace Host.Tests;

/// <summary>Measures that were added after a training had been done, computed from what it left.</summary>
public sealed class LaterMeasureTests(Installation installation)
{
    private const string Line = $"run --strategy magnitude --compare random {Place.SmallAtDensities}";

    [Fact]
    public async Task A_ticket_of_an_earlier_version_gets_its_untrained_accuracy_without_training()
    {
        using var place = installation.Place();
        (await place.Run(Line)).Done();
        var table = File.ReadAllText(Path.Combine(place.Results.Experiment(), "table.csv"));
        Assert.All(place.Results.Table().Where(row => row["kind"] == "ticket"), row => Assert.NotEmpty(row["test_accuracy_untrained"]));
        foreach (var run in place.Results.Tickets) WithoutUntrained(run);
        (await place.Run(Line)).Done().Reused(1, 1, 4).Says("measuring 4 tickets of an earlier version");
        Assert.Equal(table, File.ReadAllText(Path.Combine(place.Results.Experiment(), "table.csv")));
        Assert.All(place.Results.Tickets, run => Assert.True(File.Exists(run.File("measures.json"))));
        (await place.Run("verify")).Done();

        var file = place.Results.Tickets[0].File("measures.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"value\": 0.", "\"value\": 0.0", StringComparison.Ordinal));
        (await place.Run("verify")).Ends(5).Says(file);
        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says(file, "delete it");
        File.Delete(file);
        (await place.Run(Line)).Done();
        Assert.True(File.Exists(file));
    }

    /// <summary>A training's result as a version without the measure wrote it.</summary>
    private static void WithoutUntrained(Run run)
    {
        var json = JsonNode.Parse(File.ReadAllText(run.File("result.json")))!.AsObject();
        json.Remove("test_accuracy_untrained");
        json["sha256"] = Bnn.Store.Seal.Open;
        var options = new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\n" };
        File.WriteAllText(run.File("result.json"), Bnn.Store.Seal.Close(json.ToJsonString(options) + "\n"));
    }
}
