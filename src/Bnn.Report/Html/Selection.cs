using System.Collections.Immutable;

namespace Bnn.Report;

/// <summary>What a chart with many lines shows at first; the legend shows the rest.</summary>
internal static class Selection
{
    /// <summary>Up to this many arms, all are drawn at first.</summary>
    public const int MostLines = 12;

    private const int Best = 5;

    /// <summary>
    /// Baselines and controls, and the arms asked for where these are few among many: if all are asked for, none is marked.
    /// </summary>
    public static bool IsEmphasised(Summary summary, string arm) => summary.IsReference(arm) || (FewAsked(summary) && summary.IsAsked(arm));

    /// <summary>The arms, of those that have something to draw, that are drawn at first.</summary>
    public static ImmutableHashSet<string> Of(Summary summary, IEnumerable<string> drawable)
    {
        var all = drawable.ToImmutableHashSet(StringComparer.Ordinal);
        if (all.Count <= MostLines) return all;
        var best = summary.Standings.Select(standing => standing.Arm).Where(all.Contains).Take(Best);
        return all.Where(arm => IsEmphasised(summary, arm)).Concat(best).ToImmutableHashSet(StringComparer.Ordinal);
    }

    /// <summary>The caption's sentence about it; empty where all are drawn.</summary>
    public static string Caption(Summary summary, IReadOnlyCollection<string> drawable)
    {
        if (drawable.Distinct(StringComparer.Ordinal).Count() <= MostLines) return "";
        string[] shown = [
            $"the {Best} strategies with the best mean rank",
            .. FewAsked(summary) && summary.Asked.Any(arm => !summary.IsReference(arm.Name)) ? (string[])["those asked for"] : [],
            .. summary.Arms.Select(arm => arm.Name).Where(arm => summary.IsReference(arm) && drawable.Contains(arm))];
        return $" Drawn at first: {Text.List(shown)}; press a name above the chart for any other.";
    }

    /// <summary>Plotly's visibility property of a trace.</summary>
    public static (string, object?) Visible(ImmutableHashSet<string> shown, string arm) =>
        ("visible", shown.Contains(arm) ? true : "legendonly");

    private static bool FewAsked(Summary summary) => summary.Asked.Length <= Summary.FewArms;
}
