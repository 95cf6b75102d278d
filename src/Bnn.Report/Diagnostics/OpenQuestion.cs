using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>
/// Tickets of a partial or an early posterior against those of the full one, paired by seed: whether the difference is within a margin,
/// and whether there is one.
/// </summary>
/// <param name="Equivalence">Two one-sided t tests, with the 90 % interval.</param>
/// <param name="P">Its p after Holm's correction over all that one question compares.</param>
/// <param name="T">The paired t test.</param>
/// <param name="PDiffers">Its p after the same correction.</param>
public sealed record AgainstFull(Equivalence Equivalence, double P, PairedT T, double PDiffers)
{
    private const double Level = 0.05;

    public bool IsEquivalent => P < Level;

    public bool IsWorse => PDiffers < Level && T.MeanDifference < 0;

    public bool IsBetter => PDiffers < Level && T.MeanDifference > 0;

    public string Words => (IsEquivalent, IsWorse, IsBetter) switch
    {
        (true, false, false) => "equivalent",
        (true, true, _) => "equivalent, though worse",
        (true, _, true) => "equivalent, though better",
        (_, true, _) => "worse",
        (_, _, true) => "better",
        _ => "undecided",
    };
}

/// <summary>The tickets of one share of the images, or of one moment.</summary>
/// <param name="Value">The factor's: "0.25", "step500", "final".</param>
/// <param name="Steps">Bayesian steps that the masks cost; null where the plan doesn't say.</param>
/// <param name="Images">Number of images that the Bayesian net trained on; null where the plan doesn't say.</param>
/// <param name="Epochs">How often it has seen each; null where the plan doesn't say.</param>
public sealed record QuestionPoint(GroupSummary Group, string Value, int? Steps, int? Images, double? Epochs)
{
    /// <summary>Null for the full posterior, and where nothing can be tested.</summary>
    public AgainstFull? ToFull { get; init; }

    /// <summary>With the full posterior's mask, of those seeds whose masks were read.</summary>
    public ImmutableArray<PairOverlap> Overlaps { get; init; } = [];
}

/// <summary>Tickets of one strategy at one cut, over shares of the images or moments.</summary>
/// <param name="Name">The strategy, and what else varies.</param>
/// <param name="Points">By share or by moment; the full posterior's, if it was asked for, are last.</param>
/// <param name="EarlyBirds">By seed; none where masks weren't read or moments are too few.</param>
public sealed record QuestionLine(
    string Name, CutPoint Cut, ImmutableArray<QuestionPoint> Points, ImmutableArray<EarlyBird> EarlyBirds)
{
    /// <summary>Null where the full posterior's tickets weren't asked for.</summary>
    public QuestionPoint? Full => Points[^1].Value is OpenQuestion.AllImages or OpenQuestion.AtTheEnd ? Points[^1] : null;

    /// <summary>Those that are compared with the full posterior's.</summary>
    public IEnumerable<QuestionPoint> Partial => Full is null ? Points : Points.Take(Points.Length - 1);

    /// <summary>The first from which on all are equivalent to the full posterior's; null where the last one isn't.</summary>
    public QuestionPoint? EquivalentFrom => Partial.Reverse().TakeWhile(point => point.ToFull is { IsEquivalent: true }).LastOrDefault();

    public string Label => $"{Name} at {Cut.Label()}";
}

/// <summary>
/// How many images, or how many epochs, a Bayesian net needs for masks as good as the full posterior's: what was left open by the post
/// that this program examines.
/// </summary>
/// <param name="Factor">What varies: bayesian-images or bayesian-at.</param>
/// <param name="Margin">A difference of accuracy that counts as none, a fraction.</param>
public sealed record OpenQuestion(string Factor, double Margin, ImmutableArray<QuestionLine> Lines)
{
    /// <summary>The full posterior's values.</summary>
    public const string AllImages = "1", AtTheEnd = "final";

    private const int Digits = 12;

    public bool IsAboutImages => Factor == TrainingSettings.BayesianImages.Name;

