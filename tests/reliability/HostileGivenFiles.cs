using System.Text;
using Bnn.Store;
using Host.Studies;
using Host.Tests;

namespace Reliability;

/// <summary>What people give the program: images, plugins.json, the words of a command, studies.</summary>
internal static class HostileGivenFiles
{
    public static IEnumerable<HostileInput> All() => [
        .. IdxFiles(), .. IdxFolders(), .. PluginsFiles(), .. Strategies(), .. Settings(), .. Studies()];

    private static IEnumerable<HostileInput> IdxFiles()
    {
        (string Name, byte[] Content)[] all = [
            ("nothing", []), ("three bytes", [0, 0, 8]), ("a magic number alone", [0, 0, 8, 3]),
            ("floats", [.. IdxSet.Head(0xD03, 1, 1, 1), 0, 0, 0, 0]),
            ("four axes", [.. IdxSet.Head(0x804, 1, 1, 1, 1), 0]), ("no axes", IdxSet.Head(0x800)),
            ("little-endian", [3, 8, 0, 0, 1, 0, 0, 0]), ("gzip", [0x1F, 0x8B, 8, 0]),
            ("a web page", Parsers.Text("<!DOCTYPE html><html>")),
            ("an LFS pointer", Parsers.Text("version https://git-lfs.github.com/spec/v1\n")),
            ("no images", IdxSet.Head(0x803, 0, 28, 28)), ("no columns", IdxSet.Head(0x803, 1, 28, 0)),
            ("below 0", IdxSet.Head(0x803, -1, 28, 28)),
            ("2^31-1 images", IdxSet.Head(0x803, int.MaxValue, 28, 28)),
            ("sizes that overflow", IdxSet.Head(0x803, int.MaxValue, int.MaxValue, int.MaxValue)),
            ("2 GB that aren't there", IdxSet.Head(0x801, 0x7FFFFFC7)), ("an image too few", [.. IdxSet.Head(0x803, 2, 1, 1), 0]),
            ("a byte too many", [.. IdxSet.Head(0x801, 1), 0, 0])];
        return all.Select(item => new HostileInput("idx", item.Name, item.Content));
    }

    private static IEnumerable<HostileInput> IdxFolders()
    {
        var set = new IdxSet(size: 4, train: 60, test: 30);
        var (raw, packed) = (set[IdxSet.TestImages], IdxSet.Packed(set[IdxSet.TestImages]));
        (string Name, byte[] Content)[] all = [
            ("nothing", []), ("a gzip head alone", packed[..10]), ("gzip cut in its middle", packed[..(packed.Length / 2)]),
            ("packed twice", IdxSet.Packed(packed)), ("a bomb", IdxSet.Packed(raw, megabytesMore: 300)),
            ("2 GB declared", IdxSet.Head(0x803, 0x7FFFFFC7 / 16, 4, 4)),
            ("2 GB declared, packed", IdxSet.Packed(IdxSet.Head(0x803, 0x7FFFFFC7 / 16, 4, 4))),
            ("labels where images belong", set[IdxSet.TestLabels]),
            ("packed garbage", IdxSet.Packed(Parsers.Text("garbage"))), ("random bytes in gzip", [.. packed[..12], .. new byte[200]]),
            ("an image too few, packed", IdxSet.Packed(raw[..^16]))];
        return all.Select(item => new HostileInput("idx-folder", item.Name, item.Content));
    }

