namespace Bnn.Simd.Tests;

/// <summary>
/// Where a kernel has two ways, of which the processor chooses one, both equal the reference bit for bit, whatever processor runs this.
/// </summary>
public sealed unsafe class KernelVariantTests
{
    private delegate void Forward(SparseLink* link, float* w, int count, float* x, float* h);

    private delegate void Gradient(SparseLink* link, int count, float* x, float* g, float* lanes);

    [Theory]
    [InlineData(1)]
    [InlineData(0.3)]
    [InlineData(0.05)]
    [InlineData(0.003)]
    public void Sparse_kernels_by_input_and_by_weight(double density)
    {
        var size = new CaseSize(300, 100, LaneMatrix.Group, Active: 0.2, density);
        var expected = Outputs(size, (link, w, count, x, h) => ScalarKernels.SparseForward(link, w, count, x, h, LaneMatrix.Group));
        Assert.Equal(expected, Outputs(size, VectorKernels.SparseForwardByInput));
        Assert.Equal(expected, Outputs(size, VectorKernels.SparseForwardByWeight));

        expected = Gradients(size, (link, count, x, g, lanes) =>
            ScalarKernels.SparseGradient(link, count, x, g, lanes, LaneMatrix.Group, continued: false));
        Assert.Equal(expected, Gradients(size, VectorKernels.SparseGradientByInput));
        Assert.Equal(expected, Gradients(size, VectorKernels.SparseGradientByWeight));
    }

    private static uint[] Outputs(CaseSize size, Forward forward)
    {
        using var c = new KernelCase(size);
        var link = c.Links(out var count);
        var h = c.Numbers(size.Outputs * LaneMatrix.Group);
        forward(link, c.Numbers(count), count, c.Numbers((size.Inputs + 1) * LaneMatrix.Group), h);
        return new ReadOnlySpan<uint>(h, size.Outputs * LaneMatrix.Group).ToArray();
    }

    private static uint[] Gradients(CaseSize size, Gradient gradient)
    {
        using var c = new KernelCase(size);
        var link = c.Links(out var count);
        var lanes = c.Room<float>(count * Lanes.Count);
        gradient(link, count, c.Numbers((size.Inputs + 1) * LaneMatrix.Group), c.Numbers(size.Outputs * LaneMatrix.Group), lanes);
        return new ReadOnlySpan<uint>(lanes, count * Lanes.Count).ToArray();
    }
}
