using System.Text;
using System.Text.Json.Nodes;
using Bnn.Core;
using Bnn.Report;

namespace Bnn.Store.Tests;

public sealed class PlanFileTests : IDisposable
{
    private static readonly Dictionary<string, string> Parameterised = new() { ["density"] = "0.5", ["strategy"] = "variance:alpha=0.5" };
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
        Assert.Equal([new LabelCounts("a", [20_000, 20_000, 20_000], [90, 5, 5])], read.Labels);
        Assert.Equal([new NamedValue("density", "0.5,0.05"), new NamedValue("seeds", "1..3")], read.Given);
    }

    [Fact]
    public void What_a_training_takes_from_others_reads_back()
    {
        var plan = Plan(new Dictionary<string, string> { ["strategy"] = "magnitude", ["rounds"] = "2", ["rewind"] = "3" });
        var (written, read) = (ExperimentRecord.Of(plan, ""), RoundTrip(ExperimentRecord.Of(plan, "")));
        Assert.Equal(written.Trainings.Select(training => training.Parents), read.Trainings.Select(training => training.Parents));
        var second = Assert.Single(
            read.Trainings, training => training.Cell.Label.StartsWith("magnitude round 2", StringComparison.Ordinal));
        var parents = second.Parents.Select(parent => $"{parent.Kind} {parent.Step}").Order(StringComparer.Ordinal);
        Assert.Equal(["Mask ", "Start 3", "Weights "], parents);
    }

    [Theory, InlineData("weights"), InlineData("weights ../../x"), InlineData("wights 0123456789ab"), InlineData("7 0123456789ab")]
    [InlineData("weights 0123456789ab step0"), InlineData("weights 0123456789ab step3 x")]
    public void A_parent_that_is_none_is_a_fault(string parent)
    {
        var json = JsonNode.Parse(PlanFile.Write(ExperimentRecord.Of(Plan([]), "")))!;
        json["trainings"]![0]!["from"] = new JsonArray(parent);
        json["sha256"] = Seal.Open;
        var indented = new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\n" };
        var text = Seal.Close(json.ToJsonString(indented) + "\n");
        var read = PlanFile.Parse("plan.json", Encoding.UTF8.GetBytes(text));
        var fault = Assert.Single(Assert.IsType<Result<StoredPlan>.Failed>(read).Faults);
        Assert.Contains("the plan of an experiment", fault.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_from_before_classes_were_counted_is_read()
    {
        var plan = JsonNode.Parse(PlanFile.Write(ExperimentRecord.Of(Plan([]), "")))!;
        Assert.True(plan.AsObject().Remove("labels") && plan.AsObject().Remove("sha256"));
        File.WriteAllText(_file, plan.ToJsonString());
        var read = PlanFile.Read(FileLayer.OfSystem, _file).OrThrow().Experiment;
        Assert.Empty(read.Labels);
        Assert.Null(read.LabelsOf(read.Trainings[0].Cell));
    }

    [Theory]
    [InlineData("{\"data\": \"a\", \"train\": [1, 1], \"test\": [1]}")]
    [InlineData("{\"data\": \"a\", \"train\": [1, -1], \"test\": [1, 1]}")]
    [InlineData("{\"data\": \"a\", \"train\": [1, 1], \"test\": [0, 0]}"), InlineData("{\"data\": \"a\", \"train\": [], \"test\": []}")]
    public void Counts_that_no_data_can_have_are_a_fault(string labels)
    {
        var plan = JsonNode.Parse(PlanFile.Write(ExperimentRecord.Of(Plan([]), "")))!;
        plan["labels"] = new JsonArray(JsonNode.Parse(labels));
        Assert.True(plan.AsObject().Remove("sha256"));      // the seal would notice by itself
        File.WriteAllText(_file, plan.ToJsonString());
        Assert.IsType<Result<StoredPlan>.Failed>(PlanFile.Read(FileLayer.OfSystem, _file));
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
        var read = PlanFile.Read(FileLayer.OfSystem, Path.Combine(AppContext.BaseDirectory, "plan-0.1.0.json")).OrThrow().Experiment;
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
        var fault = Assert.Single(Assert.IsType<Result<StoredPlan>.Failed>(PlanFile.Read(FileLayer.OfSystem, _file)).Faults);
        Assert.Equal(_file, Assert.IsType<Fault.DamagedStore>(fault).Path);
    }

    /// <summary>Each value of a plan in turn is taken out, made null, or replaced by one of another type.</summary>
    [Theory, InlineData("plan-0.1.0.json"), InlineData("")]
    public void A_plan_with_one_wrong_value_is_a_fault_or_still_gives_a_report(string file)
    {
        var text = file.Length > 0
            ? File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file))
            : Unsealed(PlanFile.Write(ExperimentRecord.Of(Plan(Parameterised), "")));
        JsonNode?[] others = [null, "text", -1, 0.5, new JsonArray(), new JsonArray((JsonNode?)null), new JsonObject()];
        var refused = 0;
        for (var place = 0; place < Values(JsonNode.Parse(text)!).Count(); place++)
        {
            foreach (var change in others.Select(other => (Action<JsonNode>)(node => node.ReplaceWith(other?.DeepClone()))).Prepend(Remove))
            {
                var plan = JsonNode.Parse(text)!;
                change(Values(plan).ElementAt(place));
                File.WriteAllText(_file, plan.ToJsonString());
                if (PlanFile.Read(FileLayer.OfSystem, _file) is Result<StoredPlan>.Ok(var read)) AssertReports(read.Experiment);
                else refused++;
            }
        }
        Assert.NotEqual(0, refused);
    }

    [Fact]
    public void Any_changed_byte_breaks_its_seal()
    {
        var text = PlanFile.Write(ExperimentRecord.Of(Plan(Parameterised), ""));
        for (var i = 0; i < text.Length; i += 7)
        {
            File.WriteAllText(_file, text[..i] + (char)(text[i] ^ 1) + text[(i + 1)..]);
            Assert.IsType<Result<StoredPlan>.Failed>(PlanFile.Read(FileLayer.OfSystem, _file));
        }
        File.WriteAllText(_file, text);
        Assert.True(PlanFile.Read(FileLayer.OfSystem, _file).OrThrow().IsVerifiable);
        File.WriteAllText(_file, Unsealed(text));
        Assert.False(PlanFile.Read(FileLayer.OfSystem, _file).OrThrow().IsVerifiable);
    }

    public void Dispose() => File.Delete(_file);

    /// <summary>As a plan was written before there were hashes.</summary>
    private static string Unsealed(string plan)
    {
        var json = JsonNode.Parse(plan)!;
        json.AsObject().Remove("sha256");
        return json.ToJsonString();
    }

    private static IEnumerable<(TrainingKey, Seed, Digest)> Names(ExperimentRecord experiment) =>
        experiment.Trainings.Select(training => (training.Key, training.Seed, training.Cell.Id));

    private static string Shown(Roles roles) =>
        $"{string.Join(',', roles.Asked)}; {string.Join(',', roles.Baselines)}; {string.Join(',', roles.Controls)}";

    private static void AssertReports(ExperimentRecord experiment)
    {
        var input = new ReportInput(
            "name", experiment, [], [.. experiment.Trainings.Select(training => new MissingTraining(training, "not done"))], []);
        foreach (var export in Exports.All) Assert.NotEmpty(export.Write(input));
    }

    /// <summary>All values below a node; of an array's items, the first and the last stand for all.</summary>
    private static IEnumerable<JsonNode> Values(JsonNode node)
    {
        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject properties => properties.Select(property => property.Value),
            JsonArray items => items.Take(1).Concat(items.Skip(1).TakeLast(1)),
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(child => Values(child).Prepend(child));
    }

    private static void Remove(JsonNode node)
    {
        if (node.Parent is JsonObject properties) properties.Remove(node.GetPropertyName());
        else node.Parent!.AsArray().Remove(node);
    }

    private ExperimentRecord RoundTrip(ExperimentRecord experiment)
    {
        File.WriteAllText(_file, PlanFile.Write(experiment));
        return PlanFile.Read(FileLayer.OfSystem, _file).OrThrow().Experiment;
    }

    private static Plan Plan(Dictionary<string, string> texts)
    {
        StrategyInfo Info(string name, Needs needs, string group) =>
            new(name, "", Keep.Highest, needs, "P.dll", "1", "a") { Group = group };
        var alpha = new StrategyParameter("alpha", ParameterKind.Number, "", "1", 0, 1, []);
        StrategyInfo[] strategies = [
            Info("variance", Needs.Posterior, "bayesian") with { Parameters = [alpha] }, Info("magnitude", Needs.DenseWeights, "magnitude"),
            Info("random", Needs.Nothing, "control")];
        var given = texts.ToDictionary(pair => pair.Key, pair => new Given(pair.Value, Origin.Named(pair.Key)));
        var settings = ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, strategies).OrThrow();
        var labels = new LabelCounts("a", [20_000, 20_000, 20_000], [90, 5, 5]);
        var data = new DatasetFacts(36, 3, 60_000, new DataHashes("a", "b", "c", "d"), labels);
        return Core.Plan.Create(settings, data, new EngineIdentity("simd", 1)).OrThrow();
    }
}
