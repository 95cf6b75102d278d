using Bnn.Core;

namespace Bnn.Store.Tests;

public sealed class PlanFileTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void A_plan_reads_back_to_what_was_written()
    {
        var plan = Plan(new Dictionary<string, string> { ["seeds"] = "1..3", ["density"] = "0.5,0.05" });
        var written = ExperimentRecord.Of(plan, "./host run --seeds 1..3");
        var read = RoundTrip(written);
        Assert.Equal(PlanFile.Write(written), PlanFile.Write(read));
        Assert.Equal(Names(written), Names(read));
        Assert.Equal(written.Trainings[^1].Cell.Factors, read.Trainings[^1].Cell.Factors);
        Assert.Equal(new CutPoint(Density.Parse("0.05").OrThrow(), null), read.Trainings[^1].Cell.Cut);
        Assert.Equal("variance; magnitude; random", Shown(read.Roles));
        Assert.Equal([new NamedValue("density", "0.5,0.05"), new NamedValue("seeds", "1..3")], read.Given);
    }

    [Fact]
    public void Thresholds_read_back_too()
    {
        var read = RoundTrip(ExperimentRecord.Of(Plan(new Dictionary<string, string> { ["threshold"] = "0.25" }), ""));
        Assert.All(read.Trainings.Where(training => training.Kind == TrainingKind.Ticket), training =>
            Assert.Equal(("threshold", new CutPoint(null, 0.25)), (training.Cell.Scope, training.Cell.Cut)));
    }

    [Fact]
    public void A_plan_of_version_0_1_0_is_read()
    {
        var read = PlanFile.Read(Path.Combine(AppContext.BaseDirectory, "plan-0.1.0.json")).OrThrow();
        Assert.Equal(
            ["bayesian", "dense", "variance 0.1", "magnitude 0.1", "random 0.1"],
            read.Trainings.Where(training => training.Seed == new Seed(2)).Select(training => training.Cell.Label));
        Assert.Equal(5, read.Trainings.Select(training => training.Cell).Distinct().Count());
        Assert.Equal("variance; magnitude; random", Shown(read.Roles));
        Assert.All(read.Trainings, training => Assert.True(training.Cell.AgreesWith(read.Trainings[0].Cell)));
        Assert.Equal(PlanFile.Write(read), PlanFile.Write(RoundTrip(read)));
    }

    [Theory]
    [InlineData(""), InlineData("{"), InlineData("[]"), InlineData("null"), InlineData("{}")]
    [InlineData("{\"cells\": 1}"), InlineData("{\"cells\": []}")]
    [InlineData("{\"plan_key\": \"a\"}"), InlineData("{\"cells\": [], \"trainings\": [{\"key\": \"a\", \"seed\": 1, \"cell\": \"b\"}]}")]
    public void What_is_no_plan_is_a_fault_that_names_the_file(string text)
    {
        File.WriteAllText(_file, text);
        var fault = Assert.Single(Assert.IsType<Result<ExperimentRecord>.Failed>(PlanFile.Read(_file)).Faults);
        Assert.Equal(_file, Assert.IsType<Fault.DamagedStore>(fault).Path);
    }

    public void Dispose() => File.Delete(_file);

    private static IEnumerable<(TrainingKey, Seed, Digest)> Names(ExperimentRecord experiment) =>
        experiment.Trainings.Select(training => (training.Key, training.Seed, training.Cell.Id));

    private static string Shown(Roles roles) =>
        $"{string.Join(',', roles.Asked)}; {string.Join(',', roles.Baselines)}; {string.Join(',', roles.Controls)}";

    private ExperimentRecord RoundTrip(ExperimentRecord experiment)
    {
        File.WriteAllText(_file, PlanFile.Write(experiment));
        return PlanFile.Read(_file).OrThrow();
    }

    private static Plan Plan(Dictionary<string, string> texts)
    {
        StrategyInfo Info(string name, Needs needs, string group) =>
            new(name, "", Keep.Highest, needs, "P.dll", "1", "a") { Group = group };
        StrategyInfo[] strategies = [
            Info("variance", Needs.Posterior, "bayesian"), Info("magnitude", Needs.DenseWeights, "magnitude"),
            Info("random", Needs.Nothing, "control")];
        var given = texts.ToDictionary(pair => pair.Key, pair => new Given(pair.Value, Origin.Named(pair.Key)));
        var settings = ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, strategies).OrThrow();
        var data = new DatasetFacts(36, 3, 60_000, new DataHashes("a", "b", "c", "d"));
        return Core.Plan.Create(settings, data, new EngineIdentity("simd", 1)).OrThrow();
    }
}
