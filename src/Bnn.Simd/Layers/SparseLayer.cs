using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>A layer of a ticket with few weights.</summary>
internal sealed unsafe class SparseLayer<TKernels>(LayerWeights start, LayerMask mask, Optimizer optimizer)
    : KeptWeights<TKernels>(start.Weight, start.Bias, mask, first: start.Shape.Outputs, optimizer)
    where TKernels : IKernels
{
    /// <summary>∂loss/∂h of one group's layer below, whose outputs x are: W·g, and 0 where the unit was not active.</summary>
    /// <param name="g">Row of the first output.</param>
    /// <param name="x">Row of the first input, as is <paramref name="below"/>'s.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Back(float* g, float* x, float* below, int width)
    {
        for (var panel = 0; panel < Pattern.Panels; panel++)
            TKernels.SparseBack(Pattern.Begin(panel), Shape.Inputs, Pattern.Link, W, g, x, below, width, continued: panel > 0);
    }

    /// <summary>A step of every weight and bias from x and g = ∂loss/∂h, whose outputs begin at row 1 as x's inputs do.</summary>
    public void Update(in UpdateRule rule, LaneMatrix x, LaneMatrix g) => Update(rule, 0, Pattern.Length, x, g);
}
