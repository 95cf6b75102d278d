using CliWrap;

namespace Host.Tests;

/// <summary>A file system of a few blocks in a folder, until it is disposed of.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Mounts one; the test is skipped where that isn't allowed.</summary>
    /// <param name="size">As mount(8) takes it.</param>
    public static async Task<SmallDisk> Mount(string folder, string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounts a file system");
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(await Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder), "mounting isn't allowed");
        return new SmallDisk(folder);
    }

    public async Task MakeReadOnly() => Assert.True(await Run("mount", "-o", "remount,ro", _folder));

    /// <summary>Writes a file that leaves no block free.</summary>
    /// <returns>Its path.</returns>
    public string Fill()
    {
        var path = Path.Combine(_folder, "filler");
        using var file = File.Create(path, bufferSize: 1);
        try
        {
            while (true) file.Write(new byte[1024]);
        }
        catch (IOException)
        {
            return path;
        }
    }

    public async ValueTask DisposeAsync() => await Run("umount", _folder);

    private static async Task<bool> Run(string program, params string[] words) => (await Cli.Wrap(program).WithArguments(words)
        .WithValidation(CommandResultValidation.None).ExecuteAsync(TestContext.Current.CancellationToken)).ExitCode == 0;
}
