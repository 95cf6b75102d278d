using System.Text.RegularExpressions;
using Host.Tests;

namespace Reliability;

/// <summary>
/// Four processes share a results folder, with plans that overlap; two are killed. Nobody fails for another's reason, and in the end each
/// training was done once.
/// </summary>
public sealed partial class ProcessTests(Installation installation)
{
    private const string Common = "--compare none --layers 8,5 --steps 1500 --batch 10 --validation 50 --eval-every 100 --lr 0.01 "
        + "--checkpoint-every 0.1 --jobs 1";

    /// <summary>The first and the last are the same experiment.</summary>
    private static readonly string[] Lines = [
        $"run --strategy variance --density 0.5,0.2 --seeds 1..2 --name one {Common}",
        $"run --strategy snr --density 0.5,0.2 --seeds 1..2 --name two {Common}",
        $"run --strategy variance,snr --density 0.5 --seeds 2..3 --name three {Common}",
        $"run --strategy variance --density 0.5,0.2 --seeds 1..2 --name one {Common}"];

    [Fact]
    public async Task Each_training_is_done_once_whoever_is_killed()
    {
        using var whole = installation.Place();
        foreach (var line in Lines) (await new HostProcess(installation, whole.Folder, line).End()).Done();
        var expected = StoreContent.Of(whole.Results.Root);
        var (kills, wrong) = (0, new List<string>());
        for (var round = 0; round < Counts.Rounds; round++)
        {
            using var place = installation.Place();
            var random = new Random(Counts.Seed * 10_007 + round);
            var (killed, found) = await Round(place, random, expected);
            kills += killed;
            if (found is not null) wrong.Add($"seed {Counts.Seed}, round {round}: {found}");
        }
        Tally.Add(
            "processes", $"{Counts.Rounds} rounds of four processes on one folder, {kills} of them killed",
            $"{Counts.Rounds - wrong.Count} of {Counts.Rounds} rounds did each training once, to the same bytes, and left nothing");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private async Task<(int Kills, string? Wrong)> Round(Place place, Random random, StoreContent expected)
    {
        var processes = Lines.Select(line => new HostProcess(installation, place.Folder, line)).ToArray();
        int[] order = [0, 1, 2, 3];
        random.Shuffle(order);
        var kills = 0;
        foreach (var victim in order[..2])
        {
            await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * 2), TestContext.Current.CancellationToken);
            if (processes[victim].Kill()) kills++;
        }
        var outcomes = await Task.WhenAll(processes.Select(process => process.End()));
        if (order[2..].Select(survivor => outcomes[survivor]).FirstOrDefault(outcome => outcome.Code != 0) is { } hurt)
            return (kills, $"a process that was left alone: code {hurt.Code}: {hurt.Err}");
        var again = await Task.WhenAll(order[..2].Select(victim => new HostProcess(installation, place.Folder, Lines[victim]).End()));
        if (Array.Find(again, outcome => outcome.Code != 0) is { } failed)
            return (kills, $"the next run: code {failed.Code}: {failed.Err}");
        var twice = outcomes.Concat(again).SelectMany(outcome => Done().Matches(outcome.Err).Select(match => match.Groups["name"].Value))
            .GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(training => training.Count() > 1);
        if (twice is not null) return (kills, $"{twice.Key} was done {twice.Count()} times");
        if (StoreContent.Of(place.Results.Root).DifferenceFrom(expected) is { Length: > 0 } difference) return (kills, difference);
        return (kills, HostProcess.LeftIn(place.Folder) is { Length: > 0 } left ? $"left {left}" : null);
    }

    [GeneratedRegex(@"^\[\d+/\d+\] (?<name>.+?): done,", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Done();
}
