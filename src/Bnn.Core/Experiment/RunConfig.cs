using System.Text;
using System.Text.Json;

namespace Bnn.Core;

/// <summary>Writes config.json: fields in one fixed order, two spaces, line feeds, shortest numbers; so equal trainings are equal bytes.</summary>
public static class RunConfig
{
    private const int Format = 1;

    public static readonly JsonWriterOptions Canonical = new() { Indented = true, IndentSize = 2, NewLine = "\n" };

    public static string Write(TrainingSpec training)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Canonical))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("kind", training.Kind);
            WriteShared(json, training.Shared);
            json.WriteNumber("seed", training.Seed.Value);
            json.WriteNumber("steps", training.Steps);
            switch (training)
            {
                case TrainingSpec.Bayesian bayesian:
                    json.WriteNumber("kl_weight", bayesian.KlWeight);
                    json.WriteNumber("prior_scale", bayesian.PriorScale);
                    break;
                case TrainingSpec.Ticket ticket:
                    WriteTicket(json, ticket);
                    break;
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteShared(Utf8JsonWriter json, SharedSettings shared)
    {
        json.WriteString("engine", shared.Engine);
        json.WriteNumber("numerics", shared.Numerics);
        json.WriteStartObject("data");
        json.WriteString("train_images", shared.Data.TrainImages);
        json.WriteString("train_labels", shared.Data.TrainLabels);
        json.WriteString("test_images", shared.Data.TestImages);
        json.WriteString("test_labels", shared.Data.TestLabels);
        json.WriteEndObject();
        json.WriteNumber("validation", shared.Validation);
        json.WriteStartArray("layers");
        foreach (var size in shared.Net.Sizes) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteString("initialisation", Initialisation.Name);
        json.WriteStartObject("optimizer");
        switch (shared.Optimizer)
        {
            case Optimizer.Adam adam:
                json.WriteString("name", "adam");
                json.WriteNumber("learning_rate", adam.LearningRate);
                json.WriteNumber("beta1", adam.Beta1);
                json.WriteNumber("beta2", adam.Beta2);
                json.WriteNumber("epsilon", adam.Epsilon);
                break;
            case Optimizer.Sgd sgd:
                json.WriteString("name", "sgd");
                json.WriteNumber("learning_rate", sgd.LearningRate);
                break;
        }
        json.WriteEndObject();
        json.WriteNumber("batch", shared.Batch);
        json.WriteNumber("eval_every", shared.EvalEvery);
    }

    private static void WriteTicket(Utf8JsonWriter json, TrainingSpec.Ticket ticket)
    {
        switch (ticket.Cut)
        {
            case Cut.AtDensity cut:
                json.WriteString("scope", ScopeName(cut.Scope));
                json.WriteNumber("density", decimal.Parse(cut.Density.ToString(), System.Globalization.CultureInfo.InvariantCulture));
                break;
            case Cut.AtThreshold cut:
                json.WriteNumber("threshold", cut.Value);
                break;
            case Cut.CountsOf cut:
                json.WriteStartObject("counts_of");
                WriteStrategy(json, cut.Reference);
                json.WriteNumber("threshold", cut.Value);
                json.WriteEndObject();
                break;
        }
        WriteStrategy(json, ticket.Strategy);
        json.WriteStartArray("needs");
        foreach (var key in ticket.Needs) json.WriteStringValue(key.Value);
        json.WriteEndArray();
    }

    private static void WriteStrategy(Utf8JsonWriter json, StrategyInfo strategy)
    {
        json.WriteString("strategy", strategy.Name);
        json.WriteString("plugin_sha256", strategy.PluginSha256);
        if (!strategy.Arguments.IsEmpty)
        {
            json.WriteStartObject("parameters");
            foreach (var argument in strategy.Arguments) json.WriteString(argument.Name, argument.Value);
            json.WriteEndObject();
        }
        if (strategy.Of is not { } of) return;
        json.WriteStartObject("of");
        WriteStrategy(json, of);
        json.WriteEndObject();
    }

    public static string ScopeName(MaskScope scope) => scope switch
    {
        MaskScope.Paper => "paper",
        MaskScope.Layerwise => "layerwise",
        MaskScope.Global => "global",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
