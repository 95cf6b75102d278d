using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>The table of results: raw rows with one seed; with several the means, their spread and the paired differences.</summary>
internal static class ResultTable
{
    public static string Html(Summary summary) => summary.Seeds.Length <= 1
        ? Rows(summary) + Missing(summary) + Verdicts(summary) + Further(summary)
        : Means(summary) + Verdicts(summary) + Markup.Details("Every training", Rows(summary)) + Further(summary);

    private static string Means(Summary summary) => Markup.Table(
        "Means over the seeds. Accuracies in per cent ± standard deviation, differences in points with their 95 % interval, "
            + "paired by seed, after the last step",
        [
            "net", "cut", .. RankHeader(summary), "verdict", "weights kept", "share kept", "n",
            "test accuracy, last step", "test accuracy, early stop", "early-stop step", "to dense", .. ToBaselines(summary),
            "missing seeds",
        ],
        summary.TableOrder.Select(group => (string[])[
            group.Name, group.Cut?.Label() ?? "all", .. Rank(summary, group), group.Verdict.Word, group.KeptText,
            group.Density is { } density ? Text.Share(density) : "",
            group.N.ToString(CultureInfo.InvariantCulture), Accuracy(group.Last), Accuracy(group.EarlyStop), Steps(group.EarlyStopStep),
            Difference(group.ToDense?.Last), .. summary.Baselines.Select(baseline => Difference(group.To(baseline)?.Last)),
            string.Join("; ", group.Missing.Select(missing => $"{missing.Seed}: {missing.Reason}"))]),
        Look(summary));

    private static string Look(Summary summary) => summary.HasMany ? "results long" : "results";

    private static IEnumerable<string> ToBaselines(Summary summary) => summary.Baselines.Select(baseline => $"to {baseline}");

    private static string[] RankHeader(Summary summary) => summary.HasMany ? ["rank"] : [];

    private static string[] Rank(Summary summary, GroupSummary group) => summary.HasMany ? [summary.RankOf(group)?.RankText ?? ""] : [];

    private static string Verdicts(Summary summary) => Markup.Details("Reasons of the verdicts", Markup.Table(
        "Why each ticket wins or doesn't", ["net", "cut", "verdict", "reason"],
        summary.TableOrder.Where(group => group.IsTicket).Select(group => (string[])[
            group.Name, group.Cut?.Label() ?? "", group.Verdict.Word, group.Verdict.Reason]),
        "texts"));

    private static string Rows(Summary summary) =>
        Rows(summary, [.. Measures.ShownFor(Finished(summary)).Where(measure => !measure.IsFurther)]);

    private static ImmutableArray<FinishedTraining> Finished(Summary summary) =>
        [.. summary.Groups.SelectMany(group => group.Finished)];

    /// <summary>Those further measures that some training has a number of, and that have no section of their own.</summary>
    private static string Further(Summary summary)
    {
        var finished = Finished(summary);
        List<Measure> shown = [
            .. Measures.ShownFor(finished)
                .Where(measure => measure is { IsFurther: true, Point: null, OfFinding: null }
                    && finished.Any(training => training.Record[measure] is not null))];
        return shown.Count == 0 ? "" : Markup.Details("Further measures", Markup.Table(
            "Further measures of each training. Accuracies and ECE in per cent, NLL, entropies and mutual information in nats; those of "
                + $"Bayesian nets behind the last step are of the mean over {StoredNetwork.DrawCount} draws of all weights",
            ["net", "cut", "seed", .. shown.Select(measure => measure.Title), "run"],
            from seed in summary.Seeds
            from g in summary.TableOrder
            from training in g.Finished
            where training.Training.Seed == seed
            select (string[])[
                g.Name, g.Cut?.Label() ?? "all", seed.ToString(), .. shown.Select(measure => Value(measure, training.Record[measure])),
                training.Record.Key.Value],
            Look(summary)));
    }

    private static string Rows(Summary summary, ImmutableArray<Measure> shown) => Markup.Table(
        "Finished trainings. Accuracies in per cent, NLL in nats, differences in points after the last step, against the same seed",
        [
            "net", "cut", .. summary.Seeds.Length <= 1 ? (string[])[.. RankHeader(summary), "verdict"] : [],
            "seed", "weights kept", "share kept",
            .. shown.Select(measure => measure.Title), "to dense", .. ToBaselines(summary), "run",
        ],
        from seed in summary.Seeds
        from g in summary.TableOrder
        from finished in g.Finished
        where finished.Training.Seed == seed
        select Row(summary, g, finished, shown),
        Look(summary));

    private static string[] Row(
        Summary summary, GroupSummary group, FinishedTraining finished, ImmutableArray<Measure> shown)
    {
        var (record, seed) = (finished.Record, finished.Training.Seed);
        return [
            group.Name, group.Cut?.Label() ?? "all",
            .. summary.Seeds.Length <= 1 ? (string[])[.. Rank(summary, group), group.Verdict.Word] : [],
            seed.ToString(), Text.Count(record.KeptCount), Text.Share(record.KeptShare),
            .. shown.Select(measure => Value(measure, record[measure])),
            group.Kind == TrainingKind.Dense ? "" : To(record, summary.DenseOf(group), seed),
            .. summary.Baselines.Select(baseline =>
                group.Cut is null || group.Strategy == baseline ? "" : To(record, summary.Counterpart(group, baseline), seed)),
            record.Key.Value];
    }

    private static string Missing(Summary summary)
    {
        var missing = summary.TableOrder
            .SelectMany(group => group.Missing.Select(seed => (string[])[group.Label, seed.Seed.ToString(), seed.Reason])).ToList();
        return missing.Count == 0 ? "" : Markup.Table("Missing trainings", ["training", "seed", "reason"], missing);
    }

    private static string To(TrainingRecord record, GroupSummary? other, Seed seed) =>
        other?.Finished.FirstOrDefault(finished => finished.Training.Seed == seed) is { } there
            ? Text.Points(record.TestAccuracyLast - there.Record.TestAccuracyLast)
            : "";

    private static string Value(Measure measure, double? value) => value is not { } number
        ? ""
        : measure.Unit switch
        {
            MeasureUnit.Share => Text.PercentNumber(number),
            MeasureUnit.Operations => Text.Operations(number),
            MeasureUnit.Steps or MeasureUnit.Count => Text.Count(number),
            _ => number.ToString("0.0000", CultureInfo.InvariantCulture),
        };

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

    /// <summary>A mean difference with its interval, or of one pair.</summary>
    public static string Difference(PairedDifference? difference) => difference switch
    {
        null => "",
        { Interval: { } interval } => $"{Text.Points(difference.Mean)} [{Text.Points(interval.Low)}, {Text.Points(interval.High)}]",
        _ => $"{Text.Points(difference.Mean)} (one pair)",
    };
}
