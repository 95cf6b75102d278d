using System.Formats.Tar;
using System.IO.Compression;
using Bnn.Core;

namespace Bnn.TF.Tests;

/// <summary>Tests of finding the library, and of refusing what isn't one; they need no TensorFlow.</summary>
public sealed class LibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tensorflow-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_without_it_is_told() => Refused(Load(_folder), "holds no TensorFlow library", "--tf-library");

    [Fact]
    public void A_file_that_is_no_library_is_told()
    {
        var file = Path.Combine(_folder, LibraryPlaces.Names[0]);
        File.WriteAllText(file, "no library");
        Refused(Load(file), file, "can't be loaded");
        Refused(Load(_folder), file, "can't be loaded");
    }

    [Fact]
    public void A_library_without_the_functions_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "takes a library that every Linux has");
        var other = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libSystem.Native.so");
        Refused(Load(other), other, "lacks TensorFlow's C API");
    }

    [Theory]
    [InlineData("2.9.3", false), InlineData("2.10.0", true), InlineData("2.15.1", true)]
    [InlineData("2.21.0", true), InlineData("2.16.0-rc0", true), InlineData("2.22.0", false)]
    [InlineData("1.15.0", false), InlineData("", false), InlineData("new", false)]
    public void Versions_from_2_10_to_2_21_are_taken(string version, bool supported) =>
        Assert.Equal(supported, TensorFlowLibrary.IsSupported(version));

    [Fact]
    public void Places_come_in_their_order_and_the_whole_API_before_the_rest()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "cache", "bnn", "libtensorflow-x"));
        Directory.CreateDirectory(Path.Combine(_folder, "venv", "lib", "python3.11"));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [LibraryPlaces.FolderVariable] = Path.Combine(_folder, "named"),
            ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
            ["VIRTUAL_ENV"] = Path.Combine(_folder, "venv"),
        };
        var files = LibraryPlaces.Files(null, name => environment.GetValueOrDefault(name), Path.Combine(_folder, "program")).ToList();
        int At(params string[] parts) => files.IndexOf(Path.Combine([_folder, .. parts, LibraryPlaces.Names[0]]));
        int[] order = [
            At("named"), At("cache", "bnn", "libtensorflow-x"), At("program"),
            At("venv", "lib", "python3.11", "site-packages", "tensorflow")];
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
        Assert.Equal([.. LibraryPlaces.Names.Select(name => Path.Combine(_folder, "named", name))], files[..LibraryPlaces.Names.Count]);
    }

    [Fact]
    public void From_a_wheel_comes_the_library_and_nothing_else_and_nothing_outside_its_folder()
    {
        var archive = Path.Combine(_folder, "tensorflow.whl");
        using (var zip = ZipFile.Open(archive, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in ((string, string)[])[
                ("tensorflow/libtensorflow_cc.so.2", "cc"), ("../../libtensorflow_framework.so.2", "framework"),
                ("tensorflow/python.py", "other"), ("/etc/passwd", "x")])
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }
        }
        var target = Path.Combine(_folder, "a", "b", "target");
        Assert.IsType<Result<IReadOnlyList<string>>.Ok>(LibraryArchive.Unpack(archive, target));
        Assert.Equal(
            ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
            Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("framework", File.ReadAllText(Path.Combine(target, "libtensorflow_framework.so.2")));
        Assert.Equal(["target"], Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "a", "b")).Select(Path.GetFileName));
    }

    [Fact]
    public void Links_of_a_tarball_stay_inside()
    {
        var archive = Path.Combine(_folder, "libtensorflow.tar.gz");
        using (var tar = new TarWriter(new GZipStream(File.Create(archive), CompressionLevel.Fastest)))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "lib/libtensorflow.so") { LinkName = "/etc/passwd" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "lib/libtensorflow.so.2") { LinkName = "libtensorflow.so.2.15.1" });
            var library = new MemoryStream("library"u8.ToArray());
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "lib/libtensorflow.so.2.15.1") { DataStream = library });
        }
        var target = Path.Combine(_folder, "target");
        Assert.IsType<Result<IReadOnlyList<string>>.Ok>(LibraryArchive.Unpack(archive, target));
        Assert.Equal("library", File.ReadAllText(Path.Combine(target, "libtensorflow.so.2")));
        Assert.Equal("passwd", new FileInfo(Path.Combine(target, "libtensorflow.so")).LinkTarget);
    }

    [Fact]
    public void What_holds_no_library_or_is_damaged_is_refused()
    {
        var empty = Path.Combine(_folder, "empty.whl");
        using (var zip = ZipFile.Open(empty, ZipArchiveMode.Create)) zip.CreateEntry("tensorflow/python.py");
        Refused(LibraryArchive.Unpack(empty, Path.Combine(_folder, "t")), empty, "holds no TensorFlow library");

        var cut = Path.Combine(_folder, "cut.tar.gz");
        using (var tar = new TarWriter(new GZipStream(File.Create(cut), CompressionLevel.NoCompression)))
        {
            var library = new MemoryStream(new byte[100_000]);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "lib/libtensorflow.so.2") { DataStream = library });
        }
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..5_000]);
        Refused(LibraryArchive.Unpack(cut, Path.Combine(_folder, "t")), cut, "is damaged");

        File.WriteAllText(Path.Combine(_folder, "text"), "text");
        Refused(LibraryArchive.Unpack(Path.Combine(_folder, "text"), _folder), "neither a .tar.gz nor a .whl");
        Refused(LibraryArchive.Unpack(Path.Combine(_folder, "none"), _folder), "is not there");
    }

    private static Result<TensorFlowLibrary> Load(string given) => TensorFlowLibrary.Load(given, _ => null, AppContext.BaseDirectory);

    private static void Refused<T>(Result<T> result, params string[] parts)
    {
        var fault = Assert.Single(Assert.IsType<Result<T>.Failed>(result).Faults);
        Assert.IsType<Fault.EngineUnavailable>(fault);
        foreach (var part in parts) Assert.Contains(part, fault.Describe(), StringComparison.Ordinal);
    }
}
