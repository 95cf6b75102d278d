using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>How far masks agree: by what two of them differ in, between strategies at one cut, and pair by pair.</summary>
internal static class OverlapFigure
{
    public const string Id = "mask-overlap", Title = "Mask overlap";

    /// <summary>More pairs than a reader looks through, and more names than fit beside a heat map.</summary>
    private const int MostRows = 500, MostNames = 16;

    private const string Noise = "other noise (ceiling)", Seed = "other seed", At = "other moment", Images = "other share of the images",
        Pruning = "in rounds and at once", Strategies = "two strategies", WithControl = "strategy and control", Places = "control’s places";

    /// <summary>What two masks differ in, the ceiling first.</summary>
    private static readonly ImmutableArray<string> Kinds = [Noise, Seed, At, Images, Pruning, Strategies, WithControl, Places];

    /// <summary>Pairs of two cells.</summary>
    private sealed record Row(CutPoint Cut, string Kind, string First, string Second, ImmutableArray<PairOverlap> Overlaps)
    {
        public double Mean(Func<PairOverlap, double> value) => Sample.Mean([.. Overlaps.Select(value)]);
    }

    /// <returns>Empty where no two masks could be compared.</returns>
    public static string Html(ReportInput input, Summary summary)
    {
        var overlaps = input.Overlaps;
        if (overlaps.Pairs.IsEmpty) return "";
        var names = summary.Groups.ToDictionary(group => group.Cell, group => group.Name);
        List<Row> rows = [
            .. from pair in overlaps.Pairs
               group PairOverlap.Of(pair) by (First: pair.First.Cell, Second: pair.Second.Cell, pair.DiffersIn) into pairs
               let kind = KindOf(pairs.First().Pair, summary)
               orderby summary.Cuts.IndexOf(pairs.Key.First.Cut!), Kinds.IndexOf(kind)
               select new Row(pairs.Key.First.Cut!, kind, Name(pairs.Key.First), Name(pairs.Key.Second), [.. pairs])];
        var read = overlaps.Read == overlaps.Masks
            ? ""
            : $" {Text.Count(overlaps.Read)} of {Text.Count(overlaps.Masks)} masks were compared: those of the first "
                + $"{Text.Seeds(MaskPairs.MostSeeds)}, at each cut of the first {Text.Count(MaskPairs.MostWays)} ways to find one, the "
                + "sparsest cut first; the others were not read.";
        var seeds = summary.Seeds.Length == 1 ? "" : " Rows of several seeds are means.";
        var heatMap = HeatMap(rows);
        var colours = heatMap.Length == 0
            ? ""
            : " Heat map: the stronger the colour, the more two masks have in common; grey: not compared.";
        return Markup.Figure(
            Id, Title,
            "Jaccard index: of the weights that at least one of two masks keeps, the share that both keep, over all layers. κ: 1 for equal "
                + "masks, 0 for chance. Two draws of noise are the ceiling: the same net, images and steps with other random numbers."
                + colours + seeds + read,
            Overview(rows) + heatMap,
            "κ = (i − e)/(k − e), with i the weights that both keep, k the number that each keeps and e what i is by chance. By chance: "
                + "the Jaccard index of e, if both masks keep as many weights in each layer, at random. By inputs: the same if each input "
                + "keeps its number of weights too; masks that agree about inputs and about nothing else get this.",
            Markup.Details("Data of mask overlap, pair by pair", Pairs(rows)));

        string Name(PlannedCell cell) => names.GetValueOrDefault(cell, cell.Label);
    }

    private static string KindOf(MaskPair pair, Summary summary)
    {
        return pair.DiffersIn switch
        {
            MaskPair.OtherSeed => Seed,
            Factor.Strategy => IsControl(pair.First) || IsControl(pair.Second) ? WithControl : Strategies,
            Factor.Pruning => Pruning,
            Factor.Places => Places,
            var name when name == TrainingSettings.BayesianNoise.Name => Noise,
            var name when name == TrainingSettings.BayesianAt.Name => At,
            _ => Images,
        };

        bool IsControl(PlannedTraining ticket) => summary.Roles.Controls.Contains(ticket.Cell.Strategy!);
    }

    private static string Overview(List<Row> rows) => Markup.Table(
        "Mask overlap by what two masks differ in: mean, and the lowest and highest pair",
        ["cut", "the two differ in", "pairs", "Jaccard", "κ", "Jaccard by chance", "by inputs"],
        from row in rows
        group row by (row.Cut, row.Kind) into kind
        let all = kind.SelectMany(row => row.Overlaps).ToList()
        select (string[])[
            kind.Key.Cut.Label(), kind.Key.Kind, Text.Count(all.Count), Range(all, pair => pair.Overlap.Jaccard),
            Range(all, pair => pair.Overlap.Kappa), Number(all, pair => pair.ByChance), Number(all, pair => pair.ByInputs)],
        "overlap");

