using Bnn.Core;

namespace Bnn.Simd;

/// <summary>A layer's bias in training: points, never masked, without KL. [stride], padding 0.</summary>
internal sealed unsafe class BiasVector<TKernels> : IDisposable
    where TKernels : IKernels
{
    private readonly AlignedBuffer<float> _m, _v;
    private readonly AlignedBuffer<uint> _keep;

    public BiasVector(float[] start, int stride, Optimizer optimizer)
    {
        Values = new(stride);
        start.CopyTo(Values.Span);
        _keep = new(stride);
        _keep.Span[..start.Length].Fill(uint.MaxValue);
        var moments = optimizer is Optimizer.Adam ? stride : 0;
        (_m, _v) = (new(moments), new(moments));
    }

    public AlignedBuffer<float> Values { get; }

    public void Update(in UpdateRule rule, int batch, float* g, float* gradient)
    {
        TKernels.BiasGradient(g, batch, gradient, Values.Length);
        TKernels.Update(rule, Values.Pointer, _m.Pointer, _v.Pointer, gradient, _keep.Pointer, Values.Length);
    }

    public void Flush()
    {
        TKernels.Flush(Values.Pointer, Values.Length);
        TKernels.Flush(_m.Pointer, _m.Length);
        TKernels.Flush(_v.Pointer, _v.Length);
    }

    public void Dispose()
    {
        Values.Dispose();
        _m.Dispose();
        _v.Dispose();
        _keep.Dispose();
    }
}
