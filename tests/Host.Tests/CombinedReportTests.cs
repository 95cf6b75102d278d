namespace Host.Tests;

/// <summary>Experiments that differ in more than their strategies, in one results folder and one report.</summary>
public sealed class CombinedReportTests(Installation installation)
{
    private const string Line = $"run --strategy variance --compare magnitude --seeds 1..2 {Place.Small} --density 0.5";

    [Fact]
    public async Task Prior_scope_and_architecture_make_different_rows_and_each_is_compared_with_its_own()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --name usual")).Done();
        (await place.Run($"{Line} --name prior --prior-scale 0.5")).Done().Reused(0, 2, 2);
        (await place.Run($"{Line} --name scope --scope global")).Done().Reused(2, 2, 0);
        (await place.Run($"{Line} --name net".Replace("--layers 8,5", "--layers 6", StringComparison.Ordinal))).Done();
        var folders = ((string[])["usual", "prior", "scope", "net"]).Select(place.Results.Experiment);
        var outcome = (await place.Run($"report {string.Join(' ', folders)} --name all")).Done();

        var (shown, table) = (outcome.Table.Skip(1).ToList(), place.Results.Table("all"));
        Assert.Equal(
            [
                "bayesian (layers 36-6-3, prior-scale 1)", "bayesian (layers 36-8-5-3, prior-scale 0.5)",
                "bayesian (layers 36-8-5-3, prior-scale 1)",
                "dense (layers 36-6-3)", "dense (layers 36-8-5-3)",
                "magnitude (layers 36-6-3, scope paper)", "magnitude (layers 36-8-5-3, scope global)",
                "magnitude (layers 36-8-5-3, scope paper)",
                "variance (layers 36-6-3, prior-scale 1, scope paper)", "variance (layers 36-8-5-3, prior-scale 0.5, scope paper)",
                "variance (layers 36-8-5-3, prior-scale 1, scope global)", "variance (layers 36-8-5-3, prior-scale 1, scope paper)",
            ],
            shown.Select(cells => cells[0]).Order(StringComparer.Ordinal));
        Assert.Equal(2 * shown.Count, table.Count);
        Assert.Equal(
            ["", "0.5", "1"],
            table.Select(row => row["prior_scale"]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["36-6-3", "36-8-5-3"], table.Select(row => row["layers"]).Distinct().Order(StringComparer.Ordinal));
        string[] cell = ["kind", "strategy", "scope", "prior_scale", "layers"];
        Assert.All(table.GroupBy(row => string.Join(' ', cell.Select(column => row[column]))), replicates =>
            Assert.Equal(["1", "2"], replicates.Select(row => row["seed"])));

        // A row's mean is its own two seeds', and its difference is to the dense net of its own layers.
        double Mean(string experiment, string column, string value) =>
            place.Results.Table(experiment).Where(row => row[column] == value).Average(row => row.Number("test_accuracy_last"));
        var (wide, narrow) = (Mean("usual", "kind", "dense"), Mean("net", "kind", "dense"));
        foreach (var (name, experiment, dense) in ((string, string, double)[])[
            ("variance (layers 36-8-5-3, prior-scale 0.5, scope paper)", "prior", wide),
            ("variance (layers 36-6-3, prior-scale 1, scope paper)", "net", narrow),
            ("variance (layers 36-8-5-3, prior-scale 1, scope global)", "scope", wide)])
        {
            var mean = Mean(experiment, "strategy", "variance");
            var difference = (100 * (mean - dense)).ToString("+0.00;−0.00;0.00", System.Globalization.CultureInfo.InvariantCulture);
            var cells = Assert.Single(shown, cells => cells[0] == name);
            Assert.StartsWith($"{100 * mean:0.00} ", cells[3], StringComparison.Ordinal);
            Assert.StartsWith(difference, cells[5], StringComparison.Ordinal);
        }
        var report = place.Results.Report("all");
        foreach (var part in (string[])["36-8-5-3 and 36-6-3", "1 | 0.5", "paper | global", "--prior-scale 0.5", "--scope global"])
            Assert.Contains(part, report, StringComparison.Ordinal);
        // It is made again from its own plan.
        Assert.Equal(outcome.Out, (await place.Run($"report {place.Results.Experiment("all")}")).Done().Out);
    }

    [Fact]
    public async Task What_cannot_be_combined_is_refused()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --name one")).Done();
        (await place.Run($"{Line} --name two --prior-scale 0.5 --output elsewhere")).Done();
        var (one, two) = (place.Results.Experiment("one"), place.At("elsewhere").Experiment("two"));
        (await place.Run($"report {one} {two} --name both")).Refused(2, "several results folders");
        (await place.Run($"report {one} {one}")).Refused(2, "--name", "expected a plain folder name", "found nothing");
        (await place.Run($"report {one} {one} --name ../x")).Refused(2, "found ../x");
        (await place.Run($"report {one} --name both")).Refused(2, "--name", "leave it out");
        (await place.Run($"report {one} nowhere --name both")).Refused(2, "an experiment's folder with a plan.json", "found nowhere");
        (await place.Run($"{Line} --name three --prior-scale 2")).Done();
        (await place.Run($"report {one} {place.Results.Experiment("three")} --name one")).Refused(2, "--name", "holds another plan");
    }
}
