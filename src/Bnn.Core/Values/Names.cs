namespace Bnn.Core;

/// <summary>Finds the name that was meant.</summary>
public static class Names
{
    /// <summary>
    /// The known name with the smallest edit distance to <paramref name="found"/>, if it is near enough to be a typing error.
    /// </summary>
    public static string? Nearest(string found, IEnumerable<string> known)
    {
        // Lengths that differ by more than the distance that is allowed need no table, which would be as large as both together.
        var best = known
            .Where(name => Math.Abs(name.Length - found.Length) <= Allowed(name))
            .Select(name => (Name: name, Distance: EditDistance(found.ToLowerInvariant(), name.ToLowerInvariant())))
            .OrderBy(pair => pair.Distance)
            .FirstOrDefault();
        return best.Name is not null && best.Distance <= Allowed(best.Name) ? best.Name : null;
    }

    private static int Allowed(string name) => Math.Max(2, name.Length / 3);

    /// <summary>
    /// The number of insertions, deletions, substitutions and swaps of neighbours between two strings (optimal string alignment).
    /// </summary>
    public static int EditDistance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