    /// <summary>A question for each of the two that varies.</summary>
    public static ImmutableArray<OpenQuestion> All(ReportInput input, Summary summary)
    {
        var margin = input.Experiment.Comparisons.Select(asked => asked.Margin).OfType<double>().Select(points => points / 100)
            .FirstOrDefault(Verdict.Margin);
        string[] factors = [TrainingSettings.BayesianImages.Name, TrainingSettings.BayesianAt.Name];
        return [.. factors.Select(factor => Of(factor, margin, input, summary)).Where(question => !question.Lines.IsEmpty)];
    }

    /// <summary>A sentence with a verdict for each strategy and cut.</summary>
    public IEnumerable<string> Sentences => Lines.Select(Sentence);

    /// <summary>What the early-bird rule says; none where moments don't vary.</summary>
    public IEnumerable<string> EarlyBirdSentences
    {
        get
        {
            if (IsAboutImages) yield break;
            var judged = Lines.Where(line => line.Points.Length > EarlyBird.Pairs).ToList();
            if (judged.Count == 0)
            {
                yield return "Early-bird rule: fewer than six moments were asked for, so it can’t be judged.";
                yield break;
            }
            foreach (var line in judged) yield return EarlyBirdSentence(line);
        }
    }

    /// <summary>"25 % of the images (12,500)" or "step 938 (1 epoch)".</summary>
    public string Where(QuestionPoint point)
    {
        if (IsAboutImages)
        {
            var share = Text.Share(Density.Parse(point.Value).Match(value => value, _ => Density.Dense));
            return point.Images is { } images ? $"{share} of the images ({Text.Count(images)})" : $"{share} of the images";
        }
        if (point.Value == AtTheEnd) return "the end";
        var step = point.Steps is { } steps ? $"step {Text.Count(steps)}" : point.Value;
        return point.Epochs is { } epochs ? $"{step} ({Number(epochs)} epochs)" : step;
    }

    private static OpenQuestion Of(string factor, double margin, ReportInput input, Summary summary)
    {
        var overlaps = input.Overlaps.Pairs.Where(pair => pair.DiffersIn == factor)
            .ToLookup(pair => (pair.First.Cell, pair.Second.Cell), PairOverlap.Of);
        var lines =
            from ticket in summary.Tickets
            where ticket.Cell.Control is null && ticket.Cell[factor] is not null
            where ticket.Cell[Bnn.Core.Factor.Pruning] != Bnn.Core.Factor.Iterative
            where ticket.Cell[Bnn.Core.Factor.Places] is null or Bnn.Core.Factor.Chosen
            group ticket by (ticket.Cut!, MaskPairs.WithoutFactor(ticket.Cell, factor)) into line
            where line.Skip(1).Any()
            select LineOf(factor, [.. line.OrderBy(ticket => MaskPairs.PlaceOf(ticket.Cell[factor]!))], overlaps, summary);
        return new OpenQuestion(factor, margin, Tested([.. lines], margin));
    }

    private static QuestionLine LineOf(
        string factor, ImmutableArray<GroupSummary> tickets, ILookup<(PlannedCell, PlannedCell), PairOverlap> overlaps, Summary summary)
    {
        var (strategy, full) = (tickets[^1].Strategy!, tickets[^1].Cell);
        ImmutableArray<QuestionPoint> points = [.. tickets.Select(ticket => PointOf(factor, ticket, summary) with
        {
            Overlaps = [.. overlaps[(ticket.Cell, full)]],
        })];
        var consecutive = tickets.Zip(tickets.Skip(1), (one, next) => overlaps[(one.Cell, next.Cell)])
            .Select(pairs => pairs.ToDictionary(pair => pair.Pair.First.Seed, pair => pair.Replaced)).ToList();
        var birds =
            from seed in consecutive.SelectMany(pairs => pairs.Keys).Distinct()
            where consecutive.TrueForAll(pairs => pairs.ContainsKey(seed))
            select EarlyBird.Of(seed, [.. consecutive.Select(pairs => pairs[seed])]);
        // The last ticket has the usual value, which its name doesn't tell.
        var name = points[^1].Value is AllImages or AtTheEnd ? tickets[^1].Name : strategy;
        return new QuestionLine(name, tickets[0].Cut!, points, [.. birds.OfType<EarlyBird>()]);
    }

