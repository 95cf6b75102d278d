using Bnn.Core;
using Bnn.Store;
using Host.Experiments;
using Host.Studies;

namespace Host.Tests;

/// <summary><c>host study</c>: studies are found, listed, shown, copied, read and changed by flags.</summary>
public sealed class StudyCommandTests(Installation installation)
{
    private static readonly string[] Shipped = [
        "blundell", "early", "flipout-variance", "iterative-variance", "lottery-ticket-paper", "post", "quick", "subset",
        "uncertainty", "variance-vs-magnitude", "zhou"];

    public static TheoryData<string> Names => [.. Shipped];

    [Fact]
    public async Task List_tells_each_ones_question_and_cost()
    {
        using var place = installation.Place();
        var table = (await place.Run("study --list")).Done().Table;
        Assert.Equal(["name", "question", "cost"], table[0]);
        Assert.Equal(Shipped, table.Skip(1).Select(row => row[0]));
        Assert.All(table.Skip(1), row => Assert.EndsWith("?", row[1], StringComparison.Ordinal));
        Assert.All(table.Skip(1), row => Assert.NotEmpty(row[2]));
    }

    [Theory, MemberData(nameof(Names))]
    public void An_included_study_is_right_and_names_strategies_that_there_are(string name)
    {
        var path = Path.Combine(Installation.Source, "..", "studies", $"{name}.toml");
        var study = StudyFile.Read(path, StudySettings.Keys).OrThrow();
        Assert.NotNull(study.Question);
        Assert.NotNull(study.Cost);
        Assert.StartsWith("# ", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.All(File.ReadLines(path), line => Assert.True(line.Length <= 140, line));

        var variants = study.Variants(StudySettings.Keys).OrThrow();
        var strategies = Directory.EnumerateFiles(Path.Combine(Installation.Source, "Plugins", "MaskStrategies"), "*.cs")
            .SelectMany(File.ReadLines).Where(line => line.Contains("[MaskStrategy(", StringComparison.Ordinal))
            .Select(line => line.Split('"')[1]).Append(TrainingSettings.None).ToList();
        foreach (var setting in (string[])["strategy", "compare"])
        {
            foreach (var given in variants.Select(variant => variant.Settings.GetValueOrDefault(setting)).OfType<Given>())
                Assert.Empty(Parse.Items(given.Text).Except(strategies));
        }
        Assert.Empty(study.Compare.Select(c => c.Baseline.Text).Except(study.Arms.Select(arm => arm.Name)).Except(strategies));
        foreach (var setting in RunSettings.Table.Where(setting => setting.Name is not ("strategy" or "compare")))
        {
            foreach (var given in variants.Select(variant => variant.Settings.GetValueOrDefault(setting.Name)).OfType<Given>().Distinct())
                _ = Read(setting, given);
        }
    }

    /// <summary>On the included MNIST, so that every density is that of a round and every image has its place.</summary>
    [Theory]
    [InlineData("quick", 30), InlineData("post", 25), InlineData("variance-vs-magnitude", 470), InlineData("iterative-variance", 246)]
    [InlineData("lottery-ticket-paper", 140), InlineData("zhou", 1023), InlineData("subset", 175), InlineData("early", 190)]
    [InlineData("blundell", 6), InlineData("uncertainty", 260)]
    public async Task An_included_study_can_be_planned(string name, int trainings)
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"study {name} --dry-run", "--vary", $"data={Mnist}")).Done();
        var all = outcome.Table[^1];
        Assert.Equal(("all", "0", "0"), (all[0], all[1], all[2]));
        Assert.Equal(trainings.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), all[3]);
        Assert.Contains($"the experiment is {name}.", outcome.Out, StringComparison.Ordinal);
        Assert.Empty(Folders.Files(place.Folder));
    }

    private static string Mnist => Path.GetFullPath(Path.Combine(Installation.Source, "..", "data", "mnist"));

    [Fact]
    public async Task Show_gives_the_file_and_copy_makes_one_that_can_be_changed()
    {
        using var place = installation.Place();
        var file = File.ReadAllText(Path.Combine(Installation.Source, "..", "studies", "post.toml"));
        Assert.Equal(file, (await place.Run("study show post")).Done().Out);
        (await place.Run("study copy post", "my study.toml")).Done().Says("./host study 'my study.toml'");
        Assert.Equal(file, File.ReadAllText(place.File("my study.toml")));
        var outcome = (await place.Run("study", "my study.toml", "--only", "five seeds", "--dry-run", "--vary", $"data={Mnist}")).Done();
        Assert.Contains("the experiment is my-study-five-seeds.", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_leaves_what_is_there_as_it_is()
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("mine.toml"), "mine");
        Directory.CreateDirectory(place.File("folder"));
        File.CreateSymbolicLink(place.File("nowhere"), "missing/file");
        foreach (var taken in (string[])["mine.toml", "folder", "nowhere"])
            (await place.Run("study copy quick", taken)).Refused(2, $"found {taken}; choose another name");
        (await place.Run("study copy quick missing/mine.toml")).Refused(6, "missing/mine.toml", "can't be written");
        Assert.Equal("mine", File.ReadAllText(place.File("mine.toml")));
        Assert.Equal(["mine.toml"], Directory.EnumerateFiles(place.Folder, "*.toml").Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("study", "no study is given", "./host study --list")]
    [InlineData("study qiuck", "unknown study 'qiuck': did you mean 'quick'? Known: blundell, early")]
    [InlineData("study mine.toml", "a study's file, found no mine.toml", "./host study copy NAME FILE")]
    [InlineData("study there/quick", "a study's file, found no there/quick")]
    [InlineData("study show", "no NAME is given"), InlineData("study show qiuck", "did you mean 'quick'?")]
    [InlineData("study copy quick", "a NAME and a FILE are needed"), InlineData("study copy qiuck x.toml", "did you mean 'quick'?")]
    [InlineData("study quick more", "'more' is not expected here"), InlineData("study quick --onyl x", "did you mean '--only'?")]
    [InlineData("study quick --list", "--list lists all studies")]
    [InlineData("study post --only five", "unknown arm 'five'. Known: as it stands, five seeds")]
    [InlineData("study quick --vary seeds", "--vary: expected SETTING=VALUE, found seeds; for example --vary seeds=1..10")]
    [InlineData("study quick --vary sedes=1", "--vary sedes: unknown setting 'sedes': did you mean 'seeds'?")]
    [InlineData("study quick --vary data=a --vary data=b", "--vary data holds for the whole study, and 2 values are given")]
    public async Task A_bad_command_is_told(string line, params string[] parts)
    {
        using var place = installation.Place();
        (await place.Run(line)).Refused(2, parts);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Flags_that_are_wrong_are_told_together()
    {
        using var place = installation.Place();
        var outcome = (await place.Run("study quick --only x --vary sedes=1 --vary =1")).Refused(
            2, "unknown arm 'x'", "did you mean 'seeds'", "SETTING=VALUE");
        Assert.Equal(3, outcome.Faults.Length);
    }

    [Fact]
    public async Task Every_fault_of_a_file_is_told_with_its_place()
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("mine.toml"), "[common]\nstpes = 5\nlr = \n[[arms]]\n[[arm]]\njobs = 5\n");
        var outcome = (await place.Run("study mine.toml")).Refused(
            2,
            "mine.toml, line 2, column 1: unknown setting 'stpes': did you mean 'steps'?", "mine.toml, line 3, column 6: not TOML",
            "mine.toml, line 4, column 1: unknown table 'arms': did you mean 'arm'?",
            "mine.toml, line 6, column 1: jobs holds for the whole");
        Assert.Equal(4, outcome.Faults.Length);
    }

    [Fact]
    public async Task A_file_that_is_no_study_is_told()
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("empty.toml"), "# nothing\n");
        File.WriteAllText(place.File("page.toml"), "<!DOCTYPE html>\n<html>\n");
        File.WriteAllText(place.File("odd"), "[common]\nsteps = 5\n");
        File.WriteAllBytes(place.File("large.toml"), new byte[1 << 20]);
        Directory.CreateDirectory(place.File("folder.toml"));
        (await place.Run("study empty.toml")).Refused(2, "empty.toml trains nothing");
        (await place.Run("study page.toml")).Refused(2, "page.toml, line 1, column 1: not TOML");
        (await place.Run("study large.toml")).Refused(2, "large.toml has 1048576 bytes");
        (await place.Run("study folder.toml")).Refused(6, "folder.toml: can't be read");
        (await place.Run("study odd")).Refused(2, "odd: validation: expected fewer than the 300 training images");
    }

    /// <summary>The value that a text gives a setting, which is none of those that need the plugins.</summary>
    private static SettingValues Read(Setting setting, Given given)
    {
        var texts = new Dictionary<string, Given>(StringComparer.Ordinal) { [setting.Name] = given };
        return SettingValues.Read([setting], texts, Origin.Named, new SettingContext([])).OrThrow();
    }
}
