using System.Text.RegularExpressions;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>Which masks are compared, and the numbers of those that are, on masks made by hand.</summary>
public sealed class MaskPairsTests
{
    private const string At = "bayesian-at", Images = "bayesian-images", Noise = "bayesian-noise";

    private static readonly LayerShape[] Layers = [new(10, 50), new(50, 10)];

    [Fact]
    public void Two_masks_that_share_half_of_their_weights()
    {
        // Layer 1: rows 0 to 3 and rows 2 to 5 of 50 weights; layer 2: the same ten weights of row 7.
        var first = MaskOf([.. Enumerable.Range(0, 200)], [.. Enumerable.Range(70, 10)]);
        var second = MaskOf([.. Enumerable.Range(100, 200)], [.. Enumerable.Range(70, 10)]);
        var tickets = new[] { Ticket("variance", 1), Ticket("snr", 1) };
        var overlaps = MaskPairs.Of(Done(tickets), ticket => ticket == tickets[0] ? first : second);

        var pair = Assert.Single(overlaps.Pairs);
        Assert.Equal((Factor.Strategy, 2, 2), (pair.DiffersIn, overlaps.Read, overlaps.Masks));
        Assert.Equal([new LayerOverlap(500, 200, 200, 100, 100), new LayerOverlap(500, 10, 10, 10, 10)], pair.Layers);
        var overlap = PairOverlap.Of(pair);
        Assert.Equal(110.0 / 310, overlap.Overlap.Jaccard, 12);
        // By chance 200·200/500 + 10·10/500 of 210 weights.
        Assert.Equal(80.2 / (420 - 80.2), overlap.ByChance, 12);
        Assert.Equal((110 - 80.2) / (210 - 80.2), overlap.Overlap.Kappa, 12);
        // Both keep whole inputs: the counts per input say everything.
        Assert.Equal(overlap.Overlap.Jaccard, overlap.ByInputs, 12);
        Assert.Equal(100.0 / 210, overlap.Replaced, 12);
    }

    [Fact]
    public void Masks_that_agree_about_inputs_alone_overlap_as_their_counts_per_input_say()
    {
        var first = MaskOf([.. Enumerable.Range(0, 25)], [0]);        // the first half of input 0
        var second = MaskOf([.. Enumerable.Range(25, 25)], [0]);      // its second half
        var overlap = PairOverlap.Of(MaskPairs.Of(
            Done([Ticket("variance", 1), Ticket("snr", 1)]), ticket => ticket.Cell.Strategy == "snr" ? second : first).Pairs[0]);
        // 25·25/50 in layer 1 and 1·1/10 in layer 2.
        Assert.Equal(12.6 / (52 - 12.6), overlap.ByInputs, 12);
        Assert.Equal(1.0 / 51, overlap.Overlap.Jaccard, 12);
    }

    [Fact]
    public void Masks_that_differ_in_one_thing_are_compared()
    {
        var plain = Posterior("variance", 1);
        PlannedTraining[] tickets = [
            plain, Posterior("variance", 2), plain.With(Noise, "2"), plain.With(At, "step40"), plain.With(At, "step80"),
            plain.With(Images, "0.5"), Ticket("magnitude", 1), plain.With(Factor.Places, "shuffle-inputs"),
            plain.With(Noise, "2").With(At, "step40"), Posterior("snr", 1)];
        var pairs = MaskPairs.Of(Done(tickets), _ => Full).Pairs;
        (string, string, string)[] expected = [
            (MaskPair.OtherSeed, "final 1 1 variance 1", "final 1 1 variance 2"),
            (Noise, "final 1 1 variance 1", "final 1 2 variance 1"),
            (Noise, "step40 1 1 variance 1", "step40 1 2 variance 1"),
            (Factor.Places, "final 1 1 variance 1", "final 1 1 variance 1 shuffle-inputs"),
            (Factor.Strategy, "final 1 1 variance 1", "magnitude 1"),
            (Factor.Strategy, "final 1 1 variance 1", "final 1 1 snr 1"),
            (Factor.Strategy, "magnitude 1", "final 1 1 snr 1"),
            (At, "step40 1 1 variance 1", "step80 1 1 variance 1"),
            (At, "step40 1 1 variance 1", "final 1 1 variance 1"),
            (At, "step80 1 1 variance 1", "final 1 1 variance 1"),
            (At, "step40 1 2 variance 1", "final 1 2 variance 1"),
            (Images, "final 0.5 1 variance 1", "final 1 1 variance 1")];
        Assert.Equal(expected.Order(), pairs.Select(pair => (pair.DiffersIn, Shown(pair.First), Shown(pair.Second))).Order());
    }

    [Fact]
    public void Other_cuts_networks_and_settings_are_not_compared()
    {
        PlannedTraining[] tickets = [
            Ticket("variance", 1), Ticket("snr", 1, 0.2m), Ticket("magnitude", 1).With("steps", "900"),
            Ticket("random", 1).With(Factor.Data, "b2")];
        Assert.Empty(MaskPairs.Of(Done(tickets), _ => Full).Pairs);
    }

