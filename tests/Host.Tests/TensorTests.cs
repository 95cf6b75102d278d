namespace Host.Tests;

/// <summary>What the tensors of an experiment are, and that they agree with the tables.</summary>
public sealed class TensorTests(Experiment experiment) : IClassFixture<Experiment>
{
    private static readonly (int Inputs, int Outputs)[] Layers = [(36, 8), (8, 5), (5, 3)];

    private Results Results => experiment.Results;

    [Fact]
    public void A_posterior_holds_mu_rho_and_bias_before_and_after()
    {
        var posterior = Results.Bayesian.Posterior;
        string[] names = [
            .. from moment in (string[])["initial", "final"]
               from layer in (int[])[1, 2, 3]
               from part in (string[])["mu", "rho", "bias"]
               select $"{moment}.layer{layer}.{part}"];
        Assert.Equal(names, posterior.Names);
        Assert.All(names, name => Is(posterior[name], "F32", name.EndsWith("bias", StringComparison.Ordinal), LayerOf(name)));
        Assert.All(names.Where(name => name.StartsWith("initial", StringComparison.Ordinal)), name =>
            Assert.NotEqual(posterior[name].Bits, posterior[name.Replace("initial", "final", StringComparison.Ordinal)].Bits));
    }

    [Fact]
    public void Weights_hold_the_mask_and_three_moments() => Assert.All([Results.Dense, .. Results.Tickets], run =>
    {
        var weights = run.Weights;
        string[] names = [
            .. from layer in (int[])[1, 2, 3] select $"layer{layer}.mask",
            .. from moment in (string[])["initial", "earlystop", "final"]
               from layer in (int[])[1, 2, 3]
               from part in (string[])["weight", "bias"]
               select $"{moment}.layer{layer}.{part}"];
        Assert.Equal(names, weights.Names);
        Assert.All(names, name => Is(
            weights[name], name.EndsWith("mask", StringComparison.Ordinal) ? "U8" : "F32",
            name.EndsWith("bias", StringComparison.Ordinal), LayerOf(name)));
    });

    [Fact]
    public void Both_kinds_of_net_start_from_the_initial_means()
    {
        var (posterior, dense) = (Results.Bayesian.Posterior, Results.Dense.Weights);
        for (var l = 1; l <= 3; l++)
        {
            Assert.Equal(posterior[$"initial.layer{l}.mu"].Bits, dense[$"initial.layer{l}.weight"].Bits);
            Assert.Equal(posterior[$"initial.layer{l}.bias"].Bits, dense[$"initial.layer{l}.bias"].Bits);
            Assert.All(dense[$"layer{l}.mask"].Bytes, kept => Assert.Equal(1, kept));
        }
    }

    [Fact]
    public void A_ticket_starts_from_the_kept_means_and_its_pruned_weights_are_always_plus_zero() => Assert.All(Results.Tickets, ticket =>
    {
        var (posterior, weights) = (Results.Bayesian.Posterior, ticket.Weights);
        for (var l = 1; l <= 3; l++)
        {
            var mask = weights[$"layer{l}.mask"].Bytes;
            Assert.All(mask, kept => Assert.InRange(kept, 0, 1));
            Assert.Equal(
                posterior[$"initial.layer{l}.mu"].Bits.Zip(mask, (mu, kept) => kept * mu),
                weights[$"initial.layer{l}.weight"].Bits);
            Assert.Equal(posterior[$"initial.layer{l}.bias"].Bits, weights[$"initial.layer{l}.bias"].Bits);
            foreach (var moment in (string[])["earlystop", "final"])
                Assert.All(weights[$"{moment}.layer{l}.weight"].Bits.Zip(mask), pair => Assert.True(pair.Second == 1 || pair.First == 0));
            var changes = weights[$"final.layer{l}.weight"].Bits.Zip(weights[$"initial.layer{l}.weight"].Bits);
            Assert.Contains(changes, pair => pair.First != pair.Second);
        }
    });

