using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Host.Consoles;
using Host.Plugins;

namespace Host.Commands;

/// <summary><c>host strategies</c>: what the plugin folders offer; its subcommands make, check, add and remove plugins.</summary>
public sealed class StrategiesCommand : HostCommand
{
    private readonly Argument<string?> _name = new("NAME") { Description = "A strategy to show with its parameters.", Arity = ArgumentArity.ZeroOrOne };

    public StrategiesCommand()
        : base("strategies",
            """
            List the mask strategies that were found, by kind: what each ranks by and needs, and its plugin. With a name, show that one. A plugin runs with
            all your rights: add only those whose author you trust.

            Examples:
              host strategies
              host strategies snr-power
              host strategies new my-idea
            """)
    {
        Arguments.Add(_name);
        foreach (var command in (HostCommand[])[new NewStrategyCommand(), new CheckStrategyCommand(), new AddStrategyCommand(), new RemoveStrategyCommand()]) Subcommands.Add(command);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return PluginCatalog.Load(Places.OfProgram()).Bind(catalog => flags.Text(_name) is { } name ? Show(catalog, name) : List(catalog));
    }

    private static Result<int> List(PluginCatalog catalog)
    {
        foreach (var group in catalog.Infos.GroupBy(info => info.Group))
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(group.Key);
            Terminal.ShowRows(["name", "ranks by", "keeps", "needs", "reference", "plugin"], group.Select(info => (string[])[
                info.Name, info.Formula.Length > 0 ? info.Formula : info.Description, KeepsText(info.Keep), NeedsText(info.Needs), info.Reference, $"{info.Plugin} {info.PluginVersion}"]));
        }
        foreach (var fault in catalog.Rejected.Concat(catalog.BrokenPins)) Console.Error.WriteLine($"host: refused: {fault.Describe()}");
        return catalog.Rejected.IsEmpty && catalog.BrokenPins.IsEmpty ? ExitCode.Done : ExitCode.BadPlugin;
    }

    private static Result<int> Show(PluginCatalog catalog, string name)
    {
        if (catalog.Strategies.FirstOrDefault(strategy => strategy.Info.Name == name) is not { } found)
            return new Fault.UnknownName("strategy", name, [.. catalog.Infos.Select(info => info.Name)]);
        var info = found.Info;
        Terminal.ShowRows(["", ""], [
            ["name", info.Name], ["ranks by", info.Description], ["formula", info.Formula], ["keeps", KeepsText(info.Keep)], ["needs", NeedsText(info.Needs)], ["reference", info.Reference],
            ["plugin", found.Path], ["version", info.PluginVersion], ["sha256", info.PluginSha256]]);
        if (!info.Parameters.IsEmpty)
        {
            Terminal.ShowRows(["parameter", "what", "allowed", "default"], info.Parameters.Select(parameter => (string[])[
                parameter.Name, parameter.Description, StrategyText.Allowed(parameter), parameter.Default]));
            Console.Out.WriteLine($"host run --strategy {info.Name}:{info.Parameters[0].Name}={info.Parameters[0].Default}");
        }
        return ExitCode.Done;
    }

    private static string KeepsText(Keep keep) => keep == Keep.Highest ? "highest" : "lowest";

    private static string NeedsText(Needs needs)
    {
        var names = new (Needs Need, string Name)[]
        {
            (Needs.Posterior, "posterior"), (Needs.DenseWeights, "dense weights"), (Needs.Snapshots, "snapshots"), (Needs.Gradients, "gradients at start"),
            (Needs.Curvature, "curvature at start"), (Needs.Start, "start"), (Needs.InputActivity, "input activity"),
        };
        return needs == Needs.Nothing ? "nothing" : string.Join(", ", names.Where(pair => needs.HasFlag(pair.Need)).Select(pair => pair.Name));
    }
}

/// <summary>A subcommand about one name or file.</summary>
public abstract class OnePluginCommand : HostCommand
{
    private readonly Argument<string?> _subject;
    private readonly string _example;

    protected OnePluginCommand(string name, string description, string subject, string example)
        : base(name, $"{description}\n\nExample:\n  {example}")
    {
        (_subject, _example) = (new Argument<string?>(subject) { Arity = ArgumentArity.ZeroOrOne }, example);
        Arguments.Add(_subject);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return flags.Text(_subject) is { Length: > 0 } subject ? Execute(subject) : new Fault.BadRequest($"no {_subject.Name} is given", $"for example {_example}");
    }

