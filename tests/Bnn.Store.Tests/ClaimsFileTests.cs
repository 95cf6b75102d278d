using System.Collections.Immutable;
using System.Text;
using Bnn.Core;

namespace Bnn.Store.Tests;

public sealed class ClaimsFileTests
{
    private const string Source = """
        [[source]]
        name = "s"
        title = "Someone 2020"
        data = "ba891046e650"
        layers = "300,100"
        lr = 0.00120

        """;

    private const string Claim = Source + """
        [[claim]]
        source = "s"
        says = "What it is"
        measure = "test_accuracy_last"
        of = { strategy = "magnitude", pruning = "iterative" }
        density = [0.2, 0.10]
        direction = "near"
        expected = [98, 97.5]
        tolerance = 0.2
        """;

    private static Result<ImmutableArray<Claim>> Parse(string text) => ClaimsFile.Parse("mine.toml", Encoding.UTF8.GetBytes(text));

    private static ImmutableArray<string> Faults(string text) =>
        Parse(text).Match<ImmutableArray<string>>(_ => [], faults => [.. faults.Select(fault => fault.Describe())]);

    [Fact]
    public void A_row_of_numbers_is_a_claim_for_each_density()
    {
        var claims = Parse(Claim).OrThrow();
        Assert.Equal(["0.2", "0.1"], claims.Select(claim => claim.Density.ToString()));
        Assert.Equal([98, 97.5], claims.Select(claim => claim.Expected));
        Assert.All(claims, claim =>
        {
            Assert.Equal(("What it is", "Someone 2020", 0.2), (claim.Says, claim.Source, claim.Tolerance));
            Assert.Equal((Measures.TestAccuracyLast, ClaimForm.Value, ClaimDirection.Near), (claim.Measure, claim.Form, claim.Direction));
            Assert.Equal(
                [new("kind", "ticket"), new("strategy", "magnitude"), new("pruning", "iterative")], claim.Of.Own.AsEnumerable());
            Assert.Equal([new("data", "ba891046e650"), new("layers", "300,100"), new("lr", "0.0012")], claim.Of.Setup.AsEnumerable());
            Assert.Null(claim.Against);
            Assert.False(claim.IsAtBestDensity);
        });
    }

    [Fact]
    public void What_is_compared_with_has_the_same_factors_but_those_given_unless_it_is_another_kind()
    {
        var text = Claim.Replace(
            "direction =", "compared = \"ratio\"\nagainst = { kept = \"reinit\" }\ndirection =", StringComparison.Ordinal);
        var claim = Parse(text).OrThrow()[0];
        Assert.Equal(ClaimForm.Ratio, claim.Form);
        Assert.Equal(
            ["kind ticket", "strategy magnitude", "pruning iterative", "kept reinit"],
            claim.Against!.Own.Select(factor => $"{factor.Name} {factor.Value}"));
        claim = Parse(text.Replace("kept = \"reinit\"", "kind = \"dense\"", StringComparison.Ordinal)).OrThrow()[0];
        Assert.Equal("kind dense", Assert.Single(claim.Against!.Own.Select(factor => $"{factor.Name} {factor.Value}")));
        Assert.Equal(claim.Of.Setup, claim.Against.Setup);
    }

    [Fact]
    public void A_source_may_stand_behind_its_claims_and_the_best_density_may_be_asked_for()
    {
        var text = Claim[Source.Length..].Replace("[0.2, 0.10]", "\"best\"", StringComparison.Ordinal)
            .Replace("[98, 97.5]", "98", StringComparison.Ordinal) + "\n" + Source;
        var claim = Assert.Single(Parse(text).OrThrow());
        Assert.True(claim.IsAtBestDensity);
        Assert.Null(claim.Density);
    }

