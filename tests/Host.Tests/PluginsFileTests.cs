using System.Text;
using Host.Plugins;

namespace Host.Tests;

/// <summary>
/// Whatever plugins.json holds, it is understood or told; no content is a bug, and none leaves no strategies without a word.
/// </summary>
public sealed class PluginsFileTests : IDisposable
{
    private static readonly string Long = new('x', 5000), Hash = new('a', 64);

    /// <summary>Contents that are wrong, each with a part of what is said about it.</summary>
    private static readonly (string Content, string Said)[] Odd = [
        ("", "is not JSON at line 1"), (" ", "is not JSON"), ("null", "holds Null, not an object"), ("7", "holds Number"),
        ("\"plugins\"", "holds String"), ("true", "holds True"), ("[]", "holds Array"), ("{}", "has no key 'folders'"),
        ("{", "is not JSON"), ("{\"folders\"}", "is not JSON"), ("{\"folders\": [\"a\"]} x", "is not JSON"),
        ("{'folders': ['plugins']}", "is not JSON"), ("\0", "is not JSON"), ("{\"folders\": [\"plugins\"]\0}", "is not JSON"),
        (new string('[', 5000), "is not JSON"), ("{\"folders\": " + new string('[', 60) + new string(']', 60) + "}", "not a list"),
        ("{\"folders\": null}", "not a list"), ("{\"folders\": 1}", "not a list"), ("{\"folders\": {}}", "not a list"),
        ("{\"folders\": [null]}", "not a list"), ("{\"folders\": [[\"plugins\"]]}", "not a list"), ("{\"folders\": [true]}", "not a list"),
        ("{\"folders\": []}", "names no folder"), ("{\"folders\": [\"\"]}", "'' under 'folders' is no name"),
        ("{\"folders\": [\"a\\u0000b\"]}", "'a?b' under 'folders' is no name"), ("{\"folders\": [\"\\ud800\"]}", "isn't Unicode"),
        ("{\"folders\": [\"plugins\"], \"\\ud800\": 1}", "isn't Unicode"), ($"{{\"folders\": [\"{Long}\"]}}", "isn't there"),
        ("{\"folders\": [\" \"]}", "isn't there"), ("{\"folders\": [\"*\"]}", "isn't there"),
        ("{\"folders\": [\"no/such/place\"]}", "isn't there"),
        ("{\"folders\": [\"plugins.json\"]}", "is a file"), ("{\"folders\": [\"empty\"]}", "none is in"),
        ("{\"folders\": [\"empty\", \"./empty\", \"empty/\"]}", "none is in"), ("{\"folders\": [\"..\"]}", "is outside"),
        ("{\"folders\": [\"/\"]}", "is outside"), ("{\"folders\": [\"../..\"]}", "is outside"),
        ("{\"folders\": [\"circle\"]}", "leads to no folder"),
        ("{\"folders\": [\"self/empty\"]}", "isn't there"), ("{\"folders\": [\"übung\"]}", "isn't there"),
        ("{\"folders\": [\"empty\"], \"folders\": [\"empty\"]}", "'folders' is there 2 times"),
        ("{\"folders\": [\"empty\"], \"Folders\": []}", "unknown key 'Folders'"), ("{\"folders\": [\"empty\"], \"\": 1}", "unknown key ''"),
        ($"{{\"folders\": [\"empty\"], \"{Long}\": 1}}", "unknown key 'xxx"),
        ("{\"folders\": [\"empty\"], \"a\\nb\": 1}", "unknown key 'a?b'"),
        ("{\"folders\": [\"empty\"], \"allow\": \"x\"}", "'allow' is not a list"),
        ("{\"folders\": [\"empty\"], \"allow\": [1]}", "'allow' is not"),
        ("{\"folders\": [\"empty\"], \"allow\": {}}", "'allow' is not"),
        ("{\"folders\": [\"empty\"], \"allow\": [\"\\u0000\"]}", "under 'allow'"),
        ("{\"folders\": [\"empty\"], \"allow\": [\"circle\", \"nowhere\"]}", "none is in"),
        ("{\"folders\": [\"empty\"], \"sha256\": []}", "'sha256' is not an object"),
        ("{\"folders\": [\"empty\"], \"sha256\": {\"a.dll\": null}}", "'sha256' is not an object"),
        ("{\"folders\": [\"empty\"], \"sha256\": {\"a.dll\": \"\"}}", "the hash of 'a.dll' under 'sha256' is ''"),
        ("{\"folders\": [\"empty\"], \"sha256\": {\"a.dll\": \"abc\"}}", "expected 64 hexadecimal digits"),
        ($"{{\"folders\": [\"empty\"], \"sha256\": {{\"a.dll\": \"{Hash[1..]}g\"}}}}", "expected 64 hexadecimal digits"),
        ($"{{\"folders\": [\"empty\"], \"sha256\": {{\"\": \"{Hash}\"}}}}", "'' under 'sha256' is no name"),
        ($"{{\"folders\": [\"empty\"], \"sha256\": {{\"a\\u0000\": \"{Hash}\"}}}}", "'a?' under 'sha256' is no name"),
        ($"{{\"folders\": [\"empty\"], \"sha256\": {{\"a.dll\": \"{Hash}\", \"./a.dll\": \"{Hash}\"}}}}", "'./a.dll' is there twice"),
        ($"{{\"folders\": [\"empty\"], \"sha256\": {{\"empty/a.dll\": \"{Hash}\"}}}}", "a.dll: is pinned by plugins.json, but"),
        ("{\"folders\": [\"empty\"], " + string.Join(", ", Enumerable.Range(0, 30000).Select(i => $"\"k{i}\": 0")) + "}", "key 'k0'"),
        ("{\"folders\": [\"" + new string('x', 2 << 20) + "\"]}", "more than the 1048576")];

