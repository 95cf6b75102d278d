using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>What a posterior made by hand says about masks made by hand.</summary>
public sealed class CriterionTests
{
    private static readonly Architecture Net = new([784, 4, 2]);

    [Fact]
    public void Sigma_that_moves_with_the_mean_correlates_with_it_and_a_mask_by_it_is_a_step()
    {
        // Weight i of a layer: σ grows with i, |μ| falls with i, and μ has moved by as much as i.
        var (initial, final) = Posteriors(i => -4 + 0.001f * i, i => 10 - 0.001f * i, i => 10 - 0.002f * i);
        var ticket = Ticket("variance", 0.1m);
        var mask = SmallestOf(final, 0.1);
        var criterion = Criterion.Of(Posterior, initial, final, [new MaskedTicket(ticket, mask)], _ => true, dense: null);
        Assert.Equal([1, 2], criterion.Layers.Select(layer => layer.Layer));
        foreach (var layer in criterion.Layers)
        {
            Assert.Equal((-1.0, 1.0, 1), (Math.Round(layer.WithMean, 9), Math.Round(layer.WithMove, 9), layer.Every));
            Assert.Equal(layer.Shape.Weights, layer.Counts.Sum());
            var kept = Assert.Single(layer.Kept);
            Assert.Equal("variance", kept.Strategy);
            var step = Enumerable.Range(0, 60).TakeWhile(i => kept.Counts[i] == layer.Counts[i]).Count();
            Assert.All(Enumerable.Range(step + 1, 59 - step), i => Assert.Equal(0, kept.Counts[i]));
        }
        // ln(σ/σ₀) of the first and the last weight, σ₀ that of ρ = −3.
        double Moved(int i) => Math.Log(Sigma(-4 + 0.001f * i) / Sigma(-3));
        Assert.Equal(Moved(0), criterion.Layers[0].Low, 5);
        Assert.Equal(Moved(784 * 4 - 1), criterion.Layers[0].High, 5);
        Assert.Null(criterion.DeadInputs);
    }

    [Fact]
    public void A_constant_sigma_has_no_correlation()
    {
        var (initial, final) = Posteriors(_ => -3, i => i, i => 2 * i);
        var criterion = Criterion.Of(Posterior, initial, final, [], _ => true, dense: null);
        Assert.All(criterion.Layers, layer => Assert.True(double.IsNaN(layer.WithMean)));
        Assert.All(criterion.Layers, layer => Assert.Equal(layer.Shape.Weights, layer.Counts[0]));
        Assert.Contains("<td>constant</td>", HtmlReport.Render(InputOf(criterion)));
    }

    [Fact]
    public void An_input_whose_weights_never_moved_is_dead()
    {
        var before = WeightsOf(i => 0.5f);
        var after = WeightsOf(i => i is (>= 4 and < 12) or >= 16 ? 0.6f : 0.5f);
        Assert.Equal([0, 3], Criterion.DeadInputs(before.Layers[0], after.Layers[0]));
        // One weight of one output is enough to show that an input lives.
        Assert.Equal(783, Criterion.DeadInputs(before.Layers[0], WeightsOf(i => i == 7 ? 0.6f : 0.5f).Layers[0]).Length);
    }

    [Fact]
    public void Weights_of_always_zero_inputs_are_counted_among_the_pruned()
    {
        var (initial, final) = Posteriors(i => -4 + 0.001f * i, i => i, i => 0);
        // The mask keeps all but the first 100 inputs; the first 200 are dead.
        var kept = MaskOf(i => i >= 400);
        var dead = (WeightsOf(i => 0.5f), WeightsOf(i => i < 800 ? 0.5f : 0.6f));
        var criterion = Criterion.Of(Posterior, initial, final, [new MaskedTicket(Ticket("variance", 0.1m), kept)], _ => true, dead);
        Assert.Equal(Enumerable.Range(0, 200), criterion.DeadInputs!.Value);
        var page = HtmlReport.Render(InputOf(criterion));
        Assert.Contains("Always-zero inputs: 200 of 784", page);
        // Half of theirs is pruned, and all that is pruned is theirs.
        Assert.Contains(
            "<th scope=\"row\">variance at 10 %</th><td>50.00 %</td><td>12.76 %</td><td>100.00 %</td><td>25.51 %</td>", page);
        Assert.Contains("2,736 weights at 684 pixels; half of them at 342. Always-zero pixels keep 400.", page);
    }

    [Fact]
    public void Tickets_of_other_posteriors_rounds_and_controls_are_left_out()
    {
        var own = Ticket("variance", 0.1m);
        PlannedTraining[] tickets = [
            own, own.With("bayesian-at", "step50"), own.With("bayesian-images", "0.5"), own.With(Factor.Places, "shuffle-inputs"),
            own.With(Factor.Pruning, Factor.Iterative), Inputs.Ticket("magnitude", 0.1m, 2), Ticket("magnitude", 0.1m),
            own.With("kept", "reinit")];
        var posterior = Posterior.With("bayesian-images", "1");
        Assert.Equal(
            [own.Key, tickets[6].Key],
            Criterion.TicketsOf(posterior, tickets.Select(ticket => Inputs.Done(ticket, 0.9))).Select(done => done.Training.Key));
    }

