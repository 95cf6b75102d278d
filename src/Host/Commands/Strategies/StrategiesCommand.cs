using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Host.Consoles;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary>
/// <c>host strategies</c>: lists the strategies in the plugin folders; its subcommands make, check, add and remove plugins.
/// </summary>
public sealed class StrategiesCommand : HostCommand
{
    private static readonly ImmutableArray<(Needs Need, string Name)> NeedNames = [
        (Needs.Posterior, "posterior"), (Needs.DenseWeights, "dense weights"), (Needs.Snapshots, "snapshots"),
        (Needs.Gradients, "gradients at start"), (Needs.Curvature, "curvature at start"), (Needs.Start, "start"),
        (Needs.InputActivity, "input activity")];

    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "A strategy to show with its parameters.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public StrategiesCommand()
        : base("strategies",
            """
            List the mask strategies that were found, by kind: what each ranks by and needs, and its plugin. With a name, show that one.
            A plugin runs with all your rights: add only those whose author you trust.

            Examples:
              host strategies
              host strategies snr-power
              host strategies new my-idea
            """)
    {
        Arguments.Add(_name);
        Subcommands.Add(new NewStrategyCommand());
        Subcommands.Add(new CheckStrategyCommand());
        Subcommands.Add(new AddStrategyCommand());
        Subcommands.Add(new RemoveStrategyCommand());
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return PluginCatalog.Load(Places.OfProgram())
            .Bind(catalog => flags.Text(_name) is { } name ? Show(catalog, name) : List(catalog));
    }

    private static Result<int> List(PluginCatalog catalog)
    {
        foreach (var group in catalog.Infos.GroupBy(info => info.Group))
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(group.Key);
            Terminal.ShowRows(["name", "ranks by", "keeps", "needs", "reference", "plugin"], group.Select(Row));
        }
        catalog.ShowWarnings();
        foreach (var fault in catalog.Rejected.Concat(catalog.BrokenPins))
            Console.Error.WriteLine($"host: refused: {fault.Describe()}");
        return catalog.Rejected.IsEmpty && catalog.BrokenPins.IsEmpty ? ExitCode.Done : ExitCode.BadPlugin;
    }

    private static string[] Row(StrategyInfo info) => [
        info.Name, info.Formula.Length > 0 ? info.Formula : info.Description, KeepsText(info.Keep), NeedsText(info.Needs),
        info.Reference, $"{info.Plugin} {info.PluginVersion}"];

    private static Result<int> Show(PluginCatalog catalog, string name)
    {
        catalog.ShowWarnings();
        if (catalog.Strategies.FirstOrDefault(strategy => strategy.Info.Name == name) is not { } found)
        {
            return ImmutableArray.CreateRange<Fault>([
                new Fault.UnknownName("strategy", name, [.. catalog.Infos.Select(info => info.Name)]), .. catalog.RefusalsOf(name)]);
        }
        var info = found.Info;
        catalog.ShowTwins([name]);
        Terminal.ShowRows(["", ""], [
            ["name", info.Name], ["ranks by", info.Description], ["formula", info.Formula],
            ["keeps", KeepsText(info.Keep)], ["needs", NeedsText(info.Needs)], ["reference", info.Reference],
            ["plugin", found.Path], ["version", info.PluginVersion], ["sha256", info.PluginSha256]]);
        if (info.Parameters.IsEmpty) return ExitCode.Done;
        Terminal.ShowRows(["parameter", "what", "allowed", "default"], info.Parameters.Select(parameter => (string[])[
            parameter.Name, parameter.Description, StrategyText.Allowed(parameter), parameter.Default]));
        Console.Out.WriteLine($"{CommandText.Program} run --strategy {info.Name}:{info.Parameters[0].Name}={info.Parameters[0].Default}");
        return ExitCode.Done;
    }

    private static string KeepsText(Keep keep) => keep == Keep.Highest ? "highest" : "lowest";

    private static string NeedsText(Needs needs) => needs == Needs.Nothing
        ? "nothing"
        : string.Join(", ", NeedNames.Where(pair => needs.HasFlag(pair.Need)).Select(pair => pair.Name));
}
