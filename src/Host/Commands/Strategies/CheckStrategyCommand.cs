using Bnn.Core;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary><c>host strategies check FILE.dll</c>.</summary>
public sealed class CheckStrategyCommand()
    : OnePluginCommand(
        "check",
        "Try a plugin on a small made-up network, in separate processes: does it load, score, repeat itself, leave its input alone?",
        "FILE.dll",
        "host strategies check bin/Release/net10.0/MyIdea.dll")
{
    protected override Result<int> Execute(string subject) => PluginMetadata.Read(Path.GetFullPath(subject)).Map(strategies =>
    {
        using var stop = new Stop();
        using var kit = new StrategyKit();
        var failed = false;
        foreach (var strategy in strategies)
        {
            Console.Out.WriteLine(strategy.Info.Name);
            foreach (var finding in kit.Of(strategy, stop.Token))
            {
                failed |= finding.Wrong is not null;
                Console.Out.WriteLine(
                    finding.Wrong is { } wrong ? $"  FAILED  {finding.What}: {wrong}" : $"  ok      {finding.What}");
            }
        }
        return failed ? ExitCode.BadPlugin : ExitCode.Done;
    });
}
