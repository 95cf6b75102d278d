using System.Runtime.Intrinsics.X86;

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

    [Fact]
    public void Dense_forward_passes_one_tile_or_two_at_a_time()
    {
        // Two whole tiles, with one block of inputs and with several.
        foreach (var inputs in (int[])[5, 100, 400])
        {
            using var c = new KernelCase(new CaseSize(inputs, 2 * Tiling.Widest, Batch: 7, Active: 0.3, Density: 1));
            var tiling = Tiling.Of(2 * Tiling.Widest);
            var w = c.Matrix(c.Lists.Width, tiling);
            var bias = c.Numbers(tiling.Stride);
            var (expected, one, two) = (c.MatrixRoom(7, tiling), c.MatrixRoom(7, tiling), c.MatrixRoom(7, tiling));
            ScalarKernels.Forward(c.Examples, w, bias, expected);
            VectorKernels.ForwardTwoTiles(c.Examples, w.Begin, w.Step, bias, two.Begin, two.Step);
            for (var tile = 0; tile < 2; tile++)
                VectorKernels.ForwardTile(c.Examples, w.Begin + tile * w.Step, bias + tile * Tiling.Widest, one.Begin + tile * one.Step,
                    Tiling.Widest);
            Assert.Equal(Bits(expected), Bits(one));
            Assert.Equal(Bits(expected), Bits(two));
        }

        static uint[] Bits(TileRows matrix) => new ReadOnlySpan<uint>(matrix.Begin, 7 * 2 * Tiling.Widest).ToArray();
    }

    /// <summary>The processor's own description agrees with the one that Linux reads from it.</summary>
    [Fact]
    public void The_first_level_cache_has_the_size_that_the_system_says()
    {
        const string Caches = "/sys/devices/system/cpu/cpu0/cache";
        var size = Directory.Exists(Caches) && X86Base.IsSupported
            ? Directory.GetDirectories(Caches, "index*").Where(cache => Says(cache, "level") == "1" && Says(cache, "type") == "Data")
                .Select(cache => Says(cache, "size")).FirstOrDefault()
            : null;
        Assert.SkipWhen(size is null, "the system doesn't say");
        Assert.Equal(size, $"{Processor.FirstLevelBytes() / 1024}K");

        static string Says(string cache, string name) => File.ReadAllText(Path.Combine(cache, name)).Trim();
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
