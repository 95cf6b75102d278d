namespace Bnn.Report;

/// <summary>Adjusts the p values of several tests so that they may be read together; they stay in the order given.</summary>
/// <remarks>
/// m is the number of p values. One that is NaN belongs to a test that says nothing: it doesn't count in m and stays NaN.
/// </remarks>
public static class MultipleTesting
{
    /// <summary>min(1, m·p).</summary>
    /// <exception cref="ArgumentException">A p is outside [0, 1].</exception>
    public static double[] Bonferroni(IReadOnlyList<double> p) => Adjusted(p, sorted =>
    {
        for (var i = 0; i < sorted.Length; i++) sorted[i] *= sorted.Length;
    });

    /// <summary>
    /// The largest of min(1, (m − i + 1)·p₍ᵢ₎) over the p values up to this one in ascending order. The chance of rejecting any true
    /// hypothesis stays below the level, whatever the tests have to do with each other; no p is larger than Bonferroni's.
    /// </summary>
    /// <remarks>Holm 1979, "A simple sequentially rejective multiple test procedure".</remarks>
    /// <exception cref="ArgumentException">A p is outside [0, 1].</exception>
    public static double[] Holm(IReadOnlyList<double> p) => Adjusted(p, sorted =>
    {
        var largest = 0.0;
        for (var i = 0; i < sorted.Length; i++) sorted[i] = largest = Math.Max(largest, sorted[i] * (sorted.Length - i));
    });

    /// <summary>
    /// The smallest of min(1, m·p₍ᵢ₎/i) over the p values from this one on in ascending order. The expected share of true hypotheses among
    /// the rejected ones stays below the level if the tests are independent.
    /// </summary>
    /// <remarks>Benjamini and Hochberg 1995, "Controlling the false discovery rate".</remarks>
    /// <exception cref="ArgumentException">A p is outside [0, 1].</exception>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> p) => Adjusted(p, sorted =>
    {
        var smallest = 1.0;
        for (var i = sorted.Length - 1; i >= 0; i--) sorted[i] = smallest = Math.Min(smallest, sorted[i] * (sorted.Length / (i + 1.0)));
    });

    private static double[] Adjusted(IReadOnlyList<double> p, Action<double[]> adjust)
    {
        foreach (var value in p)
        {
            if (value is < 0 or > 1) throw new ArgumentException($"{value} is no p value", nameof(p));
        }
        int[] order = [.. Enumerable.Range(0, p.Count).Where(i => !double.IsNaN(p[i])).OrderBy(i => p[i])];
        double[] sorted = [.. order.Select(i => p[i])];
        adjust(sorted);
        double[] adjusted = [.. Enumerable.Repeat(double.NaN, p.Count)];
        for (var i = 0; i < order.Length; i++) adjusted[order[i]] = Math.Min(1, sorted[i]);
        return adjusted;
    }
}
