namespace Reliability;

/// <summary>
/// Mutated inputs for each parser: each is accepted or refused, and nothing else happens. One parser alone, from the command line:
/// <c>tests/reliability/run --fuzz plan --count 100000 --seed 7</c>.
/// </summary>
[Collection(Parsers.OneAtATime)]
public sealed class FuzzTests(Laboratory laboratory)
{
    public static TheoryData<string> All => Environment.GetEnvironmentVariable("RELIABILITY_FUZZ") is { Length: > 0 } one
        ? [one]
        : [.. Parsers.Names];

    [Theory, MemberData(nameof(All))]
    public void A_mutated_input_is_accepted_or_refused_and_nothing_else(string name)
    {
        var parser = laboratory.Parsers[name];
        Assert.All(parser.Valid, valid => Assert.Null(parser.Read(valid)));         // so that a mutation starts from what gets through
        var mutator = new Mutator(parser.Valid, (ulong)Counts.Seed);
        var watched = new Watched(parser);
        var wrong = watched.Run(Enumerable.Range(0, Counts.Mutations).Select(i =>
        {
            var content = mutator[i];
            return ($"seed {Counts.Seed} input {i}", i % 2 == 0 && parser.Seal is { } seal ? seal(content) : content);
        }));
        Tally.Add(
            "fuzz", $"{Counts.Mutations} mutated inputs of {name}",
            wrong.Count == 0
                ? $"each accepted ({watched.Accepted}) or refused, at most {watched.MostAllocated / 1024} KiB for one"
                : $"{wrong.Count} wrong");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }
}
