namespace Bnn.Report;

/// <summary>
/// The law of the number X of marked ones among <paramref name="drawn"/> of <paramref name="n"/> things, of which
/// <paramref name="marked"/> are marked.
/// </summary>
/// <remarks>
/// Probabilities are taken relative to the largest one, through the ratios of neighbours, and divided by their sum. Logarithms of
/// factorials are some 3e6 at the size of a network, so that their rounding alone would be 1e-9 of a probability. Sums end where terms no
/// longer count, some ten sds from the largest.
/// </remarks>
internal sealed class Hypergeometric(int n, int marked, int drawn)
{
    private const double Negligible = 1e-20;

    private readonly int _lowest = Math.Max(0, marked + drawn - n);
    private readonly int _highest = Math.Min(marked, drawn);
    private readonly int _mode = (int)((marked + 1L) * (drawn + 1L) / (n + 2L));

    /// <summary>E f(X).</summary>
    public double Mean(Func<int, double> f)
    {
        double sum = f(_mode), total = 1;
        foreach (var direction in (ReadOnlySpan<int>)[1, -1])
        {
            var term = 1.0;
            for (var x = _mode; x != End(direction) && term > Negligible; x += direction)
            {
                term *= Ratio(x, direction);
                sum += term * f(x + direction);
                total += term;
            }
        }
        return sum / total;
    }

    /// <summary>ln P(X ≥ x) and ln P(X ≤ x) for a possible x. The one that is near 0 keeps its relative precision, by log1p.</summary>
    public (double AtLeast, double AtMost) LogTails(int x)
    {
        var outwards = x >= _mode ? 1 : -1;
        var beyond = SumBeyond(x, outwards);
        var logOfX = LogRelativeToMode(x, outwards) - Math.Log(1 + SumBeyond(_mode, 1) + SumBeyond(_mode, -1));
        var tail = logOfX + Math.Log(1 + beyond);
        var rest = LogOnePlus(-Math.Exp(logOfX) * beyond);
        return outwards > 0 ? (tail, rest) : (rest, tail);
    }

    /// <summary>ln(P(X = x)/P(X = mode)); the product is kept above the smallest doubles.</summary>
    private double LogRelativeToMode(int x, int direction)
    {
        var (log, product) = (0.0, 1.0);
        for (var place = _mode; place != x; place += direction)
        {
            product *= Ratio(place, direction);
            if (product > 1e-200) continue;
            log += Math.Log(product);
            product = 1;
        }
        return log + Math.Log(product);
    }

    /// <summary>The sum of P(X = y)/P(X = x) over all y beyond x; x lies at the mode or further out, so that the terms fall.</summary>
    private double SumBeyond(int x, int direction)
    {
        var (sum, term) = (0.0, 1.0);
        for (var place = x; place != End(direction) && term > Negligible * (1 + sum); place += direction)
        {
            term *= Ratio(place, direction);
            sum += term;
        }
        return sum;
    }

    private int End(int direction) => direction > 0 ? _highest : _lowest;

    /// <summary>P(X = x + direction)/P(X = x).</summary>
    private double Ratio(int x, int direction) => direction > 0
        ? (double)(marked - x) * (drawn - x) / ((x + 1.0) * (n - marked - drawn + x + 1.0))
        : x * (double)(n - marked - drawn + x) / ((marked - x + 1.0) * (drawn - x + 1.0));

    /// <summary>ln(1 + x) with a relative error of some 1e-16 (Goldberg 1991, theorem 4).</summary>
    private static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * x / (sum - 1);
    }
}
