using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>Small experiments made by hand: what each training came to is a function of its seed.</summary>
internal static class Inputs
{
    public const int Total = 1000;

    public static readonly Architecture Net = new([10, 50, 10]);

    public static Density D(decimal value) => ((Result<Density>.Ok)Density.Create(value)).Value;

    public static PlannedTraining Bayesian(ulong seed) => Planned("bayesian", "bayesian", seed);

    public static PlannedTraining Dense(ulong seed) => Planned("dense", "dense", seed);

    public static PlannedTraining Ticket(string strategy, decimal density, ulong seed) =>
        Planned("ticket", $"{strategy} {D(density)}", seed) with { Strategy = strategy, Scope = "paper", TargetDensity = D(density) };

    public static PlannedTraining AtThreshold(string strategy, double threshold, ulong seed) =>
        Planned("ticket", $"{strategy} at {threshold.ToString(CultureInfo.InvariantCulture)}", seed) with { Strategy = strategy, Scope = "threshold", Threshold = threshold };

    private static PlannedTraining Planned(string kind, string label, ulong seed) =>
        new(RunKey.Of($"{kind} {label} {seed}"), kind, label, new Seed(seed), 300, null, null, null, null);

    /// <param name="accuracy">Test accuracy after the last step; at the early stop it is 0.001 higher.</param>
    /// <param name="stop">Early stop's step; null without validation.</param>
    public static FinishedTraining Done(PlannedTraining training, double accuracy, int? stop = 200, int? kept = null)
    {
        var all = kept ?? (int)((training.TargetDensity?.Value ?? 1) * Total);
        var run = new RunRecord(
            training.Key, [all / 2, all - all / 2], [500, 500], stop, stop is null ? null : accuracy + 0.001, stop is null ? null : 0.1, accuracy, 0.125);
        ImmutableArray<MetricsRow> rows = [.. new[] { 0, 100, 200, 300 }.Select(step => new MetricsRow(
            step, step == 0 ? null : 0.5, step == 0 ? null : 0.5, null, stop is null ? null : 0.2, stop is null ? null : accuracy * (step + 10) / 310))];
        return new FinishedTraining(training, run, rows);
    }

    public static ReportInput Of(IEnumerable<FinishedTraining> finished, IEnumerable<MissingTraining>? missing = null, params string[] asked)
    {
        ImmutableArray<FinishedTraining> done = [.. finished];
        ImmutableArray<MissingTraining> open = [.. missing ?? []];
        ImmutableArray<PlannedTraining> trainings = [.. done.Select(f => f.Training).Concat(open.Select(m => m.Training)).OrderBy(training => training.Seed.Value)];
        return new ReportInput(
            "sample",
            new ExperimentRecord(
                RunKey.Of("plan"), "host run --strategy variance --density 0.1", Net, new DataHashes("a1", "b2", "c3", "d4"), [new NamedValue("steps", "300")],
                [.. asked.DefaultIfEmpty("variance")],
                [.. trainings.Select(training => training.Strategy).OfType<string>().Distinct().Select(name =>
                    new StrategyInfo(name, $"criterion of {name}", Keep.Highest, Needs.Posterior, "MaskStrategies.dll", "1.2.3.4", "5a5a"))],
                trainings),
            done, open,
            [.. done.Where(f => f.Training.Kind == "bayesian").SelectMany(f => new[] { 1, 2 }.Select(layer => new SigmaDistribution(
                f.Training.Seed, layer, Net.Layers[layer - 1], 0, 1, [5, 20, 60, 15], 0.55, [new SigmaCut("variance 0.1", 0.25)])))]);
    }

    /// <summary>Each seed's Bayesian net, dense net and tickets, at 20 % and 5 %: variance loses to magnitude by 1 to 1.2 points at 5 %.</summary>
    public static ReportInput Seeds(int count, int? stop = 200) => Of(
        from seed in Enumerable.Range(1, count).Select(i => (ulong)i)
        let luck = 0.001 * seed
        from finished in (FinishedTraining[])[
            Done(Bayesian(seed), 0.970 + luck, stop), Done(Dense(seed), 0.975 + luck, stop),
            Done(Ticket("variance", 0.2m, seed), 0.976 + luck, stop), Done(Ticket("variance", 0.05m, seed), 0.965 + 0.9 * luck, stop),
            Done(Ticket("magnitude", 0.2m, seed), 0.976 + 1.5 * luck, stop), Done(Ticket("magnitude", 0.05m, seed), 0.975 + luck, stop),
            Done(Ticket("random", 0.2m, seed), 0.970 + luck, stop), Done(Ticket("random", 0.05m, seed), 0.950 + luck, stop),
        ]
        select finished);
}
