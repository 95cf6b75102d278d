namespace Bnn.Report;

/// <summary>
/// y = a/x + c with a and c no smaller than 0, for y whose relative errors are known but for a common factor: the weights are
/// 1/(error·ŷ)², ŷ being the fitted values, which a fixed number of rounds of weighted least squares finds.
/// </summary>
public sealed record Floor(double A, double C)
{
    private const int Rounds = 50;

    /// <summary>c/a: 1 over <see cref="Crossover"/>; 0 without a floor, Infinity with nothing else.</summary>
    public double Share => A > 0 ? C / A : double.PositiveInfinity;

    /// <summary>a/c: the x at which the falling part is as large as the floor; Infinity without a floor.</summary>
    public double Crossover => C > 0 ? A / C : double.PositiveInfinity;

    /// <summary>
    /// Null for fewer than three points, x that are all the same, or numbers that aren't above 0, errors among them.
    /// </summary>
    public static Floor? Of(IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double> errors)
    {
        if (x.Count < 3 || x.Distinct().Count() < 2) return null;
        if (x.Concat(y).Concat(errors).Any(value => !(value > 0 && double.IsFinite(value)))) return null;
        double[] inverse = [.. x.Select(value => 1 / value)], fitted = [.. y];
        var floor = new Floor(0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            floor = Weighted(inverse, y, fitted, errors);
            for (var k = 0; k < fitted.Length; k++) fitted[k] = floor.A * inverse[k] + floor.C;
        }
        return floor;
    }

    private static Floor Weighted(double[] inverse, IReadOnlyList<double> y, double[] fitted, IReadOnlyList<double> errors)
    {
        var (w, wu, wuu, wy, wuy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var k = 0; k < inverse.Length; k++)
        {
            var weight = 1 / (errors[k] * fitted[k] * (errors[k] * fitted[k]));
            w += weight;
            wu += weight * inverse[k];
            wuu += weight * inverse[k] * inverse[k];
            wy += weight * y[k];
            wuy += weight * inverse[k] * y[k];
        }
        var determinant = w * wuu - wu * wu;
        var (a, c) = ((w * wuy - wu * wy) / determinant, (wuu * wy - wu * wuy) / determinant);
        return c < 0 ? new Floor(wuy / wuu, 0) : a < 0 ? new Floor(0, wy / w) : new Floor(a, c);
    }
}
