
namespace Host.Tests;

/// <summary>Data that isn't what its format says: refused before any training, with file, position, expected, found and fix.</summary>
public sealed class DataFaultTests(Installation installation)
{
    private static readonly IdxSet Sound = new();

    private static readonly Dictionary<string, (Action<string> Break, string[] Parts)> Broken = new(StringComparer.Ordinal)
    {
        ["a missing file"] = (folder => File.Delete(At(folder, IdxSet.TestLabels)),
            [IdxSet.TestLabels, "expected the file", "found nothing there", "--data"]),
        ["an empty file"] = (folder => Put(folder, IdxSet.TrainImages, []),
            [IdxSet.TrainImages, "byte 0", "magic number", "the end of the file", "it is empty"]),
        ["a cut head"] = (folder => Put(folder, IdxSet.TrainImages, Sound[IdxSet.TrainImages][..10]),
            [IdxSet.TrainImages, "byte 10", "3 sizes", "the end of the file"]),
        ["a truncated file"] = (folder => Put(folder, IdxSet.TrainImages, Sound[IdxSet.TrainImages][..^1]),
            [IdxSet.TrainImages, "expected 300 images (10800 bytes", "found the end of the file after 299 images (10799 bytes)", "again"]),
        ["a truncated gzip file"] = (folder => PutPacked(folder, IdxSet.TrainImages, IdxSet.Packed(Sound[IdxSet.TrainImages])[..^400]),
            [IdxSet.TrainImages, "a whole gzip stream", "the file is cut short", "again"]),
        ["a gzip file without its trailer"] = (
            folder => PutPacked(folder, IdxSet.TrainImages, IdxSet.Packed(Sound[IdxSet.TrainImages])[..^8]),
            [IdxSet.TrainImages, "a whole gzip stream", "whose checksum comes last", "the file is cut short"]),
        ["a gzip file without its last byte"] = (
            folder => PutPacked(folder, IdxSet.TrainImages, IdxSet.Packed(Sound[IdxSet.TrainImages])[..^1]),
            [IdxSet.TrainImages, "a whole gzip stream", "the file is cut short"]),
        ["a gzip file with a wrong checksum"] = (
            folder => PutPacked(folder, IdxSet.TrainImages, Changed(IdxSet.Packed(Sound[IdxSet.TrainImages]), fromEnd: 8)),
            [IdxSet.TrainImages, "that its checksum (CRC-32)", "contradicts", "fetch the file again"]),
        ["a gzip file with a wrong length"] = (
            folder => PutPacked(folder, IdxSet.TestLabels, Changed(IdxSet.Packed(Sound[IdxSet.TestLabels]), fromEnd: 1)),
            [IdxSet.TestLabels, "or its length at the end contradicts", "fetch the file again"]),
        ["a gzip file and something behind it"] = (
            folder => PutPacked(folder, IdxSet.TestLabels, [.. IdxSet.Packed(Sound[IdxSet.TestLabels]), .. "and more"u8]),
            [IdxSet.TestLabels, "bytes behind its end that are no gzip"]),
        ["a gzip file of truncated content"] = (
            folder => PutPacked(folder, IdxSet.TestLabels, IdxSet.Packed(Sound[IdxSet.TestLabels][..^1])),
            [IdxSet.TestLabels, "expected 90 labels", "after 89 labels"]),
        ["garbage named gzip"] = (folder => PutPacked(folder, IdxSet.TrainLabels, [.. "no gzip at all"u8]),
            [IdxSet.TrainLabels, "magic number", "found 0x"]),
        ["a gzip head and garbage"] = (
            folder => PutPacked(folder, IdxSet.TrainLabels, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, .. Enumerable.Repeat((byte)0xFF, 99)]),
            [IdxSet.TrainLabels, "a whole gzip stream", "fetch the file again"]),
        ["an oversized file"] = (folder => Put(folder, IdxSet.TestImages, [.. Sound[IdxSet.TestImages], 0]),
            [IdxSet.TestImages, "byte 3256", "expected 90 images", "found more bytes"]),
        ["a wrong magic number"] = (folder => Put(folder, IdxSet.TestImages, [0, 0, 0x0D, 3, .. Sound[IdxSet.TestImages][4..]]),
            [
                IdxSet.TestImages, "byte 0", "expected the IDX magic number 0x00000803",
                "found 0x00000d03, an IDX file of 32-bit floating-point numbers", "convert it to unsigned bytes",
            ]),
        ["a web page"] = (folder => Put(folder, IdxSet.TrainImages, [.. "\n<!DOCTYPE html><html><body>Not found</body>"u8]),
            [IdxSet.TrainImages, "a web page", "fetch the file itself"]),
        ["a Git LFS pointer"] = (
            folder => Put(folder, IdxSet.TrainImages, [.. "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4704\n"u8]),
            [IdxSet.TrainImages, "a Git LFS pointer", "git lfs pull"]),
        ["a tar archive, packed"] = (
            folder => PutPacked(
                folder, IdxSet.TrainImages, IdxSet.Packed([.. "train"u8, .. new byte[252], .. "ustar"u8, .. new byte[900]])),
            [IdxSet.TrainImages, "a tar archive", "unpack it"]),
        ["a zip archive"] = (
            folder => Put(folder, IdxSet.TrainImages, [.. "PK"u8, 3, 4, 20, 0]), [IdxSet.TrainImages, "a zip archive", "unpack"]),
        ["a NumPy array"] = (
            folder => Put(folder, IdxSet.TestLabels, [0x93, .. "NUMPY"u8, 1, 0]), [IdxSet.TestLabels, "a NumPy array", "IDX"]),
        ["images in colour"] = (
            folder => Put(folder, IdxSet.TestImages, [.. IdxSet.Head(0x804, 1, 6, 6, 3), .. new byte[108]]),
            [IdxSet.TestImages, "an IDX file with 4 dimensions", "images have three"]),
        ["a file packed twice"] = (
            folder => PutPacked(folder, IdxSet.TestLabels, IdxSet.Packed(IdxSet.Packed(Sound[IdxSet.TestLabels]))),
            [IdxSet.TestLabels, "a gzip file inside a gzip file", "unpack it once"]),
        ["labels and images swapped"] = (
            folder =>
            {
                Put(folder, IdxSet.TrainImages, Sound[IdxSet.TrainLabels]);
                Put(folder, IdxSet.TrainLabels, Sound[IdxSet.TrainImages]);
            },
            [
                IdxSet.TrainImages, "file of labels where images belong", IdxSet.TrainLabels, "file of images where labels belong",
                "check the names",
            ]),
        ["fewer labels than images"] = (folder => Put(folder, IdxSet.TrainLabels, new IdxSet(train: 299)[IdxSet.TrainLabels]),
            [IdxSet.TrainLabels, "expected 300 labels", "found 299", "one data set"]),
        ["test images of another size"] = (folder => Put(folder, IdxSet.TestImages, new IdxSet(size: 7)[IdxSet.TestImages]),
            [IdxSet.TestImages, "images of 6×6", "found images of 7×7", "one data set"]),
        ["a test label beyond the classes"] = (folder => Put(folder, IdxSet.TestLabels, [.. Sound[IdxSet.TestLabels][..^1], 200]),
            [IdxSet.TestLabels, "byte 97", "labels from 0 to 2", "found label 200"]),
        ["labels of one class"] = (folder => Put(folder, IdxSet.TrainLabels, [.. Sound[IdxSet.TrainLabels][..8], .. new byte[300]]),
            [IdxSet.TrainLabels, "two classes or more", "only label 0"]),
        ["labels of one class that isn't 0"] = (
            folder => Put(folder, IdxSet.TrainLabels, [.. Sound[IdxSet.TrainLabels][..8], .. Enumerable.Repeat((byte)7, 300)]),
            [IdxSet.TrainLabels, "two classes or more", "only label 7"]),
        ["test labels of one class"] = (folder => Put(folder, IdxSet.TestLabels, [.. Sound[IdxSet.TestLabels][..8], .. new byte[90]]),
            [IdxSet.TestLabels, "two classes or more", "only label 0"]),
        ["a size of 0"] = (folder => Put(folder, IdxSet.TestImages, IdxSet.Head(0x803, 0, 6, 6)),
            [IdxSet.TestImages, "byte 4", "number of items", "found 0"]),
        ["a negative size"] = (folder => Put(folder, IdxSet.TestImages, IdxSet.Head(0x803, -1, 6, 6)),
            [IdxSet.TestImages, "byte 4", "number of items", "found 4294967295"]),
        ["sizes beyond all memory"] = (folder => Put(folder, IdxSet.TestImages, IdxSet.Head(0x803, int.MaxValue, int.MaxValue, 2)),
            [IdxSet.TestImages, "at most", "smaller data set"]),
        ["a folder in place of a file"] = (
            folder =>
            {
                File.Delete(At(folder, IdxSet.TestLabels));
                Directory.CreateDirectory(At(folder, IdxSet.TestLabels));
            },
            [IdxSet.TestLabels, "expected", "--data"]),
    };

    public static TheoryData<string> Faults => new(Broken.Keys);

    [Theory, MemberData(nameof(Faults))]
    public async Task Bad_data_is_refused_before_training(string fault)
    {
        using var place = installation.Place();
        var (breakIt, parts) = Broken[fault];
        Sound.WriteTo(place.File("data"), gzip: false);
        breakIt(place.File("data"));
        (await place.Run($"run --data data {Place.SmallAtDensities}")).Refused(3, parts);
        Assert.False(Directory.Exists(place.Results.Root));
    }

    [Fact]
    public async Task A_missing_folder_is_refused()
    {
        using var place = installation.Place();
        (await place.Run($"run --data nowhere {Place.SmallAtDensities}")).Refused(
            3, "nowhere", "expected a folder with four IDX files", "found nothing there", "--data");
        Assert.False(Directory.Exists(place.Results.Root));
    }

    [Fact]
    public async Task Faults_of_several_files_are_shown_together()
    {
        using var place = installation.Place();
        Sound.WriteTo(place.File("data"), gzip: false);
        Put(place.File("data"), IdxSet.TrainImages, []);
        File.Delete(At(place.File("data"), IdxSet.TestLabels));
        foreach (var command in (string[])["run", "data"])
            Assert.Equal(2, (await place.Run($"{command} --data data")).Refused(3, IdxSet.TrainImages, IdxSet.TestLabels).Faults.Length);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_head_that_declares_2_GB_costs_no_memory_either(bool gzip)
    {
        using var place = installation.Place();
        Sound.WriteTo(place.File("data"), gzip: false);
        byte[] tiny = [.. IdxSet.Head(0x803, 2_000_000_000 / 36, 6, 6), .. new byte[100]];
        if (gzip) PutPacked(place.File("data"), IdxSet.TrainImages, IdxSet.Packed(tiny));
        else Put(place.File("data"), IdxSet.TrainImages, tiny);
        Dictionary<string, string?> heapOf160Megabytes = new() { ["DOTNET_GCHeapHardLimit"] = "0xA000000" };
        (await place.Run(heapOf160Megabytes, "run --data data")).Refused(
            3, IdxSet.TrainImages, "expected 55555555 images", "after 2 images (100 bytes)");
    }

    /// <summary>What is declared isn't there, but much is: nothing of it may be read into memory.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_body_that_is_partly_there_costs_no_memory(bool gzip)
    {
        using var place = installation.Place();
        Sound.WriteTo(place.File("data"), gzip: false);
        var head = IdxSet.Head(0x803, 2_100_000_000 / 36, 6, 6);
        if (gzip) PutPacked(place.File("data"), IdxSet.TrainImages, IdxSet.Packed(head, megabytesMore: 400));
        else
        {
            using var sparse = File.Create(At(place.File("data"), IdxSet.TrainImages));
            sparse.Write(head);
            sparse.SetLength(1_500_000_000);
        }
        Dictionary<string, string?> heapOf64Megabytes = new() { ["DOTNET_GCHeapHardLimit"] = "0x4000000" };
        (await place.Run(heapOf64Megabytes, "data --data data")).Refused(
            3, IdxSet.TrainImages, "expected 58333333 images", "found the end of the file after");
    }

    [Fact]
    public async Task A_named_pipe_or_a_device_is_refused_at_once()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var place = installation.Place();
        Sound.WriteTo(place.File("data"), gzip: false);
        File.Delete(At(place.File("data"), IdxSet.TrainImages));
        await CliWrap.Cli.Wrap("mkfifo").WithArguments([At(place.File("data"), IdxSet.TrainImages)])
            .ExecuteAsync(TestContext.Current.CancellationToken);
        File.Delete(At(place.File("data"), IdxSet.TestLabels));
        File.CreateSymbolicLink(At(place.File("data"), IdxSet.TestLabels), "/dev/zero");
        foreach (var command in (string[])["run", "data", "doctor"])
        {
            var outcome = (await place.Run($"{command} --data data")).Ends(3);
            Assert.Contains("found a named pipe", outcome.Out + outcome.Err, StringComparison.Ordinal);
            Assert.Contains("found a device", outcome.Out + outcome.Err, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_gzip_file_of_several_members_is_one_file()
    {
        using var place = installation.Place();
        Sound.WriteTo(place.File("data"), gzip: false);
        var whole = (await place.Run("data --data data")).Done();
        foreach (var name in IdxSet.Names)
        {
            var content = Sound[name];
            PutPacked(place.File("data"), name, [.. IdxSet.Packed(content[..40]), .. IdxSet.Packed([]), .. IdxSet.Packed(content[40..])]);
        }
        var packed = (await place.Run("data --data data")).Done();
        Assert.Equal(whole.Table.Select(cells => cells[^1]), packed.Table.Select(cells => cells[^1]));
        PutPacked(place.File("data"), IdxSet.TestLabels, [
            .. IdxSet.Packed(Sound[IdxSet.TestLabels][..40]), .. IdxSet.Packed(Sound[IdxSet.TestLabels][40..])[..^3]]);
        (await place.Run("data --data data")).Refused(3, IdxSet.TestLabels, "the file is cut short");
    }

    [Fact]
    public async Task A_gzip_file_that_never_ends_is_read_no_further_than_declared()
    {
        using var place = installation.Place();
        Sound.WriteTo(place.File("data"), gzip: false);
        PutPacked(place.File("data"), IdxSet.TrainImages, IdxSet.Packed(Sound[IdxSet.TrainImages], megabytesMore: 300));
        Dictionary<string, string?> heapOf160Megabytes = new() { ["DOTNET_GCHeapHardLimit"] = "0xA000000" };
        (await place.Run(heapOf160Megabytes, "run --data data")).Refused(
            3, IdxSet.TrainImages, "expected 300 images", "found more bytes than that");
    }

    private static string At(string folder, string name) => Path.Combine(folder, name);

    private static byte[] Changed(byte[] bytes, int fromEnd)
    {
        bytes[^fromEnd] ^= 0x10;
        return bytes;
    }

    private static void Put(string folder, string name, byte[] content) => File.WriteAllBytes(At(folder, name), content);

    private static void PutPacked(string folder, string name, byte[] packed)
    {
        File.Delete(At(folder, name));
        Put(folder, $"{name}.gz", packed);
    }
}
