using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Bnn.Contract;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// Which build of the program this process runs. A child starts from the program's files as they are then: rebuilt in between, it would be
/// another program, which may read requests and compute random numbers differently.
/// </summary>
internal static class HostBuild
{
    private static readonly ImmutableArray<Assembly> Parts =
        [typeof(HostBuild).Assembly, typeof(Seed).Assembly, typeof(IMaskStrategy).Assembly, typeof(InputFile).Assembly];

    private static readonly ImmutableArray<(string File, Guid Version)> Loaded =
        [.. Parts.Select(part => (part.Location, part.ManifestModule.ModuleVersionId))];

    /// <summary>Looks at what is loaded, so that it is known before a file is replaced.</summary>
    public static void Remember() => _ = Loaded.Length;

    /// <summary>The fault that the program was replaced since this process began; null if it wasn't.</summary>
    public static Fault? Replaced()
    {
        foreach (var (file, version) in Loaded)
        {
            if (VersionOf(file) == version) continue;
            return new Fault.PluginRejected(
                file,
                "has been replaced since this command began, and strategies would score with the new one",
                "run the same command again");
        }
        return null;
    }

    private static Guid? VersionOf(string file)
    {
        try
        {
            using var image = new PEReader(InputFile.Open(file));
            var reader = image.GetMetadataReader();
            return reader.GetGuid(reader.GetModuleDefinition().Mvid);
        }
        catch (Exception e) when (Disk.IsAtFault(e) || e is BadImageFormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
