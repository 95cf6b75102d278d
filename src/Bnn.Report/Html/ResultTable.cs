using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>The table: raw rows of one seed; with several the means, their spread and the paired differences.</summary>
internal static class ResultTable
{
    public static string Html(Summary summary) => summary.Seeds.Length <= 1
        ? Rows(summary) + Missing(summary) + Verdicts(summary)
        : Means(summary) + EarlyStops(summary) + Verdicts(summary) + Markup.Details("Every training", Rows(summary));

    private static string Means(Summary summary) => Markup.Table(
        "Means over the seeds. Accuracies in per cent ± standard deviation, differences in points with their 95 % interval, paired by seed, after the last step",
        ["net", "cut", .. RankHeader(summary), "verdict", "weights kept", "share kept", "n", "test accuracy, last step", "test accuracy, early stop", "early-stop step", "to dense", "to magnitude", "missing seeds"],
        summary.TableOrder.Select(group => (string[])[
            group.Name, group.Cut?.Label ?? "all", .. Rank(summary, group), group.Verdict.Word, group.KeptText, group.Density is { } density ? Text.Share(density) : "",
            group.N.ToString(CultureInfo.InvariantCulture), Accuracy(group.Last), Accuracy(group.EarlyStop), Steps(group.EarlyStopStep),
            Difference(group.ToDense?.Last), Difference(group.ToMagnitude?.Last),
            string.Join("; ", group.Missing.Select(missing => $"{missing.Seed}: {missing.Reason}"))]),
        Look(summary));

    private static string Look(Summary summary) => summary.HasMany ? "results long" : "results";

    private static string[] RankHeader(Summary summary) => summary.HasMany ? ["rank"] : [];

    private static string[] Rank(Summary summary, GroupSummary group) => summary.HasMany ? [summary.RankOf(group)?.RankText ?? ""] : [];

    private static string EarlyStops(Summary summary) => !summary.HasValidation
        ? ""
        : Markup.Details("Differences at the early stop", Markup.Table(
            "Differences of test accuracy at the early stop, in points with their 95 % interval, paired by seed", ["net", "cut", "to dense", "to magnitude"],
            summary.TableOrder.Where(group => group.ToDense is not null).Select(group => (string[])[
                group.Name, group.Cut?.Label ?? "all", Difference(group.ToDense?.EarlyStop), Difference(group.ToMagnitude?.EarlyStop)])));

    private static string Verdicts(Summary summary) => Markup.Details("Reasons of the verdicts", Markup.Table(
        "Why each ticket wins or doesn't", ["net", "cut", "verdict", "reason"],
        summary.TableOrder.Where(group => group.IsTicket).Select(group => (string[])[group.Name, group.Cut?.Label ?? "", group.Verdict.Word, group.Verdict.Reason]), "texts"));

    private static string Rows(Summary summary) => Rows(summary, summary.TableOrder);

    private static string Rows(Summary summary, ImmutableArray<GroupSummary> order) => Markup.Table(
        "Finished trainings. Accuracies in per cent, NLL in nats, differences in points after the last step, against the same seed",
        ["net", "cut", .. summary.Seeds.Length <= 1 ? (string[])[.. RankHeader(summary), "verdict"] : [], "seed", "weights kept", "share kept", "early-stop step", "test accuracy, early stop", "test NLL, early stop", "test accuracy, last step",
            "test NLL, last step", "to dense", "to magnitude", "run"],
        from seed in summary.Seeds
        from g in order
        from finished in g.Finished
        where finished.Training.Seed == seed
        let run = finished.Run
        select (string[])[
            g.Name, g.Cut?.Label ?? "all", .. summary.Seeds.Length <= 1 ? (string[])[.. Rank(summary, g), g.Verdict.Word] : [], seed.ToString(), Text.Count(run.KeptCount), Text.Share(run.Density), run.EarlyStopStep is { } step ? Text.Count(step) : "",
            run.TestAccuracyEarlyStop is { } accuracy ? Text.PercentNumber(accuracy) : "", run.TestNllEarlyStop is { } nll ? Nll(nll) : "",
            Text.PercentNumber(run.TestAccuracyLast), Nll(run.TestNllLast),
            g.Kind == GroupSummary.DenseKind ? "" : To(run, summary.Dense, seed),
            g.Cut is not { } cut || g.Strategy == Summary.Magnitude ? "" : To(run, summary.Ticket(Summary.Magnitude, cut), seed),
            run.Key.Value],
        Look(summary));

    private static string Missing(Summary summary)
    {
        var missing = summary.TableOrder.SelectMany(group => group.Missing.Select(seed => (string[])[group.Label, seed.Seed.ToString(), seed.Reason])).ToList();
        return missing.Count == 0 ? "" : Markup.Table("Missing trainings", ["training", "seed", "reason"], missing);
    }

    private static string To(RunRecord run, GroupSummary? other, Seed seed) =>
        other?.Finished.FirstOrDefault(finished => finished.Training.Seed == seed) is { } there ? Text.Points(run.TestAccuracyLast - there.Run.TestAccuracyLast) : "";

    private static string Accuracy(Spread? spread) => spread switch
    {
        null => "",
        { Sd: { } sd } => $"{Text.PercentNumber(spread.Mean)} ± {Text.PercentNumber(sd)}",
        _ => Text.PercentNumber(spread.Mean),
    };

    private static string Steps(Spread? spread) => spread switch
    {
        null => "",
        { Sd: { } sd } => $"{Text.Count(spread.Mean)} ± {Text.Count(sd)}",
        _ => Text.Count(spread.Mean),
    };

    private static string Difference(PairedDifference? difference) => difference switch
    {
        null => "",
        { Interval: { } interval } => $"{Text.Points(difference.Mean)} [{Text.Points(interval.Low)}, {Text.Points(interval.High)}]",
        _ => $"{Text.Points(difference.Mean)} (one pair)",
    };

    private static string Nll(double nats) => nats.ToString("0.0000", CultureInfo.InvariantCulture);
}
