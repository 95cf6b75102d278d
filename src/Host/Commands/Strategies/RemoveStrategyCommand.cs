using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary><c>host strategies remove NAME</c>.</summary>
public sealed class RemoveStrategyCommand()
    : OnePluginCommand(
        "remove",
        "Remove a plugin's folder and its pin; results made with it stay.",
        "NAME",
        "host strategies remove MyIdea")
{
    protected override Result<int> Execute(string subject)
    {
        var plugins = Places.OfProgram().PluginsFile;
        return PluginsFile.Read(plugins).Bind<int>(settings =>
        {
            var target = plugins;
            try
            {
                var installed = settings.Folders.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
                    .Where(folder => !Path.GetFileName(folder).StartsWith('.')).ToList();
                target = installed.Find(folder => Path.GetFileName(folder) == subject);
                if (target is null)
                    return new Fault.UnknownName("plugin", subject, [.. installed.Select(folder => Path.GetFileName(folder)!)]);
                Directory.Delete(target, recursive: true);
                PluginsFile.Pin(plugins, Path.Combine(target, $"{subject}.dll"), sha256: null);
            }
            catch (Exception e) when (Disk.IsAtFault(e))
            {
                return new Fault.Disk(target!, $"can't be removed ({Disk.Reason(e)})", "check its rights");
            }
            Console.Out.WriteLine($"removed {target}");
            return ExitCode.Done;
        });
    }
}
