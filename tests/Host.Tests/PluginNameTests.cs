namespace Host.Tests;

/// <summary>A strategy's name stands for one strategy: one that is taken is refused wherever it could be given.</summary>
public sealed class PluginNameTests
{
    [Fact]
    public async Task A_name_that_is_taken_is_refused_when_made_checked_and_added()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        var shipped = Path.Combine(installation.Plugins, "MaskStrategies", "MaskStrategies.dll");
        var before = Folders.Files(installation.Root);
        (await place.Run("strategies new variance")).Refused(2, "NAME", "'variance' is the name of a strategy in", shipped);
        var twin = Installation.TestPlugin("PluginTwin");
        var check = (await place.Run("strategies check", twin)).Ends(4);
        Assert.Contains(
            $"FAILED  has a name of its own: 'variance' is the name of a strategy in {shipped}", check.Out, StringComparison.Ordinal);
        (await place.Run("strategies add", twin)).Refused(4, twin, "'variance' is the name of a strategy in", shipped);
        (await place.Run("strategies add", Installation.TestPlugin("TwinsInside"))).Refused(4, "'twin-inside' is the name of two");
        before.Keys.Where(name => name.StartsWith("cache", StringComparison.Ordinal)).ToList().ForEach(name => before.Remove(name));
        var after = Folders.Files(installation.Root);
        after.Keys.Where(name => name.StartsWith("cache", StringComparison.Ordinal)).ToList().ForEach(name => after.Remove(name));
        Folders.Same(before, after);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Words_of_the_command_line_and_names_too_long_are_no_names()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        foreach (var word in (string[])["all", "none"])
            (await place.Run($"strategies new {word}")).Refused(2, $"'{word}' is a word of --strategy and --compare");
        (await place.Run("strategies new", new string('a', 61))).Refused(2, "60 at most");
        (await place.Run("strategies new", "mine\n")).Refused(2, "NAME");
        var reserved = Installation.TestPlugin("Reserved");
        (await place.Run("strategies check", reserved)).Refused(4, "'all', which is a word of --strategy and --compare");
        (await place.Run("strategies add", reserved)).Refused(4, "'all'");
        Assert.Empty(Folders.Files(place.Folder));
        installation.With("Reserved");
        (await place.Run("strategies")).Ends(4).Says("Reserved.dll", "'all'");
    }

    [Fact]
    public async Task An_own_plugin_can_be_added_again_but_takes_no_others_place()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        var good = Installation.TestPlugin("PluginGood");
        (await place.Run("strategies add", good)).Done();
        Assert.Contains("ok      has a name of its own", (await place.Run("strategies check", good)).Done().Out, StringComparison.Ordinal);
        (await place.Run("strategies add", good)).Done();

        // In place, which pins it as it is; and under a file name that another plugin has.
        (await place.Run("strategies add", Path.Combine(installation.Plugins, "PluginGood", "PluginGood.dll"))).Done();
        Directory.CreateDirectory(place.File("elsewhere"));
        File.Copy(Installation.TestPlugin("Echo"), place.File("elsewhere/MaskStrategies.dll"));
        (await place.Run("strategies add elsewhere/MaskStrategies.dll"))
            .Refused(4, "would take the place of", "variance", "strategies remove");
        Assert.Contains("| variance ", (await place.Run("strategies")).Done().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_tells_of_a_refused_plugin_that_offers_a_name_it_is_asked_for()
    {
        using var installation = new Installation().With("PluginTwin").With("CtorThrows");
        using var place = installation.Place();
        var line = $"run --strategy variance --compare none {Place.SmallAtDensities}";
        (await place.Run(line)).Done().Says(
            "host: warning: 'variance' is that of ", "MaskStrategies.dll; another plugin that offers it is refused", "PluginTwin.dll");
        (await place.Run($"run --strategy shuffle:of=variance --compare none {Place.SmallAtDensities}")).Done().Says("PluginTwin.dll");
        (await place.Run("strategies variance")).Done().Says("PluginTwin.dll");
        var other = (await place.Run($"run --strategy magnitude --compare none {Place.SmallAtDensities}")).Done();
        Assert.DoesNotContain("PluginTwin", other.Err, StringComparison.Ordinal);

        // One that only a refused plugin offers: that plugin's reason comes first.
        var unknown = (await place.Run("run --strategy ctor-throws")).Refused(2, "unknown strategy 'ctor-throws'");
        Assert.Contains("CtorThrows.dll", unknown.Faults[1], StringComparison.Ordinal);
        Assert.Contains("not today", unknown.Faults[1], StringComparison.Ordinal);
        (await place.Run("strategies ctor-throws")).Refused(2, "unknown strategy", "CtorThrows.dll", "not today");
    }
}
