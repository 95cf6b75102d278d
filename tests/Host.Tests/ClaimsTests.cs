using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Experiments;
using Host.Studies;

namespace Host.Tests;

/// <summary>Published numbers: those that come with the program, and <c>host claims</c>.</summary>
public sealed class ClaimsTests(Installation installation)
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(Installation.Source, ".."));

    private static readonly string MnistSha256 = File.ReadLines(Path.Combine(Repository, "data", "mnist", "README.md"))
        .Single(line => line.Contains("train-images", StringComparison.Ordinal)).Split('|')[2].Trim();

    private static ImmutableArray<Claim> Shipped { get; } = ClaimsFile.Read(Path.Combine(Repository, ClaimsFile.Name)).OrThrow();

    [Fact]
    public void The_included_claims_are_of_MNIST_and_of_strategies_that_there_are()
    {
        Assert.True(Shipped.Length >= 60, $"{Shipped.Length} claims");
        Assert.All(Shipped, claim => Assert.Equal(MnistSha256[..Digest.Digits], ValueOf(claim.Of, Factor.Data)));
        var strategies = Directory.EnumerateFiles(Path.Combine(Installation.Source, "Plugins", "MaskStrategies"), "*.cs")
            .SelectMany(File.ReadLines).Where(line => line.Contains("[MaskStrategy(", StringComparison.Ordinal))
            .Select(line => line.Split('"')[1]).ToList();
        var named = Shipped.SelectMany(claim => (ClaimTrainings?[])[claim.Of, claim.Against]).OfType<ClaimTrainings>()
            .Select(trainings => ValueOf(trainings, Factor.Strategy)).OfType<string>().Distinct().ToList();
        Assert.Empty(named.Except(strategies));
        Assert.True(named.Count >= 10, string.Join(", ", named));
        Assert.All(File.ReadLines(Path.Combine(Repository, ClaimsFile.Name)), line => Assert.True(line.Length <= 140, line));
    }

    /// <summary>
    /// As the trainings of the two studies that they are about would be: a factor, a density or a strategy that is misspelt leaves a claim
    /// without any.
    /// </summary>
    [Fact]
    public void Every_included_claim_about_a_measure_has_trainings_in_the_included_studies()
    {
        FinishedTraining[] finished = [.. Planned("lottery-ticket-paper"), .. Planned("zhou")];
        foreach (var (claim, observations) in ClaimCheck.Of(Shipped, finished))
        {
            if (claim.Measure == ClaimMeasures.TestErrorOfPruning) Assert.Empty(observations);
            else Assert.True(observations.Length == 1, $"{claim.Says} at {claim.Density}: {observations.Length} observations");
        }
    }

    private static string? ValueOf(ClaimTrainings trainings, string factor) =>
        trainings.Own.Concat(trainings.Setup).FirstOrDefault(own => own.Name == factor)?.Value;

    /// <summary>A study's trainings with made-up results, and the counts that their rounds leave.</summary>
    private static IEnumerable<FinishedTraining> Planned(string study)
    {
        var read = StudyFile.Read(Path.Combine(Repository, "studies", $"{study}.toml"), StudySettings.Keys).OrThrow();
        var variants = read.Variants(StudySettings.Keys).OrThrow();
        StrategyInfo[] known = [
            .. variants.SelectMany(variant => Parse.Items(variant.Settings["strategy"].Text)).Distinct()
                .Select(name => new StrategyInfo(name, name, Keep.Highest, Needs.DenseWeights, "MaskStrategies.dll", "1.0.0", "5a5a"))];
        var settings = ExperimentSettings.Create(RunSettings.Table, variants, read.OriginOf, known).OrThrow();
        var facts = new DatasetFacts(784, 10, 60_000, new DataHashes(MnistSha256, "b", "c", "d"));
        var plan = Plan.Create(settings, facts, new EngineIdentity("simd", 2)).OrThrow();
        foreach (var training in plan.Trainings)
        {
            var cell = PlannedCell.Of(training, plan);
            var kept = cell.Cut?.Round is { } round
                ? Rounds.KeptCounts(cell.Net, MaskScope.Paper, default, round)
                : [.. cell.Net.Layers.Select(layer => layer.Inputs * layer.Outputs)];
            var values = Measures.All.Select(measure => measure.Name)
                .ToImmutableDictionary(name => name, _ => 0.5 + 0.001 * training.Seed.Value, StringComparer.Ordinal);
            yield return new FinishedTraining(
                new PlannedTraining(training.Key, training.Seed, cell),
                new TrainingRecord(training.Key, kept, [.. cell.Net.Layers.Select(layer => layer.Inputs * layer.Outputs)], values), []);
        }
    }

    private const string Line = $"run --strategy variance --compare magnitude --seeds 1..3 {Place.Small} --density 0.5";

    /// <summary>Claims about the small data set, from which each verdict follows whatever the trainings give.</summary>
    private static string Mine(Place place) => $$"""
        [[source]]
        name = "me"
        title = "Nobody 2026"
        data = "{{DataOf(place.Results.Of(row => row["kind"] == "dense", "one"))}}"
        layers = "8,5"
        steps = 60

        [[claim]]
        source = "me"
        says = "Accuracy by variance"
        measure = "test_accuracy_last"
        of = { strategy = "variance" }
        density = [0.5, 0.1]
        direction = "near"
        expected = [50, 50]
        tolerance = 1000

        [[claim]]
        source = "me"
        says = "Accuracy of the dense net"
        measure = "test_accuracy_last"
        of = { kind = "dense" }
        direction = "below"
        expected = 0
        tolerance = 0

        [[claim]]
        source = "me"
        says = "Variance over magnitude"
        measure = "test_accuracy_last"
        compared = "difference"
        of = { strategy = "variance" }
        against = { strategy = "magnitude" }
        density = 0.5
        direction = "above"
        expected = -1000
        tolerance = 0
        """;

    private static string DataOf(Run run) => run.Config.GetProperty("data").GetProperty("train_images").GetString()![..Digest.Digits];

    [Fact]
    public async Task Claims_are_compared_with_all_experiments_or_with_those_that_are_named()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --name one")).Done();
        (await place.Run($"{Line} --name two --seeds 2..5".Replace("--seeds 1..3 ", "", StringComparison.Ordinal))).Done();
        File.WriteAllText(place.File("mine.toml"), Mine(place));

        var all = (await place.Run("claims --claims mine.toml")).Done();
        Assert.Empty(all.Err);
        Assert.Equal(["claim", "source", "expected", "tolerance", "observed", "95 % interval", "n", "verdict"], all.Table[0]);
        Assert.Equal(["5", "5", "5", "0"], all.Table.Skip(1).Select(row => row[6]));
        Assert.Equal("Accuracy by variance, at 50 %", all.Table[1][0]);
        Assert.Equal(("replicated", "not replicated", "not run"), (all.Table[1][7], all.Table[2][7], all.Table[4][7]));
        Assert.Contains("1 not run.", all.Out, StringComparison.Ordinal);

        var one = (await place.Run("claims one --claims mine.toml")).Done();
        Assert.Equal(["3", "3", "3", "0"], one.Table.Skip(1).Select(row => row[6]));
        Assert.Equal(one.Out, (await place.Run($"claims {place.Results.Experiment("one")} --claims mine.toml")).Done().Out);
        Assert.Equal(all.Out, (await place.Run("claims two one two --claims mine.toml")).Done().Out);

        var csv = (await place.Run("claims --claims mine.toml --csv")).Done().Out.Split('\n');
        const string First = "Accuracy by variance,Nobody 2026,test_accuracy_last,value,0.5,near,50,1000,,5,";
        Assert.StartsWith(First, csv[1], StringComparison.Ordinal);
        Assert.Equal(6, csv.Length);

        // What comes with the program is about other trainings, so that no report mentions it.
        var shipped = (await place.Run("claims")).Done();
        Assert.All(shipped.Table.Skip(1), row => Assert.Equal("not run", row[7]));
        Assert.DoesNotContain("id=\"claims\"", place.Results.Report("one"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_have_the_claims_that_come_with_the_program_and_say_what_is_wrong_with_them()
    {
        using var own = new Installation();
        using var place = own.Place();
        (await place.Run($"{Line} --name one")).Done();
        var file = Path.Combine(own.Root, "program", ClaimsFile.Name);
        File.WriteAllText(file, Mine(place));
        (await place.Run($"report {place.Results.Experiment("one")}")).Done();
        Assert.Contains("<th scope=\"row\">Variance over magnitude, at 50 %</th>", place.Results.Report("one"), StringComparison.Ordinal);

        File.AppendAllText(file, "\nexpeted = 1");
        var broken = (await place.Run($"report {place.Results.Experiment("one")}")).Done();
        broken.Says($"{file}, line", "unknown key 'expeted': did you mean 'expected'?");
        Assert.DoesNotContain("id=\"claims\"", place.Results.Report("one"), StringComparison.Ordinal);
        (await place.Run("claims")).Refused(2, "unknown key 'expeted'");
    }

    [Theory]
    [InlineData("claims", 5, "expected a results folder with a store.json")]
    [InlineData("claims --claims nowhere.toml", 2, "--claims: expected a file of claims, found no nowhere.toml; leave it out")]
    [InlineData("claims --claim x", 2, "did you mean '--claims'?")]
    public async Task A_bad_command_is_told(string line, int code, params string[] parts)
    {
        using var place = installation.Place();
        (await place.Run(line)).Refused(code, parts);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task An_unknown_experiment_is_told_with_the_nearest()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy none --compare none {Place.Small} --name first")).Done();
        (await place.Run("claims frist")).Refused(2, "EXPERIMENT: expected an experiment of", "found frist; did you mean 'first'?");
        (await place.Run("claims frist nowhere/none")).Refused(2, "found frist", "found nowhere/none");
        File.WriteAllText(Path.Combine(place.Results.Experiment("first"), "plan.json"), "{}");
        var damaged = (await place.Run("claims")).Ends(5);
        Assert.Contains("not run", damaged.Out, StringComparison.Ordinal);
        damaged.Says("plan.json");
    }
}
