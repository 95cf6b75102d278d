using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// Chooses the masks that are compared: at one cut, of one seed two strategies, two moments, shares of the images or draws of noise, a
/// ticket and the control made from its mask; and one cell's of two seeds.
/// </summary>
/// <remarks>
/// Masks are large, so few are read: those of the first seeds, cut by cut from the sparsest on, for as long as the reader gives any.
/// </remarks>
public static class MaskPairs
{
    /// <summary>Of so many seeds, the first of the plan, masks are compared.</summary>
    public const int MostSeeds = 3;

    /// <summary>At one cut so many ways to find a mask are compared, the first of the plan.</summary>
    public const int MostWays = 24;

    /// <summary>What shows how much of a mask is noise, evidence or strategy.</summary>
    private static readonly ImmutableArray<string> OneFactor = [TrainingSettings.BayesianNoise.Name, Factor.Places, Factor.Pruning];

    /// <summary>Factors with an order: neighbours are compared, and each value with the last.</summary>
    private static readonly ImmutableArray<string> Ordered = [TrainingSettings.BayesianAt.Name, TrainingSettings.BayesianImages.Name];

    /// <summary>What a ticket's training differs in while its mask doesn't.</summary>
    private static readonly ImmutableArray<string> AfterTheMask = [TrainingSettings.Kept.Name, TrainingSettings.Pruned.Name];

    private sealed record Read(PlannedTraining Ticket, Mask Mask, ImmutableArray<int[]> ByInput)
    {
        public PlannedCell Cell => Ticket.Cell;

        public static Read Of(PlannedTraining ticket, Mask mask) =>
            new(ticket, mask, [.. mask.Layers.Select(layer => KeptByInput(layer))]);
    }

    /// <param name="mask">Gives a ticket's mask; null where it isn't there or too many have been read.</param>
    public static MaskOverlaps Of(IReadOnlyList<FinishedTraining> finished, Func<PlannedTraining, Mask?> mask)
    {
        List<FinishedTraining> tickets = [
            .. finished.Where(done => IsCompared(done.Training.Cell))
                .DistinctBy(done => (done.Training.Seed, MaskName(done.Training.Cell)))];
        HashSet<Seed> seeds = [.. tickets.Select(done => done.Training.Seed).Distinct().Take(MostSeeds)];
        var pairs = ImmutableArray.CreateBuilder<MaskPair>();
        var count = 0;
        foreach (var cut in tickets.GroupBy(done => done.Training.Cell.Cut!).OrderBy(cut => cut.Min(done => done.Record.KeptShare)))
        {
            HashSet<string> ways = [.. cut.Select(done => MaskName(done.Training.Cell)).Distinct(StringComparer.Ordinal).Take(MostWays)];
            List<Read> read = [
                .. from done in cut
                   let ticket = done.Training
                   where seeds.Contains(ticket.Seed) && ways.Contains(MaskName(ticket.Cell))
                   let own = mask(ticket)
                   where own is not null
                   select Read.Of(ticket, own)];
            count += read.Count;
            pairs.AddRange(Pairs(read));
        }
        return new MaskOverlaps(pairs.ToImmutable(), count, tickets.Count);
    }

    /// <summary>The number of weights that a layer keeps of each input, [inputs].</summary>
    public static int[] KeptByInput(LayerMask layer)
    {
        var outputs = layer.Shape.Outputs;
        return [.. Enumerable.Range(0, layer.Shape.Inputs)
            .Select(input => outputs - layer.Kept.AsSpan(input * outputs, outputs).Count((byte)0))];
    }

