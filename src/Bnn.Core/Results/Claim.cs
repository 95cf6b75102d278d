using System.Collections.Immutable;
using System.Diagnostics;

namespace Bnn.Core;

/// <summary>What of a measure a claim's number is.</summary>
public enum ClaimForm
{
    /// <summary>Its mean.</summary>
    Value,

    /// <summary>Its mean difference to other trainings of the same seeds.</summary>
    Difference,

    /// <summary>Its mean as a multiple of that of other trainings of the same seeds.</summary>
    Ratio,
}

/// <summary>On which side of the published number a claim lies.</summary>
public enum ClaimDirection
{
    /// <summary>As high as the number, or higher.</summary>
    Above,

    /// <summary>As low as the number, or lower.</summary>
    Below,

    /// <summary>Neither higher nor lower.</summary>
    Near,
}

/// <summary>A published number, and which trainings bear on it.</summary>
/// <param name="Says">What the number is, in words, without its density.</param>
/// <param name="Source">Who published it, and where.</param>
/// <param name="Of">The trainings that are measured.</param>
/// <param name="Against">Those that they are compared with; null for a value.</param>
/// <param name="Density">The share of the weights that the measured ones keep; null where it doesn't matter.</param>
/// <param name="Expected">
/// Of shares, such as accuracies, per cent; of their differences, percentage points; a ratio is a multiple; anything else is in the
/// measure's unit.
/// </param>
/// <param name="Tolerance">In the same unit: how far from the number still counts as the same.</param>
public sealed record Claim(
    string Says, string Source, Measure Measure, ClaimForm Form, ClaimTrainings Of, ClaimTrainings? Against, Density? Density,
    ClaimDirection Direction, double Expected, double Tolerance)
{
    /// <summary>Whether, of the densities that there are, the one with the highest mean counts.</summary>
    public bool IsAtBestDensity { get; init; }

    /// <summary>What a stored number, in which shares are fractions, has to be multiplied by for the claim's unit.</summary>
    public double Scale => Measure.Unit == MeasureUnit.Share && Form != ClaimForm.Ratio ? 100 : 1;
}

/// <summary>The names of forms and directions in files.</summary>
public static class ClaimNames
{
    public static string Name(this ClaimForm form) => form switch
    {
        ClaimForm.Value => "value",
        ClaimForm.Difference => "difference",
        ClaimForm.Ratio => "ratio",
        _ => throw new UnreachableException(),
    };

    public static string Name(this ClaimDirection direction) => direction switch
    {
        ClaimDirection.Above => "above",
        ClaimDirection.Below => "below",
        ClaimDirection.Near => "near",
        _ => throw new UnreachableException(),
    };
}

/// <summary>What claims can be about: the measures of trainings, and what follows from several of one training.</summary>
public static class ClaimMeasures
{
    /// <summary>
    /// The test error of a Bayesian net's means with all weights at 0 but those of the highest |μ|/σ over all layers, nothing trained
    /// again, less that of all its means; at each of <see cref="PrunedPosterior.Densities"/>.
    /// </summary>
    public static Measure TestErrorOfPruning { get; } =
        new("test_error_of_pruning", "test error that pruning adds", MeasureUnit.Share);

    public static ImmutableArray<Measure> All { get; } = [.. Measures.All, TestErrorOfPruning];

    /// <summary>What a training has of a measure; null where it has none.</summary>
    /// <param name="density">The share of weights that a claim is about; null where it is about none.</param>
    public static double? Of(TrainingRecord record, Measure measure, Density? density)
    {
        if (measure != TestErrorOfPruning) return record[measure];
        var pruned = Measures.OfPrunedPosterior.FirstOrDefault(
            own => own.Point == new PrunedPoint(PosteriorRank.Snr, density ?? Density.Dense, PrunedForm.Mean));
        return pruned is null || record[pruned] is not { } accuracy ? null : record.TestAccuracyLast - accuracy;
    }
}