    /// <summary>As trainings have them: numbers as they are written, the optimizer with its constants.</summary>
    [Theory]
    [InlineData("lr", "0.00120", "0.0012"), InlineData("optimizer", "adam", "adam (beta1 0.9, beta2 0.999, epsilon 1E-07)")]
    [InlineData("per-round", "0.20", "0.2"), InlineData("layers", "300, 100", "300,100"), InlineData("rewind", "500", "500")]
    [InlineData("scope", "global", "global"), InlineData("bayesian-images", "0.10", "0.1"), InlineData("bayesian-steps", "10", "10")]
    public void Factors_are_read_as_settings(string name, string text, string value) =>
        Assert.Equal(value, ClaimTrainings.ValueOf(name, new Given(text, Origin.Named(name))).OrThrow());

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "", "", "mine.toml claims nothing: it has no [[claim]]" },
        { Claim, Source, "mine.toml claims nothing" },
        { "[[source]]", "x = 1\n[[source]]", "mine.toml, line 1, column 1: x stands before the first table" },
        { "[[claim]]", "[[calim]]", "line 7, column 1: unknown table 'calim': did you mean 'claim'? Known: source, claim" },
        { "[[claim]]", "[claim]", "line 7, column 1: expected [[claim]], found [claim]" },
        { "[[claim]]", "[[claim]]\n[claim.of]", "line 8, column 1: unknown table 'claim.of'" },
        { "title = \"Someone 2020\"\n", "", "line 1, column 1: [[source]] has no title" },
        { "lr =", "lrr =", "line 6, column 1: unknown key 'lrr': did you mean 'lr'?" },
        { "lr = 0.00120", "lr = \"fast\"", "line 6, column 1: lr: expected" },
        { "data = \"ba891046e650\"", "data = \"mnist\"", "line 4, column 1: data: expected the first 12 digits" },
        { "layers = \"300,100\"", "layers = [300, 100]", "line 5, column 1: layers: expected a text, a number, true or false" },
        { "layers = \"300,100\"", "layers = \"300,100\"\nlayers = \"3\"", "line 6, column 1: layers is given already, in line 5" },
        { "[[claim]]", "[[source]]\nname = \"s\"\ntitle = \"t\"\n[[claim]]", "line 7, column 1: a source 's' is in line 1 already" },
        { "source = \"s\"", "source = \"t\"", "line 8, column 1: source 't'" },
        { "says =", "say =", "unknown key 'say': did you mean 'says'?" },
        { "says = \"What it is\"\n", "", "line 7, column 1: [[claim]] has no says" },
        { "\"What it is\"", "\"a\\u0007b\"", "says: expected a text without control characters" },
        { "test_accuracy_last", "test_acuracy_last", "'test_acuracy_last': did you mean 'test_accuracy_last'?" },
        { "direction = \"near\"", "direction = \"up\"", "line 13, column 1: direction 'up'. Known: above, below, near" },
        { "{ strategy = \"magnitude\", pruning = \"iterative\" }", "\"magnitude\"", "of: expected factors in braces, found magnitude" },
        { "{ strategy = \"magnitude\", pruning = \"iterative\" }", "{ steps = 5 }", "of says neither which strategy's tickets" },
        { "strategy = \"magnitude\"", "strateg = \"magnitude\"", "line 11, column 8: unknown key 'strateg': did you mean 'strategy'?" },
        { "pruning = \"iterative\"", "pruning = \"iterativ\"", "pruning 'iterativ': did you mean 'iterative'?" },
        { "pruning = \"iterative\"", "kind = \"tikcet\"", "kind 'tikcet': did you mean 'ticket'?" },
        { "pruning = \"iterative\"", "kept = \"reinti\"", "kept 'reinti': did you mean 'reinit'?" },
        { "pruning = \"iterative\"", "bayesian-images = \"1,0.1\"", "bayesian-images: expected one value, found 1,0.1" },
        { "pruning = \"iterative\"", "a.b = 1", "line 11, column 32: 'a.b' has dots in it" },
        { "density = [0.2, 0.10]\n", "", "line 7, column 1: [[claim]] is about masked nets and has no density" },
        { "[0.2, 0.10]", "[0.2, 1.5]", "density: expected a share of the weights, above 0 and at most 1" },
        { "[0.2, 0.10]", "[]", "an array of them, or \"best\", found an empty array" },
        { "[0.2, 0.10]", "[0.2]", "expected: expected one number, found an array; there are 2" },
        { "[98, 97.5]", "98", "expected: expected 2 numbers, one for each density, found 98; there are 1" },
        { "[98, 97.5]", "[98, 101]", "expected: expected per cent, from 0 to 100, found 101" },
        { "[98, 97.5]", "[98, nan]", "expected: expected per cent, from 0 to 100, found nan" },
        { "tolerance = 0.2", "tolerance = -1", "tolerance: expected a number, 0 or more, found -1" },
        { "tolerance = 0.2", "tolerance = \"0.2\"", "tolerance: expected a number, 0 or more, found 0.2" },
        { "tolerance = 0.2", "tolerance = ", "line 15" },
        { "direction =", "against = { kind = \"dense\" }\ndirection =", "against is given, but nothing says how the two are compared" },
        { "direction =", "compared = \"ratio\"\ndirection =", "line 7, column 1: a ratio needs something that it is taken against" },
        { "direction =", "compared = \"raito\"\ndirection =", "compared 'raito': did you mean 'ratio'?" },
        { "direction =", "compared = \"difference\"\nagainst = {}\ndirection =", "against: expected factors in braces" },
        {
            "density = [0.2, 0.10]", "density = \"best\"\ncompared = \"ratio\"\nagainst = { kind = \"dense\" }",
            "density is \"best\", which is for values that aren't compared"
        },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void What_is_wrong_is_told_with_its_place(string right, string wrong, string told)
    {
        var text = right.Length == 0 ? "" : Claim.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Claim, text);
        Assert.Contains(Faults(text), fault =>
            fault.Contains(told, StringComparison.Ordinal) && fault.Contains("mine.toml", StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_told_together_in_their_order()
    {
        var text = Claim.Replace("lr =", "lrr =", StringComparison.Ordinal).Replace("says =", "say =", StringComparison.Ordinal)
            .Replace("near", "nearly", StringComparison.Ordinal);
        var faults = Faults(text);
        Assert.Equal(4, faults.Length);
        Assert.Contains("lrr", faults[0], StringComparison.Ordinal);
        Assert.Contains("has no says", faults[1], StringComparison.Ordinal);
        Assert.Contains("'say'", faults[2], StringComparison.Ordinal);
        Assert.Contains("did you mean 'near'?", faults[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_or_not_there_is_refused()
    {
        Assert.Contains("that a file of claims may have", Assert.Single(Faults(new string(' ', 1 << 17))), StringComparison.Ordinal);
        Assert.Contains("can't be read", Assert.Single(ClaimsFile.Read("/nowhere/claims.toml")
            .Match<IEnumerable<string>>(_ => [], faults => faults.Select(fault => fault.Describe()))), StringComparison.Ordinal);
    }
}
