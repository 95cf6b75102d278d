namespace Host.Tests;

/// <summary>Third-party plugins: what they add, and that a bad one harms nothing but itself.</summary>
public sealed class PluginTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_dropped_in_plugin_appears_beside_the_shipped_one_and_can_be_run(bool inFolder)
    {
        using var installation = new Installation().With("PluginGood", inFolder);
        using var place = installation.Place();
        var lines = (await place.Run("strategies")).Done().Out.Split('\n');
        Assert.Contains(lines, line =>
            line.StartsWith("| index ", StringComparison.Ordinal) && line.Contains("| PluginGood.dll 0.1.0.0 ", StringComparison.Ordinal)
                && line.Contains("| lowest ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("| variance ", StringComparison.Ordinal));

        (await place.Run($"run --strategy index --compare random --scope layerwise {Place.SmallAtDensities}")).Done();
        var ticket = place.Results.Of(row => row["strategy"] == "index" && row["target_density"] == "0.2").Weights;
        foreach (var (l, size) in ((int, int)[])[(1, 288), (2, 40), (3, 15)])
            Assert.Equal(Enumerable.Range(0, size).Select(i => i < size - (int)Math.Floor(0.8 * size + 0.5) ? 1 : 0),
                ticket[$"layer{l}.mask"].Bytes.Select(kept => (int)kept));
    }

    [Fact]
    public async Task The_same_plugin_gives_the_same_keys_wherever_it_lies()
    {
        const string Line = $"run --strategy index --compare none {Place.SmallAtDensities}";
        using var loose = new Installation().With("PluginGood");
        using var own = new Installation().With("PluginGood", inFolder: true);
        using var here = loose.Place();
        using var there = own.Place();
        (await here.Run(Line)).Done();
        (await there.Run(Line)).Done();
        Folders.Same(here.Results.Lasting, there.Results.Lasting);
    }

    [Theory]
    [InlineData("PluginThrows", "throws", "threw InvalidOperationException: the dice fell off the table")]
    [InlineData("PluginNaN", "nan", "gave NaN for weight 7 of layer 2")]
    public async Task A_strategy_that_fails_costs_its_own_tickets_only(string plugin, string strategy, string reason)
    {
        using var installation = new Installation().With(plugin);
        using var place = installation.Place();
        (await place.Run($"run --strategy {strategy},variance {Place.SmallAtDensities}")).Ends(7).Says(
            $"strategy '{strategy}'", $"{plugin}.dll", reason, "variance 0.2 · seed 1: done", "random 0.2 · seed 1: done");
        Assert.Equal(
            ["", "", "variance", "variance", "magnitude", "magnitude", "random", "random"],
            place.Results.Table().Select(row => row["strategy"]));
        Assert.Contains(reason, place.Results.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_plugins_are_refused_with_reason_and_the_good_ones_work()
    {
        using var installation = new Installation().With("PluginGood").With("PluginEmpty").With("PluginTwin", inFolder: true);
        File.WriteAllText(Path.Combine(installation.Plugins, "Garbage.dll"), "this is no assembly");
        using var place = installation.Place();
        var outcome = (await place.Run("strategies")).Ends(4).Says(
            "Garbage.dll", "is not a .NET assembly", "PluginEmpty.dll", "holds no strategy", "PluginTwin.dll", "strategy 'variance' is in",
            "rename one of them");
        Assert.Equal(3, outcome.Faults.Length);
        Assert.Equal(1, outcome.Out.Split("| variance ").Length - 1);
        Assert.Contains("| index ", outcome.Out, StringComparison.Ordinal);
        (await place.Run("doctor")).Ends(4).Says("Garbage.dll", "PluginEmpty.dll", "PluginTwin.dll");
        (await place.Run($"run --strategy index,variance --compare none {Place.SmallAtDensities}")).Done();
    }

    [Fact]
    public async Task Of_two_with_one_name_the_first_by_path_stays()
    {
        using var installation = new Installation().With("PluginTwin");     // plugins/PluginTwin.dll
        using var place = installation.Place();
        (await place.Run("strategies")).Ends(4).Says("PluginTwin.dll", "strategy 'variance' is in", "MaskStrategies.dll already");
    }

    [Fact]
    public async Task An_unknown_strategy_tells_of_the_plugins_that_were_refused()
    {
        using var installation = new Installation();
        File.WriteAllText(Path.Combine(installation.Plugins, "Mine.dll"), "this is no assembly");
        using var place = installation.Place();
        var outcome = (await place.Run("run --strategy mine"))
            .Ends(2)
            .Says("unknown strategy 'mine'", "Mine.dll", "is not a .NET assembly");
        Assert.Empty(outcome.Out);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Theory]
    [InlineData("{\n  \"folders\": [\"plugins\",\n  oops\n}", "line 3"), InlineData("{}", "has no key 'folders'")]
    [InlineData("{\"folders\": \"plugins\"}", "not a list of folder names")]
    [InlineData("{\"folders\": [1]}", "not a list of folder names")]
    [InlineData("{\"folders\": [\"plugins\"], \"folder\": []}", "unknown key 'folder' at line 1, column 26")]
    [InlineData("[\"plugins\"]", "not an object"), InlineData("", "line 1")]
    public async Task A_bad_plugins_file_is_refused_before_training(string content, string reason)
    {
        using var installation = new Installation();
        File.WriteAllText(installation.PluginsFile, content);
        using var place = installation.Place();
        (await place.Run($"run {Place.SmallAtDensities}")).Refused(4, installation.PluginsFile, reason, "folders");
        (await place.Run("strategies")).Refused(4, installation.PluginsFile, reason);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named_and_so_is_that_nothing_is_left()
    {
        using var installation = new Installation();
        File.WriteAllText(installation.PluginsFile, "{\"folders\": [\"elsewhere\"]}");
        using var place = installation.Place();
        string[] told = [
            $"{installation.PluginsFile}: leads to no strategy that can be used",
            $"{Path.Combine(installation.Root, "elsewhere")}: isn't there",
            "make that folder, or correct plugins.json"];
        (await place.Run($"run {Place.SmallAtDensities}")).Refused(4, told);
        Assert.Empty(Folders.Files(place.Folder));
        (await place.Run("strategies")).Refused(4, told);
        (await place.Run("strategies variance")).Refused(4, told);
        (await place.Run("doctor")).Ends(4).Says(told);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_a_warning_where_another_serves()
    {
        using var installation = new Installation();
        var file = Path.Combine(installation.Root, "data", "a-file");
        File.WriteAllText(file, "");
        File.WriteAllText(installation.PluginsFile, "{\"folders\": [\"elsewhere\", \"plugins\", \"data/a-file\", \"plugins/\"]}");
        using var place = installation.Place();
        string[] told = [$"host: warning: {Path.Combine(installation.Root, "elsewhere")}: isn't there", $"{file}: is a file"];
        (await place.Run($"run --compare none {Place.SmallAtDensities}")).Done().Says(told);
        Assert.Equal(2, (await place.Run("strategies")).Done().Says(told).Faults.Length);
        (await place.Run("doctor")).Done().Says(told);
    }

    [Fact]
    public async Task Folders_without_a_plugin_are_told()
    {
        using var installation = new Installation();
        Directory.Delete(installation.Plugins, recursive: true);
        Directory.CreateDirectory(installation.Plugins);
        using var place = installation.Place();
        foreach (var command in (string[])["strategies", $"run {Place.SmallAtDensities}"])
            (await place.Run(command)).Refused(4, $"none is in {installation.Plugins}", "put a strategy's DLL there");
        (await place.Run("doctor")).Ends(4).Says($"none is in {installation.Plugins}");
        (await place.Run("strategies new my-own")).Done();
    }

    [Fact]
    public async Task Several_plugin_folders_are_searched()
    {
        using var installation = new Installation();
        Directory.CreateDirectory(Path.Combine(installation.Root, "more"));
        File.Copy(Installation.TestPlugin("PluginGood"), Path.Combine(installation.Root, "more", "PluginGood.dll"));
        File.WriteAllText(installation.PluginsFile, "{\"folders\": [\"plugins\", \"more\"]}");
        using var place = installation.Place();
        var outcome = (await place.Run("strategies")).Done();
        Assert.Contains("| index ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("| variance ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_plugins_file_the_way_to_write_it_is_told()
    {
        using var installation = new Installation();
        File.Delete(installation.PluginsFile);
        using var place = installation.Place();
        (await place.Run("strategies")).Refused(4, "plugins.json", "can't be read", "{\"folders\": [\"plugins\"]}");
    }
}
