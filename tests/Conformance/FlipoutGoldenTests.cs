using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Conformance;

/// <summary>
/// The Bayesian stepper that the training loop uses, fed with the files' start, batch and noise, against TensorFlow Probability in
/// float32.
/// </summary>
public sealed class FlipoutGoldenTests
{
    private static readonly Func<double, double> Value = Near.Mixed(2e-5), Parameter = Near.Mixed(6e-5);

    public static TheoryData<string, string> Cases => EngineCase.WithSingles("flipout", "flipout");

    [Theory, MemberData(nameof(Cases))]
    public void Sigma_logits_loss_and_gradients(string name, string engine)
    {
        var file = Golden.Load(name);
        var forward = file["forward"];
        using var run = FlipoutRun.Start(file, Engines.Named(engine), new Optimizer.Sgd(1));
        foreach (var (l, layer) in run.Before.Layers.Index())
        {
            var sigma = layer.Rho.Select(rho => (double)(run.Setup.ScaleEpsilon + PortableMath.Softplus(rho).Softplus)).ToArray();
            Near.Check($"sigma of layer {l}", forward["sigma"].Items.ElementAt(l).Numbers, sigma, Value);
        }
        var loss = run.Step();

        var logits = forward["logits"].Numbers;
        var largest = logits.Max(Math.Abs);
        var atStart = EngineCase.Unpadded(LogitsAtStart(FlipoutNet.Read(file), engine), run.Batch, logits.Length / run.Batch);
        Near.Check("logits", logits, atStart, Near.Absolute(2e-5 * (1 + largest)));
        Near.Check("nll", forward["nll"].Number, loss.Nll, Value);
        Near.Check("kl", forward["kl"].Numbers.Sum(), loss.Kl, Value);

        // With a learning rate of 1 a step of gradient descent subtracts the gradient itself.
        var after = run.Stepper.Posterior();
        foreach (var (l, gradient) in file["gradients"].Items.Index())
        {
            var (from, to) = (run.Before.Layers[l], after.Layers[l]);
            Near.Check($"gradient by mu of layer {l}", gradient["mu"].Numbers, Taken(from.Mu, to.Mu), Rounded(from.Mu));
            Near.Check($"gradient by rho of layer {l}", gradient["rho"].Numbers, Taken(from.Rho, to.Rho), Rounded(from.Rho));
            Near.Check($"gradient by bias of layer {l}", gradient["bias"].Numbers, Taken(from.Bias, to.Bias), Rounded(from.Bias));
        }
    }

    /// <summary>The logits at the start: a step at rate 0 leaves the weights unchanged.</summary>
    internal static double[] LogitsAtStart(FlipoutNet net, string engine)
    {
        using var still = FlipoutRun.Start(net, Engines.Named(engine), new Optimizer.Sgd(0));
        still.Step();
        return Engines.Logits(still.Stepper);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Adam(string name, string engine)
    {
        var file = Golden.Load(name);
        var adam = file["adam"];
        var optimizer = new Optimizer.Adam(
            adam["learning_rate"].Number, adam["beta_1"].Number, adam["beta_2"].Number, adam["epsilon"].Number);
        Follow(file, adam, Engines.Named(engine), optimizer);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_descent(string name, string engine)
    {
        Assert.SkipWhen(
            name.Contains("large_logits", StringComparison.Ordinal),
            "it diverges, in float32 to other places: golden/README.md doesn't ask it");
        var file = Golden.Load(name);
        Follow(file, file["sgd"], Engines.Named(engine), new Optimizer.Sgd(file["sgd"]["learning_rate"].Number));
    }

    private static void Follow(Golden file, Golden expected, ITrainingEngine engine, Optimizer optimizer)
    {
        using var run = FlipoutRun.Start(file, engine, optimizer);
        var losses = expected["loss_before_step"].Numbers;
        var after = expected["params_after"].Fields.ToDictionary(field => int.Parse(field.Key), field => field.Value);
        for (var t = 1; t <= losses.Length; t++)
        {
            var loss = run.Step();
            Near.Check($"loss before step {t}", losses[t - 1], loss.Nll + run.Setup.KlFactor * loss.Kl, Value);
            if (!after.TryGetValue(t, out var layers)) continue;
            var posterior = run.Stepper.Posterior();
            foreach (var (l, layer) in layers.Items.Index())
            {
                var actual = posterior.Layers[l];
                Near.Check($"mu of layer {l} after step {t}", layer["mu"].Numbers, EngineCase.Doubles(actual.Mu), Parameter);
                Near.Check($"rho of layer {l} after step {t}", layer["rho"].Numbers, EngineCase.Doubles(actual.Rho), Parameter);
                Near.Check($"bias of layer {l} after step {t}", layer["bias"].Numbers, EngineCase.Doubles(actual.Bias), Parameter);
            }
        }
    }

    private static double[] Taken(float[] before, float[] after) => [.. before.Zip(after, (b, a) => (double)b - a)];

    /// <summary>The file's tolerance and the rounding of a parameter of this size, which the difference of two of them carries.</summary>
    private static Func<double, double> Rounded(float[] parameters)
    {
        var largest = parameters.Max(Math.Abs);
        return expected => Value(expected) + 1.2e-7 * (largest + Math.Abs(expected));
    }
}

/// <summary>A Bayesian stepper at a golden file's start.</summary>
internal sealed record FlipoutRun(BayesianSetup Setup, PosteriorSnapshot Before, IBayesianStepper Stepper, int Batch) : IDisposable
{
    private readonly int[] _items = [.. Enumerable.Range(0, Batch)];

    public static FlipoutRun Start(Golden file, ITrainingEngine engine, Optimizer optimizer)
    {
        var net = FlipoutNet.Read(file);
        return Start(net, engine, optimizer);
    }

    /// <param name="noise">The definition's noise if null.</param>
    public static FlipoutRun Start(FlipoutNet net, ITrainingEngine engine, Optimizer optimizer, NoiseSource? noise = null)
    {
        var start = new PosteriorSnapshot([.. net.Layers.Select(layer => new LayerPosterior(
            layer.Shape, EngineCase.Singles(layer.Mu), EngineCase.Singles(layer.Rho!), EngineCase.Singles(layer.Bias)))]);
        var architecture = new Architecture([net.Layers[0].Shape.Inputs, .. net.Layers.Select(layer => layer.Shape.Outputs)]);
        var klFactor = net.Settings.KlWeight / net.Settings.TrainingCount;
        var setup = new BayesianSetup(
            start, optimizer, net.Labels.Length, klFactor, net.Settings.PriorScale, (float)net.Settings.Epsilon,
            noise ?? new NoiseSource.Given(new GivenNoise(net.NoiseOfStep, architecture)), net.Mask);
        return new FlipoutRun(setup, start, engine.Bayesian(setup, EngineCase.SamplesOf(net.X, net.Labels)), net.Labels.Length);
    }

    public StepLoss Step() => Stepper.Step(_items);

    public void Dispose() => Stepper.Dispose();
}
