using System.Runtime.InteropServices;
using Bnn.Core;

namespace Host.Tests;

/// <summary>What a strategy is given: parameters, other strategies' criteria, and the parts of the trainings that it asked for.</summary>
public sealed class PluginViewTests(Installation installation)
{
    private const int First = 36 * 8;

    [Fact]
    public async Task Parameters_of_every_type_reach_the_strategy_and_its_key()
    {
        using var own = new Installation().With("Knobs");
        using var place = own.Place();
        var line = $"--compare none --scope layerwise --density 0.25 {Place.Small}";
        (await place.Run($"run --strategy knobs,knobs:alpha=0.1:count=3:flag=true:mode=b {line}")).Done();
        Assert.Equal(Kept(0.5, 2, flag: false, "a"), place.Results.Mask("knobs", "0.25", layer: 1));
        Assert.Equal(Kept(0.1, 3, flag: true, "b"), place.Results.Mask("knobs:alpha=0.1:count=3:flag=true:mode=b", "0.25", layer: 1));
        var arguments = place.Results.Of(row => row["strategy"] == "knobs").Config.GetRawText();
        foreach (var pair in (string[])["\"alpha\": \"0.5\"", "\"count\": \"2\"", "\"flag\": \"false\"", "\"mode\": \"a\""])
            Assert.Contains(pair, arguments, StringComparison.Ordinal);

        // Defaults may be typed, in any spelling and order: the ticket is the same. Another value gives another ticket.
        (await place.Run($"run --strategy knobs:mode=a:count=+2:alpha=0.50,knobs:alpha=5e-1 {line}")).Done().Reused(1, 1, 1);
        var tickets = place.Results.Runs.Count(run => run.Kind == "ticket");
        (await place.Run($"run --strategy knobs:count=4 {line}")).Done();
        Assert.Equal(tickets + 1, place.Results.Runs.Count(run => run.Kind == "ticket"));
    }

    [Fact]
    public async Task A_parameter_that_cannot_be_is_refused_with_what_can_be()
    {
        using var own = new Installation().With("Knobs");
        using var place = own.Place();
        (string Text, string[] Reasons)[] impossible = [
            ("alpha=1.5", ["knobs:alpha: expected a number from 0 to 1, found 1.5"]), ("alpha=NaN", ["knobs:alpha", "NaN"]),
            ("alpha=1e999", ["knobs:alpha"]), ("alpha=0,5", ["expected a decimal point"]),
            ("count=0", ["a whole number from 1 to 9, found 0"]), ("count=2.5", ["a whole number from 1 to 9, found 2.5"]),
            ("flag=yes", ["expected true or false, found yes"]),
            ("mode=c", ["unknown value of knobs:mode 'c'", "a, b, both ways"]),
            ("alfa=0.5", ["unknown parameter of knobs 'alfa': did you mean 'alpha'?"]),
            ("alpha", ["knobs:alpha: expected a value, found nothing"]),
            ("alpha=", ["knobs:alpha: expected a value, found nothing"]),
            ("alpha=0.1:alpha=0.2", ["knobs:alpha: expected one, found two values"]), ("", ["unknown parameter of knobs ''"]),
            ("alpha=2:count=x:mode=c", ["knobs:alpha", "knobs:count", "knobs:mode"])];
        foreach (var (text, reasons) in impossible)
            (await place.Run($"run --strategy knobs:{text} --compare none")).Refused(2, reasons);
        (await place.Run("run --strategy variance:alpha=1 --compare none")).Refused(
            2, "strategy variance: expected no parameters, found 'alpha=1'");
        (await place.Run("run --strategy shuffle:of=shuffle --compare none")).Refused(2, "shuffle:of: expected another strategy");
        (await place.Run("run --strategy shuffle:of=inverted --compare none")).Refused(2, "a strategy that refers to no other");
        (await place.Run("run --strategy shuffle:of=snt --compare none")).Refused(2, "unknown strategy 'snt': did you mean 'snr'?");
        Assert.Empty(Folders.Files(place.Folder));

        var shown = (await place.Run("strategies knobs")).Done().Out;
        string[] parts = [
            "±i, count first", "nobody", "Knobs.dll", "a number from 0 to 1", "a whole number from 1 to 9", "true or false",
            "one of a, b, both ways", "host run --strategy knobs:alpha=0.5"];
        foreach (var part in parts) Assert.Contains(part, shown, StringComparison.Ordinal);
        (await place.Run("strategies knob")).Refused(2, "did you mean 'knobs'?");
    }

