using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// An experiment with every setting resolved and checked against the others; what depends on the data comes with <see cref="Plan"/>.
/// </summary>
public sealed class ExperimentSettings
{
    private ExperimentSettings(SettingValues values) => Values = values;

    public SettingValues Values { get; }

    /// <summary>The strategies asked for, in the order given.</summary>
    public ImmutableArray<StrategyInfo> Strategies => Values.Get(TrainingSettings.Strategy);

    /// <summary>The strategies compared with that aren't asked for themselves.</summary>
    public ImmutableArray<StrategyInfo> Compared => [.. Values.Get(TrainingSettings.Compare).Where(info => !Strategies.Contains(info))];

    /// <summary>The densities, highest first; empty when thresholds cut.</summary>
    public ImmutableArray<Density> Densities => Thresholds.IsEmpty ? Values.Get(TrainingSettings.Density) : [];

    /// <summary>Values of the one strategy's criterion, in its units; empty when densities cut.</summary>
    public ImmutableArray<double> Thresholds => Values.Find(TrainingSettings.Threshold, out var thresholds) ? thresholds : [];

    public MaskScope Scope => Values.Get(TrainingSettings.Scope);

    /// <summary>Units of each hidden layer, from the inputs on.</summary>
    public ImmutableArray<int> HiddenLayers => Values.Get(TrainingSettings.Layers);

    public ImmutableArray<Seed> Seeds => Values.Get(TrainingSettings.Seeds);

    /// <summary>Number of training images held back for validation.</summary>
    public int Validation => Values.Get(TrainingSettings.Validation);

    /// <summary>Reads every setting and shows all faults together, those of single values and those between them.</summary>
    /// <param name="table">The settings there are; <see cref="TrainingSettings.All"/> at least.</param>
    /// <param name="given">The texts that were given, by the setting's name.</param>
    /// <param name="ungiven">Where a setting that was not given could be given.</param>
    /// <param name="strategies">Strategies that the plugins offer.</param>
    public static Result<ExperimentSettings> Create(
        IReadOnlyList<Setting> table, IReadOnlyDictionary<string, Given> given, Func<string, Origin> ungiven,
        IReadOnlyList<StrategyInfo> strategies)
    {
        var faults = new List<Fault>();
        var context = new SettingContext(strategies);
        var values = SettingValues.Read(table, given, ungiven, context).ValueOr(faults);
        faults.AddRange(Contradictions(given, ungiven, context));
        return faults.Count > 0 ? faults.ToImmutableArray() : new ExperimentSettings(values!);
    }

    /// <summary>Settings that can't be given together, beyond two that say the same.</summary>
    private static IEnumerable<Fault> Contradictions(
        IReadOnlyDictionary<string, Given> given, Func<string, Origin> ungiven, SettingContext context)
    {
        string Where(Setting setting) => (given.GetValueOrDefault(setting.Name)?.Origin ?? ungiven(setting.Name)).Where;
        if (!given.ContainsKey(TrainingSettings.Threshold.Name)) yield break;
        var (threshold, scope, strategy) =
            (Where(TrainingSettings.Threshold), Where(TrainingSettings.Scope), Where(TrainingSettings.Strategy));
        if (given.ContainsKey(TrainingSettings.Scope.Name))
            yield return new Fault.BadRequest(
                $"{scope} has no meaning with {threshold}, which cuts all layers alike", $"leave {scope} out");
        if (!given.TryGetValue(TrainingSettings.Strategy.Name, out var names)) yield break;
        if (TrainingSettings.Strategy.Parse(names.Text, context) is Result<ImmutableArray<StrategyInfo>>.Ok({ Length: > 1 and var count }))
        {
            yield return new Fault.BadRequest(
                $"{threshold} is a value of one strategy's criterion, but {count} are asked for",
                $"give one {strategy}; those of {Where(TrainingSettings.Compare)} get its counts");
        }
    }
}
