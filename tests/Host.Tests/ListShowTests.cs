namespace Host.Tests;

/// <summary><c>host ls</c> and <c>host show</c>: what a results folder holds.</summary>
public sealed class ListShowTests(StoredResults stored) : IClassFixture<StoredResults>
{
    private Place Place => stored.Place;

    [Fact]
    public async Task Experiments_have_state_age_and_size()
    {
        var table = (await Place.Run("ls")).Done().Table;
        Assert.Equal(["experiment", "state", "trainings", "age", "size"], table[0]);
        Assert.Equal(["one done 12", "two done 4"], table.Skip(1).Select(row => string.Join(' ', row[..3])));
        Assert.All(table.Skip(1), row => Assert.Matches(@"^\d+ (s|min)$", row[3]));
        var bytes = Place.Results.Table("two").Select(row => Place.Results.Run(row["run"]).Folder).Append(Place.Results.Experiment("two"))
            .Sum(folder => Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length));
        Assert.Equal($"{bytes / 1e6:0.0} MB", table[2][4]);
    }

    [Fact]
    public async Task Trainings_have_state_age_and_size_and_what_they_are_chosen_and_ordered_by()
    {
        var table = (await Place.Run("ls one --where kind=ticket --where target-density=0.50 --sort test_accuracy_last")).Done().Table;
        Assert.Equal(["run", "training", "state", "age", "size", "kind", "target_density", "test_accuracy_last"], table[0]);
        var expected = Place.Results.Table("one").Where(row => row["kind"] == "ticket" && row["target_density"] == "0.5")
            .OrderBy(row => row.Number("test_accuracy_last")).Select(row => row["run"]);
        Assert.Equal(expected, table.Skip(1).Select(row => row[0]));
        Assert.Contains(table, row => row is [_, "variance 0.5, seed 2", "done", ..]);
        Assert.Equal(13, (await Place.Run("ls one")).Done().Table.Count);
        Assert.Equal(5, (await Place.Run("ls results/experiments/two --output elsewhere")).Done().Table.Count);
    }

    [Fact]
    public async Task Where_takes_columns_and_factors()
    {
        int Count(Outcome outcome) => outcome.Done().Out.Length == 0 ? 0 : outcome.Table.Count - 1;
        Assert.Equal(12, Count(await Place.Run("ls one --where pruned=zero --where kept=rewind --where steps=60")) + 4);
        Assert.Equal(6, Count(await Place.Run("ls one --where seed=2")));
        Assert.Equal(12, Count(await Place.Run("ls one --where state=done")));
        Assert.Equal(0, Count((await Place.Run("ls one --where strategy=none")).Says("nothing to list")));
        Assert.Equal(["two"], (await Place.Run("ls --where strategy=snr")).Done().Table.Skip(1).Select(row => row[0]));
        Assert.Equal(["one"], (await Place.Run("ls --where seed=2 --where state=done")).Done().Table.Skip(1).Select(row => row[0]));
        Assert.Equal(0, Count(await Place.Run("ls --where strategy=snr --where seed=2")));      // no training is both
        Assert.Equal(["two", "one"], (await Place.Run("ls --sort trainings")).Done().Table.Skip(1).Select(row => row[0]));
    }

    [Fact]
    public async Task What_is_not_done_and_what_is_damaged_is_said()
    {
        using var place = stored.Copy();
        var (open, damaged) = (
            place.Results.Of(row => row["strategy"] == "magnitude", "one"), place.Results.Of(row => row["strategy"] == "snr", "two"));
        File.Delete(open.File("result.json"));
        using (var file = File.Open(damaged.File("weights.safetensors"), FileMode.Append)) file.WriteByte(0);
        var outcome = (await place.Run("ls")).Ends(5).Says(damaged.File("weights.safetensors"), "expected ", " bytes");
        Assert.Equal(["one 11 of 12", "two damaged"], outcome.Table.Skip(1).Select(row => $"{row[0]} {row[1]}"));
        Assert.Contains((await place.Run("ls one")).Done().Table, row => row[0] == open.Key && row[2] == "begun");
        Directory.Delete(open.Folder, recursive: true);
        Assert.Contains((await place.Run("ls one")).Done().Table, row => row[0] == open.Key && row[2] == "not begun");

        var plan = Path.Combine(place.Results.Experiment("one"), "plan.json");
        StoredResults.Flip(plan);
        Assert.Contains((await place.Run("ls")).Ends(5).Says(plan).Table, row => row is ["one", "damaged", "0", ..]);
    }

    [Fact]
    public async Task What_no_experiment_names_is_counted()
    {
        using var place = stored.Copy();
        Directory.Delete(place.Results.Experiment("two"), recursive: true);
        (await place.Run("ls")).Done().Says("in no experiment: 1 of 13 trainings; ./host clean shows them");
    }

    [Theory]
    [InlineData("ls --where strategy", "--where", "a name and a value with = between them", "--where strategy=variance")]
    [InlineData("ls --where stratgy=x", "--where: unknown column 'stratgy': did you mean 'strategy'?")]
    [InlineData("ls one --sort acuracy", "--sort: unknown column 'acuracy'", "test_accuracy_last")]
    [InlineData("ls --sort strategy", "--sort: unknown column 'strategy'", "Known: experiment, state, trainings, age, size")]
    [InlineData("ls onne", "EXPERIMENT", "did you mean 'one'?")]
    [InlineData("show", "no training is given", "./host show c81a64eab619")]
    [InlineData("show 123", "KEY", "at least 4 that it begins with")]
    [InlineData("show xyz12", "KEY", "found xyz12"), InlineData("show 0123456789ab0", "KEY", "12 hex digits")]
    public async Task A_wrong_request_is_refused(string line, params string[] parts) => (await Place.Run(line)).Refused(2, parts);

    [Fact]
    public async Task Show_has_settings_parents_measures_files_experiments_and_the_commands()
    {
        var row = Place.Results.Table("one").First(row => row["strategy"] == "variance" && row["target_density"] == "0.5");
        var (run, bayesian) = (Place.Results.Run(row["run"]), Place.Results.Of(row => row["kind"] == "bayesian", "one"));
        var shown = (await Place.Run($"show {run.Key[..6].ToUpperInvariant()}")).Done().Out;
        foreach (var cells in (string[][])[
            ["training", run.Key], ["name", "variance 0.5, seed 1"], ["folder", run.Folder], ["state", "done"],
            ["lr", "0.01"], ["steps", "60"], ["seed", "1"], ["strategy", "variance"],
            ["test_accuracy_last", row["test_accuracy_last"]], ["test_nll_last", row["test_nll_last"]],
            ["kept in layer 1", $"{run.KeptPerLayer[0]} of 288"]])
        {
            Assert.Matches($@"\| {cells[0]} +\| {System.Text.RegularExpressions.Regex.Escape(cells[1])} ", shown);
        }
        Assert.Matches($@"\| posterior +\| +\| {bayesian.Key} +\| bayesian, seed 1 +\| done ", shown);
        foreach (var file in Directory.EnumerateFiles(run.Folder))
            Assert.Matches($@"\| {Path.GetFileName(file)} +\| {new FileInfo(file).Length} +\| ", shown);
        var seconds = run.Result.GetProperty("provenance").GetProperty("finished").GetDateTimeOffset()
            - run.Result.GetProperty("provenance").GetProperty("started").GetDateTimeOffset();
        Assert.Contains($"| {seconds.TotalSeconds:G4} ", shown, StringComparison.Ordinal);
        Assert.Contains("\nexperiment one:\n  ./host run ", shown, StringComparison.Ordinal);
        Assert.Contains("\nexperiment two:\n  ./host run ", shown, StringComparison.Ordinal);

        // The commands repeat the experiments, whose trainings are all there.
        using var place = stored.Copy();
        var commands = shown.Split('\n').Where(line => line.StartsWith("  ./host ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, commands.Count);
        foreach (var command in commands) (await place.Run(command["  ./host ".Length..])).Done();
        Assert.Equal(StoredResults.OfBoth, place.Results.Runs.Count);
    }

    [Fact]
    public async Task Show_takes_what_is_planned_and_what_no_experiment_names_and_names_damage()
    {
        using var place = stored.Copy();
        var (absent, foreign) = (
            place.Results.Of(row => row["strategy"] == "magnitude", "one"), place.Results.Of(row => row["strategy"] == "snr", "two"));
        Directory.Delete(absent.Folder, recursive: true);
        Directory.Delete(place.Results.Experiment("two"), recursive: true);
        Assert.Matches(@"\| state +\| not begun ", (await place.Run($"show {absent.Key}")).Done().Out);
        var shown = (await place.Run($"show {foreign.Key}")).Done().Says("in no experiment", "./host clean").Out;
        Assert.Matches(@"\| strategy +\| snr ", shown);
        StoredResults.Flip(foreign.File("weights.safetensors"));
        (await place.Run($"show {foreign.Key}")).Ends(5).Says(foreign.File("weights.safetensors"), "SHA-256");
    }

    [Fact]
    public async Task A_beginning_that_several_keys_have_lists_them()
    {
        using var place = stored.Copy();
        var (one, other) = ("abcd00000001", "abcd00000002");
        foreach (var key in (string[])[one, other]) Directory.CreateDirectory(place.Results.Run(key).Folder);
        (await place.Run("show abcd")).Refused(2, "KEY", "found abcd", $"2 begin with it: {one}, {other}");
        (await place.Run($"show {one}")).Done();
        (await place.Run("show abcd1")).Refused(2, "KEY", "a training of ", "--output");
    }
}
