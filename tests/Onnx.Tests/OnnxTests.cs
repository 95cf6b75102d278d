using Bnn.Core;
using Bnn.Simd;
using Bnn.Store;
using Bnn.Tests;
using CsCheck;
using Host.Tests;
using Microsoft.ML.OnnxRuntime;

namespace Onnx.Tests;

/// <summary>An exported net in ONNX Runtime: the same classes, and logits as near as single precision allows.</summary>
public sealed class OnnxTests(Installation installation) : IDisposable
{
    private const int Inputs = 36, TestImages = 90;
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void Any_net_gives_the_logits_of_the_definition() =>
        Gen.Select(Gen.Int[1, 40].Array[2, 5], Gen.Int[1, 7], Gen.Int).Sample((sizes, count, seed) =>
        {
            var random = new Random(seed);
            var net = new Architecture([.. sizes]);
            var weights = Random(net, random);
            Agree(weights, Images(count * sizes[0], random), Written(new PortableNet(weights, null, [])));
        }, iter: 40, threads: 1);

    [Fact]
    public void A_net_of_full_size_does_too()
    {
        var random = new Random(7);
        var weights = Random(new Architecture([784, 300, 100, 10]), random);
        Agree(weights, Images(200 * 784, random), Written(new PortableNet(weights, null, [])));
    }

    [Fact]
    public void On_ties_the_class_is_the_lowest()
    {
        var weights = PointWeights.Zero(new Architecture([2, 3]));
        using var model = new Model(Written(new PortableNet(weights, null, [])));
        Assert.Equal([0L, 0], model.Run([0, 0, 9, 9], 2).Classes);
        weights.Layers[0].Bias[1] = weights.Layers[0].Bias[2] = 1;
        using var other = new Model(Written(new PortableNet(weights, null, [])));
        Assert.Equal([1L, 1], other.Run([0, 0, 9, 9], 2).Classes);
    }

    [Fact]
    public void Images_of_another_size_are_refused_and_names_are_as_described()
    {
        using var model = new Model(Written(new PortableNet(PointWeights.Zero(new Architecture([4, 3])), null, [])));
        Assert.Equal(["pixels"], model.Inputs);
        Assert.Equal(["logits", "class"], model.Outputs);
        Assert.Throws<OnnxRuntimeException>(() => model.Run([1, 2, 3], 3));
    }

    [Fact]
    public void Equal_nets_give_equal_bytes()
    {
        var net = new PortableNet(Random(new Architecture([5, 4, 3]), new Random(1)), null, [new("key", "ä")]);
        var first = File.ReadAllBytes(Written(net));
        Assert.Equal(first, File.ReadAllBytes(Written(net)));
    }

    [Fact]
    public void The_checker_of_the_format_accepts_it()
    {
        Python.Needs("onnx");
        var net = new Architecture([5, 4, 3]);
        Assert.Equal(
            "8 17 Gemm,Relu,Gemm,ArgMax layer1.weight[5, 4],layer1.bias[4],layer2.weight[4, 3],layer2.bias[3] layer1.mask\n",
            Python.Says(
                """
                import sys, onnx
                model = onnx.load(sys.argv[1])
                onnx.checker.check_model(model, full_check=True)
                print(model.ir_version, model.opset_import[0].version, ",".join(node.op_type for node in model.graph.node),
                      ",".join(tensor.name + str(list(tensor.dims)) for tensor in model.graph.initializer), model.metadata_props[0].key)
                """, Written(new PortableNet(Random(net, new Random(1)), Mask.All(net), []))));
    }

