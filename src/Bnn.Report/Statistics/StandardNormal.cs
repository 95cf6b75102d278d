using MathNet.Numerics;

namespace Bnn.Report;

/// <summary>The standard normal distribution, with tails that keep their relative precision.</summary>
public static class StandardNormal
{
    /// <summary>φ(z) = exp(−z²/2)/√(2π).</summary>
    public static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>P(Z &gt; z) = erfc(z/√2)/2.</summary>
    public static double UpperTail(double z) => SpecialFunctions.Erfc(z / Math.Sqrt(2)) / 2;
}
