using System.Collections.Immutable;
using System.Diagnostics;
using Bnn.Core;
using Bnn.Simd;

namespace Host.Experiments;

/// <summary>Measures how gradients vary from batch to batch, with some batches at a time. Their number changes no bit.</summary>
/// <param name="items">The images that train.</param>
/// <param name="jobs">Batches at a time.</param>
public sealed class GradientMeasuring(AskedVariance asked, Samples samples, int[] items, int jobs)
{
    /// <summary>The gradients of one size of batch at one moment, with every perturbation.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public ImmutableArray<GradientCell> At(Moment moment, PosteriorSnapshot posterior, int batch, CancellationToken stop)
    {
        var net = new PerturbedGradients(posterior, samples, items);
        var cells = ImmutableArray.CreateBuilder<GradientCell>();
        foreach (var perturbation in Perturbations.All)
        {
            var gradients = Gradients(net, perturbation, batch, stop);
            var (first, layer) = (0, 0);
            foreach (var shape in asked.Net.Layers)
            {
                cells.Add(new GradientCell(
                    moment, ++layer, perturbation, batch, [.. GradientSpread.Distances(gradients, first, shape.Weights)]));
                first += shape.Weights;
            }
        }
        return cells.ToImmutable();
    }

    private float[][] Gradients(PerturbedGradients net, Perturbation perturbation, int batch, CancellationToken stop)
    {
        var gradients = new float[asked.Repeats][];
        try
        {
            Parallel.For(
                0, gradients.Length, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop }, net.MakeRoom,
                (repeat, _, room) =>
                {
                    var gradient = new float[net.Weights];
                    net.Of(perturbation, new GradientDraw(asked.Seed, batch, repeat + 1), room, gradient, stop);
                    gradients[repeat] = gradient;
                    return room;
                },
                _ => { });
        }
        catch (AggregateException e) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, stop);
        }
        return gradients;
    }

    /// <summary>Seconds that one example takes with all perturbations, from some examples measured now.</summary>
    public double SecondsPerExample(PosteriorSnapshot posterior)
    {
        const int Batch = 128;
        var net = new PerturbedGradients(posterior, samples, items);
        var (room, gradient) = (net.MakeRoom(), new float[net.Weights]);
        var seconds = 0.0;
        for (var round = 1; round <= 2; round++)            // the first compiles
        {
            var watch = Stopwatch.StartNew();
            foreach (var perturbation in Perturbations.All)
                net.Of(perturbation, new GradientDraw(asked.Seed, Batch, round), room, gradient, CancellationToken.None);
            seconds = watch.Elapsed.TotalSeconds;
        }
        return seconds / Batch;
    }
}
