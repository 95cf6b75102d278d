using System.Reflection;
using System.Runtime.InteropServices;
using Bnn.Core;

namespace Bnn.TF;

/// <summary>The native library, loaded once per process, on first use.</summary>
public sealed class TensorFlowLibrary
{
    private static readonly Lock Gate = new();
    private static readonly Version Oldest = new(2, 10), Newest = new(2, 21);
    private static nint _native;
    private static TensorFlowLibrary? _loaded;

    private TensorFlowLibrary(string path, string version) => (Path, Version) = (path, version);

    public string Path { get; }

    public string Version { get; }

    /// <summary>Loads the library from a file, or from the first place that has one (<see cref="LibraryPlaces"/>).</summary>
    /// <param name="given">The file or folder to use; null to search the usual places.</param>
    public static Result<TensorFlowLibrary> Load(string? given, Func<string, string?> environment, string programFolder)
    {
        lock (Gate)
        {
            var candidates = LibraryPlaces.Files(given, environment, programFolder);
            if (candidates.FirstOrDefault(File.Exists) is not { } path)
            {
                var reason = given is null
                    ? "the library was found in none of the usual places"
                    : $"{given} is or holds no TensorFlow library";
                return Unavailable(reason, "see docs/tensorflow.md, or give its file or folder by --tf-library");
            }
            return Open(path);
        }
    }

    /// <summary>The devices that a session would have, such as CPU:0.</summary>
    public unsafe IReadOnlyList<string> Devices()
    {
        using var status = new Status();
        using var graph = new GraphHandle();
        using var session = new Session(graph, threads: 1, status);
        var list = TensorFlowApi.TF_SessionListDevices(session.Pointer, status.Pointer);
        status.Check("devices");
        var names = new List<string>();
        for (var i = 0; i < TensorFlowApi.TF_DeviceListCount(list); i++)
        {
            var name = Marshal.PtrToStringUTF8((nint)TensorFlowApi.TF_DeviceListName(list, i, status.Pointer)) ?? "";
            names.Add(name[(name.LastIndexOf("device:", StringComparison.Ordinal) + "device:".Length)..]);
        }
        TensorFlowApi.TF_DeleteDeviceList(list);
        return names;
    }

    private static Result<TensorFlowLibrary> Open(string path)
    {
        Quiet();
        if (!NativeLibrary.TryLoad(path, out var native))
        {
            return Unavailable(
                $"{path} can't be loaded: it is no library for this machine, or one beside it is missing", "see docs/tensorflow.md");
        }
        if (!NativeLibrary.TryGetExport(native, "TF_Version", out _) || !NativeLibrary.TryGetExport(native, "TF_AddGradients", out _))
        {
            NativeLibrary.Free(native);
            return Unavailable(
                $"{path} lacks TensorFlow's C API (TF_AddGradients)", "load libtensorflow_cc.so.2 or libtensorflow.so.2");
        }
        if (_native == 0) NativeLibrary.SetDllImportResolver(typeof(TensorFlowLibrary).Assembly, Resolve);
        if (_native != 0 && _native != native)
        {
            return Unavailable(
                $"{path} can't be used: this process has loaded {_loaded?.Path} already", "start another process for another library");
        }
        _native = native;
        var version = VersionText();
        if (!IsSupported(version))
            return Unavailable($"{path} is version {version}", $"use one from {Oldest} to {Newest}");
        return _loaded = new TensorFlowLibrary(path, version);
    }

    /// <summary>Whether this binding supports a version such as "2.15.1" or "2.16.0-rc0".</summary>
    public static bool IsSupported(string version) =>
        System.Version.TryParse(string.Join('.', version.Split('.').Take(2)), out var number) && number >= Oldest && number <= Newest;

    private static Fault.EngineUnavailable Unavailable(string reason, string fix) => new("tensorflow", reason, fix);

    private static unsafe string VersionText() => Marshal.PtrToStringUTF8((nint)TensorFlowApi.TF_Version()) ?? "";

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) => name == TensorFlowApi.Library ? _native : 0;

    /// <summary>
    /// Silences TensorFlow's log. It reads the level while it is loaded, from the C library's environment, which .NET's own setter
    /// doesn't change.
    /// </summary>
    private static void Quiet()
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable("TF_CPP_MIN_LOG_LEVEL", "3");
            return;
        }
        _ = TensorFlowApi.SetEnvironment("TF_CPP_MIN_LOG_LEVEL", "3", 1);
        _ = TensorFlowApi.SetEnvironment("TF_OVERRIDE_GLOBAL_THREADPOOL", "1", 1);
    }
}

/// <summary>Where TensorFlow's library may be.</summary>
public static class LibraryPlaces
{
    public const string FolderVariable = "BNN_LIBTF_DIR";

    /// <summary>What <see cref="FolderVariable"/>'s companion script calls the folder in the cache.</summary>
    private const string CacheName = "bnn";

    /// <summary>The folder in which libraries are unpacked, each in a folder of its own; null for a user without a cache folder.</summary>
    public static string? Cache(Func<string, string?> environment) =>
        UserFolders.Cache(environment) is { } cache ? Path.Combine(cache, CacheName) : null;

    /// <summary>Files to try, in order.</summary>
    public static IEnumerable<string> Files(string? given, Func<string, string?> environment, string programFolder)
    {
        if (given is not null && File.Exists(given)) return [Path.GetFullPath(given)];
        var folders = given is not null ? [given] : Folders(environment, programFolder);
        return folders.SelectMany(folder => Names.Select(name => Path.GetFullPath(Path.Combine(folder, name))));
    }

    /// <summary>The names, the whole C API first: libtensorflow_framework alone lacks most of it.</summary>
    public static IReadOnlyList<string> Names { get; } =
        OperatingSystem.IsWindows() ? ["tensorflow.dll", "tensorflow_cc.dll"]
        : OperatingSystem.IsMacOS() ? ["libtensorflow_cc.2.dylib", "libtensorflow.2.dylib", "libtensorflow.dylib"]
        : ["libtensorflow_cc.so.2", "libtensorflow.so.2", "libtensorflow.so"];

    private static IEnumerable<string> Folders(Func<string, string?> environment, string programFolder)
    {
        if (environment(FolderVariable) is { Length: > 0 } named) yield return named;
        if (Cache(environment) is { } cache)
            foreach (var folder in Below(cache, "libtensorflow*")) yield return folder;
        yield return Path.Combine(programFolder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        yield return programFolder;
        foreach (var variable in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (environment(variable) is not { Length: > 0 } python) continue;
            foreach (var folder in Below(Path.Combine(python, "lib"), "python3*"))
                yield return Path.Combine(folder, "site-packages", "tensorflow");
            yield return Path.Combine(python, "Lib", "site-packages", "tensorflow");
        }
        if (UserFolders.Home(environment) is { } home)
        {
            foreach (var folder in Below(Path.Combine(home, ".local", "lib"), "python3*"))
                yield return Path.Combine(folder, "site-packages", "tensorflow");
        }
        foreach (var root in (string[])["/usr/local/lib", "/usr/lib"])
        {
            foreach (var folder in Below(root, "python3*"))
            {
                yield return Path.Combine(folder, "site-packages", "tensorflow");
                yield return Path.Combine(folder, "dist-packages", "tensorflow");
            }
            yield return root;
        }
    }

    private static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, pattern).Order(StringComparer.Ordinal).Reverse() : [];
}
