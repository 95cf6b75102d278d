using Bnn.Core;

namespace Bnn.Tests;

/// <summary>Errors of the float32 functions against double, over grids of the whole range: the bounds of PortableMath's doc comment.</summary>
public sealed class PortableMathTests(ITestOutputHelper output)
{
    /// <summary>Every this many floats; prime, so that the grid meets no power of two's spacing.</summary>
    private const int Stride = 2003;

    [Fact]
    public void Exp_is_within_2_ulp() =>
        Bounded("exp", Grid(-87.3f, 88f), 2, x => UlpsOff(PortableMath.Exp(x), Math.Exp(x)));

    [Fact]
    public void Exp_cuts_at_the_ends_and_lets_NaN_through()
    {
        Assert.True(float.IsNaN(PortableMath.Exp(float.NaN)));
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(1, PortableMath.Exp(-0f));
        Assert.Equal(PortableMath.Exp(PortableMath.ExpHighest), PortableMath.Exp(float.PositiveInfinity));
        Assert.Equal(PortableMath.Exp(PortableMath.ExpLowest), PortableMath.Exp(float.NegativeInfinity));
        foreach (var end in (float[])[float.NegativeInfinity, -1e30f, PortableMath.ExpLowest, PortableMath.ExpHighest, 1e30f, float.PositiveInfinity])
            Assert.True(float.IsNormal(PortableMath.Exp(end)), $"exp({end}) = {PortableMath.Exp(end)}");
    }

    [Fact]
    public void Log_is_within_2_ulp_for_normal_numbers() =>
        Bounded("log", Grid(MinNormal, float.MaxValue).Concat(Grid(0.98f, 1.02f, 1)), 2, x => UlpsOff(PortableMath.Log(x), Math.Log(x)));

    [Fact]
    public void Softplus_is_within_3_ulp_and_its_slope_within_a_millionth()
    {
        var grid = Grid(-87.3f, 1e4f).ToArray();
        Bounded("softplus", grid, 3, x => UlpsOff(PortableMath.Softplus(x).Softplus, Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs((double)x)))));
        Bounded("slope of softplus", grid, 1e-6, x =>
        {
            var exact = 1 / (1 + Math.Exp(-(double)x));
            return Math.Abs(PortableMath.Softplus(x).Slope - exact) / exact;
        });
    }

    [Theory, InlineData(-1e30f, 0, 0), InlineData(float.NegativeInfinity, 0, 0), InlineData(1e30f, 1e30f, 1)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, 1)]
    public void Softplus_does_not_overflow(float x, float softplus, float slope)
    {
        var actual = PortableMath.Softplus(x);
        Assert.Equal(softplus, actual.Softplus, 1.2e-38f);
        Assert.Equal(slope, actual.Slope, 1.2e-38f);
    }

    [Fact]
    public void Softplus_lets_NaN_through() => Assert.True(float.IsNaN(PortableMath.Softplus(float.NaN).Softplus));

    [Fact]
    public void Sine_and_cosine_are_within_2e_7()
    {
        var grid = Grid(-0.5f, 0.5f).Concat(Grid(0.25f, 0.5f, 17)).ToArray();
        Bounded("sin", grid, 2e-7, t => Math.Abs(PortableMath.SinCosPi(t).Sin - double.SinPi(t)));
        Bounded("cos", grid, 2e-7, t => Math.Abs(PortableMath.SinCosPi(t).Cos - double.CosPi(t)));
    }

    [Fact]
    public void Sigma_is_the_definitions()
    {
        float[] rho = [.. Grid(-80f, 80f)];
        var sigma = new LayerPosterior(new LayerShape(1, rho.Length), rho, rho, [0]).Sigma();
        for (var i = 0; i < rho.Length; i++)
        {
            var exact = LayerPosterior.ScaleEpsilon + Math.Max(rho[i], 0) + LogOnePlus(Math.Exp(-Math.Abs((double)rho[i])));
            Assert.True(UlpsOff(sigma[i], exact) <= 4, $"sigma({rho[i]:R}) = {sigma[i]:R}, exactly {exact:R}");
        }
    }

    private const float MinNormal = 1.17549435e-38f;

    private void Bounded(string what, IEnumerable<float> grid, double bound, Func<float, double> errorOf)
    {
        var (worst, at, count) = (0.0, 0f, 0);
        foreach (var x in grid)
        {
            var error = errorOf(x);
            Assert.False(double.IsNaN(error), $"{what} at {x:R}");
            if (error > worst) (worst, at) = (error, x);
            count++;
        }
        output.WriteLine($"{what}: at most {worst:G4}, at {at:R}, of {count} points");
        Assert.True(worst <= bound, $"{what}: off by {worst:G4} at {at:R}, allowed {bound}");
        Assert.True(count > 100_000, "the grid is dense");
    }

    /// <summary>Error in units of the last place of a float as large as <paramref name="exact"/>.</summary>
    private static double UlpsOff(float actual, double exact) =>
        actual == exact ? 0 : Math.Abs(actual - exact) / Math.ScaleB(1, Math.Max(Math.ILogB(exact), -126) - 23);

    /// <summary>ln(1 + t), without losing small t.</summary>
    private static double LogOnePlus(double t) => t < 1e-5 ? t - t * t / 2 + t * t * t / 3 : Math.Log(1 + t);

    /// <summary>Floats from one to another by their bits, both ends and, if it lies between, zero included.</summary>
    private static IEnumerable<float> Grid(float low, float high, int stride = Stride)
    {
        if (low < 0)
        {
            for (var bits = BitConverter.SingleToInt32Bits(-low); bits >= 0x00800000; bits -= stride)
                yield return -BitConverter.Int32BitsToSingle(bits);
            yield return 0;
            low = MinNormal;
        }
        for (var bits = (long)BitConverter.SingleToInt32Bits(low); bits < BitConverter.SingleToInt32Bits(high); bits += stride)
            yield return BitConverter.Int32BitsToSingle((int)bits);
        yield return high;
    }
}
