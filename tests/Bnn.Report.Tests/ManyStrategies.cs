using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;

namespace Bnn.Report.Tests;

/// <summary>
/// Thirty strategies at three densities over three seeds. The later a strategy comes in the plan, the better it is, except that random is
/// the worst.
/// </summary>
internal static class ManyStrategies
{
    private static readonly decimal[] Densities = [0.2m, 0.1m, 0.05m];

    /// <summary>s0 … s25, then variance, snr, magnitude, random: 30.</summary>
    public static readonly ImmutableArray<string> Names = [
        .. Enumerable.Range(0, 26).Select(i => string.Create(CultureInfo.InvariantCulture, $"s{i}")),
        "variance", "snr", "magnitude", "random"];

    private static readonly string[] Families = ["bayesian", "magnitude", "gradient", "own"];

    /// <summary>
    /// At 20 % all but random win (the dense net has 0.98 and nearly the same luck); at 10 % the last five, whose loss stays within the
    /// margin; at 5 % none.
    /// </summary>
    public static double Accuracy(string name, decimal density, ulong seed)
    {
        var place = Names.IndexOf(name);
        var loss = name == "random" ? 0.3 : (Names.Length - place) * 0.0004;
        var spread = 1e-7 * place * ((int)seed - 2);      // mean 0: without it intervals would have no width
        return 0.9805 + 0.001 * seed + spread - (density == 0.2m ? loss / 100 : density == 0.1m ? loss : loss + 0.01);
    }

    public static ReportInput Of(
        IReadOnlyList<string>? names = null, IReadOnlyList<string>? asked = null,
        Func<string, decimal, ulong, bool>? missing = null, Func<string, string>? label = null)
    {
        names ??= Names;
        var rename = label ?? (name => name);
        var trainings =
            from seed in (ulong[])[1, 2, 3]
            from training in (FinishedTraining[])[
                Inputs.Done(Inputs.Bayesian(seed), 0.97), Inputs.Done(Inputs.Dense(seed), 0.97998 + 0.00101 * seed),
                .. from name in names
                   from density in Densities
                   select Inputs.Done(Inputs.Ticket(rename(name), density, seed), Accuracy(name, density, seed))]
            select training;
        var all = trainings.ToList();
        var lost = all.FindAll(f => f.Training.Cell is { Strategy: { } strategy, Cut.Target: { } target }
            && missing?.Invoke(strategy, target.Value, f.Training.Seed.Value) == true);
        var input = Inputs.Of(all.Except(lost), lost.ConvertAll(f => new MissingTraining(f.Training, "diverged")));
        return input with
        {
            Experiment = input.Experiment with
            {
                Roles = Inputs.RolesOf([.. asked ?? [.. names.Select(rename)]]) with { Featured = [.. asked ?? ["variance", "snr"]] },
                Trainings = [.. all.Select(f => f.Training)],
                Strategies = [
                    .. names.Select((name, i) => Info(rename(name), name == "random" ? "control" : Families[i % Families.Length]))],
            },
        };
    }

    /// <summary>A threshold of the first strategy's criterion; the others keep as many weights.</summary>
    public static ReportInput AtThreshold()
    {
        var input = Inputs.Of(
            from seed in (ulong[])[1, 2, 3]
            from finished in (FinishedTraining[])[
                Inputs.Done(Inputs.Dense(seed), 0.98),
                .. from name in Names
                   from threshold in (double[])[0.5, 0.25]
                   let kept = threshold == 0.5 ? 200 : 100 + (int)seed
                   select Inputs.Done(Inputs.AtThreshold(name, threshold, seed), Accuracy(name, 0.1m, seed), kept: kept)]
            select finished, null, "s0");
        return input with { Experiment = input.Experiment with { Strategies = [.. Names.Select(name => Info(name, "own"))] } };
    }

    public static StrategyInfo Info(string label, string group) =>
        new(label, $"criterion of {label}", Keep.Highest, Needs.Posterior, "MaskStrategies.dll", "1.2.3.4", "5a5a") { Group = group };
}
