namespace Host.Tests;

/// <summary>One experiment's name, two processes at once.</summary>
public sealed class NameRaceTests(Installation installation)
{
    private const string Line = $"run --strategy random --compare none {Place.Small} --name both --density";

    [Fact]
    public async Task Of_two_plans_one_has_the_name_and_the_other_is_refused()
    {
        for (var round = 0; round < 3; round++)
        {
            using var place = installation.Place();
            Outcome[] ends = await Task.WhenAll(place.Run($"{Line} 0.5"), place.Run($"{Line} 0.4"));
            Assert.Equal([0, 2], ends.Select(end => end.Code).Order());
            ends.Single(end => end.Code == 2).Refused(2, "--name", "both", "holds another plan (", "give another name");
            var density = ends[0].Code == 0 ? "0.5" : "0.4";
            Assert.Contains(place.Results.Table("both"), row => row["target_density"] == density);
            (await place.Run("verify")).Done();
        }
    }

    [Fact]
    public async Task The_same_plan_twice_is_shared()
    {
        using var place = installation.Place();
        foreach (var end in await Task.WhenAll(place.Run($"{Line} 0.5"), place.Run($"{Line} 0.5"))) end.Done();
        (await place.Run("verify")).Done();
        Assert.DoesNotContain(Folders.Files(place.Results.Root).Keys, name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }
}
