using Bnn.Core;

namespace Bnn.Tests;

/// <summary>
/// Errors of the float32 functions against double over the ranges they are used on, in units of the last place unless stated otherwise. The
/// bounds are those of PortableMath's and BoxMuller's doc comments, and tight: the largest error is more than half of each bound.
/// </summary>
public sealed class PortableMathTests
{
    private const double ExpBound = 1.03, LogBound = 0.82, SoftplusBound = 2.34, SlopeBound = 2.83, SineBound = 3.24, CosineBound = 1.19e-7,
        NormalBound = 3e-7, UnitBound = 2.5e-4;

    /// <summary>One float in this many; prime, so that the grid is not aligned with powers of two.</summary>
    private const int Stride = 499;

    private const float MinNormal = 1.17549435e-38f;

    [Fact]
    public void Exp_is_close() =>
        Bounded("exp", Grid(PortableMath.ExpLowest, PortableMath.ExpHighest), ExpBound, x => UlpsOff(PortableMath.Exp(x), Math.Exp(x)));

    [Fact]
    public void Exp_cuts_at_the_ends_and_lets_NaN_through()
    {
        Assert.True(float.IsNaN(PortableMath.Exp(float.NaN)));
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(1, PortableMath.Exp(-0f));
        var (lowest, highest) = (PortableMath.Exp(PortableMath.ExpLowest), PortableMath.Exp(PortableMath.ExpHighest));
        Assert.True(float.IsNormal(lowest) && float.IsNormal(highest), $"{lowest:R} and {highest:R}");
        var (above, below) = (MathF.BitIncrement(PortableMath.ExpHighest), MathF.BitDecrement(PortableMath.ExpLowest));
        foreach (var x in (float[])[above, 88.1f, 100f, 1e30f, float.MaxValue, float.PositiveInfinity])
            Assert.Equal(highest, PortableMath.Exp(x));
        foreach (var x in (float[])[below, -87.4f, -100f, -1e30f, float.MinValue, float.NegativeInfinity])
            Assert.Equal(lowest, PortableMath.Exp(x));
    }

