using System.Text.Json.Nodes;
using Bnn.Store;

namespace Host.Tests;

/// <summary><c>host verify</c>: what is stored against its hashes, and against what the same training gives now.</summary>
public sealed class VerifyTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare magnitude,random {Place.SmallAtDensities}";

    [Fact]
    public async Task What_is_whole_is_counted()
    {
        using var place = await installation.Trained(Line);
        var outcome = (await place.Run("verify")).Done();
        Assert.Contains(outcome.Table, row => row is ["finished trainings", "8"]);
        Assert.Contains(outcome.Table, row => row is ["damaged files", "0"]);
    }

    [Fact]
    public async Task Trained_again_every_kind_of_net_has_the_same_bytes_and_nothing_is_changed()
    {
        using var place = await installation.Trained(Line);
        var before = Folders.Files(place.Results.Root);
        var keys = place.Results.Table().Select(row => row["run"]).ToArray();
        var outcome = (await place.Run("verify", keys)).Done();
        outcome.Says("bayesian, seed 1", "dense, seed 1", "variance 0.2, seed 1", "same bytes");
        Assert.Contains(outcome.Table, row => row is ["same bytes", "8"]);
        Assert.Contains((await place.Run("verify --sample 2")).Done().Table, row => row is ["same bytes", "2"]);
        Folders.Same(before, Folders.Files(place.Results.Root));
    }

    [Fact]
    public async Task The_first_difference_is_named_by_file_and_place_and_ends_with_8()
    {
        using var place = await installation.Trained(Line);
        var ticket = place.Results.Tickets[0];
        Change(ticket, "weights.safetensors", content =>
        {
            content[^2] ^= 1;                                           // the last bias
            return content;
        });
        (await place.Run("verify")).Done();                             // a whole file, whose hash is right
        (await place.Run("verify", ticket.Key)).Ends(8)
            .Says("variance 0.5, seed 1", "different: weights.safetensors: final.layer3.bias[2] is ", ", stored is ");

        Change(ticket, "metrics.csv", content => System.Text.Encoding.UTF8.GetBytes(
            string.Concat(File.ReadAllLines(ticket.File("metrics.csv")).Select(line =>
                (line.StartsWith("40,", StringComparison.Ordinal) ? line[..^1] + (line[^1] == '1' ? '2' : '1') : line) + "\n"))));
        (await place.Run("verify", ticket.Key)).Ends(8).Says("different: metrics.csv: step 40: validation_accuracy is ");
    }

    [Fact]
    public async Task What_can_t_be_trained_again_here_is_named_with_the_reason()
    {
        using var place = installation.Place();
        using var data = new TemporaryData();
        (await place.Run($"{Line} --data {data.Folder}")).Done();
        var dense = place.Results.Dense.Key;
        new IdxSet(train: 330).WriteTo(data.Folder, gzip: false);
        (await place.Run("verify", dense)).Ends(4).Says("dense, seed 1", "not verifiable: data is ");
        Directory.Delete(data.Folder, recursive: true);
        (await place.Run("verify", dense)).Ends(4).Says("not verifiable: ", data.Folder, "expected a folder with four IDX files");
    }

    [Theory]
    [InlineData("verify nothing", "KEY", "a training's key of 12 hex digits"), InlineData("verify 0123456789ab", "KEY", "0123456789ab")]
    [InlineData("verify --sample 0", "--sample", "for example --sample 3")]
    [InlineData("verify --sample 1 0123456789ab", "--sample", "give one of them")]
    public async Task A_wrong_request_is_refused(string line, params string[] parts)
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy random --compare none {Place.Small} --density 0.5")).Done();
        (await place.Run(line)).Refused(2, parts);
    }

    [Fact]
    public async Task A_folder_without_results_is_refused()
    {
        using var place = installation.Place();
        (await place.Run("verify")).Refused(5, "store.json", "give a folder that host run wrote");
    }

    /// <summary>Changes a file as if it had been written so.</summary>
    private static void Change(Run run, string file, Func<byte[], byte[]> change)
    {
        File.WriteAllBytes(run.File(file), change(File.ReadAllBytes(run.File(file))));
        var json = JsonNode.Parse(File.ReadAllText(run.File("result.json")))!;
        var hash = FileLayer.OfSystem.HashOf(run.File(file))!;
        json["files"]![file] = new JsonObject { ["bytes"] = hash.Bytes, ["sha256"] = hash.Sha256 };
        json["sha256"] = Seal.Open;
        File.WriteAllText(run.File("result.json"), Seal.Close(json.ToJsonString(new() { WriteIndented = true, NewLine = "\n" }) + "\n"));
    }

    private sealed class TemporaryData : IDisposable
    {
        public TemporaryData() => new IdxSet().WriteTo(Folder, gzip: false);

        public string Folder { get; } = Folders.Temporary("data");

        public void Dispose()
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }
    }
}
