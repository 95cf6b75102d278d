using System.Collections.Immutable;

namespace Bnn.Report;

/// <summary>What a chart with many lines shows at first; the legend shows the rest.</summary>
internal static class Selection
{
    /// <summary>Up to so many strategies all are drawn at once.</summary>
    public const int MostLines = 12;

    private const int Best = 5;

    /// <summary>The baselines, and the strategies asked for where these are few among many: if all are asked for, none stands out.</summary>
    public static bool IsEmphasised(Summary summary, string strategy) =>
        strategy is Summary.Magnitude or Summary.Random || (summary.Asked.Length <= Summary.FewStrategies && summary.Asked.Contains(strategy));

    /// <summary>Of the strategies that have something to draw, those that are drawn at first.</summary>
    public static ImmutableHashSet<string> Of(Summary summary, IEnumerable<string> drawable)
    {
        var all = drawable.ToImmutableHashSet(StringComparer.Ordinal);
        if (all.Count <= MostLines) return all;
        var best = summary.Standings.Select(standing => standing.Strategy).Where(all.Contains).Take(Best);
        return all.Where(strategy => IsEmphasised(summary, strategy)).Concat(best).ToImmutableHashSet(StringComparer.Ordinal);
    }

    /// <summary>Says so in a caption; empty where all are drawn.</summary>
    public static string Caption(Summary summary, IEnumerable<string> drawable)
    {
        if (drawable.Distinct(StringComparer.Ordinal).Count() <= MostLines) return "";
        string[] shown = [
            $"the {Best} strategies with the best mean rank",
            .. summary.Asked.Length <= Summary.FewStrategies && summary.Asked.Any(asked => asked is not (Summary.Magnitude or Summary.Random)) ? (string[])["those asked for"] : [],
            .. new[] { Summary.Magnitude, Summary.Random }.Where(drawable.Contains)];
        return $" Drawn at first: {Text.List(shown)}; press a name above the chart for any other.";
    }

    /// <summary>Plotly's property of a trace.</summary>
    public static (string, object?) Visible(ImmutableHashSet<string> shown, string strategy) => ("visible", shown.Contains(strategy) ? true : "legendonly");
}
