using Bnn.Core;

namespace Bnn.Simd;

/// <summary>An ordinary layer in training. Matrices are [inputs, stride], the stride a whole number of vectors, padding always 0.</summary>
internal sealed unsafe class DenseLayer<TKernels> : IDisposable
    where TKernels : IKernels
{
    private readonly AlignedBuffer<float> _m, _v;
    private readonly AlignedBuffer<uint> _keep;
    private readonly int _keepStride;

    public DenseLayer(LayerWeights start, LayerMask? mask, Optimizer optimizer)
    {
        Shape = start.Shape;
        Stride = Lanes.Padded(Shape.Outputs);
        var count = Shape.Inputs * Stride;
        W = new(count);
        Padding.Copy(start.Weight, Shape, W.Span, Stride);
        Bias = new BiasVector<TKernels>(start.Bias, Stride, optimizer);
        (_m, _v) = optimizer is Optimizer.Adam ? (new(count), new(count)) : (new AlignedBuffer<float>(0), new AlignedBuffer<float>(0));

        // Without a mask all rows share one row of bits that keep the real columns.
        _keepStride = mask is null ? 0 : Stride;
        _keep = new(mask is null ? Stride : count);
        for (var i = 0; i < (mask is null ? 1 : Shape.Inputs); i++)
            for (var o = 0; o < Shape.Outputs; o++)
                _keep.Pointer[i * Stride + o] = mask is null || mask.Kept[i * Shape.Outputs + o] != 0 ? uint.MaxValue : 0;
        for (var i = 0; mask is not null && i < count; i++)
            if (_keep.Pointer[i] == 0) W.Pointer[i] = 0f;
    }

    public LayerShape Shape { get; }

    public int Stride { get; }

    public AlignedBuffer<float> W { get; }

    public BiasVector<TKernels> Bias { get; }

    /// <summary>A step of every weight and bias from g = ∂loss/∂h, [batch, stride].</summary>
    /// <param name="gradient">Room for one row, [stride].</param>
    public void Update(in UpdateRule rule, InputLists inputs, float* g, float* gradient)
    {
        for (var i = 0; i < Shape.Inputs; i++)
        {
            var begin = inputs.InputBegin[i];
            TKernels.RowGradient(inputs.Example + begin, inputs.InputX + begin, inputs.InputBegin[i + 1] - begin, g, gradient, Stride);
            var row = (nint)i * Stride;
            TKernels.Update(rule, W.Pointer + row, _m.Pointer + row, _v.Pointer + row, gradient, _keep.Pointer + i * _keepStride, Stride);
        }
        Bias.Update(rule, inputs.Batch, g, gradient);
    }

    /// <summary>Adds batch · gradient, and each input's squares, to sums over the examples.</summary>
    public void AddTo(ProbeSums sums, int layer, InputLists inputs, float* g, float* gradient)
    {
        for (var i = 0; i < Shape.Inputs; i++)
        {
            var begin = inputs.InputBegin[i];
            var count = inputs.InputBegin[i + 1] - begin;
            TKernels.RowGradient(inputs.Example + begin, inputs.InputX + begin, count, g, gradient, Stride);
            for (var o = 0; o < Shape.Outputs; o++) sums.Weight[layer][i * Shape.Outputs + o] += (double)gradient[o] * inputs.Batch;
            for (var k = 0; k < count; k++) sums.Squares[layer][i] += (double)inputs.InputX[begin + k] * inputs.InputX[begin + k];
        }
        TKernels.BiasGradient(g, inputs.Batch, gradient, Stride);
        for (var o = 0; o < Shape.Outputs; o++) sums.Bias[layer][o] += (double)gradient[o] * inputs.Batch;
    }

    /// <summary>Tiny weights and moments become +0.</summary>
    public void Flush()
    {
        TKernels.Flush(W.Pointer, W.Length);
        TKernels.Flush(_m.Pointer, _m.Length);
        TKernels.Flush(_v.Pointer, _v.Length);
        Bias.Flush();
    }

    public void Dispose()
    {
        W.Dispose();
        _m.Dispose();
        _v.Dispose();
        _keep.Dispose();
        Bias.Dispose();
    }
}
