using Bnn.Simd;
using Bnn.Tests;

namespace Bnn.Gpu.Tests;

public sealed class FingerprintTests
{
    [Fact]
    public void A_device_has_the_fingerprint_of_the_cores()
    {
        using var engine = Engines.Open(new GpuOptions { Nets = 2 });
        Assert.Equal(Fingerprint.Expected(engine.Numerics), engine.CheckFingerprint().OrThrow());
        // Eight trainings, and three of kinds that the fingerprint doesn't stand for, have 70 steps each.
        Assert.Equal((8 + 3) * 70, engine.StepsOnDevice);
    }

    [Theory, InlineData(2), InlineData(8)]
    public void Groups_of_any_size_have_it(int groupSize)
    {
        using var engine = Engines.Open(new GpuOptions { Nets = 1 }, groupSize);
        Assert.Equal(Fingerprint.Expected(engine.Numerics), engine.CheckFingerprint().OrThrow());
    }
}