    [Fact]
    public async Task A_referring_strategy_is_given_the_others_criterion_with_the_highest_to_stay()
    {
        using var own = new Installation().With("Echo");
        using var place = own.Place();
        const string Strategies = "echo,echo:of=snr,shuffle:of=snr,inverted:of=variance,variance,snr";
        (await place.Run($"run --strategy {Strategies} --compare none {Place.SmallAtDensities}")).Done();
        for (var layer = 1; layer <= 3; layer++)
        {
            int[] Mask(string strategy) => place.Results.Mask(strategy, "0.2", layer);
            Assert.Equal(Mask("variance"), Mask("echo"));               // keeps the lowest of its criterion
            Assert.Equal(Mask("snr"), Mask("echo:of=snr"));             // keeps the highest
            Assert.Equal(Mask("snr").Sum(), Mask("shuffle:of=snr").Sum());
            if (layer < 3)
                Assert.DoesNotContain(2, Mask("variance").Zip(Mask("inverted"), (a, b) => a + b));     // the last keeps more than half
        }
        Assert.NotEqual(place.Results.Mask("snr", "0.2", 1), place.Results.Mask("shuffle:of=snr", "0.2", 1));
    }

    [Fact]
    public async Task A_network_strategy_scores_all_layers_together()
    {
        using var own = new Installation().With("Whole");
        using var place = own.Place();
        (await place.Run($"run --strategy whole --compare none --scope global --density 0.2 {Place.Small}")).Done();
        Assert.Equal(0, place.Results.Mask("whole", "0.2", 1).Take(343 - 69).Sum());
        Assert.Equal([69 - 55, 40, 15], ((int[])[1, 2, 3]).Select(layer => place.Results.Mask("whole", "0.2", layer).Sum()));
    }

    [Fact]
    public async Task Each_need_brings_its_own_and_nothing_else()
    {
        using var own = new Installation().With("Witness");
        using var place = own.Place();
        using var again = own.Place();
        string[] parts = ["nothing", "posterior", "dense", "snapshots", "gradients", "curvature", "activity", "start", "all"];
        var strategies = string.Join(',', parts.Select(part => $"sees-{part}"));
        var line = $"run --strategy {strategies} --compare none --density 0.5 {Place.Small}";
        (await place.Run(Witness(place), line)).Done();
        (await again.Run(Witness(again), line)).Done();

        string[] start = ["Start"], posterior = ["InitialMu", "InitialSigma", "Mu", "Sigma"], dense = ["DenseFinal", "DenseInitial"];
        string[] snapshots = [.. Enumerable.Range(1, 9).SelectMany(part => (string[])[$"Mu at {6 * part}", $"Sigma at {6 * part}"])];
        var expected = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["Nothing"] = [],
            ["Posterior"] = posterior,
            ["Dense"] = dense,
            ["Snapshots"] = snapshots,
            ["Gradients"] = [.. start, "Gradient"],
            ["CurvatureAtStart"] = [.. start, "HessianGradient"],
            ["Activity"] = [.. start, "InputActivity"],
            ["Start"] = start,
            ["All"] = [.. posterior, .. dense, .. snapshots, .. start, "Gradient", "HessianGradient", "InputActivity"],
        };
        var seen = Folders.Files(place.File("seen"));
        foreach (var (who, what) in expected)
        {
            for (var layer = 1; layer <= 3; layer++)
            {
                var files = Directory.EnumerateFiles(place.File($"seen/{who}/{layer}")).Select(Path.GetFileName);
                string[] all = [.. what, "Kept", "Random", "shape"];
                Assert.Equal(all.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
            }
        }
        Folders.Same(seen, Folders.Files(again.File("seen")));          // random numbers, too
        var random = seen.Where(file => file.Key.EndsWith("/Random", StringComparison.Ordinal));
        Assert.Equal(27, random.Select(file => Convert.ToHexString(file.Value)).Distinct().Count());

        // The tensors seen are those in the store.
        var (bayesian, weights) = (place.Results.Bayesian.Posterior, place.Results.Dense.Weights);
        var moments = TensorFile.Read(place.Results.Bayesian.File("snapshots.safetensors"));
        foreach (var (layer, shape) in ((int, string)[])[(1, "36x8"), (2, "8x5"), (3, "5x3")])
        {
            Assert.Equal(shape, File.ReadAllText(place.File($"seen/All/{layer}/shape")));
            Assert.All(seen[$"All/{layer}/Kept"], kept => Assert.Equal(1, kept));
            Assert.Equal(seen[$"All/{layer}/Mu"].Length / sizeof(float), seen[$"All/{layer}/Kept"].Length);
            foreach (var (what, tensor) in ((string, Tensor)[])[
                ("InitialMu", bayesian[$"initial.layer{layer}.mu"]), ("Mu", bayesian[$"final.layer{layer}.mu"]),
                ("Start", bayesian[$"initial.layer{layer}.mu"]),
                ("DenseInitial", weights[$"initial.layer{layer}.weight"]), ("DenseFinal", weights[$"final.layer{layer}.weight"]),
                ("Mu at 6", moments[$"step6.layer{layer}.mu"]), ("Mu at 54", moments[$"step54.layer{layer}.mu"])])
                Assert.Equal(tensor.Bytes, seen[$"All/{layer}/{what}"]);
            foreach (var (what, rho) in ((string, Tensor)[])[
                ("InitialSigma", bayesian[$"initial.layer{layer}.rho"]), ("Sigma", bayesian[$"final.layer{layer}.rho"]),
                ("Sigma at 30", moments[$"step30.layer{layer}.rho"])])
                Assert.All(rho.Floats.Zip(Floats(seen[$"All/{layer}/{what}"])), pair =>
                    Assert.Equal(Math.Log(1 + Math.Exp(pair.First)) + 1.1920929e-7, pair.Second, pair.Second * 1e-5));
        }
        AgreesWithTheDefinition(bayesian, seen);
    }

