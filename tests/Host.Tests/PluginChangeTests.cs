using Bnn.Core;

namespace Host.Tests;

/// <summary>
/// A strategy's file is part of its tickets' keys: with another file they are trained again, and the command says which and why.
/// </summary>
public sealed class PluginChangeTests(Installation installation)
{
    [Fact]
    public async Task Tickets_that_another_plugin_file_made_are_trained_again_and_named()
    {
        using var place = installation.Place();
        const string Line = $"run --strategy variance --compare magnitude,random {Place.SmallAtDensities}";
        (await place.Run(Line)).Done();
        foreach (var ticket in place.Results.Tickets.Where(ticket => ticket.Config.GetProperty("strategy").GetString() != "random"))
        {
            // As an older file would have left it: the same settings, another hash, and so another folder.
            var config = File.ReadAllText(ticket.File("config.json"));
            var hash = ticket.Config.GetProperty("plugin_sha256").GetString()!;
            var other = config.Replace(hash, "0123456789abcdef", StringComparison.Ordinal);
            File.WriteAllText(ticket.File("config.json"), other);
            Directory.Move(ticket.Folder, Path.Combine(place.Results.RunsFolder, TrainingKey.Of(other).Value));
        }
        var outcome = (await place.Run(Line)).Done().Reused(1, 1, 2);
        outcome.Says(
            "trained again: 4 tickets of variance and magnitude, because MaskStrategies.dll has changed since (SHA-256 01234567… then, ",
            "other masks");
        Assert.DoesNotContain("trained again", (await place.Run(Line)).Done().Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_tickets_are_not_said_to_be_trained_again()
    {
        using var place = installation.Place();
        (await place.Run($"run --compare none {Place.Small} --density 0.5")).Done();
        var outcome = (await place.Run($"run --compare random {Place.Small} --density 0.5,0.4")).Done();
        Assert.DoesNotContain("trained again", outcome.Err, StringComparison.Ordinal);
    }
}
