using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>A way to get tickets, over seeds and cuts: a line in a figure, a name in a ranking.</summary>
/// <param name="Name">The strategy, and each factor that varies in the experiment.</param>
public sealed record Arm(string Name, string Strategy);

/// <summary>The groups' names: two are the same only if the groups differ in nothing but their cut.</summary>
internal static class ArmNames
{
    /// <summary>Digits of a plugin's hash where two of its files made tickets of one strategy.</summary>
    private const int PluginDigits = 8;

    /// <summary>What goes without saying: names tell these factors only where they have another value.</summary>
    internal static readonly ImmutableDictionary<string, string> Usual = TrainingSettings.UsualFactors
        .Add(Factor.Pruning, Factor.OneShot)
        .Add(Factor.Places, Factor.Chosen);

    public static Dictionary<PlannedCell, string> Of(ImmutableArray<PlannedCell> cells)
    {
        var varying = VaryingFactors.Of(cells);
        var plugins = VaryingFactors.WithSeveralPlugins(cells);
        return cells.ToDictionary(cell => cell, cell =>
        {
            List<string> told = [
                .. from factor in varying
                   let value = cell[factor]
                   where value is not null && value != Usual.GetValueOrDefault(factor)
                   select factor is Factor.Pruning or Factor.Places ? value : $"{factor} {value}"];
            if (plugins.Contains(cell.Strategy ?? "") && cell[Factor.Plugin] is { } sha256)
                told.Add($"plugin {sha256[..Math.Min(PluginDigits, sha256.Length)]}");
            var name = cell.Strategy ?? cell.Kind.Name();
            return told.Count == 0 ? name : $"{name} ({string.Join(", ", told)})";
        });
    }
}

/// <summary>What cells differ in beyond kind, strategy and cut.</summary>
internal static class VaryingFactors
{
    /// <summary>Names of the factors that have two values or more, in the order of the cells' factors.</summary>
    public static ImmutableArray<string> Of(IReadOnlyCollection<PlannedCell> cells) => [
        .. cells.SelectMany(cell => cell.Factors).Select(factor => factor.Name).Distinct(StringComparer.Ordinal)
            .Where(factor => !Factor.OfMasks.Contains(factor))
            .Where(factor => cells.Select(cell => cell[factor]).OfType<string>().Distinct(StringComparer.Ordinal).Skip(1).Any())];

    /// <summary>Whether two cells agree in every factor that both have but one, apart from those of masks.</summary>
    public static bool DifferInNothingBut(string factor, PlannedCell cell, PlannedCell other) =>
        cell.Factors.Concat(other.Factors).Select(own => own.Name).Distinct(StringComparer.Ordinal).All(name =>
            name == factor || Factor.OfMasks.Contains(name) || cell[name] is not { } own || other[name] is not { } value || own == value);

    /// <summary>Whether a cell differs from a usual one, and from it in unusual values alone.</summary>
    public static bool IsVariantOf(PlannedCell cell, PlannedCell usual)
    {
        var differs = false;
        foreach (var factor in cell.Factors.Concat(usual.Factors).Select(factor => factor.Name).Distinct(StringComparer.Ordinal))
        {
            if (Factor.OfMasks.Contains(factor) || cell[factor] is not { } own || usual[factor] is not { } other || own == other) continue;
            if (!ArmNames.Usual.TryGetValue(factor, out var value) || other != value) return false;
            differs = true;
        }
        return differs;
    }

    /// <summary>The strategies whose tickets were made by two files of a plugin, or more.</summary>
    public static ImmutableHashSet<string> WithSeveralPlugins(IEnumerable<PlannedCell> cells) =>
        cells.GroupBy(cell => cell.Strategy ?? "")
            .Where(own => own.Select(cell => cell[Factor.Plugin]).Distinct().Skip(1).Any())
            .Select(own => own.Key)
            .ToImmutableHashSet(StringComparer.Ordinal);
}