    /// <summary>
    /// Gradient: central differences of the mean cross entropy over the images that train. H·g: differences of the definition's gradients.
    /// Activity: the definition's own inputs of each layer.
    /// </summary>
    private static void AgreesWithTheDefinition(TensorFile bayesian, SortedDictionary<string, byte[]> seen)
    {
        LayerShape[] shapes = [new(36, 8), new(8, 5), new(5, 3)];
        var start = shapes.Select((_, l) => Array.ConvertAll(bayesian[$"initial.layer{l + 1}.mu"].Floats, mu => (double)mu)).ToArray();
        var biases = shapes.Select((_, l) => Array.ConvertAll(bayesian[$"initial.layer{l + 1}.bias"].Floats, bias => (double)bias))
            .ToArray();
        var (x, labels) = Training(new IdxSet());
        ElboValue Loss(double[][] weights, double[][] bias, int layers = 3) => Elbo.Evaluate(
            [.. shapes.Take(layers).Select((shape, l) => new DefinitionLayer(shape, weights[l], Rho: null, bias[l]))], [],
            new ElboSettings(1, 0, 0, 1), x, labels);
        static double[][] Moved(double[][] from, Func<int, int, double> by) =>
            [.. from.Select((layer, l) => layer.Select((w, i) => w + by(l, i)).ToArray())];

        var gradient = shapes.Select((_, l) => Floats(seen[$"All/{l + 1}/Gradient"])).ToArray();
        const double Step = 1e-5;
        for (var l = 0; l < 3; l++)
        {
            Assert.Equal(shapes[l].Weights, gradient[l].Length);
            for (var i = l; i < gradient[l].Length; i += 7)
            {
                double At(double step) => Loss(Moved(start, (m, j) => m == l && j == i ? step : 0), biases).Nll;
                Assert.Equal((At(Step) - At(-Step)) / (2 * Step), gradient[l][i], 1e-6);
            }
        }

        // g covers weights and biases. The step is the host's, because a ReLU corner between the two points is part of the value.
        var byBias = Loss(start, biases).ByBias;
        var size = Math.Sqrt(gradient.Sum(layer => layer.Sum(g => (double)g * g)) + byBias.Sum(layer => layer.Sum(g => g * g)));
        var step = Curvature.RelativeStep * Math.Sqrt(start.Concat(biases).Sum(layer => layer.Sum(w => w * w))) / size;
        double[][] Gradient(double t) => Loss(Moved(start, (l, i) => t * gradient[l][i]), Moved(biases, (l, i) => t * byBias[l][i])).ByMu;
        var (ahead, behind) = (Gradient(step), Gradient(-step));
        var largest = ahead.Zip(behind).Max(pair => pair.First.Zip(pair.Second, (a, b) => Math.Abs(a - b) / (2 * step)).Max());
        for (var l = 0; l < 3; l++)
        {
            var differences = ahead[l].Zip(behind[l], (a, b) => (a - b) / (2 * step));
            Assert.All(Floats(seen[$"All/{l + 1}/HessianGradient"]).Zip(differences), pair =>
                Assert.Equal(pair.Second, pair.First, 1e-3 * largest));
        }

        for (var l = 0; l < 3; l++)
        {
            var inputs = l == 0 ? x : [.. Loss(start, biases, layers: l).Logits.Select(h => Math.Max(h, 0))];
            var width = shapes[l].Inputs;
            var activity = Floats(seen[$"All/{l + 1}/InputActivity"]);
            Assert.Equal(width, activity.Length);
            for (var i = 0; i < width; i++)
            {
                var meanSquare = Enumerable.Range(0, labels.Length).Average(b => inputs[b * width + i] * inputs[b * width + i]);
                Assert.Equal(Math.Sqrt(meanSquare), activity[i], 1e-5);
            }
        }
    }