    private static IEnumerable<HostileInput> PluginsFiles() => HostileInputs.List<(string Name, byte[] Content, bool MayPass)>([
        ("nothing", [], false), ("a list", "[]"u8.ToArray(), false), ("null", "null"u8.ToArray(), false),
        ("an empty object", "{}"u8.ToArray(), false),
        ("folders that are a text", Parsers.Text("{\"folders\": \"plugins\"}"), false),
        ("folders that are null", Parsers.Text("{\"folders\": null}"), false),
        ("a folder that is a number", Parsers.Text("{\"folders\": [1]}"), false),
        ("a folder that is null", Parsers.Text("{\"folders\": [null]}"), false),
        ("an unknown key", Parsers.Text("{\"folders\": [\"a\"], \"fodlers\": []}"), false),
        ("a NUL in a folder", Parsers.Text("{\"folders\": [\"a\\u0000b\"]}"), false),
        ("half a surrogate", Parsers.Text("{\"folders\": [\"\\ud800\"]}"), false),
        ("half a surrogate for a key", Parsers.Text("{\"folders\": [\"a\"], \"\\ud800\": 1}"), false),
        ("no UTF-8", [.. "{\"folders\": [\""u8, 0xFF, .. "\"]}"u8], false),
        ("UTF-16", Encoding.Unicode.GetBytes("{\"folders\": [\"plugins\"]}"), false),
        ("deep", Parsers.Text("{\"folders\": " + HostileInputs.Deep), false),
        ("a pin that is null", Parsers.Text("{\"folders\": [\"a\"], \"sha256\": {\"a\": null}}"), false),
        ("a pin twice", Parsers.Text("{\"folders\": [\"a\"], \"sha256\": {\"a\": \"b\", \"a\": \"c\"}}"), false),
        ("pins that are a list", Parsers.Text("{\"folders\": [\"a\"], \"sha256\": []}"), false),
        ("folders twice", Parsers.Text("{\"folders\": [\"a\"], \"folders\": [\"b\"]}"), true),
        ("an empty folder", Parsers.Text("{\"folders\": [\"\"]}"), true),
        ("no folders", Parsers.Text("{\"folders\": []}"), true),
        ("one pin by two paths", Parsers.Text("{\"folders\": [\"a\"], \"sha256\": {\"a/x\": \"b\", \"./a/x\": \"c\"}}"), true),
        ("a byte order mark", Parsers.Text("\uFEFF{\"folders\": [\"a\"]}"), true)])
        .Select(item => new HostileInput("plugins", item.Name, item.Content, item.MayPass));

    private static IEnumerable<HostileInput> Strategies() => ((string[])[
        "", ":", "=", "variance:", "variance:a=1", "VARIANCE", " variance", "variance ", "snr-power", "snr-power:", "snr-power:alpha",
        "snr-power:alpha=", "snr-power:alpha=x",
        "snr-power:alpha=NaN", "snr-power:alpha=1e999", "snr-power:alpha=1:alpha=2", "snr-power:beta=1", "snr-power:alpha=1=2",
        "snr-power::", "\0", "é", new string(':', 100_000),
        new string('x', 1_000_000)])
        .Select(text => new HostileInput(
            "strategy", $"'{(text.Length > 40 ? text[..40] + "…" : text)}'", Parsers.Text(text), MayPass: text == "snr-power"));

    private static IEnumerable<HostileInput> Settings() => ((string[])[
        "seeds=", "seeds=..", "seeds=1..", "seeds=5..1", "seeds=1..99999999999", "seeds=-1", "seeds=18446744073709551616",
        "seeds=0..18446744073709551615", "seed=x",
        "density=", "density=0", "density=1.1", "density=-0.5", "density=1e-400", "density=NaN", "threshold=", "threshold=NaN",
        "threshold=1e999",
        "density=0.5\nthreshold=1", "lr=0", "lr=1e-46", "lr=1e39", "lr=-1", "steps=0", "steps=-1", "steps=2147483648", "steps=1.5",
        "layers=0", "layers=-1", "layers=,", "batch=0",
        "layers=2147483648", "strategy=", "strategy=,", "strategy=nobody", "name=", "name=..", "name=a/b", "name=" + new string('a', 101),
        "jobs=0", "jobs=1025", "output=",
        "plugin-timeout=0", "plugin-timeout=NaN", "checkpoint-every=1e7", "checkpoint-every=", "eval-every=0", "validation=-1",
        "prior-scale=0", "optimizer=", "scope=none"])
        .Select(text => new HostileInput("settings", text.Length > 60 ? text[..60] : text.ReplaceLineEndings(" "), Parsers.Text(text)));

