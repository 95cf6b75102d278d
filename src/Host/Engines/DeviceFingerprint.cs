using Bnn.Core;
using Bnn.Gpu;
using Bnn.Simd;
using Bnn.Store;

namespace Host.Engines;

/// <summary>
/// Whether a device computes what the cores do, bit for bit. It takes seconds, most of them the driver's compiler's, so that a device that
/// was found right is believed for as long as neither it nor its driver nor the program changes.
/// </summary>
internal static class DeviceFingerprint
{
    private const int MostBytes = 1000;

    /// <summary>The fingerprint, if it is the one that belongs to the numerics version.</summary>
    public static Result<string> Check(GpuEngine engine, bool anew)
    {
        var file = UserCache.Folder is { } cache ? Path.Combine(cache, "host", $"gpu-fingerprint-{KeyOf(engine)}") : null;
        if (!anew && Read(file) is { } known && known == Fingerprint.Expected(engine.Numerics)) return known;
        return engine.CheckFingerprint().Map(fingerprint =>
        {
            Write(file, fingerprint);
            return fingerprint;
        });
    }

    private static Digest KeyOf(GpuEngine engine)
    {
        var programs = ((Type[])[typeof(Seed), typeof(SimdEngine), typeof(GpuEngine)]).Select(type => type.Module.ModuleVersionId);
        return Digest.Of(string.Join('\n', [$"{engine.Device}", .. programs.Select(id => $"{id}")]));
    }

    private static string? Read(string? file)
    {
        try
        {
            return file is not null && File.Exists(file) ? System.Text.Encoding.UTF8.GetString(InputFile.ReadAll(file, MostBytes)) : null;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return null;        // it is computed again
        }
    }

    private static void Write(string? file, string fingerprint)
    {
        if (file is null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, fingerprint);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // Without it, it is computed again.
        }
    }
}
