using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host compare EXPERIMENT</c>: its tickets against a baseline, with intervals and tests, on the terminal.</summary>
public sealed class CompareCommand : HostCommand
{
    private SettingFlags _flags = null!;

    private readonly Argument<string?> _experiment = new("EXPERIMENT")
    {
        Description = "An experiment's name, looked up in --output, or its folder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _by = new("--by")
    {
        Description = "What differs between the two: strategy, arm, or a setting that has several values. Default: strategy.",
        HelpName = "FACTOR",
    };

    private readonly Option<string?> _baseline = new("--baseline")
    {
        Description = "The value that all others are compared with. Default: the experiment's first baseline.",
        HelpName = "VALUE",
    };

    private readonly Option<string?> _margin = new("--margin")
    {
        Description = "Points of test accuracy that count as no difference. Default: 0.2.",
        HelpName = "POINTS",
    };

    private readonly Option<bool> _unpaired = new("--unpaired")
    {
        Description = "Compare as independent samples (Welch), for tickets that have no seeds in common.",
    };

    public CompareCommand()
        : base("compare",
            """
            Compare an experiment's tickets with a baseline: differences of test accuracy paired by seed, with intervals, the paired t test
            after Holm's correction, equivalence within a margin, and the signed-rank test.

            Examples:
              host compare quick
              host compare early --by bayesian-at --baseline final
              host compare results/experiments/prior --by prior-scale --baseline 1 --margin 0.5
            """)
    {
        Arguments.Add(_experiment);
        Options.Add(_by);
        Options.Add(_baseline);
        Options.Add(_margin);
        Options.Add(_unpaired);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_experiment) is not { Length: > 0 } name)
            return new Fault.BadRequest("no experiment is given", $"for example {CommandText.Program} compare NAME");
        return Margin(flags.Text(_margin)).Bind(points => _flags.Read(flags).Bind(values =>
            StoreLookup.Experiment(values, name).Bind(found => found.Read().Bind(plan =>
                Compare(flags, found.Store, found.Name, plan.Experiment, points / 100)))));
    }

    private static Result<double> Margin(string? text)
    {
        if (text is null) return 100 * Verdict.Margin;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var points) && points is > 0 and <= 100
            ? points
            : new Fault.BadSetting("margin", text, "points above 0, at most 100")
            {
                Origin = SettingFlags.OriginOf("margin"),
                Example = "0.2",
            };
    }

    private Result<int> Compare(ParseResult flags, ResultsStore store, string name, ExperimentRecord plan, double margin)
    {
        var reading = new ReportBuilder(store).Read(name, plan, ImmutableDictionary<TrainingKey, string>.Empty);
        var summary = Summary.From(reading.Input);
        var by = flags.Text(_by) ?? ComparisonFamily.ByStrategy;
        if ((flags.Text(_baseline) ?? Usual(summary, plan, by)) is not { } baseline)
        {
            return new Fault.BadRequest(
                $"nothing says what to compare with by {by}",
                $"give --baseline; the factors are {Text.List(ComparisonFamily.Factors(summary))}");
        }
        return ComparisonFamily.PairsBy(summary, by, baseline).MapFaults(WithOrigin).Bind(pairs =>
        {
            if (pairs.IsEmpty)
            {
                return new Fault.BadRequest(
                    $"no two tickets of {name} differ in their {by} alone, one of them with {baseline}",
                    $"the factors are {Text.List(ComparisonFamily.Factors(summary))}");
            }
            var isUnpaired = flags.GetValue(_unpaired);
            var shown = isUnpaired ? Unpaired(pairs) : Paired(baseline, margin, pairs);
            foreach (var fault in reading.Damaged) Console.Error.WriteLine($"host: {fault.Describe()}");
            return shown.Map(code => reading.Damaged.IsEmpty ? code : ExitCode.BadStore);
        });

        Fault WithOrigin(Fault fault) => fault is Fault.UnknownName { Kind: "factor" }
            ? fault with { Origin = SettingFlags.OriginOf("by") }
            : fault with { Origin = SettingFlags.OriginOf("baseline") };
    }

    /// <summary>The baseline that the experiment asks for itself, or its first one.</summary>
    private static string? Usual(Summary summary, ExperimentRecord plan, string by) => by switch
    {
        ComparisonFamily.ByStrategy => plan.Comparisons.Select(asked => asked.Baseline)
            .Concat(summary.Baselines)
            .Concat(summary.Controls)
            .FirstOrDefault(name => summary.Arms.Any(arm => arm.Strategy == name)),
        ComparisonFamily.ByArm => plan.Comparisons.Select(asked => asked.Baseline)
            .FirstOrDefault(name => summary.Tickets.Any(ticket => ticket.Cell.Arms.Contains(name))),
        _ => null,
    };

    private static Result<int> Paired(string baseline, double margin, ImmutableArray<TicketPair> pairs)
    {
        var family = ComparisonFamily.Of(baseline, margin, pairs);
        if (family.Pairs.All(pair => pair.Difference.Last is null))
        {
            return new Fault.BadRequest(
                $"no ticket has a seed in common with {baseline}",
                "train the same seeds, or give --unpaired to compare them as independent samples");
        }
        Terminal.ShowRows(
            ["arm", "against", "cut", "n", "difference", "95 % interval", "p, Holm", "90 % interval", "equivalence p, Holm", "shows"],
            family.Pairs.Select(Row));
        foreach (var sentence in ComparisonSentences.Of(family, family.Pairs)) Terminal.Say(sentence);
        return ExitCode.Done;
    }

    private static string[] Row(Comparison pair) => pair.Tests is { T: var t, Equivalence: var equivalence } tests
        ? [
            pair.Arm, pair.Against, pair.Cut.Label(), Text.Count(t.N), Text.Points(t.MeanDifference), Text.Bracket(t.Low95, t.High95),
            Text.PCell(tests.HolmP), Text.Bracket(equivalence.Interval.Low, equivalence.Interval.High), Text.PCell(tests.HolmEquivalenceP),
            pair.Words]
        : [
            pair.Arm, pair.Against, pair.Cut.Label(), Text.Count(pair.Difference.Last?.N ?? 0),
            pair.Difference.Last is { } last ? Text.Points(last.Mean) : "", "", "", "", "", pair.Words];

    private static Result<int> Unpaired(ImmutableArray<TicketPair> pairs)
    {
        Terminal.ShowRows(
            ["arm", "against", "cut", "n", "difference", "95 % interval", "p, Holm", "shows"],
            UnpairedComparison.Of(pairs).Select(pair => (string[])[
                pair.Arm, pair.Against, pair.Cut.Label(), $"{pair.Seeds.Own}, {pair.Seeds.Other}",
                pair.Test is { } test ? Text.Points(test.Difference) : "", pair.Test is { } of ? Text.Bracket(of.Low95, of.High95) : "",
                pair.Test is null ? "" : Text.PCell(pair.HolmP), pair.Words]));
        Terminal.Say("Not paired by seed: Welch's t test, with Holm's correction over these comparisons; differences in points of test "
            + "accuracy after the last step.");
        return ExitCode.Done;
    }
}
