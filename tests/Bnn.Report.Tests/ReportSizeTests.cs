using System.Collections.Immutable;
using System.Text;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>
/// A report of 300 trainings, each with a hundred evaluations and all measures, with every part that grows with arms, seeds, cuts or
/// layers: one file that can be sent by mail.
/// </summary>
public sealed class ReportSizeTests
{
    private const int MostBytes = 8_000_000;

    private static readonly Architecture Net = new([784, 30, 20, 10]);
    private static readonly string[] Strategies = ["variance", "snr", "magnitude", "random", "mean-magnitude", "large-final", "movement"];
    private static readonly decimal[] Densities = [0.5m, 0.2m, 0.05m, 0.01m];

    [Fact]
    public void Three_hundred_trainings_make_a_report_of_at_most_eight_megabytes()
    {
        var random = new Random(5);
        ImmutableArray<FinishedTraining> finished = [
            .. from seed in Enumerable.Range(1, 10).Select(i => (ulong)i)
               from training in (PlannedTraining[])[
                   Inputs.Bayesian(seed), Inputs.Dense(seed),
                   .. from strategy in Strategies from density in Densities select Inputs.Ticket(strategy, density, seed)]
               select Done(OfNet(training), random)];
        Assert.Equal(300, finished.Length);

        var masks = finished.Where(done => done.Training.Kind == TrainingKind.Ticket)
            .ToDictionary(done => done.Training, done => MaskOf((double)done.Training.Cell.Cut!.Target!.Value.Value, random));
        var (posterior, initial, final) = (finished[0].Training, Posterior(random), Posterior(random));
        ImmutableArray<MaskedTicket> ofPosterior = [
            .. from mask in masks where mask.Key.Seed == posterior.Seed select new MaskedTicket(mask.Key, mask.Value)];
        var input = Inputs.Of(finished, null, Strategies) with
        {
            Sigmas = SigmaDistribution.Of(posterior, final, [
                .. ofPosterior.Select(one => new MaskedBySigma(one.Ticket.Cell.Strategy!, one.Ticket.Cell.Cut!, one.Mask))]),
            Criterion = Criterion.Of(posterior, initial, final, ofPosterior, _ => true, dense: null),
            Overlaps = MaskPairs.Of(finished, ticket => masks[ticket]),
        };
        var page = HtmlReport.Render(input);
        foreach (var part in (string[])["early-stop", "figure-2", "figure-3", "mask-overlap", "criterion", "kept-by-pixel", "calibration"])
            Assert.Contains($"<figure id=\"{part}\"", page, StringComparison.Ordinal);
        var size = Encoding.UTF8.GetByteCount(page);
        Assert.True(size <= MostBytes, $"{size:N0} bytes");
    }

    private static PlannedTraining OfNet(PlannedTraining training)
    {
        var changed = training.With("layers", Net.ToString());
        return changed with { Cell = changed.Cell with { Net = Net } };
    }

    private static FinishedTraining Done(PlannedTraining training, Random random)
    {
        var share = (double)(training.Cell.Cut?.Target?.Value ?? 1);
        var done = Inputs.Done(training, 0.95 + 0.02 * random.NextDouble(), 100 * random.Next(1, 100));
        var values = done.Record.Values;
        foreach (var measure in Measures.All.Where(measure => !values.ContainsKey(measure.Name)))
        {
            var isWhole = measure.Unit is MeasureUnit.Steps or MeasureUnit.Count;
            values = values.Add(measure.Name, isWhole ? random.Next(1000) : random.NextDouble());
        }
        return done with
        {
            Record = done.Record with
            {
                Kept = [.. Net.Layers.Select(shape => (int)(share * shape.Weights))],
                Total = [.. Net.Layers.Select(shape => shape.Weights)],
                Values = values,
            },
            Rows = [.. Enumerable.Range(0, 101).Select(i => new MetricsRow(
                100 * i, random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(),
                0.9 + 0.07 * random.NextDouble()))],
        };
    }

    private static Mask MaskOf(double share, Random random) => new([.. Net.Layers.Select(shape => new LayerMask(
        shape, [.. Enumerable.Range(0, shape.Weights).Select(_ => (byte)(random.NextDouble() < share ? 1 : 0))]))]);

    private static PosteriorSnapshot Posterior(Random random)
    {
        return new([.. Net.Layers.Select(shape => new LayerPosterior(
            shape, Numbers(shape.Weights, 0), Numbers(shape.Weights, -3), new float[shape.Outputs]))]);

        float[] Numbers(int count, double middle) => [.. Enumerable.Range(0, count).Select(_ => (float)(middle + random.NextDouble()))];
    }
}
