using System.Globalization;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;

namespace Host.Tests;

/// <summary>The simulation of many workers, at a small size.</summary>
public sealed partial class ScaleTests
{
    [Fact]
    public async Task Many_workers_train_each_once_with_few_operations()
    {
        var run = await Cli.Wrap("dotnet").WithArguments([Installation.BenchProgram("Workers"), "1000", "8", "20", "1"])
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.Contains("; 1000 trained, 0 of them twice", run.StandardOutput, StringComparison.Ordinal);
        var operations = double.Parse(Operations().Match(run.StandardOutput).Groups["count"].Value, CultureInfo.InvariantCulture);
        Assert.InRange(operations, 8, 30);                     // with so few trainings much of it is at the end
    }

    [GeneratedRegex(@"^operations per training: (?<count>[0-9.]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Operations();
}