    protected abstract Result<int> Execute(string subject);
}

/// <summary><c>host strategies new NAME</c>.</summary>
public sealed class NewStrategyCommand()
    : OnePluginCommand("new", "Make a project for a strategy of your own, with a test; it builds without a network.", "NAME", "host strategies new my-idea")
{
    protected override Result<int> Execute(string subject)
    {
        if (!System.Text.RegularExpressions.Regex.IsMatch(subject, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
            return new Fault.BadSetting("NAME", subject, "lower-case letters, digits and single hyphens, a letter first", "for example my-idea");
        return PluginProject.Create(subject, Directory.GetCurrentDirectory()).Map(folder =>
        {
            Console.Out.WriteLine(folder);
            Console.Error.WriteLine($"next: cd {subject} && dotnet build -c Release; its README has the rest");
            return ExitCode.Done;
        });
    }
}

/// <summary><c>host strategies check FILE.dll</c>.</summary>
public sealed class CheckStrategyCommand()
    : OnePluginCommand("check", "Try a plugin on a small made-up network, in processes of its own: does it load, score, repeat itself, leave its input alone?", "FILE.dll",
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
                Console.Out.WriteLine(finding.Wrong is { } wrong ? $"  FAILED  {finding.What}: {wrong}" : $"  ok      {finding.What}");
            }
        }
        return failed ? ExitCode.BadPlugin : ExitCode.Done;
    });
}

/// <summary><c>host strategies add FILE.dll</c>.</summary>
public sealed class AddStrategyCommand()
    : OnePluginCommand("add", "Copy a plugin, and what lies beside it, into the plugins folder and pin its SHA-256 in plugins.json: a file swapped later is refused.", "FILE.dll",
        "host strategies add bin/Release/net10.0/MyIdea.dll")
{
    protected override Result<int> Execute(string subject)
    {
        var (file, places) = (Path.GetFullPath(subject), Places.OfProgram());
        return PluginMetadata.Read(file).Bind(strategies => PluginsFile.Read(places.PluginsFile).Bind<int>(settings =>
        {
            if (settings.Folders.IsEmpty) return new Fault.PluginRejected(places.PluginsFile, "names no folder", "write it as {\"folders\": [\"plugins\"]}");
            var name = Path.GetFileNameWithoutExtension(file);
            var (target, source) = (Path.Combine(settings.Folders[0], name), Path.GetDirectoryName(file)!);
            try
            {
                Directory.CreateDirectory(target);
                var companions = Directory.EnumerateFiles(source).Where(other => Path.GetExtension(other) is ".dll" or ".so" or ".dylib" || other.EndsWith(".deps.json", StringComparison.Ordinal));
                foreach (var other in companions.Append(file).Distinct(StringComparer.Ordinal)) File.Copy(other, Path.Combine(target, Path.GetFileName(other)), overwrite: true);
                PluginsFile.Pin(places.PluginsFile, Path.Combine(target, name + ".dll"), strategies[0].Info.PluginSha256);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new Fault.Disk(target, $"can't be written ({e.Message.TrimEnd('.')})", "check its rights and the free space");
            }
            foreach (var strategy in strategies) Console.Out.WriteLine($"host run --strategy {strategy.Info.Name}");
            Console.Error.WriteLine($"added {Path.Combine(target, name + ".dll")}, SHA-256 {strategies[0].Info.PluginSha256}");
            return ExitCode.Done;
        }));
    }
}

/// <summary><c>host strategies remove NAME</c>.</summary>
public sealed class RemoveStrategyCommand()
    : OnePluginCommand("remove", "Remove a plugin's folder and its pin; results made with it stay.", "NAME", "host strategies remove MyIdea")
{
    protected override Result<int> Execute(string subject)
    {
        var places = Places.OfProgram();
        return PluginsFile.Read(places.PluginsFile).Bind<int>(settings =>
        {
            var installed = settings.Folders.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).ToList();
            if (installed.Find(folder => Path.GetFileName(folder) == subject) is not { } target)
                return new Fault.UnknownName("plugin", subject, [.. installed.Select(folder => Path.GetFileName(folder)!)]);
            try
            {
                Directory.Delete(target, recursive: true);
                PluginsFile.Pin(places.PluginsFile, Path.Combine(target, subject + ".dll"), sha256: null);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new Fault.Disk(target, $"can't be removed ({e.Message.TrimEnd('.')})", "check its rights");
            }
            Console.Out.WriteLine($"removed {target}");
            return ExitCode.Done;
        });
    }
}
