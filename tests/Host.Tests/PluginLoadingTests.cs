using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Host.Tests;

/// <summary>Which DLLs are plugins, and where they may be.</summary>
public sealed class PluginLoadingTests
{
    /// <summary>Each bad plugin, and what is said about it.</summary>
    private static readonly (string Plugin, string Reason, string Hint)[] Refused = [
        (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "CpuX64" : "CpuArm64", "is built for A", "build it for any CPU"),
        ("CpuX86", "is built for 32-bit x86", "build it for any CPU"),
        ("PluginEmpty", "holds no strategy: it does not refer to Bnn.Contract", "move the file away"),
        ("NothingInside", "holds no strategy", "give a class that implements IMaskStrategy a [MaskStrategy] attribute"),
        ("LaterContract", "is built for contract 1.9, this host has 1.2", "use a newer host"),
        ("CopiesContract", "has the host's own Bnn.Contract.dll copied beside it", "delete that copy"),
        ("MissingMember", "a member is missing", "build it against this host's contract"),
        ("MissingType", "a member is missing", "build it against this host's contract"),
        ("UsesHelperOne", "a dependency is missing", "put its dependencies beside it"),
        ("CtorThrows", "threw InvalidOperationException: not today", ""),
        ("CtorHangs", "making it took more than 5 s", ""),
        ("CtorExits", "its process ended with code 3", ""),
        ("NoConstructor", "strategy 'no-constructor'", ""),
        ("MarkedOnly", "implements neither IMaskStrategy nor INetworkMaskStrategy", ""),
        ("Unmarked", "class Unmarked.Strategy has no [MaskStrategy] attribute", "give it one"),
        ("BadName", "a strategy is named 'Bad Name'", "lower-case letters, digits and hyphens"),
        ("BadParameter", "strategy 'bad-parameter' has a parameter that can't be one: Day", "double, int, bool or string"),
        ("TwinsInside", "strategy 'twin-inside' is in", "rename one of them")];