    private static IEnumerable<HostileInput> Studies()
    {
        static byte[] Filled(string start, string part, string end = "") => Parsers.Text(
            start + string.Concat(Enumerable.Repeat(part, (StudyFile.MostBytes - start.Length - end.Length) / part.Length)) + end);
        static byte[] Numbered(string start, Func<int, string> part, string end = "")
        {
            var text = new StringBuilder(start);
            for (var i = 0; text.Length + part(i).Length + end.Length <= StudyFile.MostBytes; i++) text.Append(part(i));
            return Parsers.Text(text + end);
        }
        static byte[] Grids(int values) => Parsers.Text("[common]\n" + string.Concat(
            StudySettings.Keys.Settings.Except(StudySettings.Keys.OfTheWhole)
                .Select(name => $"{name} = [{string.Join(',', Enumerable.Range(0, values))}]\n")));
        return HostileInputs.List<(string Name, byte[] Content, bool MayPass)>([
            ("nothing", [], false), ("a comment alone", "# study"u8.ToArray(), false), ("a NUL", [0], false),
            ("zeros", new byte[1000], false), ("no UTF-8", [.. "[common]\nlayers = \""u8, 0xFF, .. "\""u8], false),
            ("overlong UTF-8", [.. "[common]\nlayers = \""u8, 0xC0, 0x80, .. "\""u8], false),
            ("half a surrogate in bytes", [.. "[common]\nlayers = \""u8, 0xED, 0xA0, 0x80, .. "\""u8], false),
            ("half a surrogate as an escape", Parsers.Text("[common]\nlayers = \"\\ud800\""), false),
            ("a NUL as an escape", Parsers.Text("[common]\nlayers = \"\\u0000\""), false),
            ("an escape character", Parsers.Text("[common]\nlayers = \"\\e[2J\""), false),
            ("an escape character in a key", Parsers.Text("[common]\n\"\\e[2J\" = 5"), false),
            ("a line separator", Parsers.Text("[common]\nlayers = \"a\u2028b\""), false),
            ("UTF-16", Encoding.Unicode.GetBytes("[common]\nsteps = 5"), false),
            ("JSON", "{\"common\": {\"steps\": 5}}"u8.ToArray(), false), ("YAML", "common:\n  steps: 5\n"u8.ToArray(), false),
            ("one byte too large", Parsers.Text("[common]\nsteps = 5\n" + new string('#', StudyFile.MostBytes)), false),
            ("deep arrays", Parsers.Text("[common]\nsteps = " + HostileInputs.Deep), false),
            ("arrays alone", Filled("[common]\nsteps = ", "["), false),
            ("arrays in arrays, closed", Filled("[common]\nsteps = ", "[", new string(']', 1000)), false),
            ("deep tables", Filled("[common]\nsteps = ", "{a="), false), ("dots alone", Filled("a", ".a", " = 1"), false),
            ("a table of dots", Filled("[a", ".a", "]"), false), ("equals signs", Filled("", "="), false),
            ("quotation marks", Filled("[common]\nlayers = ", "\""), false), ("line ends", Filled("", "\n"), false),
            ("carriage returns", Filled("[common]\r", "\r"), false), ("lines of garbage", Filled("", "x\n"), false),
            ("one unknown key", Numbered("[common]\n", i => $"k{i}=1\n"), false),
            ("one key again and again", Filled("[common]\n", "lr=1\n"), false),
            ("arms without anything", Filled("", "[[arm]]\n"), false),
            ("arms by the thousand", Numbered("", i => $"[[arm]]\nlr={i}\n"), true),
            ("a grid of one value", Filled("[common]\nlr=[", "1,", "]"), false),
            ("a large grid", Numbered("[common]\nlr=[", i => $"{i},", "]"), false),
            ("grids that overflow", Grids(300), false),
            ("one long key", Filled("[common]\n", "a", " = 1"), false),
            ("one long value", Filled("[common]\nlayers = \"", "1", "\""), true),
            ("one long name", Filled("[[arm]]\nlr=1\nname = \"", "1", "\""), false), ("digits", Filled("[common]\nlr = 1", "0"), false),
            ("digits with underscores", Filled("[common]\nlr = 1", "_0"), false),
            ("a number beyond double", Parsers.Text("[common]\nlr=1e999"), true),
            ("comparisons by the thousand", Numbered("[[arm]]\nlr=1\n", i => $"[[compare]]\nbaseline='{i}'\n"), true),
            ("a margin of -0", Parsers.Text("[[arm]]\nlr=1\n[[compare]]\nbaseline='a'\nmargin=-0.0"), false),
            ("a margin beyond double", Parsers.Text("[[arm]]\nlr=1\n[[compare]]\nbaseline='a'\nmargin=1e999"), false),
            ("a table for a text", Parsers.Text("question = {a = 1}\n[[arm]]\nlr=1"), false),
            ("a key of nothing", Parsers.Text("[common]\n\"\" = 1"), false), ("a table of nothing", Parsers.Text("[\"\"]\nlr = 1"), false),
            ("an arm and arms", Parsers.Text("arm = 1\n[[arm]]\nlr=1\n[arm.x]"), false)])
            .Select(item => new HostileInput("study", item.Name, item.Content, item.MayPass));
    }
}
