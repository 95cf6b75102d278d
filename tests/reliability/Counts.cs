namespace Reliability;

/// <summary>
/// How often each part tries: small, so that CI runs all of it, unless the environment variable RELIABILITY says <c>full</c> or gives the
/// share of full, such as <c>0.1</c>.
/// </summary>
internal static class Counts
{
    private static readonly double Share = Environment.GetEnvironmentVariable("RELIABILITY") switch
    {
        null or "" => 0,
        "full" => 1,
        var share => double.Parse(share, System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>Runs that are killed, each once or several times.</summary>
    public static int Kills => Of(full: 200, ci: 4);

    /// <summary>Ways in which each kind of file is damaged.</summary>
    public static int WaysOfDamage => Of(full: 20, ci: 1);

    /// <summary>Every how manyth operation fails.</summary>
    public static int FaultStride => Share == 0 ? 61 : (int)Math.Max(1, Math.Round(1 / Share));

    /// <summary>Mutated inputs for each parser.</summary>
    public static int Mutations => Given("RELIABILITY_MUTATIONS") ?? Of(full: 1_000_000, ci: 2_000);

    /// <summary>Rounds of four processes.</summary>
    public static int Rounds => Of(full: 100, ci: 1);

    /// <summary>Where random choices start; a failure prints it.</summary>
    public static int Seed => Given("RELIABILITY_SEED") ?? 1;

    private static int Of(int full, int ci) => Math.Max(ci, (int)Math.Round(full * Share));

    private static int? Given(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : null;
}