    [Fact]
    public void Exp_and_log_in_double_are_close_and_know_their_ends()
    {
        for (var x = -708.0; x <= 709; x += 0.00737) Close(PortableMath.Exp(x), Math.Exp(x), $"exp {x:R}");
        for (var x = -1.0; x <= 1; x += 1 / 65537.0) Close(PortableMath.Exp(x), Math.Exp(x), $"exp {x:R}");
        for (var x = 5e-324; x < 1e308; x *= 1.0137 + double.Epsilon / x) Close(PortableMath.Log(x), Math.Log(x), $"log {x:R}");
        for (var x = 0.5; x <= 2; x += 1 / 65537.0) Close(PortableMath.Log(x), Math.Log(x), $"log {x:R}");
        Assert.Equal((1, 0, double.PositiveInfinity), (PortableMath.Exp(0.0), PortableMath.Exp(-709.0), PortableMath.Exp(709.5)));
        Assert.Equal((0, 0), (PortableMath.Exp(double.NegativeInfinity), PortableMath.Log(1.0)));
        Assert.Equal(double.NegativeInfinity, PortableMath.Log(0.0));
        Assert.True(double.IsNaN(PortableMath.Exp(double.NaN)));

        // The system's are within an ulp themselves.
        static void Close(double actual, double expected, string what) =>
            Assert.True(Math.Abs(actual - expected) <= 1.01 * (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected)), what);
    }

    [Fact]
    public void Log_is_close_for_normal_numbers()
    {
        var grid = Grid(MinNormal, float.MaxValue).Concat(Grid(0.98f, 1.02f, 1));
        Bounded("log", grid, LogBound, x => UlpsOff(PortableMath.Log(x), Math.Log(x)));
    }

    [Fact]
    public void Softplus_and_its_slope_are_close()
    {
        var grid = Grid(PortableMath.ExpLowest, 100f).ToArray();
        Bounded("softplus", grid, SoftplusBound, x => UlpsOff(PortableMath.Softplus(x).Softplus, ExactSoftplus(x)));
        Bounded("slope of softplus", grid, SlopeBound, x => UlpsOff(PortableMath.Softplus(x).Slope, ExactSlope(x)));
    }

    [Fact]
    public void Softplus_and_its_slope_stay_below_the_normal_numbers_where_exp_is_cut()
    {
        // Both approach 0 there. They stop at exp's lowest value, which is as far off as that value is large.
        Bounded("softplus", Grid(-100f, PortableMath.ExpLowest, 1), 1.2e-38, x =>
            Math.Abs(PortableMath.Softplus(x).Softplus - ExactSoftplus(x)));
        Bounded("slope of softplus", Grid(-100f, PortableMath.ExpLowest, 1), 1.2e-38, x =>
            Math.Abs(PortableMath.Softplus(x).Slope - ExactSlope(x)));
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
    public void Sine_and_cosine_are_close_at_every_angle_of_Box_and_Muller()
    {
        var angles = Enumerable.Range(0, 1 << 24).Select(k => float.FusedMultiplyAdd(k, NormalDraws.ToUnit, -0.5f));
        Bounded("sin", angles, SineBound, t => UlpsOff(PortableMath.SinCosPi(t).Sin, double.SinPi(t)));
        Bounded("cos", angles, CosineBound, t => Math.Abs(PortableMath.SinCosPi(t).Cos - double.CosPi(t)));
    }

    [Fact]
    public void Normals_are_close_to_the_formula_in_double()
    {
        var (offRadius, off) = (0.0, 0.0);
        foreach (var (a, b) in Words())
        {
            var actual = NormalDraws.BoxMuller(a, b);
            var unit = ((a >> 8) + 0.5) / (1 << 24);
            var angle = Math.PI * (((b & 0x7FFFFFFF) >> 7) / (double)(1 << 24) - 0.5);
            double Off(double u, out double radius)
            {
                radius = Math.Sqrt(-2 * Math.Log(u));
                var signed = b >> 31 != 0 ? -radius : radius;
                return Math.Max(Math.Abs(actual.First - signed * Math.Cos(angle)), Math.Abs(actual.Second - signed * Math.Sin(angle)));
            }

            // The error against the formula on u rounded to float32, relative to the radius; and against the formula on u itself, which is
            // largest next to 1.
            var rounded = Off((float)unit, out var length);
            if (length > 0) offRadius = Math.Max(offRadius, rounded / length);
            else Assert.Equal(0, rounded);
            off = Math.Max(off, Off(unit, out _));
        }
        Tight("normals over radius", offRadius, NormalBound);
        Tight("normals", off, UnitBound);
    }

    [Fact]
    public void Sigma_is_the_definitions()
    {
        float[] rho = [.. Grid(-80f, 80f)];
        var sigma = new LayerPosterior(new LayerShape(1, rho.Length), rho, rho, [0]).Sigma();
        var worst = 0.0;
        for (var i = 0; i < rho.Length; i++)
            worst = Math.Max(worst, UlpsOff(sigma[i], LayerPosterior.ScaleEpsilon + ExactSoftplus(rho[i])));
        Tight("sigma", worst, SoftplusBound);
    }

    /// <summary>All pairs of words at the ends of their ranges, then words of a stream.</summary>
    private static IEnumerable<(uint A, uint B)> Words()
    {
        uint[] ends = [
            0, 1, 127, 128, 255, 256, 511, 512, 0x3FFFFFFF, 0x40000000, 0x7FFFFF7F, 0x7FFFFF80, 0x7FFFFFFF,
            0x80000000, 0x80000080, 0xC0000000, 0xFFFFFDFF, 0xFFFFFE00, 0xFFFFFF00, uint.MaxValue];
        foreach (var a in ends)
            foreach (var b in ends) yield return (a, b);
        var stream = new Seed(1).Stream(StreamName.Epsilon);
        for (uint i = 0; i < 1_000_000; i++)
        {
            var block = stream.Block(0, i);
            yield return (block.W0, block.W1);
        }
    }

    private static void Bounded(string what, IEnumerable<float> grid, double bound, Func<float, double> errorOf)
    {
        var (worst, at, count) = (0.0, 0f, 0);
        foreach (var x in grid)
        {
            var error = errorOf(x);
            if (double.IsNaN(error)) Assert.Fail($"{what} at {x:R}");
            if (error > worst) (worst, at) = (error, x);
            count++;
        }
        Tight($"{what} at {at:R}", worst, bound);
        Assert.True(count > 1_000_000, $"the grid is dense, but has {count} points");
    }

    private static void Tight(string what, double worst, double bound)
    {
        Assert.True(worst <= bound, $"{what}: off by {worst:G4}, allowed {bound}");
        Assert.True(worst > bound / 2, $"{what}: off by {worst:G4} at most: {bound} allows too much");
    }

    /// <summary>Error in units of the last place of a float as large as <paramref name="exact"/>.</summary>
    private static double UlpsOff(float actual, double exact) =>
        actual == exact ? 0 : Math.Abs(actual - exact) / Math.ScaleB(1, Math.Max(Math.ILogB(exact), -126) - 23);

    private static double ExactSoftplus(float x) => Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs((double)x)));

    private static double ExactSlope(float x) => 1 / (1 + Math.Exp(-(double)x));

    /// <summary>ln(1 + t), without losing small t.</summary>
    private static double LogOnePlus(double t) => t < 1e-5 ? t - t * t / 2 + t * t * t / 3 : Math.Log(1 + t);

    /// <summary>Floats from one to another by their bits, tiny ones included and both ends.</summary>
    private static IEnumerable<float> Grid(float low, float high, int stride = Stride)
    {
        yield return low;
        for (var bits = Bits(-low); bits >= Math.Max(Bits(-high), 0); bits -= stride)
            yield return -BitConverter.Int32BitsToSingle((int)bits);
        for (var bits = Math.Max(Bits(low), 0); bits <= Bits(high); bits += stride) yield return BitConverter.Int32BitsToSingle((int)bits);
        yield return high;
    }

    /// <summary>Bits of a number from +0 up; −1 for what is below.</summary>
    private static long Bits(float value) => value < 0 ? -1 : BitConverter.SingleToInt32Bits(value == 0 ? 0 : value);
}
