using System.Globalization;

namespace Bnn.Core;

/// <summary>In how many rounds tickets are found, and whether some are cut at once.</summary>
/// <param name="Count">Rounds; 0 for tickets that are cut at densities or thresholds.</param>
/// <param name="OneShot">Whether tickets are cut at once: at the counts of the rounds, if there are any.</param>
/// <param name="Iterative">Whether tickets are found round after round.</param>
public sealed record PruningRounds(int Count, bool OneShot, bool Iterative)
{
    /// <summary>More rounds than leave any weight of the largest network at a rate of a hundredth.</summary>
    public const int Most = 2000;

    private const string AtCountsOf = "0/";

    /// <summary>"0", "20", "0,20", or "0/20" for one-shot tickets alone, at the counts of twenty rounds.</summary>
    public static Result<PruningRounds> Parse(string text)
    {
        if (text.StartsWith(AtCountsOf, StringComparison.Ordinal) && Number(text[AtCountsOf.Length..]) is { } counts and > 0)
            return new PruningRounds(counts, OneShot: true, Iterative: false);
        var items = Bnn.Core.Parse.Items(text).Select(Number).Distinct().ToList();
        return items switch
        {
            [0] => new PruningRounds(0, OneShot: true, Iterative: false),
            [{ } count] => new PruningRounds(count, OneShot: false, Iterative: true),
            [0, { } count] => new PruningRounds(count, OneShot: true, Iterative: true),
            [{ } count, 0] => new PruningRounds(count, OneShot: true, Iterative: true),
            _ => new Fault.BadSetting(
                "", text.Length == 0 ? "nothing" : text,
                $"a number of rounds up to {Most}, 0 for tickets that are cut at once, or both; 0/20 cuts at once at the counts of 20 "
                    + "rounds")
            {
                Example = "0,20",
            },
        };
    }

    public override string ToString() => (OneShot, Iterative) switch
    {
        (true, true) => $"0,{SettingText.Whole(Count)}",
        (true, false) when Count > 0 => AtCountsOf + SettingText.Whole(Count),
        _ => SettingText.Whole(Count),
    };

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= Most ? value : null;
}
