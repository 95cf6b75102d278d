using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// Private copies of plugins, each checked against the hash that stands in the plan. Children load the copies, so that what scores is what
/// was hashed, whatever happens to the plugin's own files while a run goes on.
/// </summary>
/// <param name="scratch">Makes the folder that they are kept in, when the first is needed.</param>
internal sealed class PluginSnapshots(Func<Result<Scratch>> scratch) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _copies = new(StringComparer.Ordinal);
    private Scratch? _scratch;
    private int _count;

    /// <summary>The folder for this run's own files.</summary>
    public Result<string> Folder()
    {
        lock (_gate)
        {
            if (_scratch is not null && Directory.Exists(_scratch.Path)) return _scratch.Path;
            _scratch?.Dispose();
            _scratch = null;
            return scratch().Map(made =>
            {
                _scratch = made;
                return made.Path;
            });
        }
    }

    /// <summary>
    /// The copy of a strategy's DLL; the fault that the plugin isn't any more what the plan was made with, or that there is no place for
    /// it.
    /// </summary>
    public Result<string> Of(FoundStrategy strategy)
    {
        lock (_gate)
        {
            if (_copies.GetValueOrDefault(strategy.Path) is { } known && File.Exists(known)) return known;
            return Folder()
                .Bind(folder => Copy(strategy, Path.Combine(folder, $"plugin{++_count}")))
                .Map(copy => _copies[strategy.Path] = copy);
        }
    }

    public void Dispose() => _scratch?.Dispose();

    private static Result<string> Copy(FoundStrategy strategy, string folder)
    {
        PluginFamily family;
        try
        {
            family = PluginFamily.Of(strategy.Path);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Changed(strategy, $"nothing that can be used ({Disk.Reason(e)})");
        }
        try
        {
            var copy = family.CopyTo(folder);
            return copy.Sha256() is var found && found == strategy.Info.PluginSha256 ? copy.Main : Changed(strategy, found);
        }
        catch (FileNotFoundException e)
        {
            return Changed(strategy, $"nothing that can be used ({Disk.Reason(e)})");
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unwritable(folder, e);
        }
    }

    private static Fault.PluginRejected Changed(FoundStrategy strategy, string found) => new(
        strategy.Path,
        $"has changed since this command began: expected SHA-256 {strategy.Info.PluginSha256}, found {found}",
        "run the same command again; it takes the file as it is then");
}
