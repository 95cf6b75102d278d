using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Bnn.Gpu;

/// <summary>NVIDIA's driver library, which may lie in a folder of its own.</summary>
internal static class DriverLibrary
{
    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["nvcuda.dll"]
        : [
            "libcuda.so.1", "libcuda.so", "/usr/lib/x86_64-linux-gnu/libcuda.so.1", "/usr/lib64/libcuda.so.1",
            "/usr/local/nvidia/lib64/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1",
        ];

    private static readonly Lazy<nint> Handle = new(() =>
    {
        foreach (var name in Names)
            if (NativeLibrary.TryLoad(name, out var handle)) return handle;
        return 0;
    });

    /// <summary>Whether there is one.</summary>
    public static bool Exists => Handle.Value != 0;

    /// <summary>Makes the compiler of kernels use it, wherever it lies.</summary>
    public static void Register()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Find);
        }
        catch (InvalidOperationException)
        {
            // Done already.
        }
    }

    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is "cuda" or "libcuda" or "nvcuda" ? Handle.Value : 0;
}
