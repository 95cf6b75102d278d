using System.Buffers.Binary;
using System.Text;

namespace Reliability;

/// <summary>Files of a results folder that say something else than the program wrote.</summary>
internal static class HostileStoreFiles
{
    public static IEnumerable<HostileInput> All(Parsers parsers) => [
        .. TensorFiles(), .. Checkpoints(parsers["checkpoint"]), .. Results(parsers["result"]), .. Measures(), .. Gradients(),
        .. Metrics(), .. Leases(), .. Failures(), .. Plans(parsers["plan"]), .. Stores(), .. Sums(parsers["sums"]),
        .. Seals(parsers["seal"])];

    private static IEnumerable<HostileInput> TensorFiles()
    {
        const string One = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        (string Name, byte[] Content)[] all = [
            ("nothing", []), ("seven bytes", new byte[7]), ("eight zeros", new byte[8]), ("no header", Length(2)),
            ("length -1", [.. Length(-1), .. "{}"u8]), ("length 2^63-1", [.. Length(long.MaxValue), .. "{}"u8]),
            ("length of 2 GB", [.. Length(1L << 31), .. "{}"u8]), ("length one too long", [.. Length(3), .. "{}"u8]),
            ("length 0", [.. Length(0), .. "{}"u8]), ("length 1", [.. Length(1), .. "{}"u8]),
            ("a list", Head("[]", 0)), ("a number", Head("12", 0)), ("null", Head("null", 0)), ("no JSON", Head("{a}", 0)),
            ("a space first", Head(" {" + One + "}", 4)), ("an open object", Head("{" + One, 4)),
            ("a comment", Head("{/* */" + One + "}", 4)),
            ("a trailing comma", Head("{" + One + ",}", 4)), ("deep", Head("{\"a\":" + HostileInputs.Deep, 0)),
            ("a name twice", Head("{" + One + "," + One + "}", 4)),
            ("a tensor that is a list", Head("{\"a\":[]}", 0)), ("a tensor that is null", Head("{\"a\":null}", 0)),
            ("no type", Head("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4)),
            ("a type that is a number", Head(One.Replace("\"F32\"", "7", StringComparison.Ordinal), 4, wrap: true)),
            ("doubles", Head(One.Replace("F32", "F64", StringComparison.Ordinal), 4, wrap: true)),
            ("a field too many", Head("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4)),
            ("a shape that is a number", Head(Shape("1"), 4)), ("a size below 0", Head(Shape("[-1]"), 4)),
            ("a size of 1.5", Head(Shape("[1.5]"), 4)),
            ("a size of 1e0", Head(Shape("[1e0]"), 4)), ("a size of 2^31", Head(Shape("[2147483648]"), 4)),
            ("sizes that overflow", Head(Shape("[65536,65536,65536,65536]"), 4)),
            ("sizes that overflow to 1", Head(Shape("[4294967297]"), 4)),
            ("nine axes", Head(Shape("[1,1,1,1,1,1,1,1,1]"), 4)), ("a null size", Head(Shape("[null]"), 4)),
            ("2 GB that aren't there", Head("{\"a\":{\"dtype\":\"U8\",\"shape\":[2000000000],\"data_offsets\":[0,2000000000]}}", 4)),
            ("8 GB that aren't there", Head("{\"a\":{\"dtype\":\"F32\",\"shape\":[2000000000],\"data_offsets\":[0,8000000000]}}", 4)),
            ("one offset", Head(Place("[0]"), 4)), ("three offsets", Head(Place("[0,4,4]"), 4)),
            ("offsets turned round", Head(Place("[4,0]"), 4)),
            ("an offset below 0", Head(Place("[-4,0]"), 4)), ("a gap at the start", Head(Place("[4,8]"), 8)),
            ("an end behind the file", Head(Place("[0,4]"), 3)), ("bytes behind the last", Head(Place("[0,4]"), 5)),
            ("an offset of 2^63", Head(Place("[9223372036854775807,9223372036854775811]"), 4)),
            ("an overlap", Head("{" + One + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", 6)),
            ("two in one place", Head("{" + One + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4)),
            ("metadata of numbers", Head("{\"__metadata__\":{\"a\":1}," + One + "}", 4)),
            ("metadata that is a list", Head("{\"__metadata__\":[]," + One + "}", 4)),
            ("a name that is half a surrogate", Head("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4)),
            ("no UTF-8", [.. Length(3), (byte)'{', 0xFF, (byte)'}']), ("the right form, of no net", Head("{" + One + "}", 4)),
            ("no tensor", Head("{}", 0)),
            ("a step beyond int", Head("{\"step99999999999.layer1.mu\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4)),
        ];
        return all.Select(item => new HostileInput("safetensors", item.Name, item.Content));

        static string Shape(string shape) => "{\"a\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,4]}}";

        static string Place(string offsets) => "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + offsets + "}}";
    }

    private static IEnumerable<HostileInput> Checkpoints(Parser parser)
    {
        var valid = parser.Valid[0];
        (string Name, byte[] Content)[] all = [
            ("nothing", []), ("without its last byte", valid[..^1]), ("with a byte more", [.. valid, 0]),
            ("half", valid[..(valid.Length / 2)]),
            ("zeros", new byte[valid.Length]), ("a tensor file without a seal", Head("{}", 0)),
            ("a seal that is broken", Changed("\"step\":\"", "\"stop\":\"", closed: false)),
            .. HostileInputs.List<(string From, string To)>([
                ("\"key\":\"", "\"kay\":\""), ("\"step\":\"", "\"stop\":\""), ("\"stepper_steps\":\"", "\"stepper_steps\":\"-"),
                ("\"sum_nll\":\"", "\"sum_nll\":\"x"), ("\"sum_kl\":\"", "\"sum_kx\":\""),
                ("\"sum_count\":\"", "\"sum_count\":\"99999999999"),
                ("step,train_loss", "step,train_lose"), ("state.layer1.mu", "state.layer1.mv"), ("\"F32\"", "\"F64\""),
                ("\"U8\"", "\"I8\"")])
                .Select(change => ($"{change.From} is {change.To}", Changed(change.From, change.To, closed: true)))];
        return all.Select(item => new HostileInput("checkpoint", item.Name, item.Content));

        // Longer replacements would move the header's end: then the header's length is wrong, which is one more way.
        byte[] Changed(string from, string to, bool closed)
        {
            var text = Encoding.Latin1.GetString(valid);
            var at = text.IndexOf(from, StringComparison.Ordinal);
            Assert.True(at >= 0, from);
            var changed = Encoding.Latin1.GetBytes(text[..at] + to + text[(at + from.Length)..]);
            return closed ? parser.Seal!(changed) : changed;
        }
    }

    private static IEnumerable<HostileInput> Results(Parser parser)
    {
        var valid = Encoding.UTF8.GetString(parser.Valid[^1]);
        var accuracy = Field("test_accuracy_last");
        var kept = valid[valid.IndexOf("\"kept\"", StringComparison.Ordinal)..(valid.IndexOf(']', StringComparison.Ordinal) + 1)];
        (string Name, string Content)[] all = [
            ("nothing", ""), ("a list", "[]"), ("null", "null"), ("a number", "7"), ("an empty object", "{}"), ("deep", HostileInputs.Deep),
            ("no JSON", "{key}"),
            ("with an object more", valid + "{}"), ("half", valid[..(valid.Length / 2)]), ("without its end", valid[..^1]),
            ("zeros", new string('\0', 4096)),
            ("a key that is a number", "{\"key\": 5}"), ("a key that is null", "{\"key\": null}"),
            ("a name twice", "{\"key\": \"a\", \"key\": \"b\"}"),
            ("only a key", "{\"key\": \"0123456789ab\"}"),
            ("no seal though it has hashes", valid.Replace("\"sha256\": \"", "\"sha255\": \"", StringComparison.Ordinal)),
            .. HostileInputs.List<(string Name, string Text)>([
                ("7", "7"), ("-1", "-1"), ("above 1 by a bit", "1.0000001"), ("infinite", "1e999"), ("a text", "\"1\""), ("null", "null"),
                ("a list", "[1]"),
                ("not a number", "NaN")])
                .Select(item => ($"an accuracy that is {item.Name}", With(accuracy, $"\"test_accuracy_last\": {item.Text}"))),
            .. HostileInputs.List<(string Name, string Text)>([
                ("null", "null"), ("a number", "3"), ("a list with null", "[null]"), ("a list with a text", "[\"1\"]"),
                ("fractions", "[1.5]"),
                ("beyond int", "[2147483648]"), ("below 0", "[-1]"), ("lists", "[[1]]")])
                .Select(item => ($"counts that are {item.Name}", With(kept, $"\"kept\": {item.Text}"))),
            .. HostileInputs.List<(string Name, string Text)>([
                ("null", "null"), ("a list", "[]"), ("null each", "{\"a\": null}"), ("empty each", "{\"a\": {}}"),
                ("texts", "{\"a\": {\"bytes\": \"1\", \"sha256\": \"a\"}}"),
                ("beyond long", "{\"a\": {\"bytes\": 1e30, \"sha256\": \"a\"}}")])
                .Select(item => ($"files that are {item.Name}", WithField("files", item.Text))),
            .. HostileInputs.List<(string Name, string Text)>([
                ("null", "null"), ("an object", "{}"), ("null each", "[null]"), ("empty each", "[{}]"), ("numbers", "[5]")])
                .Select(item => ($"sources that are {item.Name}", WithField("scored_from", item.Text)))];
        return all.Select(item => new HostileInput("result", item.Name, Parsers.Text(item.Content)));

        string Field(string name)
        {
            var at = valid.IndexOf($"\"{name}\"", StringComparison.Ordinal);
            return valid[at..valid.IndexOf(',', at)];
        }

        string With(string from, string to) =>
            Encoding.UTF8.GetString(Parsers.SealJson(Parsers.Text(valid.Replace(from, to, StringComparison.Ordinal))));

        string WithField(string name, string text)
        {
            var json = System.Text.Json.Nodes.JsonNode.Parse(valid)!.AsObject();
            json[name] = System.Text.Json.Nodes.JsonNode.Parse(text);
            json["sha256"] = Bnn.Store.Seal.Open;
            var options = new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\n" };
            return Encoding.UTF8.GetString(Parsers.SealJson(Parsers.Text(json.ToJsonString(options) + "\n")));
        }
    }

    private static IEnumerable<HostileInput> Gradients()
    {
        (string Name, string Content)[] all = [
            ("nothing", ""), ("null", "null\n"), ("an array", "[]\n"), ("deep arrays", new string('[', 100_000)),
            ("a key that leads elsewhere", Sealed(training: "\"../../../tmp\"")), ("a net of one layer of units", Sealed(net: "[2]")),
            ("a layer without units", Sealed(net: "[2, 0]")), ("a size of 0", Sealed(batches: "[0]")),
            ("a moment that nobody knows", Sealed(moments: "[\"noon\"]")), ("two repeats", Sealed(repeats: "2")),
            ("a cell that is null", Sealed(cells: "[null]")), ("a layer beyond the net", Sealed(cells: Cell("2", "[1, 1, 1]"))),
            ("too few distances", Sealed(cells: Cell("1", "[1, 1]"))), ("a distance below 0", Sealed(cells: Cell("1", "[1, 1, -1]"))),
            ("a distance beyond double", Sealed(cells: Cell("1", "[1, 1, 1e999]"))),
        ];
        return all.Select(item => new HostileInput("gradients", item.Name, Parsers.Text(item.Content), MayPass: false));

        static string Cell(string layer, string distances) => $"[{{\"moment\": \"initial\", \"batch\": 4, \"perturbation\": \"flipout\", "
            + $"\"layer\": {layer}, \"variance\": 1, \"distances\": {distances}}}]";

        static string Sealed(
            string training = "\"0123456789ab\"", string net = "[2, 3]", string moments = "[\"initial\"]", string batches = "[4]",
            string repeats = "3", string cells = "[]") => Encoding.UTF8.GetString(Parsers.SealJson(Parsers.Text(
                $"{{\n  \"version\": 1,\n  \"training\": {training},\n  \"seed\": 1,\n  \"net\": {net},\n  \"moments\": {moments},\n"
                + $"  \"batches\": {batches},\n  \"repeats\": {repeats},\n  \"cells\": {cells},\n"
                + $"  \"sha256\": \"{Bnn.Store.Seal.Open}\"\n}}\n")));
    }

    private static IEnumerable<HostileInput> Measures()
    {
        const string Key = "\"key\": \"0123456789ab\"", Inputs = "\"inputs\": {}", None = "\"measures\": {}";
        (string Name, string Content, bool MayPass)[] all = [
            ("nothing", "", false), ("null", "null\n", false), ("an array", "[]\n", false), ("half of it", "{" + Key, false),
            ("no measures", Sealed(Key, Inputs, None), true), ("no key", Sealed(Inputs, None), false),
            ("no inputs", Sealed(Key, None), false), ("inputs that are null", Sealed(Key, "\"inputs\": null", None), false),
            ("an input that is null", Sealed(Key, "\"inputs\": {\"weights.safetensors\": null}", None), false),
            ("a measure that is null", Sealed(Key, Inputs, "\"measures\": {\"test_accuracy_untrained\": null}"), false),
            ("an accuracy of 2", Sealed(Key, Inputs, One("2", "1")), false),
            ("an accuracy below 0", Sealed(Key, Inputs, One("-1", "1")), false),
            ("a value that is text", Sealed(Key, Inputs, One("\"0.5\"", "1")), false),
            ("no version", Sealed(Key, Inputs, One("1", "null")), false), ("no value", Sealed(Key, Inputs, One("null", "1")), true),
            ("a second data set that is a number", Sealed(Key, Inputs, One("1", "1, \"beside\": 7")), false),
            ("a second data set for what needs none", Sealed(Key, Inputs, One("1", "1, \"beside\": \"00\"")), true),
            ("a version beyond int", Sealed(Key, Inputs, One("1", "99999999999")), false),
            ("a measure that nobody knows", Sealed(Key, Inputs, "\"measures\": {\"luck\": {\"value\": 7, \"version\": 1}}"), true),
            ("a field that nobody knows", Sealed(Key, Inputs, None, "\"more\": 1"), false),
            ("a key twice", Sealed(Key, Key, Inputs, None), true), ("not a number", Sealed(Key, Inputs, One("NaN", "1")), false),
            ("a broken seal", Sealed(Key, Inputs, One("0.5", "1")).Replace("0.5", "0.6", StringComparison.Ordinal), false),
            ("deep arrays", new string('[', 100_000), false), ("zeros", new string('\0', 4096), false),
            ("measures by the thousand", Sealed(Key, Inputs, "\"measures\": {" + string.Join(',', Enumerable.Range(0, 10_000)
                .Select(i => $"\"m{i}\": {{\"value\": 1, \"version\": 1}}")) + "}"), true),
        ];
        return all.Select(item => new HostileInput("measures", item.Name, Parsers.Text(item.Content), item.MayPass));

        static string One(string value, string version) =>
            $"\"measures\": {{\"test_accuracy_untrained\": {{\"value\": {value}, \"version\": {version}}}}}";

        static string Sealed(params string[] fields) => Encoding.UTF8.GetString(Parsers.SealJson(Parsers.Text(
            $"{{\n{string.Concat(fields.Select(field => $"  {field},\n"))}  \"sha256\": \"{Bnn.Store.Seal.Open}\"\n}}\n")));
    }

    private static IEnumerable<HostileInput> Leases()
    {
        const string Line = "{\"id\":\"a\",\"host\":\"b\",\"boot\":\"c\",\"process\":1,\"started\":\"2\",\"job\":\"\","
            + "\"since\":\"2026-01-01T00:00:00+00:00\"}\n";
        (string Name, string Content, bool MayPass)[] all = [
            ("nothing", "", false), ("null", "null\n", false), ("an array", "[]\n", false), ("no end of line", Line.TrimEnd(), false),
            ("no beat", Line, true), ("a beat of other words", Line + "one two three\n", true),
            ("a step beyond int", Line + "1 99999999999 1\n", true), ("a host that is null", With("\"b\"", "null"), false),
            ("no id", With("\"id\":\"a\",", ""), false), ("a process beyond int", With(":1,", ":99999999999,"), false),
            ("a time that nobody knows", With("2026-01-01", "2026-13-01"), false),
            ("a host of control characters", With("\"b\"", "\"\\u001b[2J\""), true),
            ("deep arrays", new string('[', 100_000) + "\n", false), ("zeros", new string('\0', 4096), false)];
        return all.Select(item => new HostileInput("lease", item.Name, Parsers.Text(item.Content), item.MayPass));

        static string With(string from, string to) => Line.Replace(from, to, StringComparison.Ordinal);
    }

    private static IEnumerable<HostileInput> Failures()
    {
        const string Holder = "{\"host\":\"b\",\"boot\":\"c\",\"process\":1,\"started\":\"2\",\"job\":\"\"}";
        (string Name, string Content)[] all = [
            ("nothing", ""), ("null", "null\n"), ("an array", "[]\n"),
            ("no reason", $"{{\"holder\":{Holder},\"at\":\"2026-01-01T00:00:00Z\"}}"),
            ("a reason that is null", $"{{\"reason\":null,\"holder\":{Holder},\"at\":\"2026-01-01T00:00:00Z\"}}"),
            ("a holder that is a text", "{\"reason\":\"a\",\"holder\":\"b\",\"at\":\"2026-01-01T00:00:00Z\"}"),
            ("a time that nobody knows", $"{{\"reason\":\"a\",\"holder\":{Holder},\"at\":\"noon\"}}"),
            ("deep arrays", new string('[', 100_000))];
        return all.Select(item => new HostileInput("failure", item.Name, Parsers.Text(item.Content)));
    }

    private static IEnumerable<HostileInput> Metrics()
    {
        const string Header = "step,train_loss,train_nll,kl,validation_nll,validation_accuracy\n";
        (string Name, string Content)[] all = [
            ("nothing", ""), ("a line feed", "\n"), ("half a header", Header[..20]), ("a header without its end", Header.TrimEnd()),
            ("another header", "step\n"),
            ("the header in capitals", Header.ToUpperInvariant()), ("a byte order mark", "\uFEFF" + Header),
            ("Windows' line ends", Header.Replace("\n", "\r\n", StringComparison.Ordinal)),
            ("no end of line", Header + "0,,,,1,1"), ("five cells", Header + "0,,,,1\n"), ("seven cells", Header + "0,,,,1,1,1\n"),
            ("an empty line", Header + "\n0,,,,1,1\n"),
            ("a step below 0", Header + "-1,,,,1,1\n"), ("a step of 1.0", Header + "1.0,,,,1,1\n"),
            ("a step beyond int", Header + "2147483648,,,,1,1\n"),
            ("no step", Header + ",,,,1,1\n"), ("steps that fall", Header + "2,,,,1,1\n1,,,,1,1\n"),
            ("a step twice", Header + "1,,,,1,1\n1,,,,1,1\n"),
            ("not a number", Header + "0,,,,NaN,1\n"), ("infinite", Header + "0,,,,1e999,1\n"), ("Infinity", Header + "0,,,,Infinity,1\n"),
            ("hexadecimal", Header + "0,,,,0x10,1\n"),
            ("a space", Header + "0,,,, 1,1\n"), ("thousands", Header + "0,,,,1.000.000,1\n"),
            ("a comma too many", Header + "0,,,,1,5,1\n"), ("Arabic digits", Header + "٠,,,,1,1\n"),
            ("zeros", new string('\0', 4096)), ("a cell of a million digits", Header + "0,,,,x" + new string('1', 1_000_000) + ",1\n"),
        ];
        return all.Select(item => new HostileInput("metrics", item.Name, Parsers.Text(item.Content)));
    }

    private static IEnumerable<HostileInput> Plans(Parser parser)
    {
        var valid = Encoding.UTF8.GetString(parser.Valid[0]);
        (string Name, string Content)[] all = [
            ("nothing", ""), ("a list", "[]"), ("null", "null"), ("an empty object", "{}"), ("cells alone", "{\"cells\": []}"),
            ("deep", HostileInputs.Deep), ("half", valid[..(valid.Length / 2)]),
            ("without its end", valid[..^1]), ("with a line more", valid + "\n"),
            ("a number changed", valid.Replace("\"steps\": 3", "\"steps\": 4", StringComparison.Ordinal)),
            ("zeros", new string('\0', 4096)),
            .. HostileInputs.List<(string From, string To)>([
                ("\"plan_key\"", "\"plan_kex\""), ("\"plan_key\": \"", "\"plan_key\": null, \"x\": \""),
                ("\"cells\": [", "\"cells\": [null,"),
                ("\"trainings\": [", "\"trainings\": [null,"), ("\"trainings\": [", "\"trainings\": [5,"), ("\"net\": [", "\"net\": [0,"),
                ("\"net\": [", "\"net\": [-1,"),
                ("\"net\": [", "\"net\": [\"a\","), ("\"net\": [", "\"net\": [99999999999,"), ("\"seed\": 1", "\"seed\": -1"),
                ("\"seed\": 1", "\"seed\": 1e30"),
                ("\"kind\": \"dense\"", "\"kind\": \"thick\""), ("\"kind\": \"dense\"", "\"kind\": 1"),
                ("\"target_density\": 0.5", "\"target_density\": 7"),
                ("\"target_density\": 0.5", "\"target_density\": 1e99"), ("\"steps\": 3", "\"steps\": 1e99"),
                ("\"cells\": [", "\"cells\": {\"a\":"),
                ("\"key\": \"", "\"key\": \"../../x"), ("\"cell\": \"", "\"cell\": \"x"), ("\"roles\": {", "\"roles\": null, \"x\": {"),
                ("\"roles\": {", "\"roles\": {\"y\": 1,")])
                .Select(change => ($"{change.From} is {change.To}", Changed(change.From, change.To))),
            ("one cell twice", Twice("\"cells\": [")), ("a field twice", Changed("{", "{\"command\": \"a\", "))];
        return all.Select(item => new HostileInput("plan", item.Name, Parsers.Text(item.Content), MayPass(item.Name)));

        static bool MayPass(string name) => name == "a field twice" || name.Contains("\"y\"", StringComparison.Ordinal);

        string Changed(string from, string to)
        {
            var at = valid.IndexOf(from, StringComparison.Ordinal);
            Assert.True(at >= 0, from);
            return Encoding.UTF8.GetString(Parsers.SealJson(Parsers.Text(valid[..at] + to + valid[(at + from.Length)..])));
        }

        string Twice(string list)
        {
            var start = valid.IndexOf(list, StringComparison.Ordinal) + list.Length;
            var end = valid.IndexOf("\n    }", start, StringComparison.Ordinal) + 6;
            return Encoding.UTF8.GetString(Parsers.SealJson(Parsers.Text(valid[..end] + "," + valid[start..end] + valid[end..])));
        }
    }

    private static IEnumerable<HostileInput> Stores() => HostileInputs.List<(string Name, string Content)>([
        ("nothing", ""), ("a list", "[]"), ("null", "null"), ("a text", "\"format\""), ("an empty object", "{}"),
        ("format 99", "{\"format\": 99}\n"),
        ("format 0", "{\"format\": 0}\n"), ("format -1", "{\"format\": -1}\n"), ("format 1.5", "{\"format\": 1.5}\n"),
        ("format null", "{\"format\": null}\n"),
        ("format beyond int", "{\"format\": 4294967297}\n"), ("a text for a format", "{\"format\": \"1\"}\n"),
        ("one field more", "{\"format\": 1, \"x\": 2}\n"),
        ("a line more", "{\"format\": 1}\n\n"), ("deep", "{\"format\": " + HostileInputs.Deep), ("zeros", new string('\0', 64))])
        .Select(item => new HostileInput("store", item.Name, Parsers.Text(item.Content)));

    private static IEnumerable<HostileInput> Sums(Parser parser)
    {
        var valid = Encoding.UTF8.GetString(parser.Valid[0]);
        var lines = valid.Split('\n');
        return HostileInputs.List<(string Name, string Content)>([
            ("nothing", ""), ("a line feed", "\n"), ("without its last line", string.Join('\n', lines[..^2]) + "\n"),
            ("without its first line", string.Join('\n', lines[1..])),
            ("lines turned round", string.Join('\n', [lines[1], lines[0], .. lines[2..]])), ("a line twice", lines[0] + "\n" + valid),
            ("another file's name", valid.Replace("table.csv", "table.tsv", StringComparison.Ordinal)),
            ("a path", valid.Replace("table.csv", "../x.csv", StringComparison.Ordinal)),
            ("one space", valid.Replace("  ", " ", StringComparison.Ordinal)), ("with a line more", valid + "\n"),
            ("without its end", valid[..^1]), ("capitals", valid.ToUpperInvariant()),
            ("Windows' line ends", valid.Replace("\n", "\r\n", StringComparison.Ordinal)), ("zeros", new string('\0', 400))])
            .Select(item => new HostileInput("sums", item.Name, Parsers.Text(item.Content)));
    }

    private static IEnumerable<HostileInput> Seals(Parser parser)
    {
        var valid = parser.Valid[0];
        (string Name, byte[] Content)[] all = [
            ("nothing", []), ("an end alone", Parsers.Text("\"\n}\n")), ("digits alone", Parsers.Text(Bnn.Store.Seal.Open + "\"\n}\n")),
            ("without its first byte", valid[1..]),
            ("with a byte first", [0, .. valid]), ("an open seal", Parsers.Text("{\n  \"sha256\": \"" + Bnn.Store.Seal.Open + "\"\n}\n")),
            ("digits in capitals", [.. valid[..^68], .. valid[^68..].Select(letter => (byte)char.ToUpperInvariant((char)letter))])];
        return all.Select(item => new HostileInput("seal", item.Name, item.Content));
    }

    private static byte[] Length(long length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    /// <summary>A header with its length before it, and a body of zeros.</summary>
    private static byte[] Head(string json, int body, bool wrap = false)
    {
        var head = Parsers.Text(wrap ? "{" + json + "}" : json);
        return [.. Length(head.Length), .. head, .. new byte[body]];
    }
}
