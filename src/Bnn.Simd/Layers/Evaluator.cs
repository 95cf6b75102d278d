using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The weights of one layer as the kernels read them: w [inputs, stride] and bias [stride].</summary>
internal readonly unsafe struct EvaluatedLayer(float* w, float* bias, LayerShape shape, int stride)
{
    public float* W { get; } = w;

    public float* Bias { get; } = bias;

    public LayerShape Shape { get; } = shape;

    public int Stride { get; } = stride;
}

/// <summary>The forward pass alone, on blocks of images; owns room for one block.</summary>
internal sealed unsafe class Evaluator<TKernels> : IDisposable
    where TKernels : IKernels
{
    private const int Block = 100;
    private readonly InputLists[] _inputs;
    private readonly AlignedBuffer<float>[] _h;

    public Evaluator(Architecture net)
    {
        _inputs = [.. net.Layers.Select(shape => new InputLists(Block, shape.Inputs))];
        _h = [.. net.Layers.Select(shape => new AlignedBuffer<float>(Block * Lanes.Padded(shape.Outputs)))];
    }

    /// <param name="items">Rows of <paramref name="samples"/>; empty for all.</param>
    public Evaluation Evaluate(ReadOnlySpan<EvaluatedLayer> layers, SparseSamples samples, ReadOnlySpan<int> items)
    {
        var count = items.IsEmpty ? samples.Source.Count : items.Length;
        var (nll, correct) = (0.0, 0);
        for (var begin = 0; begin < count; begin += Block)
        {
            var batch = Math.Min(Block, count - begin);
            Load(samples, items, begin, batch);
            for (var l = 0; l < layers.Length; l++)
            {
                var layer = layers[l];
                if (l > 0) Batch.Rectify<TKernels>(_h[l - 1].Pointer, layers[l - 1].Stride, _inputs[l], batch);
                var rows = _inputs[l].Examples;
                rows.Batch = batch;
                TKernels.Forward(rows, layer.W, layer.Bias, _h[l].Pointer, layer.Stride);
            }
            var output = layers[^1];
            for (var b = 0; b < batch; b++)
            {
                var label = samples.Source.Labels[items.IsEmpty ? begin + b : items[begin + b]];
                var logits = _h[^1].Pointer + b * output.Stride;
                nll += TKernels.CrossEntropy(logits, output.Shape.Outputs, label, 0f, null, output.Stride);
                if (Predict(logits, output.Shape.Outputs) == label) correct++;
            }
        }
        return new Evaluation(nll / count, correct, count);
    }

    public void Dispose()
    {
        foreach (var inputs in _inputs) inputs.Dispose();
        foreach (var h in _h) h.Dispose();
    }

    private void Load(SparseSamples samples, ReadOnlySpan<int> items, int begin, int batch)
    {
        var inputs = _inputs[0];
        inputs.Clear();
        for (var b = 0; b < batch; b++) Batch.Append(samples, items.IsEmpty ? begin + b : items[begin + b], inputs, b, []);
    }

    /// <summary>The largest logit; on ties the lowest class.</summary>
    private static int Predict(float* logits, int classes)
    {
        var best = 0;
        for (var i = 1; i < classes; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }
}

/// <summary>Filling a batch's lists.</summary>
internal static unsafe class Batch
{
    /// <summary>Example <paramref name="b"/> from a row of the samples.</summary>
    public static void Append(SparseSamples samples, int row, InputLists inputs, int b, ReadOnlySpan<uint> signs)
    {
        var columns = samples.Columns(row);
        columns.CopyTo(new Span<int>(inputs.NextColumn, columns.Length));
        samples.Values(row).CopyTo(new Span<float>(inputs.NextX, columns.Length));
        inputs.EndExample(b, columns.Length, signs);
    }

    /// <summary>Every example from a layer's outputs, [batch, stride]; no signs.</summary>
    public static void Rectify<TKernels>(float* h, int stride, InputLists inputs, int batch)
        where TKernels : IKernels
    {
        inputs.Clear();
        for (var b = 0; b < batch; b++)
        {
            var active = TKernels.Rectify(h + (nint)b * stride, inputs.Width, inputs.NextColumn, inputs.NextX);
            inputs.EndExample(b, active, []);
        }
    }
}