    private static QuestionPoint PointOf(string factor, GroupSummary ticket, Summary summary)
    {
        var value = ticket.Cell[factor]!;
        int? steps = Moment.TryParseStep(ticket.Cell[TrainingSettings.BayesianAt.Name] ?? "", out var step) ? step
            : int.TryParse(
                ticket.Cell[TrainingSettings.BayesianSteps.Name], NumberStyles.None, CultureInfo.InvariantCulture, out var all) ? all
            : null;
        var exposure = steps is { } updates ? Exposure.Of(ticket.Cell, updates, summary.Labels) : null;
        return new QuestionPoint(ticket, value, steps, exposure?.Images, exposure?.Epochs);
    }

    private static ImmutableArray<QuestionLine> Tested(ImmutableArray<QuestionLine> lines, double margin)
    {
        var tests = (
            from line in lines
            from point in line.Partial
            let test = Test(point, line.Full, margin)
            where test is not null
            select (Point: point, Test: test)).ToList();
        var equivalent = MultipleTesting.Holm(tests.ConvertAll(pair => pair.Test.P));
        var differs = MultipleTesting.Holm(tests.ConvertAll(pair => pair.Test.PDiffers));
        var done = new Dictionary<QuestionPoint, QuestionPoint>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < tests.Count; i++)
        {
            done[tests[i].Point] = tests[i].Point with
            {
                ToFull = tests[i].Test with { P = equivalent[i], PDiffers = differs[i] },
            };
        }
        return [.. lines.Select(line => line with { Points = [.. line.Points.Select(point => done.GetValueOrDefault(point, point))] })];
    }

    /// <summary>Uncorrected; null where fewer than two seeds have both, or nothing can be inferred from them.</summary>
    private static AgainstFull? Test(QuestionPoint point, QuestionPoint? full, double margin)
    {
        if (full is not { Group.CanBeRanked: true } || !point.Group.CanBeRanked) return null;
        var pairs = (
            from one in point.Group.Finished
            join two in full.Group.Finished on one.Training.Seed equals two.Training.Seed
            select (Own: one.Record.TestAccuracyLast, Full: two.Record.TestAccuracyLast)).ToList();
        if (pairs.Count < 2) return null;
        // Rounded so that equal numbers of images are equal differences.
        var equivalence = Equivalence.Of(pairs.ConvertAll(pair => Math.Round(pair.Own - pair.Full, Digits)), margin);
        if (equivalence.Interval.HasNoWidth()) return null;
        var t = PairedT.Of(pairs.ConvertAll(pair => pair.Own), pairs.ConvertAll(pair => pair.Full));
        return new AgainstFull(equivalence, equivalence.P, t, t.PTwoSided);
    }

    private string Sentence(QuestionLine line)
    {
        if (line.Full is not { Group.N: > 0 } full)
            return $"{line.Label}: no ticket of the full posterior has finished, so nothing can be compared with it.";
        if (line.Partial.LastOrDefault(point => point.Group.N > 0) is not { } nearest)
            return $"{line.Label}: no other ticket has finished, so nothing can be compared with the full posterior’s.";
        var margin = Text.Size(Margin);
        if (line.EquivalentFrom is { ToFull: { } shown } from)
        {
            var worse = line.Partial.LastOrDefault(point => point.ToFull is { IsWorse: true, IsEquivalent: false });
            var before = worse is null
                ? ""
                : $" At {Where(worse)} they are worse by {Text.Size(worse.ToFull!.T.MeanDifference)} points "
                    + $"(95 % interval {Interval(worse.ToFull.T.Low95, worse.ToFull.T.High95)}, {P(worse.ToFull.PDiffers)} after Holm).";
            return $"{line.Label}: from {Where(from)} on, tickets are equivalent to the full posterior’s within ±{margin} points "
                + $"(there {Difference(shown)}, {P(shown.P)} after Holm), for {Cost(from, full)}.{before}";
        }
        if (nearest.ToFull is not { } test)
        {
            var why = nearest.Group.N < 2 || full.Group.N < 2
                ? "one seed shows no spread"
                : "its tickets and the full posterior’s can’t be tested against each other";
            return $"{line.Label}: undecided at {Where(nearest)}: {why}.";
        }
        return test.IsWorse || test.IsBetter
            ? $"{line.Label}: at {Where(nearest)} tickets are {(test.IsWorse ? "worse" : "better")} than the full posterior’s by "
                + $"{Text.Size(test.T.MeanDifference)} points (95 % interval {Interval(test.T.Low95, test.T.High95)}, "
                + $"{Text.Seeds(test.T.N)}, {P(test.PDiffers)} after Holm), for {Cost(nearest, full)}."
            : $"{line.Label}: undecided: even at {Where(nearest)} these seeds don’t show tickets as good as the full posterior’s "
                + $"within ±{margin} points ({Difference(test)}, {P(test.P)} after Holm), for {Cost(nearest, full)}.";
    }

    private string EarlyBirdSentence(QuestionLine line)
    {
        var start = $"Early-bird rule, {line.Label}: ";
        if (line.EarlyBirds.IsEmpty) return $"{start}its masks were not read, so it can’t be judged.";
        if (line.EarlyBirds.All(bird => bird.Moment is null))
        {
            return $"{start}holds at no moment asked for; over the last five pairs of masks up to "
                + $"{Text.Percent(line.EarlyBirds.Max(bird => bird.Last))} of the kept weights are replaced.";
        }
        var said = line.EarlyBirds.GroupBy(bird => bird.Moment).OrderBy(moment => moment.Key ?? int.MaxValue).Select(moment =>
        {
            List<string> seeds = [.. moment.Select(bird => bird.Seed.ToString())];
            var of = $"seed{(seeds.Count == 1 ? "" : "s")} {Text.List(seeds)}";
            if (moment.Key is not { } place) return $"at no moment ({of})";
            var point = line.Points[place];
            var (steps, all) = (point.Steps, line.Full?.Steps);
            var saved = steps is null || all is null ? ""
                : steps == all ? ", which would have saved nothing"
                : $", which would have saved {Text.Count(all.Value - steps.Value)} of {Text.Count(all.Value)} Bayesian steps";
            return $"{(steps == all ? "only at the end" : $"from {Where(point)} on")} ({of}){saved}";
        });
        return $"{start}holds {string.Join("; ", said)}.";
    }

    private string Cost(QuestionPoint point, QuestionPoint full) => (point.Steps, full.Steps) switch
    {
        (null, _) => "a cost that the plan doesn’t tell",
        ({ } steps, { } all) when steps == all => $"{Text.Count(steps)} Bayesian steps, as many as the full posterior’s",
        ({ } steps, { } all) => $"{Text.Count(steps)} of {Text.Count(all)} Bayesian steps ({Text.Share((double)steps / all)})",
        ({ } steps, null) => $"{Text.Count(steps)} Bayesian steps",
    };

    private static string Difference(AgainstFull test) =>
        $"{Text.Points(test.Equivalence.Interval.Mean)} points, 90 % interval "
        + $"{Interval(test.Equivalence.Interval.Low, test.Equivalence.Interval.High)}, {Text.Seeds(test.Equivalence.Interval.N)}";

    private static string Interval(double low, double high) => $"{Text.Points(low)} to {Text.Points(high)}";

    /// <summary>Epochs to three digits.</summary>
    internal static string Number(double epochs) => epochs.ToString("G3", CultureInfo.InvariantCulture);

    internal static string P(double p) => p < 0.001 ? "p < 0.001" : $"p = {p.ToString("0.000", CultureInfo.InvariantCulture)}";
}
