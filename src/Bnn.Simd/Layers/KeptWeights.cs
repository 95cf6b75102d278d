using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>A layer of few weights. Stores its biases, its kept weights (means) and their moments, nothing else.</summary>
internal abstract unsafe class KeptWeights<TKernels> : ITrainedLayer
    where TKernels : IKernels
{
    private readonly AlignedBuffer<float> _w, _m, _v, _lanes;

    protected KeptWeights(float[] weight, float[] bias, LayerMask mask, int first, Optimizer optimizer)
    {
        Pattern = new(mask, first);
        HasMoments = optimizer is Optimizer.Adam;
        (_w, _m, _v) = (Numbers(), Moments(), Moments());
        _lanes = new(Chunk.SparseWeights * Lanes.Count);
        bias.CopyTo(_w.Span);
        Gather(weight, _w);
    }

    public LayerShape Shape => Pattern.Shape;

    protected SparsePattern<TKernels> Pattern { get; }

    protected bool HasMoments { get; }

    /// <summary>Biases and weights by place.</summary>
    protected float* W => _w.Pointer;

    protected float* M => _m.Pointer;

    protected float* V => _v.Pointer;

    /// <summary>Room for the gradients of a chunk.</summary>
    protected float* GradientLanes => _lanes.Pointer;

    /// <inheritdoc cref="SparsePattern{TKernels}.Choose"/>
    public void Choose(byte* active) => Pattern.Choose(active);

    /// <summary>h = W·x + bias for one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(float* x, float* h, int width)
    {
        TKernels.SpreadBias(W, h, Shape.Outputs, width);
        foreach (var (begin, end) in Pattern.Ranges[1..]) TKernels.SparseForward(Pattern.Link + begin, W + begin, end - begin, x, h, width);
    }

    public virtual void Flush()
    {
        TKernels.Flush(W, _w.Length);
        TKernels.Flush(M, _m.Length);
        TKernels.Flush(V, _v.Length);
    }

    public void CopyTo(LayerWeights destination)
    {
        _w.Span[..Shape.Outputs].CopyTo(destination.Bias);
        Scatter(_w, destination.Weight);
    }

    public void Transfer(StateTransfer state)
    {
        var place = Pattern.Place;
        state.Pass(_w.Span[Pattern.First..], place);
        if (HasMoments) state.Pass(_m.Span[Pattern.First..], place);
        if (HasMoments) state.Pass(_v.Span[Pattern.First..], place);
        TransferMore(state);
        state.Pass(_w.Span[..Shape.Outputs]);
        if (HasMoments) state.Pass(_m.Span[..Shape.Outputs]);
        if (HasMoments) state.Pass(_v.Span[..Shape.Outputs]);
    }

    public virtual void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<float>[])[_w, _m, _v, _lanes]) buffer.Dispose();
        Pattern.Dispose();
    }

    /// <summary>Transfers the tensors that a state holds between the weights and the biases.</summary>
    protected virtual void TransferMore(StateTransfer state)
    {
    }

    /// <summary>An optimizer step of weights or biases by place, from a place that is a multiple of 16 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected void Update(in UpdateRule rule, int from, int to, LaneMatrix x, LaneMatrix g)
    {
        var range = 0;
        for (var chunk = from; chunk < to; chunk += Chunk.SparseWeights)
        {
            var end = Math.Min(chunk + Chunk.SparseWeights, to);
            Pattern.Gradients(chunk, end, ref range, x, g, GradientLanes);
            TKernels.SparseUpdate(rule, GradientLanes, W + chunk, M + chunk, V + chunk, end - chunk);
        }
    }

    protected AlignedBuffer<float> Numbers() => new(Pattern.Length);

    protected AlignedBuffer<float> Moments() => new(HasMoments ? Pattern.Length : 0);

    /// <summary>Copies the kept weights of a matrix, [inputs, outputs], to their places.</summary>
    protected void Gather(float[] matrix, AlignedBuffer<float> values)
    {
        for (var k = 0; k < Pattern.Place.Length; k++) values.Pointer[Pattern.First + k] = matrix[Pattern.Place[k]];
    }

    /// <summary>Copies weights to a matrix, [inputs, outputs], which becomes +0 elsewhere.</summary>
    protected void Scatter(AlignedBuffer<float> values, float[] matrix)
    {
        matrix.AsSpan().Clear();
        for (var k = 0; k < Pattern.Place.Length; k++) matrix[Pattern.Place[k]] = values.Pointer[Pattern.First + k];
    }
}
