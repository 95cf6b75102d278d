namespace Host.Tests;

/// <summary>Rules of .editorconfig that neither the compiler nor the formatter checks.</summary>
public sealed class SourceTests
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(Installation.Source, ".."));

    [Fact]
    public void No_line_is_longer_than_editorconfig_allows()
    {
        var longest = MaxLineLength();
        string[] tooLong = [
            .. from folder in (string[])["bench", "samples", "src", "tests"]
               from file in Files(Path.Combine(Repository, folder))
               from line in File.ReadLines(file).Index()
               where line.Item.Length > longest
               select $"{Path.GetRelativePath(Repository, file)}:{line.Index + 1}"];
        Assert.True(tooLong.Length == 0, $"longer than {longest} characters:\n{string.Join('\n', tooLong)}");
    }

    /// <summary>The sources below a folder, without what a build leaves there.</summary>
    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    /// <summary>The max_line_length of the section for *.cs files.</summary>
    private static int MaxLineLength()
    {
        var section = File.ReadLines(Path.Combine(Repository, ".editorconfig"))
            .SkipWhile(line => line.Trim() != "[*.cs]")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('['));
        var setting = Assert.Single(section, line => line.StartsWith("max_line_length", StringComparison.Ordinal));
        return int.Parse(setting.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
