namespace Host.Tests;

/// <summary><c>--ood</c>: how well uncertainty tells the images of a second data set.</summary>
public sealed class SecondDataTests(Installation installation)
{
    private const string Line = $"run --strategy magnitude --compare none {Place.SmallAtDensities}";

    [Fact]
    public async Task Trainings_that_are_done_are_measured_beside_the_set_that_was_given_last()
    {
        using var place = installation.Place();
        (await place.Run(Line)).Done();
        Assert.All(place.Results.Table(), row => Assert.Equal("", row["auroc_entropy"] + row["second_data"]));
        var (first, second) = (place.File("other"), place.File("another"));
        new IdxSet(test: 60).WriteTo(first, gzip: false);
        new IdxSet(test: 30).WriteTo(second, gzip: true);
        (await place.Run($"{Line} --ood {first}")).Done().Says("measuring");
        var one = place.Results.Table();
        Assert.All(one, row => Assert.InRange(double.Parse(row["auroc_entropy"], System.Globalization.CultureInfo.InvariantCulture), 0, 1));
        Assert.All(one, row => Assert.Equal(row["kind"].Contains("bayesian"), row["auroc_mutual_information"] != ""));
        Assert.Equal(12, Assert.Single(one.Select(row => row["second_data"]).Distinct()).Length);
        // Without the flag what was measured stays, and the same set is measured once.
        Assert.DoesNotContain("measuring", (await place.Run($"{Line} --ood {first}")).Done().Err, StringComparison.Ordinal);
        (await place.Run(Line)).Done();
        Assert.Equal(one.Select(row => row["auroc_entropy"]), place.Results.Table().Select(row => row["auroc_entropy"]));
        (await place.Run($"{Line} --ood {second}")).Done().Says("measuring");
        Assert.NotEqual(one[0]["second_data"], place.Results.Table()[0]["second_data"]);
        (await place.Run("verify")).Done();
    }

    [Fact]
    public async Task A_set_of_another_size_or_the_same_images_is_refused_before_anything_is_trained()
    {
        using var place = installation.Place();
        var (wide, same) = (place.File("wide"), place.File("same"));
        new IdxSet(size: 8).WriteTo(wide, gzip: false);
        new IdxSet().WriteTo(same, gzip: false);
        (await place.Run($"{Line} --ood {wide}")).Ends(2).Says("--ood", "8×8 pixels");
        (await place.Run($"{Line} --ood {same}")).Ends(2).Says("--ood", "the test images themselves");
        (await place.Run($"{Line} --ood {place.File("nowhere")}")).Ends(3).Says("--ood", "nowhere");
        (await place.Run($"{Line} --ood {place.File("wide/t10k-labels-idx1-ubyte")}")).Ends(2).Says("--ood", "which is a file");
        Assert.False(Directory.Exists(place.File("results")));
    }
}
