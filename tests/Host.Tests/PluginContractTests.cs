using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Bnn.Contract;
using Bnn.Core;

namespace Host.Tests;

/// <summary>A plugin that was built on an earlier contract still loads, scores and trains.</summary>
public sealed class PluginContractTests
{
    /// <summary>Weights of the first layer of <see cref="Place.Small"/>: 36 inputs, 8 outputs.</summary>
    private const int First = 36 * 8;

    private const string Line = $"--compare none --scope layerwise --density 0.25 {Place.Small}";

    /// <summary>The DLL that was kept, and the same source built today.</summary>
    public static TheoryData<string> PluginsOf11 => new(Kept("1.1", "PluginContract11"), Installation.TestPlugin("PluginContract11"));

    [Theory, InlineData("1.0", "PluginGood"), InlineData("1.1", "PluginContract11")]
    public void The_kept_plugins_refer_to_the_contract_of_their_folder(string contract, string plugin)
    {
        using var file = new PEReader(File.OpenRead(Kept(contract, plugin)));
        var reader = file.GetMetadataReader();
        var references = reader.AssemblyReferences.Select(reader.GetAssemblyReference);
        var found = references.Single(reference => reader.GetString(reference.Name) == "Bnn.Contract");
        Assert.Equal(Version.Parse($"{contract}.0.0"), found.Version);
    }

    [Fact]
    public async Task A_plugin_of_contract_1_0_still_runs()
    {
        using var installation = Installed(Kept("1.0", "PluginGood"));
        using var place = installation.Place();
        (await place.Run($"run --strategy index {Line}")).Done();
        Assert.Equal(Enumerable.Range(0, First).Select(i => i < First / 4 ? 1 : 0), place.Results.Mask("index", "0.25", layer: 1));
    }

    [Theory, MemberData(nameof(PluginsOf11))]
    public async Task Every_strategy_of_contract_1_1_is_listed_and_passes_the_checks(string plugin)
    {
        using var installation = Installed(plugin);
        using var place = installation.Place();
        var listed = (await place.Run("strategies")).Done();
        Assert.Equal(
            ["eleven-activity", "eleven-curvature", "eleven-dense", "eleven-gradients", "eleven-knobs", "eleven-network", "eleven-other",
                "eleven-random", "eleven-snapshots", "eleven-start", "eleven-streams"],
            listed.Listed("other").Order(StringComparer.Ordinal));
        Assert.Equal(["eleven-posterior"], listed.Listed("contract 1.1"));
        Assert.DoesNotContain("FAILED", (await place.Run("strategies check", plugin)).Done().Out, StringComparison.Ordinal);
    }

    /// <summary>Each of them ranks as a strategy that ships does, so their masks must be the same.</summary>
    [Theory, MemberData(nameof(PluginsOf11))]
    public async Task Strategies_of_contract_1_1_see_what_those_that_ship_see(string plugin)
    {
        (string Theirs, string Shipped)[] pairs = [
            ("eleven-posterior", "sigma-ratio"), ("eleven-dense", "movement"), ("eleven-snapshots:at=3", "early-snr:at=3"),
            ("eleven-start", "large-init"), ("eleven-gradients", "snip"), ("eleven-curvature", "grasp"), ("eleven-activity", "wanda"),
            ("eleven-other:of=kl", "kl"), ("eleven-other", "variance")];
        using var installation = Installed(plugin);
        using var place = installation.Place();
        var asked = string.Join(',', pairs.Select(pair => $"{pair.Theirs},{pair.Shipped}").Append("eleven-posterior:of=mean"));
        (await place.Run($"run --strategy {asked} {Line}")).Done();
        for (var layer = 1; layer <= 3; layer++)
        {
            foreach (var (theirs, shipped) in pairs)
                Assert.Equal((theirs, Mask(shipped)), (theirs, Mask(theirs)));
            var posterior = place.Results.Bayesian.Posterior;
            var shift = posterior[$"final.layer{layer}.mu"].Floats
                .Zip(posterior[$"initial.layer{layer}.mu"].Floats, (after, before) => Math.Abs((double)after - before)).ToArray();
            Assert.Equal(Highest(shift), place.Results.Mask("eleven-posterior:of=mean", "0.25", layer));

            string Mask(string strategy) => string.Concat(place.Results.Mask(strategy, "0.25", layer));
        }
    }

    [Theory, MemberData(nameof(PluginsOf11))]
    public async Task Parameters_and_random_numbers_of_contract_1_1_are_what_they_were(string plugin)
    {
        const string Turned = "eleven-knobs:share=0.1:first=3:ascending=true:lift=yes";
        using var installation = Installed(plugin);
        using var place = installation.Place();
        (await place.Run($"run --strategy eleven-knobs,{Turned},eleven-random,eleven-streams {Line}")).Done();
        foreach (var (layer, weights) in ((int, int)[])[(1, 36 * 8), (2, 8 * 5), (3, 5 * 3)])
        {
            var places = Enumerable.Range(0, weights).ToArray();
            Same("eleven-knobs", i => i == 2 ? 1e9 : -i);
            Same(Turned, i => (i == 3 ? 1e9 : i) + (i < 0.1 * weights ? 1e6 : 0));
            Same("eleven-random", new StrategyRandom(new Seed(1), "eleven-random", layer - 1).Uniform);

            var own = new StrategyRandom(new Seed(7), "eleven", layer - 1);
            var stream = new Seed(7).Stream(StreamName.StrategyRandom, layer - 1);
            Same("eleven-streams", i => -(own.Uniform(i) + stream.Block(1, (uint)i).W0));       // its lowest stay

            void Same(string strategy, Func<int, double> criterion) =>
                Assert.Equal(Highest([.. places.Select(criterion)]), place.Results.Mask(strategy, "0.25", layer));
        }
    }

    [Theory, MemberData(nameof(PluginsOf11))]
    public async Task A_strategy_for_the_whole_network_of_contract_1_1_still_runs(string plugin)
    {
        using var installation = Installed(plugin);
        using var place = installation.Place();
        (await place.Run($"run --strategy eleven-network --compare none --scope global --density 0.1 {Place.Small}")).Done();
        var kept = (int[])[1, 2, 3];
        Assert.Equal([0, 34 - 15, 15], kept.Select(layer => place.Results.Mask("eleven-network", "0.1", layer).Sum()));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => i < 40 - 19 ? 0 : 1), place.Results.Mask("eleven-network", "0.1", layer: 2));
    }

    private static string Kept(string contract, string plugin) =>
        Path.Combine(Installation.Source, "..", "tests", "TestPlugins", $"contract-{contract}", $"{plugin}.dll");

    private static Installation Installed(string plugin)
    {
        var installation = new Installation();
        File.Copy(plugin, Path.Combine(installation.Plugins, Path.GetFileName(plugin)));
        return installation;
    }

    /// <summary>1 for the highest quarter; of equal ones the higher index stays.</summary>
    private static IEnumerable<int> Highest(double[] criterion)
    {
        var kept = criterion.Index().OrderByDescending(pair => pair.Item).ThenByDescending(pair => pair.Index)
            .Take(criterion.Length - (int)Math.Floor(0.75 * criterion.Length + 0.5)).Select(pair => pair.Index).ToHashSet();
        return criterion.Index().Select(pair => kept.Contains(pair.Index) ? 1 : 0);
    }
}