    /// <summary>A value of an ordered factor, for sorting: the share of the images, or the step, the end being the last.</summary>
    public static decimal PlaceOf(string value) =>
        Moment.TryParseStep(value, out var step) ? step
        : decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) ? share
        : decimal.MaxValue;

    /// <summary>All factors of a cell but one, as a text: cells with the same one differ in that factor alone.</summary>
    public static string WithoutFactor(PlannedCell cell, string factor) => string.Join('\n', cell.Factors
        .Where(own => own.Name != factor)
        .Select(own => $"{own.Name} {own.Value}"));

    private static bool IsCompared(PlannedCell cell) => cell is { Kind: TrainingKind.Ticket, Strategy: not null, Cut: not null }
        && cell.IsReported && cell.Control != ControlKind.Inverted.Name();

    /// <summary>Tickets of a seed with the same one have the same mask.</summary>
    private static string MaskName(PlannedCell cell)
    {
        var isOneShot = cell[Factor.Pruning] != Factor.Iterative;
        return $"{cell.Cut}\n" + string.Join('\n', cell.Factors
            .Where(own => !AfterTheMask.Contains(own.Name) && (own.Name != TrainingSettings.Rewind.Name || !isOneShot))
            .Select(own => $"{own.Name} {own.Value}"));
    }

    private static IEnumerable<MaskPair> Pairs(List<Read> read)
    {
        for (var i = 0; i < read.Count; i++)
        {
            for (var j = i + 1; j < read.Count; j++)
            {
                if (DifferenceOf(read[i].Ticket, read[j].Ticket) is { } difference) yield return Pair(read[i], read[j], difference);
            }
        }
        foreach (var factor in Ordered)
        {
            var lines = read.Where(one => one.Cell[factor] is not null && IsChosen(one.Cell))
                .GroupBy(one => (one.Ticket.Seed, WithoutFactor(one.Cell, factor)));
            foreach (var line in lines)
            {
                List<Read> sorted = [.. line.OrderBy(one => PlaceOf(one.Cell[factor]!))];
                for (var i = 1; i < sorted.Count; i++)
                {
                    yield return Pair(sorted[i - 1], sorted[i], factor);
                    if (i < sorted.Count - 1) yield return Pair(sorted[i - 1], sorted[^1], factor);
                }
            }
        }
    }

    /// <summary>What two masks at one cut differ in; null where that is nothing to compare, or an ordered factor.</summary>
    private static string? DifferenceOf(PlannedTraining one, PlannedTraining two)
    {
        var (a, b) = (one.Cell, two.Cell);
        if (one.Seed != two.Seed) return a == b ? MaskPair.OtherSeed : null;
        if (!a.Net.Equals(b.Net)) return null;
        if (a.Strategy != b.Strategy)
            return IsChosen(a) && IsChosen(b) && a.AgreesWith(b) && HaveLikeEvidence(a, b) ? Factor.Strategy : null;
        List<string> differing = [
            .. a.Factors.Concat(b.Factors).Select(own => own.Name).Distinct(StringComparer.Ordinal)
                .Where(name => a[name] is { } own && b[name] is { } other && own != other)];
        return differing is [var only] && OneFactor.Contains(only) && (IsChosen(a) || IsChosen(b)) ? only : null;
    }

    private static bool IsChosen(PlannedCell cell) => cell[Factor.Places] is null or Factor.Chosen;

    /// <summary>
    /// Masks from early or partial posteriors are compared with one another, and not with what needs no posterior: that is compared with
    /// masks from the usual one.
    /// </summary>
    private static bool HaveLikeEvidence(PlannedCell a, PlannedCell b) =>
        a[TrainingSettings.BayesianAt.Name] is null == b[TrainingSettings.BayesianAt.Name] is null || (IsUsual(a) && IsUsual(b));

    private static bool IsUsual(PlannedCell cell) => Ordered.Add(TrainingSettings.BayesianNoise.Name)
        .All(factor => cell[factor] is not { } value || value == TrainingSettings.UsualFactors[factor]);

    private static MaskPair Pair(Read one, Read two, string difference) => new(
        one.Ticket, two.Ticket, difference,
        [.. one.Mask.Layers.Select((layer, l) =>
        {
            var overlap = MaskOverlap.Of(layer.Kept, two.Mask.Layers[l].Kept);
            var byInput = one.ByInput[l].Zip(two.ByInput[l], (a, b) => (double)a * b).Sum() / layer.Shape.Outputs;
            return new LayerOverlap(overlap.N, overlap.CountA, overlap.CountB, overlap.Intersection, byInput);
        })]);
}
