using System.Security.Cryptography;
using Bnn.Tests;
using CliWrap;
using CliWrap.Buffered;

namespace MaskStrategies.Tests;

/// <summary>
/// A ticket's key contains the plugin's SHA-256: the same sources must give the same DLL wherever and however they are built.
/// </summary>
public sealed class BuildTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("plugin-build-").FullName;

    [Fact]
    public async Task Any_folder_and_both_configurations_give_the_same_plugin()
    {
        var here = Hash(typeof(Variance).Assembly.Location);
        Assert.Equal(here, await Build("there", "Release"));
        Assert.Equal(here, await Build(Path.Combine("another", "place further down"), "Debug"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>SHA-256 of the DLL that a copy of the sources builds.</summary>
    private async Task<string> Build(string folder, string configuration)
    {
        var copy = Path.Combine(_root, folder);
        Copy(Path.Combine(Golden.Folder, "..", ".."), copy);
        var plugins = Path.Combine(copy, "out") + Path.DirectorySeparatorChar;
        var result = await Cli.Wrap("dotnet")
            .WithArguments([
                "build", Path.Combine(copy, "src", "Plugins", "MaskStrategies"), "-c", configuration, "-v", "q", "--nologo",
                "-nodeReuse:false", $"-p:PluginFolder={plugins}"])
            .WithWorkingDirectory(copy)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        return Hash(Path.Combine(plugins, "MaskStrategies.dll"));
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    /// <summary>What the plugin is built from, without anything that was built.</summary>
    private static void Copy(string repository, string copy)
    {
        Directory.CreateDirectory(copy);
        string[] settings = ["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", ".gitattributes"];
        foreach (var name in settings)
            File.Copy(Path.Combine(repository, name), Path.Combine(copy, name));
        foreach (var project in (string[])["Bnn.Core", "Bnn.Contract", Path.Combine("Plugins", "MaskStrategies")])
        {
            var source = Path.Combine(repository, "src", project);
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var relative = Path.GetRelativePath(source, file);
                if (relative.Split(Path.DirectorySeparatorChar)[0] is "bin" or "obj") continue;
                var target = Path.Combine(copy, "src", project, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }
}
