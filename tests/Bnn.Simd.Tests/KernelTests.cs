using CsCheck;

namespace Bnn.Simd.Tests;

/// <summary>Every vector kernel equals its scalar reference bit for bit.</summary>
public sealed class KernelTests
{
    private static readonly double[] Densities = [1, 0.5, 0.05, 0];

    public static TheoryData<string> Kernels => new(KernelCalls<ScalarKernels>.All.Keys);

    [Fact]
    public void Every_kernel_is_called() => Assert.Equal(
        typeof(IKernels).GetMethods().Concat(typeof(ISparseKernels).GetMethods())
            .Select(method => method.Name).Order(StringComparer.Ordinal),
        KernelCalls<VectorKernels>.All.Keys.Order(StringComparer.Ordinal));

    /// <summary>
    /// Checks n inputs, outputs, examples, pixels and, times sixteen, elements; where all inputs are active, also entries of an example
    /// or an input.
    /// </summary>
    [Theory, MemberData(nameof(Kernels))]
    public void The_bits_are_the_same_at_every_length(string kernel)
    {
        for (var n = 0; n <= 67; n++)
        {
            var (some, active) = (Math.Max(1, n), n == 0 ? 0 : 1);
            Check(kernel, new CaseSize(n, some, some, active, 1));
            Check(kernel, new CaseSize(n, 1, some, active, 1));
            Check(kernel, new CaseSize(5, some, 3, 0.5, 0.5));
            Check(kernel, new CaseSize(n, 70, 2, 0.5, 0.05));
        }
    }

    /// <summary>
    /// Checks the shapes of the layers that are trained, one input in five being active as in the images, and widths around a block of
    /// inputs.
    /// </summary>
    [Theory, MemberData(nameof(Kernels))]
    public void The_bits_are_the_same_at_real_shapes(string kernel)
    {
        foreach (var density in Densities)
            foreach (var (inputs, outputs) in (ReadOnlySpan<(int, int)>)[(784, 300), (300, 100), (100, 10)])
                Check(kernel, new CaseSize(inputs, outputs, 60, 0.19, density));
        foreach (var inputs in (int[])[127, 128, 129, 255, 256, 257]) Check(kernel, new CaseSize(inputs, 130, 3, 0.3, 0.3));
    }

    [Theory, MemberData(nameof(Kernels))]
    public void The_bits_are_the_same_at_any_size(string kernel) =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[1, 150], Gen.Int[1, 70], Gen.Double[0, 1], Gen.Int[0, Densities.Length - 1], Gen.ULong)
            .Sample((inputs, outputs, batch, active, density, seed) =>
                Agree(kernel, new CaseSize(inputs, outputs, batch, active, Densities[density], seed)), iter: 15);

    private static void Check(string kernel, CaseSize size) => Assert.True(Agree(kernel, size), $"{kernel} at {size}");

    private static bool Agree(string kernel, CaseSize size)
    {
        using var scalar = new KernelCase(size);
        using var vector = new KernelCase(size);
        KernelCalls<ScalarKernels>.All[kernel](scalar);
        KernelCalls<VectorKernels>.All[kernel](vector);
        return scalar.IsSame(vector);
    }
}