    [Fact]
    public async Task Every_bad_plugin_is_listed_with_reason_and_hint_and_the_good_ones_work()
    {
        using var installation = new Installation().With("PluginGood", inFolder: true).With("TwinsInside", inFolder: true);
        foreach (var (plugin, _, _) in Refused.Where(refused => refused.Plugin is not ("CopiesContract" or "TwinsInside")))
            installation.With(plugin, inFolder: true);
        installation.Put("PluginEmpty", "CopiesContract/CopiesContract.dll").Put("Echo", "CopiesContract/CopiesContract.dll");
        File.Copy(
            Path.Combine(Installation.ProgramFolder, "Bnn.Contract.dll"),
            Path.Combine(installation.Plugins, "CopiesContract", "Bnn.Contract.dll"));
        File.Copy(Environment.ProcessPath!, Path.Combine(installation.Plugins, "Native.dll"));
        File.WriteAllBytes(Path.Combine(installation.Plugins, "Nothing.dll"), []);
        var half = File.ReadAllBytes(Installation.TestPlugin("PluginGood"))[..2000];
        File.WriteAllBytes(Path.Combine(installation.Plugins, "Half.dll"), half);
        using var place = installation.Place();

        var outcome = (await place.Run("strategies")).Ends(4);
        foreach (var (plugin, reason, hint) in Refused)
        {
            string[] parts = [$"{plugin}.dll: ", reason, hint];
            Assert.True(
                outcome.Faults.Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal))),
                $"{plugin}: {reason}; {hint} is not said in\n{outcome.Err}");
        }
        foreach (var file in (string[])["Native", "Nothing", "Half"])
            Assert.Contains(outcome.Faults, line => line.Contains($"{file}.dll: is not a .NET assembly", StringComparison.Ordinal));
        Assert.Equal(Refused.Length + 3, outcome.Faults.Length);
        Assert.Equal(["index", "twin-inside"], outcome.Listed("other"));
        Assert.Contains("variance", outcome.Listed("bayesian"));

        // The answers are cached now: no plugin is waited for a second time, and sound ones can run.
        var answered = File.GetLastWriteTimeUtc(Answers(installation));
        Assert.Equal(outcome.Faults, (await place.Run("strategies")).Ends(4).Faults);
        Assert.Equal(answered, File.GetLastWriteTimeUtc(Answers(installation)));
        (await place.Run($"run --strategy index --compare none {Place.SmallAtDensities}")).Done();
    }

    /// <summary>On an overloaded machine a sound strategy may answer late: it isn't lost for ever.</summary>
    [Fact]
    public async Task A_late_answer_is_believed_for_a_while_only()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        (await place.Run("strategies")).Done();
        var cache = Answers(installation);
        var sound = File.ReadAllText(cache);
        foreach (var (until, isBelieved) in ((DateTime, bool)[])[(DateTime.UtcNow.AddHours(1), true), (DateTime.UtcNow, false)])
        {
            var late = sound.Replace("\"Reason\":null,\"Until\":null", $"\"Reason\":\"was late\",\"Until\":\"{until:O}\"",
                StringComparison.Ordinal);
            Assert.NotEqual(sound, late);
            File.WriteAllText(cache, late);
            var outcome = await place.Run("strategies");
            if (isBelieved) outcome.Ends(4).Says("strategy 'variance'", "was late");
            else outcome.Done();
        }
    }

    [Fact]
    public async Task A_default_outside_its_own_range_is_the_plugins_fault()
    {
        using var installation = new Installation().With("BadDefault");
        using var place = installation.Place();
        (await place.Run("strategies")).Ends(4).Says("BadDefault.dll: strategy 'bad-default'", "share", "seven");
    }

    [Fact]
    public async Task Two_files_with_one_strategy_are_told_apart_and_the_one_in_its_own_folder_stays()
    {
        using var installation = new Installation().Put("PluginGood", "Zeta/Zeta.dll").Put("PluginGood", "Alpha.dll");
        using var place = installation.Place();
        var (alpha, zeta) = (Path.Combine(installation.Plugins, "Alpha.dll"), Path.Combine(installation.Plugins, "Zeta", "Zeta.dll"));
        var outcome = (await place.Run("strategies")).Ends(4).Says($"{alpha}: strategy 'index' is in {zeta} already");
        Assert.Contains("| Zeta.dll 0.1.0.0 ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_plugins_use_two_versions_of_one_library_in_one_run()
    {
        using var installation = new Installation()
            .With("UsesHelperOne", inFolder: true)
            .With("UsesHelperLate", inFolder: true)
            .With("UsesHelperTwo", inFolder: true)
            .Put("Helper.one", "UsesHelperOne/Helper.dll")
            .Put("Helper.one", "UsesHelperLate/Helper.dll")
            .Put("Helper.two", "UsesHelperTwo/Helper.dll");
        using var place = installation.Place();
        Assert.Equal(["helper-late", "helper-one", "helper-two"], (await place.Run("strategies")).Done().Listed("other"));
        const string Strategies = "--strategy helper-one,helper-late,helper-two --compare none";
        (await place.Run($"run {Strategies} --scope layerwise --density 0.5 {Place.Small}")).Done();
        Assert.Equal([.. Enumerable.Repeat(0, 144), .. Enumerable.Repeat(1, 144)], place.Results.Mask("helper-late", "0.5", layer: 1));
        Assert.Equal([.. Enumerable.Repeat(1, 144), .. Enumerable.Repeat(0, 144)], place.Results.Mask("helper-two", "0.5", layer: 1));
    }

    [Fact]
    public async Task What_is_missing_only_when_it_scores_costs_its_own_tickets()
    {
        using var installation = new Installation().With("UsesHelperLate").With("MissingLate");
        using var place = installation.Place();
        (await place.Run("strategies")).Done();
        (await place.Run($"run --strategy helper-late,missing-late,variance --compare none {Place.SmallAtDensities}")).Ends(7).Says(
            "strategy 'helper-late'", "a dependency is missing", "Helper", "strategy 'missing-late'", "a member is missing", "Unheard");
        Assert.Equal(["", "", "variance", "variance"], place.Results.Table().Select(row => row["strategy"]));
    }

    [Fact]
    public async Task A_library_that_is_put_beside_a_refused_plugin_mends_it()
    {
        using var installation = new Installation().With("UsesHelperOne", inFolder: true);
        using var place = installation.Place();
        (await place.Run("strategies")).Ends(4).Says("UsesHelperOne.dll", "a dependency is missing");
        installation.Put("Helper.one", "UsesHelperOne/Helper.dll");
        Assert.Equal(["helper-one"], (await place.Run("strategies")).Done().Listed("other"));
    }

    [Fact]
    public async Task A_library_of_the_wrong_version_that_is_swapped_for_the_right_one_mends_it()
    {
        using var installation = new Installation().With("UsesHelperOne", inFolder: true).Put("Helper.two", "UsesHelperOne/Helper.dll");
        using var place = installation.Place();
        (await place.Run("strategies")).Ends(4).Says("UsesHelperOne.dll");
        installation.Put("Helper.one", "UsesHelperOne/Helper.dll");
        Assert.Equal(["helper-one"], (await place.Run("strategies")).Done().Listed("other"));
    }

    [Fact]
    public async Task Plugins_lie_only_where_plugins_json_says_and_its_folder_or_allow_lets_them()
    {
        using var installation = new Installation();
        using var elsewhere = installation.Place();
        var (outside, root) = (elsewhere.Folder, installation.Root);
        File.Copy(Installation.TestPlugin("PluginGood"), Path.Combine(outside, "PluginGood.dll"));
        Directory.CreateDirectory(Path.Combine(root, "linked"));
        Directory.CreateSymbolicLink(Path.Combine(root, "folder-link"), outside);
        Directory.CreateDirectory(Path.Combine(outside, "Sub"));
        File.Copy(Installation.TestPlugin("PluginGood"), Path.Combine(outside, "Sub", "Sub.dll"));
        File.CreateSymbolicLink(Path.Combine(root, "linked", "PluginGood.dll"), Path.Combine(outside, "PluginGood.dll"));
        Directory.CreateSymbolicLink(Path.Combine(root, "linked", "Sub"), Path.Combine(outside, "Sub"));
        using var place = installation.Place();
        var relative = Path.GetRelativePath(root, outside).Replace('\\', '/');
        foreach (var (folder, refusals, reason) in ((string, int, string)[])[
            (outside, 1, "is outside"), (relative, 1, "is outside"), ("plugins/../" + relative, 1, "is outside"),
            ("folder-link", 1, "is outside"), ("linked", 2, "is a link to")])
        {
            installation.Says($$"""{"folders": ["plugins", "{{folder}}"]}""");
            var refused = (await place.Run("strategies")).Ends(4).Says(reason, "'allow' in plugins.json");
            Assert.Equal(refusals, refused.Faults.Length);
            Assert.DoesNotContain("| index ", refused.Out, StringComparison.Ordinal);
            installation.Says($$"""{"folders": ["plugins", "{{folder}}"], "allow": ["{{relative}}"]}""");
            Assert.Contains("| index ", (await place.Run("strategies")).Out, StringComparison.Ordinal);
        }
    }

    /// <summary>A plugin's library is code, like the plugin itself.</summary>
    [Fact]
    public async Task A_library_that_is_a_link_out_of_the_folder_is_refused()
    {
        using var installation = new Installation().With("UsesHelperOne", inFolder: true);
        using var place = installation.Place();
        File.Copy(Installation.TestPlugin("Helper.one"), place.File("Helper.dll"));
        File.CreateSymbolicLink(Path.Combine(installation.Plugins, "UsesHelperOne", "Helper.dll"), place.File("Helper.dll"));
        (await place.Run("strategies")).Ends(4).Says("Helper.dll", "is a link to");
    }

    [Fact]
    public async Task The_current_folder_offers_nothing()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        Directory.CreateDirectory(place.File("plugins/PluginGood"));
        foreach (var file in (string[])["PluginGood.dll", "plugins/PluginGood.dll", "plugins/PluginGood/PluginGood.dll"])
            File.Copy(Installation.TestPlugin("PluginGood"), place.File(file));
        File.WriteAllText(place.File("plugins.json"), "{\"folders\": [\".\", \"plugins\"]}");
        Assert.DoesNotContain("| index ", (await place.Run("strategies")).Done().Out, StringComparison.Ordinal);
        (await place.Run("run --strategy index")).Refused(2, "unknown strategy 'index'");
    }

    [Theory]
    [InlineData("{\n  \"folders\": [\"plugins\"],\n  \"alow\": []\n}", "unknown key 'alow' at line 3, column 3", "did you mean 'allow'?")]
    [InlineData("{\"sha265\": {}, \"folders\": []}", "unknown key 'sha265' at line 1, column 2", "did you mean 'sha256'?")]
    [InlineData("{\"folders\": [\"sha265\"],\n\"sha265\": {}}", "unknown key 'sha265' at line 2, column 1", "did you mean 'sha256'?")]
    [InlineData("{\"folders\": [\"plugins\"]\n \"allow\": []}", "is not JSON at line 2, column 2", "{\"folders\": [\"plugins\"]}")]
    [InlineData("{\"folders\": [\"plugins\"], \"sha256\": [\"x\"]}", "'sha256' is not an object", "host strategies add")]
    [InlineData("{\"folders\": [\"plugins\"], \"sha256\": {\"a\": \"1\", \"a\": \"2\"}}", "'a'", "")]
    public async Task A_bad_plugins_file_is_told_by_line_column_and_nearest_key(string content, string reason, string hint)
    {
        using var installation = new Installation();
        installation.Says(content);
        using var place = installation.Place();
        (await place.Run("strategies")).Refused(4, installation.PluginsFile, reason, hint);
    }

    [Fact]
    public async Task Thirty_plugins_are_not_asked_again_when_they_are_known()
    {
        using var installation = new Installation();
        var bytes = File.ReadAllBytes(Installation.TestPlugin("PluginGood"));
        var at = bytes.AsSpan().IndexOf("\u0005index"u8) + 1;
        for (var i = 10; i < 40; i++)
        {
            Encoding.ASCII.GetBytes($"ind{i}").CopyTo(bytes, at);
            File.WriteAllBytes(Path.Combine(installation.Plugins, $"Plugin{i}.dll"), bytes);
        }
        using var place = installation.Place();
        Assert.Equal(30, (await place.Run("strategies")).Done().Listed("other").Length);
        var answered = File.GetLastWriteTimeUtc(Answers(installation));
        (await place.Run("strategies")).Done();
        Assert.Equal(answered, File.GetLastWriteTimeUtc(Answers(installation)));
    }

    [Fact]
    public async Task A_pinned_plugin_runs_until_its_file_is_swapped_and_goes_when_it_is_removed()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        var first = Sha256(Installation.TestPlugin("PluginGood"));
        (await place.Run("strategies add", Installation.TestPlugin("PluginGood"))).Done().Says(first);
        var pins = Folders.Json(installation.PluginsFile).GetProperty("sha256");
        Assert.Equal(first, pins.GetProperty("plugins/PluginGood/PluginGood.dll").GetString());
        var line = $"run --strategy index --compare none {Place.SmallAtDensities}";
        (await place.Run(line)).Done();
        var provenance = place.Results.Of(row => row["strategy"] == "index").Result.GetProperty("provenance");
        Assert.Equal($"PluginGood.dll 0.1.0.0 {first}", provenance.GetProperty("plugin").GetString());

        var installed = Path.Combine(installation.Plugins, "PluginGood", "PluginGood.dll");
        File.WriteAllBytes(installed, [.. File.ReadAllBytes(installed), 0]);
        var before = Folders.Files(place.Folder);
        (await place.Run($"run --strategy variance --seed 2 {Place.SmallAtDensities}")).Refused(
            4, "PluginGood.dll", first, Sha256(installed), "host strategies add");
        Folders.Same(before, Folders.Files(place.Folder));
        (await place.Run("strategies")).Ends(4).Says(first, Sha256(installed));
        File.WriteAllText(installed, "no assembly at all");
        (await place.Run($"run --strategy variance {Place.SmallAtDensities}")).Refused(4, first, Sha256(installed));

        (await place.Run("strategies add", Installation.TestPlugin("PluginGood"))).Done();
        (await place.Run(line)).Done().Reused(1, 1, 2);
        (await place.Run("strategies remove PluginGod")).Refused(2, "did you mean 'PluginGood'?");
        (await place.Run("strategies remove PluginGood")).Done();
        Assert.False(Directory.Exists(Path.GetDirectoryName(installed)));
        Assert.False(Folders.Json(installation.PluginsFile).TryGetProperty("sha256", out _));
        (await place.Run(line)).Refused(2, "unknown strategy 'index'");
        (await place.Run("strategies")).Done();
    }

    [Fact]
    public async Task A_run_of_a_strategy_whose_plugin_was_swapped_ends_as_of_a_bad_plugin()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        (await place.Run("strategies add", Installation.TestPlugin("PluginGood"))).Done();
        var installed = Path.Combine(installation.Plugins, "PluginGood", "PluginGood.dll");
        File.WriteAllBytes(installed, [.. File.ReadAllBytes(installed), 0]);
        (await place.Run($"run --strategy index {Place.SmallAtDensities}")).Refused(
            4, Sha256(Installation.TestPlugin("PluginGood")), Sha256(installed));
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task What_cannot_be_added_is_refused_and_leaves_everything_as_it_was()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        var before = Folders.Files(installation.Root);
        (await place.Run("strategies add nowhere.dll")).Refused(4, "nowhere.dll", "can't be read");
        (await place.Run("strategies add", Installation.TestPlugin("PluginEmpty"))).Refused(4, "holds no strategy");
        (await place.Run("strategies add", Installation.TestPlugin("LaterContract"))).Refused(4, "contract 1.9");
        (await place.Run("strategies add")).Refused(2, "no FILE.dll is given");
        Folders.Same(before, Folders.Files(installation.Root));
    }

    /// <summary>Where is kept what plugins answered; written only when one was asked.</summary>
    private static string Answers(Installation installation) => Path.Combine(installation.Root, "cache", "host", "plugin-probes.json");

    private static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}

internal static class PluginExtensions
{
    /// <summary>Puts a test plugin into the plugins folder under another path.</summary>
    public static Installation Put(this Installation installation, string plugin, string path)
    {
        var target = Path.Combine(installation.Plugins, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Installation.TestPlugin(plugin), target, overwrite: true);
        return installation;
    }

    /// <summary>Writes plugins.json.</summary>
    public static void Says(this Installation installation, string content) => File.WriteAllText(installation.PluginsFile, content);

    /// <summary>Names of the strategies of a group.</summary>
    public static string[] Listed(this Outcome outcome, string group) => [.. outcome.Out.Split('\n')
        .SkipWhile(line => line.TrimEnd() != group).SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|'))
        .Skip(2).Select(line => line.Split('|')[1].Trim())];

    public static int[] Mask(this Results results, string strategy, string density, int layer)
    {
        var ticket = results.Of(row => row["strategy"] == strategy && row["target_density"] == density);
        return [.. ticket.Weights[$"layer{layer}.mask"].Bytes.Select(kept => (int)kept)];
    }
}