    /// <summary>Jaccard indices between strategies at the sparsest cut with three of them or more: two are a number in the table.</summary>
    private static string HeatMap(List<Row> rows)
    {
        var best = rows.Where(row => row.Kind is Strategies or WithControl).GroupBy(row => row.Cut)
            .Where(cut => NamesOf(cut).Length > 2)
            .MinBy(cut => cut.Min(row => row.Mean(pair => pair.Overlap.CountA)));
        if (best is null) return "";
        ImmutableArray<string> names = [.. NamesOf(best).Take(MostNames)];
        var values = best.DistinctBy(row => (row.First, row.Second))
            .ToDictionary(row => (row.First, row.Second), row => Math.Round(row.Mean(pair => pair.Overlap.Jaccard), 3));
        object?[] z = [.. names.Select(y => names.Select(x => Value(x, y)).ToArray())];
        object?[] text = [.. names.Select(y => names.Select(x => Value(x, y) is double value ? Short(value) : "").ToArray())];
        string[] labels = [.. names.Select(Chart.Label)];
        var title = $"Jaccard index between strategies at {best.Key.Label()}";
        return $"<h3>{Markup.Encode(title)}</h3>\n" + Chart.Html(
            "chart-overlap", $"{title}, a heat map; the numbers are in the table below", 140 + 34 * names.Length,
            [
                Chart.Trace(
                    "heatmap", ("x", labels), ("y", labels), ("z", z), ("zmin", 0), ("zmax", 1),
                    ("colorscale", new object[] { new object[] { 0, "#f4f8fd" }, new object[] { 1, "#08306b" } }),
                    ("showscale", false), ("text", text), ("texttemplate", "%{text}"), ("hoverongaps", false),
                    ("hovertemplate", "%{y} and %{x}: %{z:.3f}<extra></extra>")),
            ],
            ("xaxis", Chart.Axis("", ("side", "bottom"), ("showgrid", false))),
            ("yaxis", Chart.Axis("", ("autorange", "reversed"), ("showgrid", false))), ("plot_bgcolor", "#dcdcdc"));

        object? Value(string x, string y) =>
            values.TryGetValue((x, y), out var value) || values.TryGetValue((y, x), out value) ? value : null;
    }

    private static string Short(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static ImmutableArray<string> NamesOf(IEnumerable<Row> rows) =>
        [.. rows.SelectMany(row => (string[])[row.First, row.Second]).Distinct(StringComparer.Ordinal)];

    private static string Pairs(List<Row> rows)
    {
        var layers = rows.Max(row => row.Overlaps[0].Overlap.Layers.Length);
        var left = rows.Count > MostRows ? $"; {Text.Count(rows.Count - MostRows)} further rows are left out" : "";
        return Markup.Table(
            $"Mask overlap, pair by pair{left}",
            [
                "first mask", "second mask", "cut", "the two differ in", "pairs", "Jaccard", "κ", "by chance", "by inputs",
                .. Enumerable.Range(1, layers).Select(layer => string.Create(CultureInfo.InvariantCulture, $"Jaccard, layer {layer}")),
                .. Enumerable.Range(1, layers).Select(layer => string.Create(CultureInfo.InvariantCulture, $"p, layer {layer}")),
            ],
            rows.Take(MostRows).Select(row => (string[])[
                row.First, row.Second, row.Cut.Label(), row.Kind, Text.Count(row.Overlaps.Length),
                Number(row.Overlaps, pair => pair.Overlap.Jaccard), Number(row.Overlaps, pair => pair.Overlap.Kappa),
                Number(row.Overlaps, pair => pair.ByChance), Number(row.Overlaps, pair => pair.ByInputs),
                .. Enumerable.Range(0, layers).Select(l => l < row.Overlaps[0].Overlap.Layers.Length
                    ? Number(row.Overlaps, pair => pair.Overlap.Layers[l].Jaccard)
                    : ""),
                .. Enumerable.Range(0, layers).Select(l => l < row.Overlaps[0].Overlap.Layers.Length ? LargestP(row.Overlaps, l) : "")]),
            "overlap");
    }

    /// <summary>
    /// The largest over the pairs of the hypergeometric p of at least as many weights in common; its power of ten if small.
    /// </summary>
    private static string LargestP(IReadOnlyList<PairOverlap> pairs, int layer)
    {
        var log = pairs.Max(pair => pair.Overlap.Layers[layer].Tails().Log10PAtLeast);
        if (double.IsNaN(log)) return "–";
        return log >= -3
            ? Math.Pow(10, log).ToString("0.000", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"10^{Math.Ceiling(log):0}").Replace('-', '−');
    }

    private static string Range(List<PairOverlap> pairs, Func<PairOverlap, double> value) => pairs.Count == 1
        ? Number(pairs, value)
        : $"{Number(pairs, value)} ({Share(pairs.Min(value))} to {Share(pairs.Max(value))})";

    private static string Number(IReadOnlyList<PairOverlap> pairs, Func<PairOverlap, double> value) =>
        Share(Sample.Mean([.. pairs.Select(value)]));

    /// <summary>Three decimals, zero without a sign; a dash where masks are empty, or keep everything.</summary>
    private static string Share(double value) => double.IsFinite(value)
        ? (Math.Round(value, 3) + 0.0).ToString("0.000", CultureInfo.InvariantCulture).Replace('-', '−')
        : "–";
}
