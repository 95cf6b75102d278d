using System.Text.Json.Nodes;
using Bnn.Store;

namespace Host.Tests;

/// <summary>A damaged result is found when it is read: named, never used, and repaired when that is asked for.</summary>
public sealed class DamageTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare magnitude {Place.SmallAtDensities}";
    private const string Other = $"run --strategy snr,large-final --compare none {Place.SmallAtDensities}";

    public static TheoryData<string, string> Files => new()
    {
        { "bayesian", "posterior.safetensors" }, { "bayesian", "result.json" }, { "dense", "weights.safetensors" },
        { "dense", "config.json" }, { "ticket", "weights.safetensors" }, { "ticket", "metrics.csv" },
    };

    [Theory, MemberData(nameof(Files))]
    public async Task A_flipped_bit_is_named_wherever_it_is_read_and_repaired(string kind, string file)
    {
        using var place = await installation.Trained(Line);
        var (before, table) = (place.Results.Lasting, File.ReadAllText(TableOf(place)));
        var damaged = place.Results.Of(row => row["kind"] == kind).File(file);
        Flip(damaged);

        (await place.Run("verify")).Ends(5).Says(damaged, "expected ", "found ");
        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says(damaged);
        (await place.Run(Line)).Ends(5).Says(damaged);
        if (kind is "dense" or "bayesian") (await place.Run(Other)).Ends(5).Says(damaged);

        (await place.Run($"{Line} --repair")).Done().Says($"repair: deleted {(kind == "ticket" ? "" : kind)}", damaged, "expected ");
        (await place.Run($"{Other} --repair")).Done();
        (await place.Run("verify")).Done();
        Folders.Same(before, OfPlan(place, before));
        Assert.Equal(table, File.ReadAllText(TableOf(place)));
    }

    [Fact]
    public async Task What_was_made_from_a_damaged_posterior_is_found_and_made_again()
    {
        using var place = await installation.Trained(Line);
        var before = place.Results.Lasting;
        foreach (var ticket in place.Results.Tickets.Where(ticket => ticket.Config.GetProperty("strategy").GetString() == "variance"))
        {
            // As if the posterior had held something else when the mask was found.
            var json = JsonNode.Parse(File.ReadAllText(ticket.File("result.json")))!;
            json["scored_from"]![0]!["sha256"] = new string('1', Seal.Digits);
            Rewrite(ticket.File("result.json"), json);
        }
        (await place.Run(Line)).Ends(5).Says("expected a mask found from posterior.safetensors of ", "found one found from 1111");
        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says("one found from 1111");
        (await place.Run($"{Line} --repair")).Done().Says("repair: deleted variance 0.5, seed 1", "repair: deleted variance 0.2, seed 1");
        Folders.Same(before, place.Results.Lasting);
    }

    [Fact]
    public async Task A_repair_deletes_the_children_too_but_not_another_experiment_s_that_saw_the_undamaged_file()
    {
        using var place = await installation.Trained(Line);
        (await place.Run($"run --strategy snr --compare none {Place.SmallAtDensities} --name other")).Done();
        var started = place.Results.Table("other").Where(row => row["strategy"] == "snr")
            .ToDictionary(row => row["run"], row => File.ReadAllText(place.Results.Run(row["run"]).File("result.json")));
        Flip(place.Results.Run(place.Results.Table("other")[0]["run"]).File("posterior.safetensors"));
        var outcome = (await place.Run($"{Line} --repair")).Done();
        outcome.Says("repair: deleted bayesian, seed 1", "repair: deleted variance 0.2, seed 1", "made from a damaged training");
        Assert.DoesNotContain("deleted magnitude", outcome.Err, StringComparison.Ordinal);
        Assert.All(started, run => Assert.Equal(run.Value, File.ReadAllText(place.Results.Run(run.Key).File("result.json"))));
    }

    [Fact]
    public async Task A_repair_of_what_is_whole_changes_nothing()
    {
        using var place = await installation.Trained(Line);
        var before = Folders.Files(place.Results.RunsFolder);
        (await place.Run($"{Line} --repair")).Done().Says("repair: nothing of this experiment is damaged");
        Folders.Same(before, Folders.Files(place.Results.RunsFolder));
    }

    [Theory]
    [InlineData("plan.json", true), InlineData("table.csv", false), InlineData("table.json", false), InlineData("report.html", false)]
    public async Task A_damaged_file_of_an_experiment_is_named(string file, bool stops)
    {
        using var place = await installation.Trained(Line);
        var damaged = Path.Combine(place.Results.Experiment(), file);
        var before = File.ReadAllBytes(damaged);
        Flip(damaged);
        (await place.Run("verify")).Ends(5).Says(damaged);
        (await place.Run($"report {place.Results.Experiment()}")).Ends(stops ? 5 : 0).Says(damaged);
        if (stops) (await place.Run(Line)).Ends(5).Says(damaged);
        (await place.Run($"{Line} --repair")).Done();
        Assert.Equal(before, File.ReadAllBytes(damaged));
    }

    [Fact]
    public async Task Another_training_s_whole_file_is_not_taken()
    {
        using var place = await installation.Trained(Line);
        var (one, other) = (place.Results.Tickets[0], place.Results.Tickets[1]);
        File.Copy(other.File("result.json"), one.File("result.json"), overwrite: true);
        (await place.Run(Line)).Ends(5).Says(one.File("result.json"), $"expected the result of {one.Key}", $"found that of {other.Key}");
    }

    [Theory]
    [InlineData("test_accuracy_last", "7"), InlineData("test_accuracy_last", "0.99"), InlineData("early_stop_step", "3")]
    [InlineData("kept", "[1, 1, 1]"), InlineData("key", "\"0123456789ab\"")]
    public async Task A_plausible_edit_of_a_result_is_not_taken(string field, string value)
    {
        using var place = await installation.Trained(Line);
        var path = place.Results.Dense.File("result.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        json[field] = JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString(new() { WriteIndented = true, NewLine = "\n" }) + "\n");
        (await place.Run(Line)).Ends(5).Says(path, "SHA-256");
    }

    [Fact]
    public async Task Folders_of_an_earlier_version_are_read_and_said_to_be_unverified_once()
    {
        using var place = await installation.Trained(Line);
        foreach (var run in place.Results.Runs)
        {
            var json = JsonNode.Parse(File.ReadAllText(run.File("result.json")))!.AsObject();
            foreach (var field in (string[])["files", "scored_from", "sha256"]) json.Remove(field);
            File.WriteAllText(run.File("result.json"), json.ToJsonString());
        }
        var outcome = (await place.Run(Line)).Done().Reused(1, 1, 4);
        Assert.Single(outcome.Err.Split('\n'), line => line.StartsWith("not verified: 6 trainings", StringComparison.Ordinal));
        (await place.Run("verify")).Done().Says("not verified: 6");
        (await place.Run($"run --strategy snr --compare none {Place.SmallAtDensities}")).Done();        // tickets can be made from them
        Assert.DoesNotContain("not verified", (await place.Run("run --strategy random --compare none --steps 20 --bayesian-steps 20 "
            + "--layers 8 --validation 50 --density 0.5 --name new")).Done().Err, StringComparison.Ordinal);
    }

    [Theory, InlineData("metrics.csv"), InlineData("result.json"), InlineData("weights.safetensors"), InlineData("config.json")]
    public async Task A_pipe_where_a_file_should_be_is_named_and_not_waited_for(string file)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs mkfifo");
        using var place = await installation.Trained(Line);
        var path = place.Results.Tickets[0].File(file);
        File.Delete(path);
        System.Diagnostics.Process.Start("mkfifo", path).WaitForExit();
        (await place.Run(Line)).Ends(5).Says(path, "named pipe");
    }

    [Theory, InlineData("result.json"), InlineData("metrics.csv"), InlineData("config.json"), InlineData("weights.safetensors")]
    public async Task A_file_of_a_gigabyte_is_damage_like_any_other(string file)
    {
        using var place = await installation.Trained(Line);
        var path = place.Results.Tickets[0].File(file);
        using (var stream = File.OpenWrite(path)) stream.SetLength(1 << 30);
        (await place.Run(Line)).Ends(5).Says(path);
        (await place.Run($"{Line} --repair")).Done();
    }

    [Fact]
    public async Task Where_one_training_in_twenty_is_damaged_the_others_are_reported_and_it_is_named()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance,magnitude --compare none {Place.SmallAtDensities} --seeds 1..10")).Done();
        var rows = place.Results.Table();
        Assert.Equal(60, rows.Count);
        var damaged = ((int[])[3, 27, 55]).Select(i => place.Results.Run(rows[i]["run"])).ToList();
        Flip(damaged[0].File("result.json"));
        Flip(damaged[1].File("metrics.csv"));
        File.WriteAllBytes(damaged[2].File("result.json"), []);
        string[] named = [damaged[0].File("result.json"), damaged[1].File("metrics.csv"), damaged[2].File("result.json")];

        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says(named);
        var whole = rows.Select(row => row["run"]).Except(damaged.Select(run => run.Key)).ToList();
        Assert.Equal(whole, place.Results.Table().Select(row => row["run"]));
        var report = place.Results.Report();
        Assert.Contains("its results are damaged", report, StringComparison.Ordinal);
        Assert.All(whole, key => Assert.Contains($"<td>{key}</td>", report, StringComparison.Ordinal));
        var table = (await place.Run("table")).Ends(5).Says(named);
        Assert.Equal(1 + whole.Count, table.Out.TrimEnd('\n').Split('\n').Length);
        var compared = (await place.Run("compare", Path.GetFileName(place.Results.Experiment()), "--baseline", "magnitude"));
        Assert.Equal(3, compared.Ends(5).Says(named).Table.Count);
    }

    /// <summary>With the hashes and the seal that belong to it: only what the numbers say is wrong.</summary>
    [Theory]
    [InlineData("metrics.csv", "line 3: expected a whole step and 5 numbers or empty cells, comma-separated, found '20,")]
    [InlineData("result.json", "expected a training's result as JSON, found text that isn't JSON at line ")]
    public async Task A_number_that_is_none_is_named_with_its_place(string file, string says)
    {
        using var place = installation.Place();
        (await place.Run(Line)).Done();
        var run = place.Results.Dense;
        if (file == "metrics.csv")
        {
            var lines = File.ReadAllLines(run.File(file));
            lines[2] = string.Join(',', [.. lines[2].Split(',')[..^1], "NaN"]);
            var content = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
            File.WriteAllBytes(run.File(file), content);
            var json = JsonNode.Parse(File.ReadAllText(run.File("result.json")))!;
            json["files"]![file]!["bytes"] = content.Length;
            json["files"]![file]!["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
            Rewrite(run.File("result.json"), json);
        }
        else
        {
            var measure = $"\"test_accuracy_last\": {run.Result.GetProperty("test_accuracy_last").GetRawText()}";
            var text = File.ReadAllText(run.File(file));
            Assert.Contains(measure, text, StringComparison.Ordinal);
            File.WriteAllText(run.File(file), text.Replace(measure, "\"test_accuracy_last\": NaN", StringComparison.Ordinal));
        }
        (await place.Run($"report {place.Results.Experiment()}")).Ends(5).Says(run.File(file), says);
        Assert.DoesNotContain("NaN", place.Results.Report()[place.Results.Report().IndexOf("<body>", StringComparison.Ordinal)..],
            StringComparison.Ordinal);
        (await place.Run("table")).Ends(5).Says(run.File(file), says);
        (await place.Run($"{Line} --repair")).Done();
        (await place.Run("verify")).Done();
    }

    private static string TableOf(Place place) =>
        Path.Combine(Directory.GetDirectories(place.Results.ExperimentsFolder, "variance-*").Single(), "table.csv");

    /// <summary>Those files that the first command made.</summary>
    private static SortedDictionary<string, byte[]> OfPlan(Place place, SortedDictionary<string, byte[]> before) =>
        new(place.Results.Lasting.Where(file => before.ContainsKey(file.Key)).ToDictionary(), StringComparer.Ordinal);

    private static void Flip(string path)
    {
        var content = File.ReadAllBytes(path);
        content[content.Length * 2 / 3] ^= 1;
        File.WriteAllBytes(path, content);
    }

    /// <summary>Writes a result with the seal that belongs to it.</summary>
    private static void Rewrite(string path, JsonNode json)
    {
        json["sha256"] = Seal.Open;
        File.WriteAllText(path, Seal.Close(json.ToJsonString(new() { WriteIndented = true, NewLine = "\n" }) + "\n"));
    }
}
