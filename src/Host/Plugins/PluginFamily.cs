using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// A plugin's DLL and the files that its code or its behaviour can come from. X/X.dll owns its folder: all that is in there counts, but
/// for what no program reads. Any other DLL shares its folder with strangers: what counts are the libraries beside it that it refers to,
/// directly or by one of them, and those that its .deps.json names.
/// </summary>
/// <param name="Main">The DLL.</param>
/// <param name="Others">The other files, relative to the DLL's folder, with slashes, in ordinal order.</param>
public sealed record PluginFamily(string Main, ImmutableArray<string> Others)
{
    /// <summary>A DLL's bytes at most; what it brings along may be larger.</summary>
    public const long MostBytes = 256L << 20;

    private const long MostDependenciesBytes = 16L << 20;
    private const string Dependencies = ".deps.json";

    /// <summary>How a plugin's own folder is read: with its subfolders, without hidden files.</summary>
    public static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        IgnoreInaccessible = false,
    };

    /// <exception cref="IOException">A file can't be read. <see cref="UnauthorizedAccessException"/> is possible, too.</exception>
    public static PluginFamily Of(string main)
    {
        IEnumerable<string> found = OwnsItsFolder(main) ? All(main) : Referred(main);

        // What names libraries has no effect where there are none; then a plugin's hash is that of its DLL.
        var others = found.All(IsDependencies) ? [] : found;
        return new PluginFamily(main, [.. others.Select(file => file.Replace('\\', '/')).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Every file, the DLL first.</summary>
    public IEnumerable<string> Files => Others.Select(other => Path.Combine(Folder, other)).Prepend(Main);

    private string Folder => Path.GetDirectoryName(Main)!;

    /// <summary>
    /// SHA-256, hex: the DLL's own if it is alone; otherwise of the text with a line "name SHA-256" for each file, the DLL first.
    /// </summary>
    /// <param name="content">The DLL's bytes, where they were read already.</param>
    public string Sha256(byte[]? content = null)
    {
        var main = content is null ? HashOf(Main) : Convert.ToHexStringLower(SHA256.HashData(content));
        if (Others.IsEmpty) return main;
        var text = new StringBuilder().Append(Path.GetFileName(Main)).Append(' ').Append(main).Append('\n');
        foreach (var other in Others) text.Append(other).Append(' ').Append(HashOf(Path.Combine(Folder, other))).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>SHA-256 of the DLL alone, hex.</summary>
    public string MainSha256() => HashOf(Main);

    /// <summary>SHA-256 of a DLL's .deps.json, hex; empty where there is none.</summary>
    public static string DependenciesSha256(string main)
    {
        try
        {
            return HashOf(Path.ChangeExtension(main, Dependencies));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return "";
        }
    }

    /// <summary>The same files in another folder.</summary>
    public PluginFamily CopyTo(string folder)
    {
        var copy = this with { Main = Path.Combine(folder, Path.GetFileName(Main)) };
        foreach (var (from, to) in Files.Zip(copy.Files))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            using var source = InputFile.Open(from);
            using var target = new FileStream(to, FileMode.Create, FileAccess.Write, FileShare.None);
            source.CopyTo(target);
        }
        return copy;
    }

    private static bool OwnsItsFolder(string main) =>
        Path.GetFileName(Path.GetDirectoryName(main)) == Path.GetFileNameWithoutExtension(main);

    private static List<string> All(string main)
    {
        var folder = Path.GetDirectoryName(main)!;
        return [
            .. Directory.EnumerateFiles(folder, "*", Everything)
                .Where(file => file != main && !IsInert(file))
                .Select(file => Path.GetRelativePath(folder, file))];
    }

    /// <summary>Symbols, documentation, and what only the program that starts a process reads.</summary>
    private static bool IsInert(string file) => Path.GetExtension(file) switch
    {
        ".pdb" or ".md" => true,
        ".xml" => File.Exists(Path.ChangeExtension(file, ".dll")),
        ".json" => file.EndsWith(".runtimeconfig.json", StringComparison.Ordinal)
            || file.EndsWith(".runtimeconfig.dev.json", StringComparison.Ordinal),
        _ => false,
    };

    private static bool IsDependencies(string file) => file.EndsWith(Dependencies, StringComparison.Ordinal);

    private static HashSet<string> Referred(string main)
    {
        var folder = Path.GetDirectoryName(main)!;
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([main]);
        var dependencies = Path.GetFileNameWithoutExtension(main) + Dependencies;
        if (File.Exists(Path.Combine(folder, dependencies)))
        {
            found.Add(dependencies);
            foreach (var asset in Assets(Path.Combine(folder, dependencies))) Add(asset);
        }
        while (open.TryDequeue(out var file))
            foreach (var name in NamesIn(file)) Add(name);
        found.Remove(Path.GetFileName(main));
        return found;

        void Add(string name)
        {
            var path = Path.GetFullPath(name, folder);
            if (PluginFiles.Shared.Contains(Path.GetFileNameWithoutExtension(name)) || !IsBelow(path) || !File.Exists(path)) return;
            if (found.Add(Path.GetRelativePath(folder, path)) && Path.GetExtension(path) is ".dll") open.Enqueue(path);
        }

        bool IsBelow(string path) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>Names that files have which an assembly refers to; what isn't an assembly refers to none that can be read.</summary>
    private static List<string> NamesIn(string file)
    {
        try
        {
            return ReferencesIn(file);
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException or ArgumentException)
        {
            return [];
        }
    }

    private static List<string> ReferencesIn(string file)
    {
        using var image = new PEReader(ImmutableArray.Create(InputFile.ReadAll(file, MostBytes)));
        if (!image.HasMetadata) return [];
        var reader = image.GetMetadataReader();
        var names = reader.AssemblyReferences
            .Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name) + ".dll")
            .ToList();
        for (var row = 1; row <= reader.GetTableRowCount(TableIndex.ModuleRef); row++)
        {
            var native = reader.GetString(reader.GetModuleReference(MetadataTokens.ModuleReferenceHandle(row)).Name);
            if (native.Length == 0 || native.Contains('\0', StringComparison.Ordinal)) continue;
            foreach (var ending in (string[])["", ".dll", ".so", ".dylib"]) names.AddRange([native + ending, $"lib{native}{ending}"]);
        }
        return names;
    }

    /// <summary>The files that a .deps.json names, at their paths in a package and beside the DLL.</summary>
    private static List<string> Assets(string file)
    {
        var assets = new List<string>();
        try
        {
            using var json = JsonDocument.Parse(InputFile.ReadAll(file, MostDependenciesBytes));
            foreach (var library in Properties(json.RootElement, "targets").SelectMany(target => Properties(target.Value)))
            {
                foreach (var kind in (string[])["runtime", "native", "runtimeTargets", "resources"])
                    assets.AddRange(Properties(library.Value, kind).Select(asset => asset.Name));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];          // who loads the plugin can't read it either
        }
        return [.. assets.Where(IsName), .. assets.Where(IsName).Select(asset => Path.GetFileName(asset)).Where(IsName)];

        static bool IsName(string name) => name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal);
    }

    private static IEnumerable<JsonProperty> Properties(JsonElement json, string? key = null)
    {
        if (key is null) return json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : [];
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out var inner) ? Properties(inner) : [];
    }

    private static string HashOf(string file)
    {
        using var content = InputFile.Open(file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
