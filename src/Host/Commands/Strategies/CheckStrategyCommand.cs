using System.Collections.Immutable;
using Bnn.Core;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary><c>host strategies check FILE.dll</c>.</summary>
public sealed class CheckStrategyCommand()
    : OnePluginCommand(
        "check",
        "Try a plugin on a small made-up network, in separate processes: is its name free, does it load, score, repeat itself, leave its "
            + "input alone?",
        "FILE.dll",
        "host strategies check bin/Release/net10.0/MyIdea.dll")
{
    protected override Result<int> Execute(string subject)
    {
        var file = Path.GetFullPath(subject);
        return PluginMetadata.Read(file).Bind(strategies =>
            PluginCatalog.Find(Places.OfProgram()).Bind(installed => Check(file, strategies, installed)));
    }

    private static Result<int> Check(string file, ImmutableArray<FoundStrategy> strategies, PluginCatalog installed)
    {
        using var stop = new Stop();
        using var kit = new StrategyKit();
        var failed = false;
        foreach (var strategy in strategies)
        {
            Console.Out.WriteLine(strategy.Info.Name);
            var names = PluginNames.Clash(strategy, strategies, installed, path => Path.GetFileName(path) == Path.GetFileName(file));
            foreach (var finding in kit.Of(strategy, stop.Token).Prepend(new KitFinding("has a name of its own", names)))
            {
                if (kit.Trouble is { } trouble) return trouble;
                failed |= finding.Wrong is not null;
                Console.Out.WriteLine(
                    finding.Wrong is { } wrong ? $"  FAILED  {finding.What}: {wrong}" : $"  ok      {finding.What}");
            }
        }
        return failed ? ExitCode.BadPlugin : ExitCode.Done;
    }
}
