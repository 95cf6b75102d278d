using System.Text;
using Bnn.Core;

namespace Bnn.Store.Tests;

/// <summary>Studies as files: what is read, and what is said about each thing that can be wrong.</summary>
public sealed class StudyFileTests
{
    private static readonly StudyKeys Keys = new(
        ["strategy", "compare", "density", "threshold", "seed", "seeds", "steps", "lr", "layers", "rounds", "controls", "controls-at",
            "data", "jobs", "name"],
        ["data", "jobs", "name"],
        [("threshold", "density"), ("seeds", "seed")]);

    [Fact]
    public void A_whole_study_is_read()
    {
        var study = Read(""""
            # a comment
            question = """Does it
                matter?"""
            cost = "2 minutes"

            [common]
            strategy = "variance"       # a text
            layers = ["300,100", "100"]
            steps = 30_000
            lr = +1.20e-3
            name = "mine"

            [[arm]]
            rounds = "0/20"

            [[arm]]
            name = "iterative, rewound"
            strategy = 'magnitude'
            rounds = 20

            [controls]
            kinds = "random,reinit"
            at = 0.05

            [[compare]]
            baseline = "iterative, rewound"
            margin = 0.2

            [[compare]]
            baseline = "random"
            """");
        Assert.Equal(("Does it matter?", "2 minutes"), (study.Question, study.Cost));
        Assert.Equal(
            ["strategy=variance", "layers=300,100|100", "steps=30000", "lr=+1.20e-3", "name=mine"], study.Common.Select(Text));
        Assert.Equal(["rounds 0/20", "iterative, rewound"], study.Arms.Select(arm => arm.Name));
        Assert.Equal(["rounds=0/20"], study.Arms[0].Settings.Select(Text));
        Assert.Equal(["strategy=magnitude", "rounds=20"], study.Arms[1].Settings.Select(Text));
        Assert.Equal(["controls=random,reinit", "controls-at=0.05"], study.Controls.Select(Text));
        Assert.Equal([("iterative, rewound", 0.2), ("random", (double?)null)], study.Compare.Select(c => (c.Baseline.Text, c.Margin)));
    }

    [Fact]
    public void A_value_knows_its_place_and_how_to_be_given_there()
    {
        var study = Read("[common]\n  density = 0.5\nlayers = [\n    \"300\",\n  \"100\"]\n[controls]\nkinds = \"random\"");
        var density = study.Common[0].Values[0].Origin;
        Assert.Equal(new Origin("density", "study.toml, line 2, column 3: density", "density = \"{0}\""), density);
        Assert.Equal("density = \"0.1\"", density.Assign("0.1"));
        Assert.Equal(
            ["study.toml, line 4, column 5: layers", "study.toml, line 5, column 3: layers"],
            study.Common[1].Values.Select(value => value.Origin.Where));
        var controls = study.Controls[0].Values[0].Origin;
        Assert.Equal(("controls", "study.toml, line 7, column 1: kinds"), (controls.Setting, controls.Where));
        Assert.Equal("study.toml: steps", study.OriginOf("steps").Where);
    }

    [Theory]
    [InlineData("\"a, b\"", "a, b"), InlineData("'C:\\x'", "C:\\x"), InlineData("\"\"", ""), InlineData("\"\"\"\nx\"\"\"", "x")]
    [InlineData("\"\\u00e9\"", "é"), InlineData("\"😀\"", "😀")]
    [InlineData("1", "1"), InlineData("-0", "-0"), InlineData("1_000", "1000"), InlineData("0x1F", "0x1F"), InlineData("1.50", "1.50")]
    [InlineData("1e-3", "1e-3"), InlineData("nan", "nan"), InlineData("-inf", "-inf"), InlineData("true", "true")]
    [InlineData("[ 1, 2, # c\n 3, ]", "1|2|3"), InlineData("[true, \"a\", 0.5]", "true|a|0.5")]
    public void Values_are_texts_as_they_were_typed(string value, string expected) =>
        Assert.Equal($"steps={expected}", Text(Read($"[common]\nsteps = {value}\n").Common[0]));

    [Theory]
    [InlineData("[common]\nsteps = 5", "common")]
    [InlineData("[controls]\nkinds = \"random\"", "common")]
    [InlineData("[common]\nsteps = 5\n[[arm]]", "common")]
    [InlineData("[[arm]]\nstrategy = \"snr\"\n[[arm]]\nstrategy = \"variance\"\nrounds = 20", "snr; variance, rounds 20")]
    [InlineData("[common]\nrounds = 20\n[[arm]]\nrounds = 20\n[[arm]]\nstrategy = \"snr\"\nrounds = 20", "rounds 20; snr")]
    [InlineData("[[arm]]\nsteps = 5\n[[arm]]\nsteps = [6, 7]\n[[arm]]", "steps 5; steps 6 or 7; common")]
    [InlineData("[[arm]]\nlayers = \"a!b\"", "layers a-b")]
    [InlineData("[[arm]]\nname = \"x\"\nstrategy = \"snr\"\n[[arm]]\nname = \"magnitude, 20 %\"", "x; magnitude, 20 %")]
    [InlineData("[[arm]]\nlayers = \"\"\n[[arm]]\nstrategy = \"--\"", "layers; common")]
    public void Arms_have_names_of_what_they_differ_in(string text, string names) =>
        Assert.Equal(names, string.Join("; ", Read(text).Arms.Select(arm => arm.Name)));

    [Fact]
    public void A_long_name_is_cut() =>
        Assert.True(ArmNames.IsName(Read($"[[arm]]\nlayers = \"{new string('1', 500)}\"").Arms[0].Name));

    [Fact]
    public void A_study_of_gradients_gives_its_sizes_and_repeats()
    {
        var study = Read("[gradient-variance]\nbatches = \"1,10\"\nrepeats = 5");
        Assert.Equal(["batches=1,10", "repeats=5"], study.Variance!.Value.Select(Text));
        Assert.Empty(Read("[gradient-variance]").Variance!.Value);
        Assert.Null(Read("[common]\nsteps = 5").Variance);
        var varied = study.Vary("repeats", [new Given("7", Origin.Named("repeats"))], Keys).OrThrow();
        Assert.Equal(["batches=1,10", "repeats=7"], varied.Variance!.Value.Select(Text));
        Assert.IsType<Result<StudyDefinition>.Failed>(
            Read("[common]\nsteps = 5").Vary("repeats", [new Given("7", Origin.Named("repeats"))], Keys));
    }

    public static TheoryData<string, string[]> Wrong => new()
    {
        { "[gradient-variance]\nbatchs = 5", ["line 2, column 1: unknown key 'batchs': did you mean 'batches'? Known: batches"] },
        { "[gradient-variance]\nbatches = [1, 2]", ["line 2, column 1: batches: expected one value", "batches = \"1,10,100\""] },
        { "[[gradient-variance]]\nrepeats = 5", ["expected [gradient-variance], found [[gradient-variance]]; there is one"] },
        { "", ["study.toml trains nothing: it gives no setting", "[common]", "[[arm]]"] },
        { "question = \"Why?\"", ["study.toml trains nothing"] },
        { "[common]\n[[arm]]\nname = \"a\"", ["study.toml trains nothing"] },
        { "[common]\ndesnity = 0.5", ["study.toml, line 2, column 1: unknown setting 'desnity': did you mean 'density'?"] },
        { "[comon]\nsteps = 5\n[[arm]]", ["line 1, column 1: unknown table 'comon': did you mean 'common'? Known: common, arm"] },
        { "[a.b]\n[[arm]]", ["line 1, column 1: unknown table 'a.b'"] },
        { "[[arm]]\n[common.steps]", ["line 2, column 1: unknown table 'common.steps'"] },
        { "[arm]\nsteps = 5", ["line 1, column 1: expected [[arm]], found [arm]; there may be several"] },
        { "[[common]]\nsteps = 5", ["expected [common], found [[common]]; there is one"] },
        { "[common]\nsteps = 5\n[common]\nlr = 1", ["line 3, column 1: [common] is in line 1 already"] },
        { "[common]\nsteps = 5\n steps = 6", ["line 3, column 2: steps is given already, in line 2; keep one"] },
        { "[common]\nsteps = 5\n\"steps\" = 6", ["line 3, column 1: steps is given already"] },
        { "[common]\nsteps.x = 5\n[[arm]]", ["line 2, column 1: 'steps.x' has dots in it"] },
        { "steps = 5\n[[arm]]", ["line 1, column 1: steps is a setting", "below [common]"] },
        { "qestion = \"?\"\n[[arm]]", ["line 1, column 1: unknown key 'qestion': did you mean 'question'?"] },
        { "question = 5\n[[arm]]", ["line 1, column 1: question: expected a text in quotation marks, found 5"] },
        { "question = \" \"\n[[arm]]", ["question: expected a text"] },
        { "question = \"a\\u0007b\"\n[[arm]]", ["question: expected a text that can be shown, found a?b"] },
        { "[common]\nsteps = []", ["line 2, column 1: steps: expected one value or more, found an empty array"] },
        { "[common]\nsteps = [5, [6]]", ["line 2, column 13: steps: expected a text, a number", "found an array", "one text"] },
        { "[common]\nsteps = {a = 1}", ["steps: expected a text, a number, true or false, found a table in braces"] },
        { "[common]\nsteps = 1979-05-27", ["steps: expected a text, a number, true or false, found a date or a time"] },
        { "[common]\nsteps = [5, 5]", ["line 2, column 13: steps: '5' is there twice"] },
        { "[common]\nsteps = \"a\\u0000b\"", ["steps: expected a text without control characters", "found a?b"] },
        { "[common]\nsteps = \"\"\"a\nb\"\"\"", ["steps: expected a text without control characters and line ends"] },
        { "[[arm]]\njobs = 2", ["line 2, column 1: jobs holds for the whole study", "move it to [common]"] },
        { "[common]\ndata = [\"a\", \"b\"]", ["line 2, column 1: data: expected one value, since it holds for the whole study"] },
        { "[[arm]]\nname = \"a\"\n[[arm]]\nname = \"a\"", ["line 3, column 1: arm: a second one called 'a'", "line 1, column 1"] },
        { "[[arm]]\n[[arm]]", ["line 2, column 1: arm: a second one called 'common'"] },
        { "[[arm]]\nname = \"a\\\"b\"", ["line 2, column 1: name: expected up to 100 letters"] },
        { "[[arm]]\nname = \"\"", ["name: expected up to 100 letters", "found an empty text"] },
        { "[[arm]]\nname = 5", ["name: expected up to 100 letters", "found 5"] },
        { "[[arm]]\nname = \"" + new string('a', 101) + "\"", ["name: expected up to 100 letters"] },
        { "[[arm]]\n[controls]\nkind = \"random\"", ["line 3, column 1: unknown key 'kind': did you mean 'kinds'?"] },
        { "[[arm]]\n[controls]\nkinds = [\"random\"]", ["line 3, column 1: kinds: expected a list as one text", "random,reinit"] },
        { "[common]\ncontrols = \"random\"\n[controls]\nkinds = \"random\"", ["kinds and study.toml, line 2, column 1: controls"] },
        { "[[arm]]\n[[compare]]\nmargin = 0.2", ["line 2, column 1: [[compare]] has no baseline"] },
        { "[[arm]]\n[[compare]]\nbaseline = 5", ["line 3, column 1: baseline: expected an arm's name or a strategy's, found 5"] },
        { "[[arm]]\n[[compare]]\nbaseline = \"random\"\nmargin = 0", ["line 4, column 1: margin: expected a number above 0, in"] },
        { "[[arm]]\n[[compare]]\nbaseline = \"random\"\nmargin = nan", ["margin: expected a number above 0"] },
        { "[[arm]]\n[[compare]]\nbaseline = \"random\"\nmargin = \"0.2\"", ["margin: expected a number above 0", "found 0.2"] },
        { "[[arm]]\n[[compare]]\nbaseline = \"random\"\nmargins = 1", ["line 4, column 1: unknown key 'margins': did you mean 'margin'?"] },
        {
            "[[arm]]\n[[compare]]\nbaseline = \"a\"\n[[compare]]\nbaseline = \"a\"",
            ["line 5, column 1: baseline 'a' is compared with already"]
        },
        { "hello", ["study.toml, line 1, column 6: not TOML: expecting '=' after a key", "the end of the file"] },
        { "{\"common\": {}}", ["line 1, column 1: not TOML: "] },
        { "[common]\nsteps = ", ["line 2, column 9: not TOML: unexpected end of the file for a value"] },
        { "[common]\nstrategy = variance", ["line 2, column 12: not TOML: ", "'variance'", "a text in quotation marks"] },
        { "[common]\nsteps = 5 lr = 1", ["line 2, column 11: not TOML: ", "'lr'"] },
        { "[common]\nlayers = [\"300\"\nsteps = 5", ["line 3, column 1: not TOML: ", "closing ']' for an array"] },
        { "[common\nsteps = 5", ["line 1, column 8: not TOML: "] },
        { "[common]\nsteps = 01", ["line 2, column 9: not TOML: ", "leading zero"] },
        { "[common]\nsteps = " + new string('[', 1000), ["brackets in brackets"] },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void What_is_wrong_is_told_with_its_place(string text, string[] parts)
    {
        var faults = Faults(Encoding.UTF8.GetBytes(text));
        foreach (var part in parts) Assert.Contains(part, faults, StringComparison.Ordinal);
        Assert.DoesNotContain(faults, letter => letter != '\n' && char.IsControl(letter));
    }

    [Fact]
    public void All_faults_are_told_together_in_their_order()
    {
        var faults = Faults("""
            question = 5
            [common]
            stpes = 5
            lr =
            jobs = [1, 2]
            [[arm]]
            name = ""
            data = "x"
            [[compare]]
            margin = -1
            """u8.ToArray()).Split('\n');
        Assert.Equal([1, 3, 4, 5, 7, 8, 9, 10], faults.Select(LineOf));
    }

    [Fact]
    public void A_broken_line_is_told_once_and_not_guessed_at() =>
        Assert.Single(Faults("[common]\nsteps = 5\nstpes 6 = 7 8\n"u8.ToArray()).Split('\n'));

    [Fact]
    public void No_more_faults_are_told_than_a_person_reads()
    {
        var faults = Faults(Encoding.UTF8.GetBytes("[common]\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"k{i} = 1\n"))));
        Assert.EndsWith("\nstudy.toml has 80 more; correct these first", faults, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_and_line_ends_of_Windows_are_accepted() =>
        Assert.Equal("steps=5", Text(StudyFile.Parse("x", [0xEF, 0xBB, 0xBF, .. "[common]\r\nsteps = 5\r\n"u8], Keys).OrThrow().Common[0]));

    [Fact]
    public void Other_encodings_are_named()
    {
        Assert.Contains("UTF-16", Faults(Encoding.Unicode.GetBytes("[common]")), StringComparison.Ordinal);
        Assert.Contains("UTF-32", Faults(Encoding.UTF32.GetBytes("[common]")), StringComparison.Ordinal);
        Assert.Contains("line 2 isn't text in UTF-8", Faults([.. "[common]\nsteps = \""u8, 0xE9, .. "\""u8]), StringComparison.Ordinal);
    }

    [Theory, InlineData(@"\u"), InlineData(@"\u00"), InlineData(@"\U0001"), InlineData(@"\")]
    public void A_backslash_at_the_end_of_the_file_is_told(string end) => Assert.StartsWith(
        "study.toml, line 3, column ",
        Faults(Encoding.UTF8.GetBytes($"[common]\nlr = 1\nname = \"x{end}")),
        StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_study_by_its_size_is_not_read() => Assert.Contains(
        $"{StudyFile.MostBytes + 1} bytes, more than the {StudyFile.MostBytes}", Faults(new byte[StudyFile.MostBytes + 1]),
        StringComparison.Ordinal);

    private static StudyDefinition Read(string text) => StudyFile.Parse("study.toml", Encoding.UTF8.GetBytes(text), Keys).OrThrow();

    private static string Text(StudySetting setting) => $"{setting.Name}={string.Join('|', setting.Values.Select(value => value.Text))}";

    private static string Faults(byte[] content) => StudyFile.Parse("study.toml", content, Keys)
        .Match(_ => "", faults => string.Join('\n', faults.Select(fault => fault.Describe())));

    private static int LineOf(string fault) => int.Parse(
        fault.Split("line ")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
}
