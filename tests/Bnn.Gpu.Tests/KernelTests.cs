using Bnn.Core;
using Bnn.Simd;
using Bnn.Tests;

namespace Bnn.Gpu.Tests;

/// <summary>Nets whose layers and batches have every length around those of vectors and tiles, against the reference kernels.</summary>
public sealed class KernelTests : IDisposable
{
    private readonly GpuEngine _engine = Engines.Open(new GpuOptions { Nets = 1, Fewest = 1 });

    public static TheoryData<string> Kinds => new(Nets.Kinds);

    public void Dispose() => _engine.Dispose();

    [Theory, MemberData(nameof(Kinds))]
    public void Kernels_equal_the_reference_kernels_at_every_length(string kind)
    {
        var reference = new SimdEngine(scalar: true);
        for (var length = 1; length <= 67; length++)
        {
            var net = new Architecture([length, length * 5 % 67 + 1, length * 3 % 19 + 2]);
            var (batch, samples) = (length * 7 % 67 + 1, Nets.Samples(net, 70, arePixels: length % 2 == 0));
            Optimizer optimizer = length % 3 == 0 ? new Optimizer.Sgd(0.1) : new Optimizer.Adam(0.01);
            using var expected = Nets.Stepper(reference, kind, net, samples, optimizer, batch);
            using var actual = Nets.Stepper(_engine, kind, net, samples, optimizer, batch);
            Nets.Same(expected, actual, samples, batch, steps: 2);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Deep_nets_past_the_flush_of_tiny_numbers_and_large_batches(string kind)
    {
        var reference = new SimdEngine(scalar: true);
        foreach (var (sizes, batch, steps) in
            ((int[], int, int)[])[([20, 70, 17, 33, 5], 9, 130), ([30, 66, 4], 150, 3), ([40, 100], 20, 3)])
        {
            var net = new Architecture([.. sizes]);
            var samples = Nets.Samples(net, 160, arePixels: true);
            using var expected = Nets.Stepper(reference, kind, net, samples, new Optimizer.Adam(0.01), batch);
            using var actual = Nets.Stepper(_engine, kind, net, samples, new Optimizer.Adam(0.01), batch);
            Nets.Same(expected, actual, samples, batch, steps);
        }
    }
}
