using Host.Experiments;

namespace Host.Tests;

/// <summary>A log has every line, or fails nobody.</summary>
public sealed class TrainingLogTests : IDisposable
{
    private readonly string _folder = Folders.Temporary("log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_can_be_read_while_it_is_open_and_replace_an_earlier_log()
    {
        var path = Path.Combine(_folder, "log.txt");
        File.WriteAllText(path, "earlier, and longer than what comes now, whatever that is");
        using var log = new TrainingLog(path);
        log.Lines.Information("step {Step}", 3);
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d\d\d INF step 3\n$", reader.ReadToEnd().ReplaceLineEndings("\n"));
    }

    [Theory, InlineData("nowhere/log.txt"), InlineData("folder")]
    public void A_path_that_takes_no_file_fails_nobody(string name)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "folder", "below"));
        using var log = new TrainingLog(Path.Combine(_folder, name));
        log.Lines.Information("lost");
    }
}