/// <summary>
/// Which trainings a claim speaks of. Factors that go without saying, such as what kept weights start from, have their usual values unless
/// they are given, and a mask has the places that its strategy chose.
/// </summary>
/// <param name="Setup">Factors of all trainings of the source: where a training has them, with these values.</param>
/// <param name="Own">Factors that a training must have, with these values.</param>
public sealed record ClaimTrainings(ImmutableArray<NamedValue> Setup, ImmutableArray<NamedValue> Own)
{
    /// <summary>The settings that cells have as factors, whose texts are those of settings.</summary>
    private static readonly ImmutableArray<Setting> Settings = [
        TrainingSettings.Scope, TrainingSettings.PerRound,
        .. TrainingSettings.All.Where(setting => setting.Part is SettingPart.Every or SettingPart.Bayesian or SettingPart.Ordinary
            or SettingPart.Masked or SettingPart.Ticket)];

    /// <summary>What a factor that is a setting is read with: the rate of rounds only shows where there are rounds.</summary>
    private static readonly ImmutableArray<Setting> Table = [TrainingSettings.Rounds, .. Settings];

    /// <summary>The factors that can be given.</summary>
    public static ImmutableArray<string> Names { get; } =
        [Factor.Kind, Factor.Strategy, Factor.Pruning, Factor.Data, .. Settings.Select(setting => setting.Name)];

    /// <summary>
    /// A factor's value as cells have it, from its text: a setting's as it is typed, a kind, a strategy with its arguments.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="given">The text, and where it stands.</param>
    public static Result<string> ValueOf(string name, Given given)
    {
        switch (name)
        {
            case Factor.Kind:
                return Choice([.. Enum.GetValues<TrainingKind>().Select(kind => kind.Name())]);
            case Factor.Pruning:
                return Choice([Factor.OneShot, Factor.Iterative]);
            case Factor.Strategy:
                return given.Text.Length > 0 ? given.Text : Wrong("a strategy's name", "magnitude");
            case Factor.Data:
                return given.Text.Length == Digest.Digits && given.Text.All(char.IsAsciiHexDigitLower)
                    ? given.Text
                    : Wrong($"the first {Digest.Digits} digits of the training images' SHA-256", "ba891046e650");
        }
        var setting = Settings.First(own => own.Name == name);
        if (setting.IsGrid && Parse.Items(given.Text).Length > 1) return Wrong("one value", setting.Default!);
        var texts = ImmutableDictionary<string, Given>.Empty
            .Add(TrainingSettings.Rounds.Name, given with { Text = "1" })
            .Add(name, given);
        return SettingValues.Read(Table, texts, Origin.Named, new SettingContext([])).Map(values => setting.Show(values)!);

        Result<string> Choice(ImmutableArray<string> known) => known.Contains(given.Text)
            ? given.Text
            : new Fault.UnknownValue(name, given.Text, known) { Origin = given.Origin };

        Fault.BadSetting Wrong(string expected, string example) =>
            new(name, given.Text.Length == 0 ? "nothing" : given.Text, expected) { Origin = given.Origin, Example = example };
    }

    /// <summary>Whether they include the trainings of a cell.</summary>
    public bool Include(PlannedCell cell)
    {
        foreach (var factor in Own)
            if (Of(cell, factor.Name) != factor.Value) return false;
        foreach (var factor in Setup)
            if (Of(cell, factor.Name) is { } value && value != factor.Value && !IsIn(Own, factor.Name)) return false;
        foreach (var (name, usual) in TrainingSettings.UsualFactors)
            if (cell[name] is { } value && value != usual && !IsIn(Own, name) && !IsIn(Setup, name)) return false;
        return cell[Factor.Places] is null or Factor.Chosen;

        static bool IsIn(ImmutableArray<NamedValue> factors, string name)
        {
            foreach (var factor in factors)
                if (factor.Name == name) return true;
            return false;
        }
    }

    /// <summary>The same with other values, or further factors.</summary>
    public ClaimTrainings With(ImmutableArray<NamedValue> others) =>
        this with { Own = [.. Own.Where(factor => !others.Any(other => other.Name == factor.Name)), .. others] };

    /// <summary>A cell's factor as its setting has it: layers without the inputs and the classes, which come with the data.</summary>
    private static string? Of(PlannedCell cell, string factor) => factor == TrainingSettings.Layers.Name
        ? SettingText.List(cell.Net.Sizes[1..^1], SettingText.Whole)
        : cell[factor];
}
