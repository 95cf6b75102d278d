using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The weights of one layer as the forward pass reads them.</summary>
internal readonly record struct EvaluatedLayer<TKernels>(TiledMatrix<float> W, BiasVector<TKernels> Bias)
    where TKernels : IKernels;

/// <summary>The forward pass alone, on blocks of images; owns memory for one block.</summary>
internal sealed unsafe class Evaluator<TKernels> : IDisposable
    where TKernels : IKernels
{
    private const int Block = 100;
    private readonly InputLists<TKernels>[] _inputs;
    private readonly TiledMatrix<float>[] _h;
    private readonly int[] _items = new int[Block];

    public Evaluator(IReadOnlyList<Tiling> outputs, int inputs)
    {
        _inputs = [.. outputs.Select((_, l) => new InputLists<TKernels>(Block, l == 0 ? inputs : outputs[l - 1].Columns, signed: false))];
        _h = [.. outputs.Select(tiling => new TiledMatrix<float>(Block, tiling))];
    }

    /// <param name="items">Rows of <paramref name="samples"/>; empty for all.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Evaluation Evaluate(ReadOnlySpan<EvaluatedLayer<TKernels>> layers, Samples samples, ReadOnlySpan<int> items)
    {
        samples.Fits(_inputs[0].Width, _h[^1].Tiling.Columns, items);
        var count = items.IsEmpty ? samples.Count : items.Length;
        var (nll, correct) = (0.0, 0);
        for (var begin = 0; begin < count; begin += Block)
        {
            var block = _items.AsSpan(0, Math.Min(Block, count - begin));
            for (var b = 0; b < block.Length; b++) block[b] = items.IsEmpty ? begin + b : items[begin + b];
            Forward(layers, samples, block);
            var classes = _h[^1].Tiling;
            for (var b = 0; b < block.Length; b++)
            {
                var logits = new ReadOnlySpan<float>(_h[^1].Row(0, b), classes.Columns);
                var label = samples.Labels[block[b]];
                nll += TKernels.CrossEntropy(_h[^1].Row(0, b), classes.Columns, label, 0f, null, classes.Width);
                if (Predict(logits) == label) correct++;
            }
        }
        return new Evaluation(nll / count, correct, count);
    }

    /// <summary>The last layer's outputs, [rows, classes], of all rows of <paramref name="samples"/>.</summary>
    public float[] Logits(ReadOnlySpan<EvaluatedLayer<TKernels>> layers, Samples samples)
    {
        var classes = _h[^1].Tiling.Columns;
        samples.Fits(_inputs[0].Width, classes, []);
        var logits = new float[samples.Count * classes];
        for (var begin = 0; begin < samples.Count; begin += Block)
        {
            var block = _items.AsSpan(0, Math.Min(Block, samples.Count - begin));
            for (var b = 0; b < block.Length; b++) block[b] = begin + b;
            Forward(layers, samples, block);
            for (var b = 0; b < block.Length; b++)
                new ReadOnlySpan<float>(_h[^1].Row(0, b), classes).CopyTo(logits.AsSpan((begin + b) * classes));
        }
        return logits;
    }

    public void Dispose()
    {
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var h in _h) h.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Forward(ReadOnlySpan<EvaluatedLayer<TKernels>> layers, Samples samples, ReadOnlySpan<int> block)
    {
        for (var l = 0; l < layers.Length; l++)
        {
            if (l == 0) _inputs[0].Load(samples, block);
            else _inputs[l].Load(_h[l - 1], block.Length);
            TKernels.Forward(_inputs[l].Examples(block.Length), Rows.Of(layers[l].W), layers[l].Bias.Tile(0), Rows.Of(_h[l]));
        }
    }

    /// <summary>The largest logit; on ties the lowest class.</summary>
    private static int Predict(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }
}
