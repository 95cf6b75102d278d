using System.Collections.Immutable;
using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>A study's arms and grids, as the variants that are trained.</summary>
public sealed class StudyDefinitionTests
{
    private static readonly StudyKeys Keys = StudyKeys.Of(TrainingSettings.All) with { OfTheWhole = ["optimizer"] };

    [Fact]
    public void The_keys_of_a_table_are_its_settings()
    {
        Assert.Equal(TrainingSettings.All.Select(setting => setting.Name), Keys.Settings);
        Assert.Contains(("threshold", "density"), Keys.Alternatives);
        Assert.Contains(("seeds", "seed"), Keys.Alternatives);
        Assert.Empty(StudyKeys.Of(TrainingSettings.All).OfTheWhole);
    }

    [Fact]
    public void An_arm_differs_from_the_common_settings() => Assert.Equal(
        ["one: strategy=snr steps=5 lr=0.1", "two: strategy=variance steps=6"],
        Variants(Study(
            [("strategy", "variance"), ("steps", "5")], ("one", [("strategy", "snr"), ("lr", "0.1")]), ("two", [("steps", "6")]))));

    [Fact]
    public void Grids_are_multiplied_the_last_fastest() => Assert.Equal(
        [
            "a: lr=0.1 steps=1 batch=7", "a: lr=0.1 steps=1 batch=8", "a: lr=0.2 steps=1 batch=7", "a: lr=0.2 steps=1 batch=8",
            "b: lr=0.1 steps=1", "b: lr=0.1 steps=2", "b: lr=0.2 steps=1", "b: lr=0.2 steps=2"],
        Variants(Study([("lr", "0.1|0.2")], ("a", [("steps", "1"), ("batch", "7|8")]), ("b", [("steps", "1|2")]))));

    [Fact]
    public void An_arm_keeps_the_place_of_a_common_setting() => Assert.Equal(
        ["a: steps=1 lr=0.1", "a: steps=1 lr=0.2", "a: steps=2 lr=0.1", "a: steps=2 lr=0.2"],
        Variants(Study([("steps", "9"), ("lr", "0.1|0.2")], ("a", [("steps", "1|2")]))));

    [Theory]
    [InlineData("density", "threshold"), InlineData("threshold", "density"), InlineData("seed", "seeds"), InlineData("seeds", "seed")]
    public void An_arm_replaces_a_common_setting_that_says_the_same(string common, string own) =>
        Assert.Equal([$"a: {own}=1"], Variants(Study([(common, "2")], ("a", [(own, "1")]))));

    [Fact]
    public void Controls_hold_for_every_arm_that_has_none_of_its_own()
    {
        var study = Study([("steps", "5")], ("a", []), ("b", [("controls", "reinit")])) with
        {
            Controls = [Setting("controls", "random")],
        };
        Assert.Equal(["a: steps=5 controls=random", "b: steps=5 controls=reinit"], Variants(study));
    }

    [Fact]
    public void There_are_as_many_variants_as_the_grids_have_points_and_no_two_are_equal() =>
        Gen.Select(Gen.Int[1, 3].Array[0, 4], Gen.Int[1, 3].Array[0, 4]).Sample((common, own) =>
        {
            StudySetting[] Settings(int[] sizes, int first) =>
                [.. sizes.Select((size, i) => Setting(Keys.Settings[first + i], string.Join('|', Enumerable.Range(0, size))))];
            var study = Study([], ("a", [])) with { Common = [.. Settings(common, 0)] };
            study = study with { Arms = [study.Arms[0] with { Settings = [.. Settings(own, 4)] }] };
            var variants = Variants(study);
            return variants.Length == common.Concat(own).Aggregate(1, (product, size) => product * size)
                && variants.Distinct().Count() == variants.Length;
        });