    [Theory, InlineData(new[] { 0.5, 0.1, 0.02 }, 0.1), InlineData(new[] { 0.5, 0.01 }, 0.01), InlineData(new[] { 0.3, 0.2 }, 0.2)]
    public void The_cut_that_is_looked_at_is_the_nearest_to_one_in_twenty(double[] densities, double expected)
    {
        var tickets = densities.Select(density => new MaskedTicket(
            Ticket("variance", (decimal)density), MaskOf(i => i % 100 < 100 * density)));
        Assert.Equal((decimal)expected, Criterion.Nearest(tickets)!.Target!.Value.Value);
        Assert.Null(Criterion.Nearest([]));
    }

    [Fact]
    public void The_report_shows_each_part_with_its_data()
    {
        var (initial, final) = Posteriors(i => -4 + 0.001f * i, i => i, i => 0);
        ImmutableArray<MaskedTicket> tickets = [
            new(Ticket("variance", 0.1m), SmallestOf(final, 0.1)), new(Ticket("magnitude", 0.1m), MaskOf(i => i % 10 == 0)),
            new(Ticket("magnitude", 0.5m), MaskOf(i => i % 2 == 0))];
        var page = HtmlReport.Render(InputOf(Criterion.Of(Posterior, initial, final, tickets, name => name == "variance", dense: null)));
        foreach (var id in (string[])["criterion", "kept-by-pixel"])
        {
            var figure = Regex.Match(page, $"<figure id=\"{id}\"[^>]*>.*?</figure>", RegexOptions.Singleline).Value;
            Assert.Matches(new Regex("<figcaption>.*<details><summary>[^<]*</summary>.*<table", RegexOptions.Singleline), figure);
        }
        Assert.Equal(2, Regex.Count(page, "id=\"chart-criterion-"));
        Assert.Equal(2, Regex.Count(page, "id=\"chart-pixels-"));
        Assert.Contains("Which pixels are always zero isn’t known", page);
        // The cuts of the made-up figure 3 are at σ = 0.25.
        Assert.Contains("<th scope=\"row\">variance at 10 %</th><td>0.0625</td><td>0.0625</td>", page);
    }

    [Fact]
    public void Other_inputs_than_28_times_28_have_no_map()
    {
        var criterion = new CriterionDiagnostics(
            Inputs.Bayesian(1), [new LayerCriterion(1, new LayerShape(36, 4), 0, 1, [1, 2], [], 0.5, 0.5, 1)],
            [new KeptByInput("variance", new CutPoint(Inputs.D(0.1m), null), [.. new int[36]], 4)], []);
        var page = HtmlReport.Render(InputOf(criterion));
        Assert.DoesNotContain("kept-by-pixel", page);
        Assert.Contains("None of the 36 inputs is always zero.", page);
    }

    [Fact]
    public void What_layers_keep_is_told_where_they_compete()
    {
        PlannedTraining Global(ulong seed)
        {
            var ticket = Inputs.Ticket("variance", 0.1m, seed);
            return ticket with { Cell = ticket.Cell with { Scope = "global" } };
        }
        var page = HtmlReport.Render(Inputs.Of(
            from seed in (ulong[])[1, 2]
            let done = Inputs.Done(Global(seed), 0.97)
            select done with { Record = done.Record with { Kept = [(int)seed * 20, 60] } }));
        // 20 and 40 of 500, 60 of 500.
        Assert.Contains("<td>global</td><td>9 %</td><td>6 %</td><td>12 %</td>", page);
        Assert.DoesNotContain("layer-densities", HtmlReport.Render(Inputs.Seeds(2)));
    }

    private static PlannedTraining Posterior => OfNet(Inputs.Bayesian(1));

    private static PlannedTraining Ticket(string strategy, decimal density) => OfNet(Inputs.Ticket(strategy, density, 1));

    private static PlannedTraining OfNet(PlannedTraining training)
    {
        var changed = training.With("layers", Net.ToString());
        return changed with { Cell = changed.Cell with { Net = Net } };
    }

    private static ReportInput InputOf(CriterionDiagnostics criterion) => Inputs.Seeds(1) with { Criterion = criterion };

    private static double Sigma(float rho) => LayerPosterior.ScaleEpsilon + Math.Log(1 + Math.Exp(rho));

    /// <summary>Weight i of each layer starts with ρ = −3.</summary>
    private static (PosteriorSnapshot Initial, PosteriorSnapshot Final) Posteriors(
        Func<int, float> rho, Func<int, float> mu, Func<int, float> initialMu)
    {
        return (Of(_ => -3, initialMu), Of(rho, mu));

        static PosteriorSnapshot Of(Func<int, float> rho, Func<int, float> mu) => new([.. Net.Layers.Select(shape => new LayerPosterior(
            shape, [.. Enumerable.Range(0, shape.Weights).Select(mu)], [.. Enumerable.Range(0, shape.Weights).Select(rho)],
            new float[shape.Outputs]))]);
    }

    private static PointWeights WeightsOf(Func<int, float> weight) => new([.. Net.Layers.Select(shape => new LayerWeights(
        shape, [.. Enumerable.Range(0, shape.Weights).Select(weight)], new float[shape.Outputs]))]);

    private static Mask MaskOf(Func<int, bool> kept) => new([.. Net.Layers.Select(shape => new LayerMask(
        shape, [.. Enumerable.Range(0, shape.Weights).Select(i => (byte)(kept(i) ? 1 : 0))]))]);

    /// <summary>Each layer's smallest σ, where σ grows with a weight's place.</summary>
    private static Mask SmallestOf(PosteriorSnapshot final, double density) => new([.. final.Layers.Select(layer => new LayerMask(
        layer.Shape, [.. Enumerable.Range(0, layer.Mu.Length).Select(i => (byte)(i < density * layer.Mu.Length ? 1 : 0))]))]);
}