    [Fact]
    public void Magnitude_keeps_the_largest_final_weights_of_the_dense_net()
    {
        var ticket = Results.Of(row => row["strategy"] == "magnitude" && row["target_density"] == "0.2").Weights;
        for (var l = 1; l <= 3; l++)
        {
            var mask = ticket[$"layer{l}.mask"].Bytes;
            var magnitude = Results.Dense.Weights[$"final.layer{l}.weight"].Floats.Select(Math.Abs).ToArray();
            var pruned = Enumerable.Range(0, mask.Length).OrderBy(i => magnitude[i]).ThenBy(i => i).Take(mask.Count(kept => kept == 0));
            Assert.Equal(pruned.Order(), Enumerable.Range(0, mask.Length).Where(i => mask[i] == 0));
        }
    }

    [Fact]
    public void Variance_keeps_the_smallest_sigmas_of_the_trained_posterior()
    {
        var ticket = Results.Of(row => row["strategy"] == "variance" && row["target_density"] == "0.2").Weights;
        for (var l = 1; l <= 3; l++)
        {
            var sigma = Results.Bayesian.Posterior[$"final.layer{l}.rho"].Floats.Select(rho => Math.Log(1 + Math.Exp(rho))).ToArray();
            var mask = ticket[$"layer{l}.mask"].Bytes;
            Assert.True(sigma.Where((_, i) => mask[i] == 1).Max() <= sigma.Where((_, i) => mask[i] == 0).Min() * (1 + 1e-6));
        }
    }

    [Fact]
    public void The_stored_weights_give_the_test_results_of_the_table() => Assert.All(Results.Table(), row =>
    {
        var run = Results.Run(row["run"]);
        if (row["kind"] is "bayesian")
        {
            Gives(row, "last", l => (run.Posterior[$"final.layer{l}.mu"].Floats, run.Posterior[$"final.layer{l}.bias"].Floats));
            return;
        }
        Gives(row, "last", l => (run.Weights[$"final.layer{l}.weight"].Floats, run.Weights[$"final.layer{l}.bias"].Floats));
        Gives(row, "early_stop", l => (run.Weights[$"earlystop.layer{l}.weight"].Floats, run.Weights[$"earlystop.layer{l}.bias"].Floats));
    });

    /// <summary>Evaluates the network again, in double, on the test images.</summary>
    private static void Gives(Row row, string moment, Func<int, (float[] Weight, float[] Bias)> layer)
    {
        var data = new IdxSet();
        var (pixels, labels) = (data[IdxSet.TestImages][16..], data[IdxSet.TestLabels][8..]);
        var (nll, correct) = (0.0, 0);
        foreach (var (n, image) in pixels.Chunk(36).Index())
        {
            var values = image.Select(pixel => pixel / 255.0).ToArray();
            for (var l = 1; l <= 3; l++)
            {
                var (weight, bias) = layer(l);
                var sums = bias.Select((b, o) => b + values.Select((value, i) => value * weight[i * bias.Length + o]).Sum());
                values = [.. l < 3 ? sums.Select(sum => Math.Max(0, sum)) : sums];
            }
            nll += Math.Log(values.Sum(Math.Exp)) - values[labels[n]];
            if (Array.IndexOf(values, values.Max()) == labels[n]) correct++;
        }
        Assert.Equal((double)correct / labels.Length, row.Number($"test_accuracy_{moment}"));
        Assert.Equal(nll / labels.Length, row.Number($"test_nll_{moment}"), 1e-5);
    }

    private static (int Inputs, int Outputs) LayerOf(string name) =>
        Layers[name[name.IndexOf("layer", StringComparison.Ordinal) + 5] - '1'];

    private static void Is(Tensor tensor, string type, bool bias, (int Inputs, int Outputs) layer)
    {
        Assert.Equal(type, tensor.Type);
        Assert.Equal(bias ? [layer.Outputs] : [layer.Inputs, layer.Outputs], tensor.Shape);
        Assert.Equal(tensor.Shape.Aggregate(type is "U8" ? 1 : sizeof(float), (product, size) => product * size), tensor.Bytes.Length);
    }
}
