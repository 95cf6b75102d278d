namespace Reliability;

/// <summary>Every input that was made by hand to mislead a parser is refused with a reason, in little memory.</summary>
[Collection(Parsers.OneAtATime)]
public sealed class HostileFileTests(Laboratory laboratory)
{
    [Fact]
    public void What_was_made_to_mislead_is_refused_with_a_reason()
    {
        var all = HostileInputs.All(laboratory.Parsers).ToList();
        var wrong = new List<string>();
        foreach (var input in all)
        {
            var watched = new Watched(laboratory.Parsers[input.Parser]);
            var found = watched.Run([(input.Name, input.Content)]);
            wrong.AddRange(found);
            if (found.Count == 0 && !watched.Refused && !input.MayPass) wrong.Add($"{input.Parser} {input.Name}: was accepted");
        }
        Tally.Add(
            "hostile files", $"{all.Count} inputs made by hand for {Parsers.Names.Length} parsers",
            $"{all.Count - wrong.Count} refused or harmless");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(all.Count >= 200);
    }
}
