namespace Reliability;

/// <summary>One line for each part: what was tried, how often, what held. The script shows them together at its end.</summary>
internal static class Tally
{
    private static readonly Lock Writing = new();

    /// <param name="part">The part's name: "kill".</param>
    /// <param name="tried">"6 runs killed 11 times".</param>
    /// <param name="held">"6 of 6 ended in the same bytes".</param>
    public static void Add(string part, string tried, string held)
    {
        var line = $"{part}: {tried}: {held}";
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("RELIABILITY_TALLY") is not { Length: > 0 } file) return;
        lock (Writing) File.AppendAllText(file, line + "\n");
    }
}
