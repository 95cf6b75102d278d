using Host.Plugins;

namespace Host.Tests;

/// <summary>A DLL is read as data: none, however damaged, ends the host.</summary>
public sealed class PluginMetadataTests
{
    [Theory, InlineData("PluginGood", 1), InlineData("Knobs", 2), InlineData("UsesHelperOne", 3)]
    public void Damaged_DLLs_are_read_or_refused(string plugin, int seed)
    {
        var folder = Folders.Temporary("metadata");
        var path = Path.Combine(folder, $"{plugin}.dll");
        var whole = File.ReadAllBytes(Installation.TestPlugin(plugin));
        var random = new Random(seed);
        for (var i = 0; i < 1500; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var k = random.Next(1, 8); k > 0; k--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (i % 10 == 0) damaged = damaged[..random.Next(damaged.Length)];
            File.WriteAllBytes(path, damaged);
            PluginMetadata.NamesIn(path);
            PluginMetadata.Read(path).Match(
                found => found.All(strategy => PluginNames.IsWellFormed(strategy.Info.Name)),
                faults => faults.All(fault => fault.Describe().Length < 4000));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_plugin_that_is_no_file_is_refused_and_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no named pipes in folders");
        using var installation = new Installation();
        await CliWrap.Cli.Wrap("mkfifo").WithArguments([Path.Combine(installation.Plugins, "Pipe.dll")])
            .ExecuteAsync(TestContext.Current.CancellationToken);
        using var place = installation.Place();
        (await place.Run("strategies")).Ends(4).Says("Pipe.dll: can't be read", "a named pipe, not a file");
    }
}