    private readonly string _folder = Folders.Temporary("plugins-file");

    public PluginsFileTests()
    {
        Directory.CreateDirectory(Path.Combine(Root, "empty"));
        File.CreateSymbolicLink(Path.Combine(Root, "circle"), Path.Combine(Root, "circle"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "self"), Path.Combine(Root, "self", "empty"));
    }

    private string Root => Path.Combine(_folder, "root");

    private string PluginsJson => Path.Combine(Root, Places.PluginsFileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_odd_content_is_told_and_ends_as_a_plugins_fault()
    {
        foreach (var (content, said) in Odd)
        {
            File.WriteAllText(PluginsJson, content);
            var faults = Refused(content);
            Assert.True(
                faults.Any(fault => fault.Contains(said, StringComparison.Ordinal)),
                $"expected '{said}' for {content[..Math.Min(80, content.Length)]}, was said: {string.Join("\n", faults)}");
        }
    }

    [Theory]
    [InlineData("utf-16", "UTF-16"), InlineData("utf-16BE", "UTF-16"), InlineData("utf-32", "UTF-32"), InlineData("utf-32BE", "UTF-32")]
    public void Another_encoding_is_named_with_its_mark_and_without(string name, string shown)
    {
        var encoding = Encoding.GetEncoding(name);
        var content = encoding.GetBytes("{\"folders\": [\"plugins\"]}");
        foreach (var bytes in (byte[][])[content, [.. encoding.GetPreamble(), .. content]])
        {
            File.WriteAllBytes(PluginsJson, bytes);
            Assert.Contains(Refused(name), fault => fault.Contains($"is written in {shown}, expected UTF-8", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_told()
    {
        File.WriteAllBytes(PluginsJson, [.. "{\"folders\": [\""u8, 0xFF, 0xC0, .. "\"]}"u8]);
        Assert.NotEmpty(Refused("bytes"));
    }

    [Fact]
    public async Task What_is_no_file_is_told_and_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no named pipes in folders");
        Directory.CreateDirectory(PluginsJson);
        Assert.Contains(Refused("folder"), fault => fault.Contains("a folder, not a file", StringComparison.Ordinal));
        Directory.Delete(PluginsJson);
        await CliWrap.Cli.Wrap("mkfifo").WithArguments([PluginsJson]).ExecuteAsync(TestContext.Current.CancellationToken);
        Assert.Contains(Refused("pipe"), fault => fault.Contains("a named pipe, not a file", StringComparison.Ordinal));
        File.Delete(PluginsJson);
        File.CreateSymbolicLink(PluginsJson, Path.Combine(Root, "nowhere"));
        Assert.Contains(Refused("link"), fault => fault.Contains("can't be read", StringComparison.Ordinal));
    }

    /// <summary>What an editor may do to the file harms nothing: a mark that it doesn't show, comments, a comma too many.</summary>
    [Theory]
    [InlineData("\uFEFF{\"folders\": [\"plugins\"]}\n"), InlineData("// mine\n{\"folders\": [\"plugins\",],}\r\n")]
    public async Task What_editors_write_is_read(string content)
    {
        using var installation = new Installation();
        File.WriteAllText(installation.PluginsFile, content);
        using var place = installation.Place();
        Assert.Contains("| variance ", (await place.Run("strategies")).Done().Out, StringComparison.Ordinal);
        (await place.Run("strategies add", Installation.TestPlugin("PluginGood"))).Done();
        Assert.Contains("| index ", (await place.Run("strategies")).Done().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_odd_file_ends_every_command_with_code_4_and_no_results()
    {
        using var installation = new Installation();
        using var place = installation.Place();
        foreach (var content in (string[])["{\"folders\": [\"a\\u0000b\"]}", "{\"folders\": []}", "{\"folders\": [\"\\ud800\"]}", ""])
        {
            File.WriteAllText(installation.PluginsFile, content);
            foreach (var command in (string[])["strategies", $"run {Place.SmallAtDensities}", "strategies new mine"])
            {
                if (content.Contains("[]", StringComparison.Ordinal) && command.Contains("new", StringComparison.Ordinal)) continue;
                (await place.Run(command)).Refused(4, installation.PluginsFile);
            }
        }
        Assert.Empty(Folders.Files(place.Folder));
    }

    /// <summary>Everything that is said, and that it is short and ends with the code of plugins.</summary>
    private string[] Refused(string which)
    {
        var faults = PluginCatalog.Load(new Places(Root)).Match(_ => [], faults => faults);
        Assert.True(!faults.IsEmpty, which[..Math.Min(80, which.Length)]);
        Assert.Equal(ExitCode.BadPlugin, ExitCode.For(faults));
        string[] said = [.. faults.Select(fault => fault.Describe())];
        Assert.True(said.Length <= 12);
        Assert.All(said, fault => Assert.DoesNotContain(fault, char.IsControl));
        return said;
    }
}
