using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Host.Live;
using Host.Plugins;

namespace Host.Commands;

/// <summary><c>host strategies</c>: what the plugin folders offer.</summary>
public sealed class StrategiesCommand() : HostCommand("strategies",
    """
    List the mask strategies that were found, what each ranks by and needs, and its plugin. To add one, put its DLL into plugins/ or plugins/NAME/.

    Example:
      host strategies
    """)
{
    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return PluginCatalog.Load(Places.OfProgram()).Map(catalog =>
        {
            Terminal.ShowRows(["name", "ranks by", "keeps", "needs", "plugin", "version", "sha256"], catalog.Infos.Select(info => (string[])[
                info.Name, info.Description, info.Keep == Keep.Highest ? "highest" : "lowest", NeedsText(info.Needs), info.Plugin, info.PluginVersion, info.PluginSha256[..12]]));
            foreach (var fault in catalog.Rejected) Console.Error.WriteLine($"host: refused: {fault.Describe()}");
            return catalog.Rejected.IsEmpty ? ExitCode.Done : ExitCode.BadPlugin;
        });
    }

    private static string NeedsText(Needs needs) => needs == Needs.Nothing
        ? "nothing"
        : string.Join(", ", Enum.GetValues<Needs>().Where(need => need != Needs.Nothing && needs.HasFlag(need)).Select(need => need == Needs.Posterior ? "posterior" : "dense weights"));
}