    [Fact]
    public void Only_one_arm_is_left_on_request()
    {
        var study = Study([("steps", "5")], ("one", []), ("two", []));
        Assert.Equal(["two: steps=5"], Variants(study.Only("two").OrThrow()));
        Assert.Contains("unknown arm 'tow': did you mean 'two'? Known: one, two", Faults(study.Only("tow")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_varied_is_given_to_every_arm_in_place_of_what_says_the_same()
    {
        var study = Study([("seed", "3"), ("steps", "5")], ("a", [("seeds", "1..3"), ("lr", "0.1")]), ("b", []));
        Assert.Equal(["a: steps=5 seeds=1..10 lr=0.1", "b: steps=5 seeds=1..10"], Variants(Vary(study, "seeds", "1..10").OrThrow()));
        Assert.Equal(
            ["a: steps=1 seeds=1..3 lr=0.1", "a: steps=2 seeds=1..3 lr=0.1", "b: seed=3 steps=1", "b: seed=3 steps=2"],
            Variants(Vary(study, "steps", "1|2").OrThrow()));
    }

    [Fact]
    public void What_cannot_be_varied_is_told()
    {
        var study = Study([("steps", "5")], ("a", []));
        Assert.Contains("unknown setting 'sedes': did you mean 'seeds'?", Faults(Vary(study, "sedes", "1")), StringComparison.Ordinal);
        Assert.Contains(
            "optimizer holds for the whole study, and 2 values are given", Faults(Vary(study, "optimizer", "sgd|adam")),
            StringComparison.Ordinal);
        Assert.Equal(["a: steps=5 optimizer=sgd"], Variants(Vary(study, "optimizer", "sgd").OrThrow()));
    }

    [Fact]
    public void Too_large_grids_are_refused_before_they_are_made()
    {
        string Grid(int size) => string.Join('|', Enumerable.Range(0, size));
        Assert.Equal(10_000, Variants(Study([("steps", Grid(100)), ("batch", Grid(100))], ("a", []))).Length);
        var arms = Study([("steps", Grid(100)), ("batch", Grid(100))], ("a", []), ("b", []));
        Assert.Contains("x.toml: its grids have more than 10,000 points", Faults(arms.Variants(Keys)), StringComparison.Ordinal);
        var huge = Study([.. Keys.Settings.Select(name => (name, Grid(1000)))], ("a", []));
        Assert.Contains("more than 10,000", Faults(huge.Variants(Keys)), StringComparison.Ordinal);
    }

    private static Result<StudyDefinition> Vary(StudyDefinition study, string name, string texts) =>
        study.Vary(name, Setting(name, texts).Values, Keys);

    private static string[] Variants(StudyDefinition study) => [.. study.Variants(Keys).OrThrow().Select(variant =>
        $"{variant.Name}: {string.Join(' ', InOrder(study, variant).Select(setting => $"{setting.Key}={setting.Value.Text}"))}")];

    /// <summary>The settings of a variant in the order of its arm's.</summary>
    private static IEnumerable<KeyValuePair<string, Given>> InOrder(StudyDefinition study, GivenArm variant) =>
        study.SettingsOf(study.Arms.Single(arm => arm.Name == variant.Name), Keys)
            .Select(setting => KeyValuePair.Create(setting.Name, variant.Settings[setting.Name]));

    private static StudyDefinition Study(
        (string Name, string Texts)[] common, params (string Name, (string, string)[] Settings)[] arms) => new(
        "x.toml", null, null, Settings(common),
        [.. arms.Select(arm => new StudyArm(arm.Name, Settings(arm.Settings), Origin.Named("arm")))], [], []);

    private static ImmutableArray<StudySetting> Settings((string Name, string Texts)[] settings) =>
        [.. settings.Select(setting => Setting(setting.Name, setting.Texts))];

    private static StudySetting Setting(string name, string texts) =>
        new(name, [.. texts.Split('|').Select(text => new Given(text, Origin.Named(name)))]);

    private static string Faults<T>(Result<T> result) =>
        result.Match(_ => "", faults => string.Join('\n', faults.Select(fault => fault.Describe())));
}
