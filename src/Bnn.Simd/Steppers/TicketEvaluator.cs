using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The forward pass alone, of a network with few weights, on one group of images at a time.</summary>
internal sealed class TicketEvaluator<TKernels>(KeptWeights<TKernels>[] layers) : IDisposable
    where TKernels : IKernels
{
    private readonly TicketBatch<TKernels> _batch = new(layers, LaneMatrix.Group);
    private readonly int[] _items = new int[LaneMatrix.Group];

    /// <param name="items">Rows of <paramref name="samples"/>; empty for all.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
    {
        samples.Fits(layers[0].Shape.Inputs, layers[^1].Shape.Outputs, items);
        var count = items.IsEmpty ? samples.Count : items.Length;
        var (nll, correct) = (0.0, 0);
        for (var begin = 0; begin < count; begin += LaneMatrix.Group)
        {
            var block = _items.AsSpan(0, Math.Min(LaneMatrix.Group, count - begin));
            for (var b = 0; b < block.Length; b++) block[b] = items.IsEmpty ? begin + b : items[begin + b];
            _batch.Load(samples, block);
            _batch.Forward();
            var (sum, hits) = _batch.Loss(block.Length, 0f);
            (nll, correct) = (nll + sum, correct + hits);
        }
        return new Evaluation(nll / count, correct, count);
    }

    public void Dispose() => _batch.Dispose();
}
