namespace MaskStrategies;

/// <summary>
/// ln and exp in double, computed from sums, products and divisions alone. The runtime's own come from the machine's C library and differ
/// in the last bit between machines; a criterion, and so a mask, must not.
/// </summary>
public static class PortableDouble
{
    /// <summary>ln 2 as a sum of two; the first has so few significant bits that its product with an exponent is exact.</summary>
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>ln x for positive x.</summary>
    public static double Log(double x)
    {
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);   // in [1, 2)
        if (mantissa > 1.4142135623730951) (mantissa, exponent) = (mantissa / 2, exponent + 1);
        return exponent * Ln2High + (LogRatio((mantissa - 1) / (mantissa + 1)) + exponent * Ln2Low);
    }

    /// <summary>ln((1 + s)/(1 − s)) = 2·(s + s³/3 + s⁵/5 + …) for |s| ≤ 3 − √8 = 0.17.</summary>
    public static double LogRatio(double s)
    {
        var sum = 0.0;
        for (var k = 23; k > 0; k -= 2) sum = sum * (s * s) + 1.0 / k;
        return 2 * s * sum;
    }

    /// <summary>eˣ for x up to 709; 0 below −745.</summary>
    public static double Exp(double x)
    {
        if (x < -745.2) return 0;
        var n = Math.Round(x / Ln2High);
        var r = x - n * Ln2High - n * Ln2Low;
        var sum = 1.0;
        for (var k = 14; k > 0; k--) sum = 1 + r / k * sum;
        return Math.ScaleB(sum, (int)n);
    }
}