    [Fact]
    public void A_mask_that_several_tickets_share_is_read_once()
    {
        var plain = Ticket("variance", 1).With("kept", "rewind");
        var overlaps = MaskPairs.Of(Done([plain, plain.With("kept", "reinit"), plain.With("rewind", "500")]), _ => Full);
        Assert.Equal((0, 1, 1), (overlaps.Pairs.Length, overlaps.Read, overlaps.Masks));
    }

    [Fact]
    public void Few_masks_are_read_the_sparsest_first()
    {
        var asked = new List<PlannedTraining>();
        var finished = Done(
            from seed in Enumerable.Range(1, 100)
            from density in (decimal[])[0.5m, 0.05m]
            from strategy in Enumerable.Range(1, 50)
            select Ticket($"s{strategy}", (ulong)seed, density));
        var overlaps = MaskPairs.Of(finished, ticket =>
        {
            asked.Add(ticket);
            return asked.Count > 100 ? null : Full;
        });
        Assert.Equal((100, 10_000), (overlaps.Read, overlaps.Masks));
        Assert.Equal(2 * MaskPairs.MostSeeds * MaskPairs.MostWays, asked.Count);
        Assert.All(asked.Take(72), ticket => Assert.Equal(0.05m, ticket.Cell.Cut!.Target!.Value.Value));
        Assert.All(asked, ticket => Assert.True(ticket.Seed.Value <= MaskPairs.MostSeeds));
    }

    [Fact]
    public void The_report_shows_them_by_kind_and_pair_by_pair_and_what_was_left_out()
    {
        var finished = Done(
            from seed in (ulong[])[1, 2, 3, 4]
            from strategy in (string[])["variance", "magnitude", "random"]
            select Ticket(strategy, seed));
        var input = Inputs.Of(finished);
        var same = MaskOf([.. Enumerable.Range(0, 50)], [1]);
        var other = MaskOf([.. Enumerable.Range(50, 50)], [2]);
        input = input with { Overlaps = MaskPairs.Of(finished, ticket => ticket.Cell.Strategy == "random" ? other : same) };
        var page = HtmlReport.Render(input);
        var figure = Regex.Match(page, "<figure id=\"mask-overlap\"[^>]*>.*?</figure>", RegexOptions.Singleline).Value;
        Assert.Contains("<td>two strategies</td><td>3</td><td>1.000 (1.000 to 1.000)</td>", figure);
        Assert.Contains("<td>strategy and control</td><td>6</td><td>0.000 (0.000 to 0.000)</td>", figure);
        Assert.Contains("<td>other seed</td><td>9</td>", figure);
        Assert.Contains("9 of 12 masks were compared: those of the first 3 seeds", figure);
        Assert.Contains("<th scope=\"row\">variance</th><td>random</td><td>5 %</td>", figure);
        Assert.Contains("\"chart-overlap\"", figure);
        Assert.Matches(new Regex("<details><summary>[^<]*</summary>.*<table", RegexOptions.Singleline), figure);
    }

    [Fact]
    public void Without_pairs_there_is_no_part() => Assert.DoesNotContain("mask-overlap", HtmlReport.Render(Inputs.Seeds(2)));

    private static readonly Mask Full = MaskOf([.. Enumerable.Range(0, 500)], [.. Enumerable.Range(0, 500)]);

    private static PlannedTraining Ticket(string strategy, ulong seed, decimal density = 0.05m) =>
        Inputs.Ticket(strategy, density, seed).With(Factor.Pruning, Factor.OneShot).With(Factor.Places, Factor.Chosen);

    /// <summary>A ticket whose mask was found from a posterior.</summary>
    private static PlannedTraining Posterior(string strategy, ulong seed) =>
        Ticket(strategy, seed).With("bayesian-steps", "300").With(At, "final").With(Images, "1").With(Noise, "1");

    private static string Shown(PlannedTraining ticket)
    {
        string?[] parts = [
            ticket.Cell[At], ticket.Cell[Images], ticket.Cell[Noise], ticket.Cell.Strategy, ticket.Seed.ToString(),
            ticket.Cell[Factor.Places] is Factor.Chosen ? null : ticket.Cell[Factor.Places]];
        return string.Join(' ', parts.OfType<string>());
    }

    private static List<FinishedTraining> Done(IEnumerable<PlannedTraining> tickets) =>
        [.. tickets.Select(ticket => Inputs.Done(ticket, 0.97 + 0.0001 * ticket.Seed.Value))];

    private static Mask MaskOf(int[] first, int[] second) => new([.. Layers.Zip((int[][])[first, second], (shape, kept) =>
    {
        var mask = new byte[shape.Weights];
        foreach (var weight in kept) mask[weight] = 1;
        return new LayerMask(shape, mask);
    })]);
}
