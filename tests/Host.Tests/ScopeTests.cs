namespace Host.Tests;

/// <summary>How many weights each scope keeps where.</summary>
public sealed class ScopeTests(Installation installation)
{
    private static readonly int[] Sizes = [36 * 8, 8 * 5, 5 * 3];

    [Theory]
    [InlineData("paper"), InlineData("layerwise"), InlineData("global")]
    public async Task Exactly_as_many_are_pruned_as_the_rule_says(string scope)
    {
        using var place = installation.Place();
        decimal[] densities = [0.9m, 0.35m, 0.1m, 0.03m];
        (await place.Run($"run --strategy snr --scope {scope} {Place.Small} --density {string.Join(',', densities)}")).Done();
        foreach (var density in densities)
        {
            var rows = place.Results.Table()
                .Where(row => row["target_density"] == density.ToString(System.Globalization.CultureInfo.InvariantCulture))
                .ToList();
            Assert.Equal(["snr", "magnitude", "random"], rows.Select(row => row["strategy"]));
            Assert.All(rows, row => Assert.Equal(scope, row["scope"]));
            var rate = 1 - density;
            foreach (var run in rows.Select(row => place.Results.Run(row["run"])))
            {
                int[] kept = [.. Enumerable.Range(1, 3).Select(l => run.Weights[$"layer{l}.mask"].Bytes.Sum(k => k))];
                Assert.Equal(run.KeptPerLayer, kept);
                if (scope is "global") Assert.Equal(Kept(rate, Sizes.Sum()), kept.Sum());
                else Assert.Equal([Kept(rate, Sizes[0]), Kept(rate, Sizes[1]), Kept(scope is "paper" ? rate / 2 : rate, Sizes[2])], kept);
            }
        }
    }

    private static int Kept(decimal rate, int n) => n - (int)Math.Floor((double)rate * n + 0.5);
}
