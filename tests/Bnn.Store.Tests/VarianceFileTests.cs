using System.Text;
using Bnn.Core;

namespace Bnn.Store.Tests;

/// <summary>Measured gradients as a file: written, read, and refused where they are damaged.</summary>
public sealed class VarianceFileTests
{
    private static readonly GradientVariance Some = new(
        new AskedVariance(
            new TrainingKey("0123456789ab"), new Seed(ulong.MaxValue), new Architecture([4, 3, 2]), [Moment.Initial, Moment.After(7)],
            [1, 8], 3),
        [
            new GradientCell(Moment.Initial, 1, Perturbation.Flipout, 1, [0.1, 1e-300, 1 / 3.0]),
            new GradientCell(Moment.After(7), 2, Perturbation.Independent, 8, [0, 2, 3]),
        ]);

    [Fact]
    public void What_is_written_is_read_with_the_same_bits()
    {
        var read = Parse(VarianceFile.Write(Some)).OrThrow()!;
        Assert.Equal(VarianceFile.Write(Some), VarianceFile.Write(read));
        Assert.Equal(Some.Cells[0].Distances, read.Cells[0].Distances);
        Assert.Equal(Some.Asked.Moments, read.Asked.Moments);
        Assert.Equal((Some.Asked.Seed, Some.Asked.Repeats, Some.Asked.Net), (read.Asked.Seed, read.Asked.Repeats, read.Asked.Net));
    }

    [Fact]
    public void Another_version_is_as_if_nothing_were_there() =>
        Assert.Null(Parse(Changed("\"version\": 1", "\"version\": 2")).OrThrow());

    [Theory]
    [InlineData("\"repeats\": 3", "\"repeats\": 4")]
    [InlineData("\"flipout\"", "\"flopout\"")]
    [InlineData("\"initial\"", "\"step0\"")]
    [InlineData("\"training\": \"0123456789ab\"", "\"training\": \"../0123456789\"")]
    [InlineData("\"layer\": 2", "\"layer\": 0")]
    [InlineData("\"batches\"", "\"batchs\"")]
    [InlineData("\"net\": [", "\"net\": [0,")]
    [InlineData("\"moments\": [", "\"moments\": [null,")]
    [InlineData("\"distances\": [", "\"distances\": [\"x\",")]
    public void What_cannot_be_is_damage_even_if_its_seal_is_whole(string text, string other)
    {
        var faults = Assert.IsType<Result<GradientVariance?>.Failed>(Parse(Changed(text, other))).Faults;
        Assert.IsType<Fault.DamagedStore>(Assert.Single(faults));
    }

    [Fact]
    public void A_broken_seal_is_damage() => Assert.Contains(
        "SHA-256",
        Assert.IsType<Result<GradientVariance?>.Failed>(Parse(VarianceFile.Write(Some).Replace("0.1", "0.2", StringComparison.Ordinal)))
            .Faults[0].Describe(),
        StringComparison.Ordinal);

    private static Result<GradientVariance?> Parse(string text) => VarianceFile.Parse("some.json", Encoding.UTF8.GetBytes(text));

    /// <summary>With a part replaced and a seal of its own.</summary>
    private static string Changed(string text, string other)
    {
        var whole = VarianceFile.Write(Some);
        var changed = whole.Replace(text, other, StringComparison.Ordinal);
        Assert.NotEqual(whole, changed);
        var digits = changed.LastIndexOf(": \"", StringComparison.Ordinal) + 3;
        return Seal.Close(string.Concat(changed.AsSpan(0, digits), Seal.Open, changed.AsSpan(digits + Seal.Digits)));
    }
}