    /// <summary>Whole nets, tickets with their pruned weights at 0 and frozen, and Bayesian nets, masked and not.</summary>
    [Fact]
    public async Task What_was_trained_answers_the_test_images_as_it_did_here()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy variance --compare magnitude --density 0.5,0.2 {Place.Small}")).Done();
        (await place.Run($"run --strategy magnitude --compare none --density 0.3 --pruned freeze {Place.Small} --name frozen")).Done();
        (await place.Run($"run --strategy variance --compare none --rounds 2 {Place.Small} --name rounds")).Done();
        var kinds = place.Results.Runs.Select(run => run.Kind).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(["bayesian", "dense", "masked-bayesian", "ticket"], kinds);
        foreach (var run in place.Results.Runs) await Answers(place, run, "final", "test_accuracy_last");
        foreach (var run in (Run[])[place.Results.Run(Dense(place)), place.Results.Run(Frozen(place))])
        {
            await Answers(place, run, "early-stop", "test_accuracy_early_stop");
            await Answers(place, run, "initial", "test_accuracy_untrained");
        }
        (await place.Run("export", Bayesian(place), "--onnx", "--moment", "early-stop", "--to", "none.onnx"))
            .Refused(2, "--moment", "final or initial", "of Bayesian nets the start and the end are kept");
        Assert.False(File.Exists(place.File("none.onnx")));
    }

    [Fact]
    public async Task A_model_says_what_it_is_and_has_its_mask()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy snr-power:alpha=0.5 --compare none --density 0.2 {Place.Small} --seed 3")).Done();
        var ticket = Assert.Single(place.Results.Tickets);
        (await place.Run("export", ticket.Key[..6], "--onnx", "--to", "ticket.onnx")).Done();
        using var model = new Model(place.File("ticket.onnx"));
        (string, string)[] expected = [
            ("key", ticket.Key), ("kind", "ticket"), ("strategy", "snr-power:alpha=0.5"), ("density", place.Results.Table().Single(row =>
                row["run"] == ticket.Key)["density"]), ("seed", "3"), ("moment", "final"), ("weights", "weights"), ("pixels", "pixel/255")];
        Assert.All(expected, note => Assert.Equal(note.Item2, model.Metadata[note.Item1]));
        for (var layer = 1; layer <= 3; layer++)
        {
            var mask = ticket.Weights[$"layer{layer}.mask"].Bytes;
            var packed = Convert.FromBase64String(model.Metadata[$"layer{layer}.mask"]);
            Assert.Equal((mask.Length + 7) / 8, packed.Length);
            Assert.Equal(mask, mask.Select((_, i) => (byte)(packed[i / 8] >> (7 - i % 8) & 1)));
        }
        (await place.Run("export", place.Results.Dense.Key, "--onnx", "--to", "dense.onnx")).Done();
        using var dense = new Model(place.File("dense.onnx"));
        Assert.DoesNotContain(dense.Metadata.Keys, name => name is "strategy" or "layer1.mask");
        (await place.Run("export", place.Results.Bayesian.Key, "--onnx", "--to", "means.onnx")).Done();
        using var means = new Model(place.File("means.onnx"));
        Assert.Equal("means of the posterior", means.Metadata["weights"]);
    }

    public void Dispose() => File.Delete(_file);

    private static string Dense(Place place) => place.Results.Runs.First(run => run.Kind == "dense").Key;

    private static string Bayesian(Place place) => place.Results.Runs.First(run => run.Kind == "bayesian").Key;

    private static string Frozen(Place place) => place.Results.Table("frozen").First(row => row["kind"] == "ticket")["run"];

    /// <summary>
    /// Exports a training's net and compares its answers with the definition's, with those of the engine that trained it, which only
    /// evaluates here, and with the accuracy that was stored, if there is one.
    /// </summary>
    private async Task Answers(Place place, Run run, string moment, string measure)
    {
        var file = $"{run.Key}-{moment}.onnx";
        (await place.Run("export", run.Key, "--onnx", "--moment", moment, "--to", file)).Done();
        var set = new IdxSet();
        var (images, labels) = (set[IdxSet.TestImages][16..], set[IdxSet.TestLabels][8..]);
        var weights = WeightsOf(run, moment);
        var classes = Agree(weights, images, place.File(file));
        Assert.Equal(
            TestImages, new SimdEngine().Evaluate(weights, Samples.FromPixels(images, [.. classes.Select(c => (byte)c)], Inputs)).Correct);
        if (!run.Result.TryGetProperty(measure, out var stored) || stored.ValueKind == System.Text.Json.JsonValueKind.Null) return;
        Assert.Equal(stored.GetDouble(), (double)classes.Zip(labels).Count(pair => pair.First == pair.Second) / TestImages);
    }

    private static PointWeights WeightsOf(Run run, string moment)
    {
        var isBayesian = run.Kind.EndsWith("bayesian", StringComparison.Ordinal);
        var (file, part) = isBayesian ? (run.Posterior, "mu") : (run.Weights, "weight");
        var prefix = moment.Replace("-", "", StringComparison.Ordinal);
        return new PointWeights([.. Enumerable.Range(1, 3).Select(l => new LayerWeights(
            new LayerShape(file[$"{prefix}.layer{l}.{part}"].Shape[0], file[$"{prefix}.layer{l}.{part}"].Shape[1]),
            file[$"{prefix}.layer{l}.{part}"].Floats,
            file[$"{prefix}.layer{l}.bias"].Floats))]);
    }

    /// <summary>Logits within 1e-5·(1 + |logit|), and the class of each image that they leave no doubt of. Returns the classes.</summary>
    private static long[] Agree(PointWeights weights, byte[] images, string file)
    {
        const double Tolerance = 1e-5;
        var (inputs, outputs) = (weights.Layers[0].Shape.Inputs, weights.Layers[^1].Shape.Outputs);
        using var model = new Model(file);
        var (logits, classes) = model.Run(images, inputs);
        Assert.Equal((images.Length / inputs * outputs, images.Length / inputs), (logits.Length, classes.Length));
        foreach (var (n, image) in images.Chunk(inputs).Index())
        {
            var expected = Definition.Logits(weights, image);
            var found = logits[(n * outputs)..((n + 1) * outputs)];
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance * (1 + Math.Abs(pair.First))));
            var best = Classification.Predict(expected);
            Assert.True(classes[n] == best || expected[best] - expected[classes[n]] <= 2 * Tolerance * (1 + Math.Abs(expected[best])));
            Assert.Equal(found.Max(), found[classes[n]]);
        }
        return classes;
    }

    /// <summary>Weights of variance 1/inputs, so that units stay near 1 through all layers.</summary>
    private static PointWeights Random(Architecture net, Random random)
    {
        var weights = PointWeights.Zero(net);
        foreach (var layer in weights.Layers)
        {
            var scale = Math.Sqrt(3.0 / layer.Shape.Inputs);
            for (var i = 0; i < layer.Weight.Length; i++) layer.Weight[i] = (float)((2 * random.NextDouble() - 1) * scale);
            for (var o = 0; o < layer.Bias.Length; o++) layer.Bias[o] = (float)(random.NextDouble() - 0.5);
        }
        return weights;
    }

    private static byte[] Images(int pixels, Random random)
    {
        var images = new byte[pixels];
        random.NextBytes(images);
        return images;
    }

    private string Written(PortableNet net)
    {
        using var stream = File.Create(_file);
        OnnxFile.Write(stream, net);
        return _file;
    }
}
