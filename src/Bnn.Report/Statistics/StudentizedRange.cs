using MathNet.Numerics.Integration;

namespace Bnn.Report;

/// <summary>
/// The range R of k independent standard normal numbers, which is the studentized range at infinitely many degrees of freedom.
/// </summary>
public static class StudentizedRange
{
    /// <summary>Enough for 1e-13 of the tail with 60 numbers; 128 leave 2e-11.</summary>
    private const int Nodes = 256;

    /// <summary>Half the length of the interval of integration, outside which the integrand is below 1e-20 of its largest value.</summary>
    private const double Reach = 10;

    /// <summary>
    /// P(R &gt; r) = k∫φ(z)·(Q(z)ᵏ⁻¹ − (Q(z) − Q(z + r))ᵏ⁻¹)dz over the smallest of the numbers z, with Q the normal's upper tail. The
    /// difference of powers is written as Q(z + r)·Σaⁱbᵏ⁻²⁻ⁱ, so that small tails keep their relative precision.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">k is below 2.</exception>
    public static double UpperTail(double r, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 2);
        if (double.IsNaN(r)) return double.NaN;
        if (r <= 0) return 1;
        if (double.IsInfinity(r)) return 0;
        // φ(z)·Q(z + r) is largest near −r/2.
        return Math.Min(1, k * GaussLegendreRule.Integrate(Integrand, -r / 2 - Reach, -r / 2 + Reach, Nodes));

        double Integrand(double z)
        {
            var (a, beyond) = (StandardNormal.UpperTail(z), StandardNormal.UpperTail(z + r));
            var b = Math.Max(0, a - beyond);
            double sum = 0, power = 1;
            for (var i = 0; i < k - 1; i++)
            {
                sum = sum * b + power;
                power *= a;
            }
            return StandardNormal.Density(z) * beyond * sum;
        }
    }

    /// <summary>The r with P(R &gt; r) = <paramref name="tail"/>, by bisection to the last bit; NaN unless 0 &lt; tail &lt; 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">k is below 2.</exception>
    public static double Quantile(double tail, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 2);
        if (!(tail is > 0 and < 1)) return double.NaN;
        var (low, high) = (0.0, 1.0);
        while (UpperTail(high, k) > tail) (low, high) = (high, 2 * high);
        while (true)
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high) return middle;
            if (UpperTail(middle, k) > tail) low = middle;
            else high = middle;
        }
    }
}