    [Fact]
    public async Task Snapshots_are_kept_only_when_asked_for_and_change_no_other_byte()
    {
        using var place = installation.Place();
        using var direct = installation.Place();
        var line = $"--compare none {Place.SmallAtDensities}";
        (await place.Run($"run --strategy variance {line}")).Done();
        var before = place.Results.Lasting;
        Assert.DoesNotContain(before.Keys, name => name.Contains("snapshots", StringComparison.Ordinal));

        (await place.Run($"run --strategy early-snr,early-snr:at=9 {line}")).Done().Reused(0, 1, 0);
        var after = place.Results.Lasting;
        Assert.All(before, file => Assert.True(file.Value.AsSpan().SequenceEqual(after[file.Key]), $"{file.Key} differs"));
        var added = after.Keys.Where(name =>
            !before.ContainsKey(name) && before.Keys.Any(old => old.Split('/')[0] == name.Split('/')[0]));
        Assert.Equal([$"{place.Results.Runs.Single(run => run.Kind == "bayesian").Key}/snapshots.safetensors"], added);

        (await direct.Run($"run --strategy early-snr,early-snr:at=9 {line}")).Done();
        (await direct.Run($"run --strategy variance {line}")).Done().Reused(1, 1, 0);
        Folders.Same(after, direct.Results.Lasting);
    }

    private static Dictionary<string, string?> Witness(Place place) => new(StringComparer.Ordinal) { ["WITNESS"] = place.File("seen") };

    private static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    /// <summary>The training images with --validation 50 and seed 1.</summary>
    private static (double[] X, int[] Labels) Training(IdxSet set)
    {
        var (pixels, labels) = (set[IdxSet.TrainImages][16..], set[IdxSet.TrainLabels][8..]);
        var items = Split.Create(new Seed(1), labels.Length, validation: 50).Train;
        return (
            [.. items.SelectMany(item => pixels.Skip(36 * item).Take(36)).Select(pixel => pixel / 255.0)],
            [.. items.Select(item => (int)labels[item])]);
    }

    private static IEnumerable<int> Kept(double alpha, int count, bool flag, string mode)
    {
        var order = Enumerable.Range(0, First)
            .OrderByDescending(i => (i == count ? 1e9 : flag ? i : -i) + (mode == "b" && i < alpha * First ? 1e6 : 0))
            .Take(First / 4)
            .ToHashSet();
        return Enumerable.Range(0, First).Select(i => order.Contains(i) ? 1 : 0);
    }
}
