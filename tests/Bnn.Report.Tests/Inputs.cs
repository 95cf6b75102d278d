using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>Small experiments made by hand: each training's result is a function of its seed.</summary>
internal static class Inputs
{
    public const int Total = 1000;

    public static readonly Architecture Net = new([10, 50, 10]);

    public static Density D(decimal value) => Density.Create(value).OrThrow();

    public static PlannedTraining Bayesian(ulong seed) => Planned(TrainingKind.Bayesian, "bayesian", seed);

    public static PlannedTraining Dense(ulong seed) => Planned(TrainingKind.Dense, "dense", seed);

    public static PlannedTraining Ticket(string strategy, decimal density, ulong seed) =>
        Planned(TrainingKind.Ticket, $"{strategy} {D(density)}", seed, strategy, "paper", new CutPoint(D(density), null));

    public static PlannedTraining AtThreshold(string strategy, double threshold, ulong seed) => Planned(
        TrainingKind.Ticket, $"{strategy} at {threshold.ToString(CultureInfo.InvariantCulture)}", seed, strategy, "threshold",
        new CutPoint(null, threshold));

    /// <summary>The same training in a cell with a further factor, or with another value of one.</summary>
    public static PlannedTraining With(this PlannedTraining training, string factor, string value)
    {
        var factors = training.Cell.Factors.RemoveAll(own => own.Name == factor).Add(new NamedValue(factor, value));
        var id = Digest.Of($"{training.Cell.Id} {factor} {value}");
        return new PlannedTraining(
            TrainingKey.Of($"{training.Key} {factor} {value}"), training.Seed, training.Cell with { Id = id, Factors = factors });
    }

    private static PlannedTraining Planned(
        TrainingKind kind, string label, ulong seed, string? strategy = null, string? scope = null, CutPoint? cut = null)
    {
        ImmutableArray<NamedValue> factors = [
            new(Factor.Kind, kind.Name()),
            .. strategy is null ? (NamedValue[])[] : [new(Factor.Strategy, strategy), new(Factor.Scope, scope!)],
            new("layers", Net.ToString()), new("steps", "300"), new(Factor.Data, "a1")];
        return new PlannedTraining(
            TrainingKey.Of($"{kind} {label} {seed}"), new Seed(seed),
            new PlannedCell(Digest.Of($"{kind} {label}"), kind, Net, label, 300, strategy, scope, cut, factors));
    }

    /// <param name="accuracy">Test accuracy after the last step; at the early stop it is 0.001 higher.</param>
    /// <param name="stop">The early stop's step; null without validation.</param>
    public static FinishedTraining Done(PlannedTraining training, double accuracy, int? stop = 200, int? kept = null)
    {
        var all = kept ?? (int)((training.Cell.Cut?.Target?.Value ?? 1) * Total);
        var values = ImmutableDictionary.CreateBuilder<string, double>();
        if (stop is { } step)
        {
            values[Measures.EarlyStopStep.Name] = step;
            values[Measures.TestAccuracyEarlyStop.Name] = accuracy + 0.001;
            values[Measures.TestNllEarlyStop.Name] = 0.1;
        }
        values[Measures.TestAccuracyLast.Name] = accuracy;
        values[Measures.TestNllLast.Name] = 0.125;
        var record = new TrainingRecord(training.Key, [all / 2, all - all / 2], [500, 500], values.ToImmutable());
        ImmutableArray<MetricsRow> rows = [.. new[] { 0, 100, 200, 300 }.Select(at => new MetricsRow(
            at, at == 0 ? null : 0.5, at == 0 ? null : 0.5, null, stop is null ? null : 0.2,
            stop is null ? null : accuracy * (at + 10) / 310))];
        return new FinishedTraining(training, record, rows);
    }

    public static ReportInput Of(
        IEnumerable<FinishedTraining> finished, IEnumerable<MissingTraining>? missing = null, params string[] asked)
    {
        ImmutableArray<FinishedTraining> done = [.. finished];
        ImmutableArray<MissingTraining> open = [.. missing ?? []];
        ImmutableArray<PlannedTraining> trainings = [
            .. done.Select(f => f.Training).Concat(open.Select(m => m.Training)).OrderBy(training => training.Seed.Value)];
        var sigmas =
            from bayesian in done.Where(f => f.Training.Kind == TrainingKind.Bayesian).Take(1)
            from layer in (int[])[1, 2]
            select new SigmaDistribution(
                bayesian.Training, layer, Net.Layers[layer - 1], 0, 1, [5, 20, 60, 15], 0.55,
                [new SigmaCut("variance", new CutPoint(D(0.1m), null), 0.25)]);
        return new ReportInput(
            "sample",
            new ExperimentRecord(
                Digest.Of("plan"), "host run --strategy variance --density 0.1", [], Net, new DataHashes("a1", "b2", "c3", "d4"),
                [new NamedValue("steps", "300")], RolesOf([.. asked.DefaultIfEmpty("variance")]),
                [.. trainings.Select(training => training.Cell.Strategy).OfType<string>().Distinct().Select(name => new StrategyInfo(
                    name, $"criterion of {name}", Keep.Highest, Needs.Posterior, "MaskStrategies.dll", "1.2.3.4", "5a5a"))],
                trainings),
            done, open, [.. sigmas]);
    }

    /// <summary>Magnitude is the baseline and random the control, as they are unless a command says otherwise.</summary>
    public static Roles RolesOf(ImmutableArray<string> asked) => new(asked, ["magnitude"], ["random"], asked);

    /// <summary>
    /// Each seed's Bayesian net, dense net and tickets, at 20 % and 5 %: variance loses to magnitude by 1 to 1.2 points at 5 %.
    /// </summary>
    public static ReportInput Seeds(int count, int? stop = 200) => Of(
        from seed in Enumerable.Range(1, count).Select(i => (ulong)i)
        let luck = 0.001 * seed
        from finished in (FinishedTraining[])[
            Done(Bayesian(seed), 0.970 + luck, stop), Done(Dense(seed), 0.975 + luck, stop),
            Done(Ticket("variance", 0.2m, seed), 0.976 + 1.01 * luck, stop),
            Done(Ticket("variance", 0.05m, seed), 0.965 + 0.9 * luck, stop),
            Done(Ticket("magnitude", 0.2m, seed), 0.976 + 1.5 * luck, stop), Done(Ticket("magnitude", 0.05m, seed), 0.975 + luck, stop),
            Done(Ticket("random", 0.2m, seed), 0.970 + luck, stop), Done(Ticket("random", 0.05m, seed), 0.950 + luck, stop),
        ]
        select finished);
}
