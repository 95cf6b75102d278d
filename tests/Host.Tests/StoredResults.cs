using System.Text.Json.Nodes;
using Bnn.Store;

namespace Host.Tests;

/// <summary>A results folder with two experiments that share trainings. Tests that change it take a copy.</summary>
public sealed class StoredResults(Installation installation) : IAsyncLifetime
{
    public const string One = $"run --strategy variance --compare magnitude {Place.SmallAtDensities} --seeds 1,2 --name one";
    public const string Two = $"run --strategy variance,snr --compare none {Place.Small} --density 0.5 --name two";

    /// <summary>Trainings of each, and of both together.</summary>
    public const int OfOne = 12, OfTwo = 4, OfBoth = 13;

    public Place Place { get; } = installation.Place();

    public async ValueTask InitializeAsync()
    {
        (await Place.Run(One)).Done();
        (await Place.Run(Two)).Done();
    }

    public ValueTask DisposeAsync()
    {
        Place.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A place of its own with the same results.</summary>
    public Place Copy()
    {
        var place = installation.Place();
        foreach (var (name, content) in Folders.Files(Place.Folder))
        {
            var file = place.File(name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }
        return place;
    }

    /// <summary>Changes a plan as if it had been written so.</summary>
    public static void ChangePlan(Place place, string experiment, Action<JsonNode> change)
    {
        var path = Path.Combine(place.Results.Experiment(experiment), "plan.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        change(json);
        json["sha256"] = Seal.Open;
        File.WriteAllText(path, Seal.Close(json.ToJsonString(new() { WriteIndented = true, NewLine = "\n" }) + "\n"));
        File.Delete(Path.Combine(place.Results.Experiment(experiment), "SHA256SUMS"));
    }

    /// <summary>Changes a byte of a file.</summary>
    public static void Flip(string file)
    {
        var content = File.ReadAllBytes(file);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(file, content);
    }
}
