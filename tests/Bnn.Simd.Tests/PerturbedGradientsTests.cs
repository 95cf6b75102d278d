using Bnn.Core;
using Bnn.Tests;

namespace Bnn.Simd.Tests;

/// <summary>Gradients under shared and unshared perturbations: the definition's, with the variances that theory asks for.</summary>
public sealed class PerturbedGradientsTests
{
    private static readonly Seed Seed = new(11);

    public static TheoryData<string, int, Perturbation> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, Perturbation>();
            foreach (var sizes in (string[])["7,3", "20,17,5,3", "33,70,4"])
                foreach (var batch in (int[])[1, 6])
                    foreach (var perturbation in Perturbations.All) cases.Add(sizes, batch, perturbation);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void They_agree_with_the_definition(string sizes, int batch, Perturbation perturbation)
    {
        var (task, net) = Net(sizes);
        foreach (var repeat in (int[])[1, 2, 40])
        {
            var draw = new GradientDraw(Seed, batch, repeat);
            var found = new float[net.Gradients.Weights];
            net.Gradients.Of(perturbation, draw, net.Gradients.MakeRoom(), found, TestContext.Current.CancellationToken);
            int[] items = [.. Enumerable.Range(0, batch).Select(example => net.Items[draw.ItemOf(example, net.Items.Length)])];
            var width = task.Samples.Width;
            var expected = PerturbedGradient.Of(
                [.. net.Posterior.Layers.Select(layer => new DefinitionLayer(
                    layer.Shape, EngineCase.Doubles(layer.Mu), EngineCase.Doubles(layer.Rho), EngineCase.Doubles(layer.Bias)))],
                perturbation, draw, LayerPosterior.ScaleEpsilon,
                [.. items.SelectMany(item => task.X.AsSpan(item * width, width).ToArray())],
                [.. items.Select(item => (int)task.Samples.Labels[item])]);
            Near.Check("∂loss/∂μ", [.. expected.SelectMany(layer => layer)], EngineCase.Doubles(found), Near.Mixed(2e-6));
        }
    }

    [Fact]
    public void With_one_example_shared_and_independent_perturbations_are_the_same_to_the_bit()
    {
        var (_, net) = Net("20,17,5,3");
        Assert.Equal(Of(net, Perturbation.Shared, 1, 3), Of(net, Perturbation.Independent, 1, 3));
        Assert.NotEqual(Of(net, Perturbation.Shared, 2, 3), Of(net, Perturbation.Independent, 2, 3));
    }

    [Fact]
    public void A_room_that_was_used_gives_the_same_bits()
    {
        var (_, net) = Net("20,17,5,3");
        var room = net.Gradients.MakeRoom();
        foreach (var perturbation in Perturbations.All)
        {
            var found = new float[net.Gradients.Weights];
            net.Gradients.Of(perturbation, new GradientDraw(Seed, 4, 2), room, found, TestContext.Current.CancellationToken);
            Assert.Equal(Of(net, perturbation, 4, 2), found);
        }
    }

    /// <summary>All three estimate one gradient; a large batch averages away what its examples don't share.</summary>
    [Fact]
    public void They_have_one_mean_and_variances_in_the_order_of_what_examples_share()
    {
        const int Batch = 64, Repeats = 120;
        var (_, net) = Net("20,17,5,3", rho: 2);
        var byPerturbation = Perturbations.All.ToDictionary(
            perturbation => perturbation,
            perturbation => Enumerable.Range(1, Repeats).Select(repeat => Of(net, perturbation, Batch, repeat)).ToList());
        var place = 0;
        foreach (var layer in net.Posterior.Layers)
        {
            double Variance(Perturbation perturbation) =>
                GradientSpread.Variance(GradientSpread.Distances(byPerturbation[perturbation], place, layer.Shape.Weights));
            var (flipout, shared, independent) =
                (Variance(Perturbation.Flipout), Variance(Perturbation.Shared), Variance(Perturbation.Independent));
            Assert.InRange(flipout / independent, 0.8, 2);
            Assert.InRange(shared / flipout, 1.5, 1000);

            // The squared distance of two means, over the weights, is the sum of their variances on average.
            var range = Enumerable.Range(place, layer.Shape.Weights).ToList();
            foreach (var (one, other) in ((Perturbation, Perturbation)[])[
                (Perturbation.Flipout, Perturbation.Independent), (Perturbation.Shared, Perturbation.Independent)])
            {
                var apart = range.Average(w => Math.Pow(
                    byPerturbation[one].Average(gradient => (double)gradient[w])
                        - byPerturbation[other].Average(gradient => (double)gradient[w]), 2));
                Assert.InRange(apart / ((Variance(one) + Variance(other)) / Repeats), 0, 3);
            }
            place += layer.Shape.Weights;
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var (task, net) = Net("7,3");
        Assert.Throws<ArgumentException>(() => new PerturbedGradients(net.Posterior, task.Samples, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PerturbedGradients(net.Posterior, task.Samples, [task.Samples.Count]));
        var wider = new PosteriorSnapshot([net.Posterior.Layers[0] with { Shape = new LayerShape(8, 3) }]);
        Assert.Throws<ArgumentException>(() => new PerturbedGradients(wider, task.Samples, [0]));
        Assert.Throws<ArgumentException>(() => net.Gradients.Of(
            Perturbation.Shared, new GradientDraw(Seed, 1, 1), net.Gradients.MakeRoom(), new float[3], CancellationToken.None));
        Assert.Throws<OperationCanceledException>(() => net.Gradients.Of(
            Perturbation.Shared, new GradientDraw(Seed, 1, 1), net.Gradients.MakeRoom(), new float[21], new CancellationToken(true)));
    }

    private sealed record Case(PosteriorSnapshot Posterior, int[] Items, PerturbedGradients Gradients);

    private static float[] Of(Case net, Perturbation perturbation, int batch, int repeat)
    {
        var gradient = new float[net.Gradients.Weights];
        net.Gradients.Of(
            perturbation, new GradientDraw(Seed, batch, repeat), net.Gradients.MakeRoom(), gradient, TestContext.Current.CancellationToken);
        return gradient;
    }

    /// <param name="rho">Added to the start's ρ.</param>
    private static (SmallTask Task, Case Net) Net(string sizes, float rho = 0)
    {
        var task = new SmallTask(new Architecture([.. sizes.Split(',').Select(int.Parse)]), batch: 1, Seed, zeroInput: 2, count: 40);
        var start = Initialisation.Posterior(Seed, task.Net);
        var posterior = new PosteriorSnapshot([.. start.Layers.Select(layer => layer with
        {
            Mu = [.. layer.Mu.Select(mu => 3 * mu)],
            Rho = [.. layer.Rho.Select(own => own + rho)],
        })]);
        int[] items = [.. Enumerable.Range(0, 40).Where(item => item % 3 != 0)];
        return (task, new Case(posterior, items, new PerturbedGradients(posterior, task.Samples, items)));
    }
}
