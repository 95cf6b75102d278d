namespace Host.Tests;

/// <summary>Whatever a strategy does while it scores, it costs its own tickets only.</summary>
public sealed class PluginScoringTests
{
    private static readonly (string Plugin, string Strategy, string Reason)[] Bad = [
        ("PluginThrows", "throws", "threw InvalidOperationException: the dice fell off the table"),
        ("ThrowsTwice", "throws-twice", "threw SecretException: its message can't be read"),
        ("PluginNaN", "nan", "gave NaN for weight 7 of layer 2"), ("Infinite", "infinite", "gave Infinity for weight 4 of layer 3"),
        ("Unwritten", "unwritten", "wrote no criterion for weight 3 of layer 2"),
        ("Hangs", "hangs", "gave no answer within 2 s (--plugin-timeout)"), ("Recurses", "recurses", "its process ended with code"),
        ("Allocates", "allocates", "ran out of the memory it may use"),
        ("Exits", "exits", "its process ended with code 0"), ("Crashes", "crashes", "its process ended with code"),
        ("KillsItself", "kills-itself", "its process ended with code 137")];

    private static readonly (string Plugin, string Strategy)[] Good = [("Chatty", "chatty"), ("Trespasses", "trespasses")];

    [Fact]
    public async Task Every_failure_costs_its_own_tickets_and_says_what_happened_where_and_how_to_try_again()
    {
        using var installation = new Installation();
        foreach (var plugin in Bad.Select(bad => bad.Plugin).Concat(Good.Select(good => good.Plugin))) installation.With(plugin);
        using var alone = installation.Place();
        using var place = installation.Place();
        var asked = string.Join(',', Bad.Select(bad => bad.Strategy).Concat(Good.Select(good => good.Strategy)));
        (await alone.Run($"run --strategy variance,shuffle:of=magnitude --compare random {Place.SmallAtDensities}")).Done();
        var line = $"run --strategy {asked},variance,shuffle:of=magnitude --compare random --plugin-timeout 2 {Place.SmallAtDensities}";
        var outcome = (await place.Run(line)).Ends(7);

        var lines = outcome.Err.Split('\n');
        foreach (var (plugin, strategy, reason) in Bad)
        {
            foreach (var density in (string[])["0.5", "0.2"])
            {
                var told = Array.FindIndex(lines, said =>
                    said.StartsWith($"host: {strategy} {density}, seed 1: strategy '{strategy}' (", StringComparison.Ordinal));
                Assert.True(told >= 0, $"{strategy} {density} is not reported in\n{outcome.Err}");
                Assert.Contains($"{plugin}.dll): {reason}", lines[told], StringComparison.Ordinal);
                var log = lines[told + 1].Trim()["log: ".Length..];
                Assert.Contains(reason, File.ReadAllText(Path.Combine(place.Folder, log)), StringComparison.Ordinal);
            }
            Assert.Contains(reason, System.Net.WebUtility.HtmlDecode(place.Results.Report()), StringComparison.Ordinal);
        }
        Assert.Contains("to try again: ./host run --strategy 'throws,throws-twice,", outcome.Err, StringComparison.Ordinal);
        Assert.Equal(2 * Bad.Length, outcome.Faults.Length);
        Assert.Equal(
            [
                "", "", "chatty", "chatty", "trespasses", "trespasses", "variance", "variance",
                "shuffle:of=magnitude", "shuffle:of=magnitude", "random", "random",
            ],
            place.Results.Table().Select(row => row["strategy"]));

        // The other strategies' results are unchanged to the byte, even by the strategy that wrote into its own view of the weights.
        var here = place.Results.Lasting;
        Assert.All(alone.Results.Lasting, file => Assert.True(file.Value.AsSpan().SequenceEqual(here[file.Key]), $"{file.Key} differs"));
    }

    /// <summary>
    /// Answers come through a pipe of their own: what a plugin prints, even a forged answer, is ignored. Only its scores count.
    /// </summary>
    [Theory, InlineData("Impostor", "impostor", 7), InlineData("Babbles", "babbles", 0)]
    public async Task What_a_plugin_prints_is_no_answer(string plugin, string strategy, int code)
    {
        using var installation = new Installation().With(plugin);
        using var place = installation.Place();
        var outcome = (await place.Run($"run --strategy {strategy},variance --compare none {Place.SmallAtDensities}")).Ends(code);
        if (code == 7) outcome.Says($"strategy '{strategy}'", $"{plugin}.dll", "gave NaN for weight 0 of layer 1");
        Assert.Equal(code == 7 ? 4 : 6, place.Results.Table().Count);
    }

    [Fact]
    public async Task Half_a_line_on_the_processs_own_output_is_no_failure()
    {
        using var installation = new Installation().With("Mumbles");
        using var place = installation.Place();
        (await place.Run($"run --strategy mumbles --compare none --plugin-timeout 3 {Place.SmallAtDensities}")).Done();
    }

    [Fact]
    public async Task A_strategy_that_is_referred_to_and_fails_costs_those_that_refer_to_it()
    {
        using var installation = new Installation().With("Exits");
        using var place = installation.Place();
        (await place.Run($"run --strategy shuffle:of=exits,shuffle --compare none {Place.SmallAtDensities}"))
            .Ends(7)
            .Says("shuffle:of=exits 0.5, seed 1: strategy 'exits'", "its process ended with code 0");
        Assert.Equal(["", "", "shuffle", "shuffle"], place.Results.Table().Select(row => row["strategy"]));
    }

    [Theory, InlineData("0"), InlineData("-1"), InlineData("soon"), InlineData("NaN"), InlineData("Infinity")]
    public async Task A_timeout_that_is_none_is_refused(string seconds)
    {
        using var installation = new Installation();
        using var place = installation.Place();
        (await place.Run($"run --plugin-timeout {seconds}")).Refused(2, "--plugin-timeout", seconds);
    }
}
