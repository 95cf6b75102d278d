using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using CsCheck;

namespace Host.Tests;

/// <summary>Laws of <c>name:parameter=value</c>.</summary>
public sealed class StrategyTextTests
{
    private static readonly StrategyInfo Plain = Info("plain");

    private static readonly StrategyInfo Knobs = Info(
        "knobs",
        new("alpha", ParameterKind.Number, "", "0.5", -10, 10, []),
        new("count", ParameterKind.Whole, "", "2", -9, 9, []),
        new("flag", ParameterKind.Flag, "", "false", double.NegativeInfinity, double.PositiveInfinity, []),
        new("mode", ParameterKind.Choice, "", "a", double.NegativeInfinity, double.PositiveInfinity, ["a", "b"]));

    private static readonly StrategyInfo Refers = Info(
        "refers",
        new StrategyParameter("of", ParameterKind.Strategy, "", "plain", double.NegativeInfinity, double.PositiveInfinity, []));

    private static readonly StrategyInfo[] Known = [Plain, Knobs, Refers];
    private static readonly string[] Words =
        ["knobs", "plain", "refers", ":", "=", "alpha", "count", "of", "1", "-", ".", "e9", "NaN", "true", "b", " ", "ü"];

    private static readonly Gen<(double Alpha, int Count, bool Flag, string Mode)> Values = Gen.Select(
        Gen.Double[-10, 10], Gen.Int[-9, 9], Gen.Bool, Gen.Bool.Select(first => first ? "a" : "b"));

    [Fact]
    public void A_label_reads_back_to_the_same_strategy() => Values.Sample(v =>
    {
        var (alpha, flag) = (v.Alpha.ToString("R", CultureInfo.InvariantCulture), v.Flag ? "true" : "false");
        var info = Ok($"knobs:alpha={alpha}:count={v.Count}:flag={flag}:mode={v.Mode}");
        return Ok(info.Label) is var again && again == info && again.Label == info.Label && again.Arguments.SequenceEqual(info.Arguments)
            && double.Parse(info.Arguments[0].Value, CultureInfo.InvariantCulture) == v.Alpha;
    });

    [Fact]
    public void Order_and_spelling_of_values_make_no_other_strategy() => Gen.Select(
        Gen.Int[-999, 999], Gen.Int[-9, 9], Gen.Shuffle(new[] { 0, 1, 2 }), Gen.Int[1, 5]).Sample((hundredths, count, order, zeros) =>
    {
        var alpha = (hundredths / 100m).ToString("0.00", CultureInfo.InvariantCulture) + new string('0', zeros);
        string[] parts = [$":alpha={alpha}", $":count={count:+00;-00}", ":mode=b"];
        var shortest = (hundredths / 100.0).ToString("R", CultureInfo.InvariantCulture);
        return Ok("knobs" + string.Concat(order.Select(i => parts[i]))) == Ok($"knobs:alpha={shortest}:count={count}:mode=b");
    });

    [Fact]
    public void Defaults_left_out_and_typed_are_one() => Assert.Equal(Ok("knobs"), Ok("knobs:alpha=0.5:count=2:flag=false:mode=a"));

    [Fact]
    public void Whatever_is_typed_either_reads_back_or_is_told_as_a_fault() =>
        Gen.Int[0, Words.Length - 1].Select(i => Words[i]).List[0, 9].Select(string.Concat).Sample(text =>
            StrategyText.Parse(text, Known).Match(
                info => StrategyText.Parse(info.Label, Known) is Result<StrategyInfo>.Ok(var again) && again == info,
                faults => !faults.IsEmpty && faults.All(fault => fault.Describe().Length > 0)));

    [Fact]
    public void Numbers_outside_the_range_and_only_those_are_refused() => Gen.Double[-20, 20].Sample(value =>
    {
        var text = $"knobs:alpha={value.ToString("R", CultureInfo.InvariantCulture)}";
        return StrategyText.Parse(text, Known) is Result<StrategyInfo>.Ok == value is >= -10 and <= 10;
    });

    [Fact]
    public void Every_fault_of_one_text_is_told() =>
        Assert.Equal(3, StrategyText.Parse("knobs:alpha=11:count=1.5:mode=c", Known).Match(_ => 0, faults => faults.Length));

    [Fact]
    public void A_strategy_that_refers_needs_what_the_other_needs()
    {
        var needy = Plain with { Needs = Needs.Posterior };
        Assert.Equal(Needs.Posterior, StrategyText.Parse("refers", [needy, Refers]).Match(info => info.AllNeeds, _ => Needs.Nothing));
    }

    private static StrategyInfo Info(string name, params ImmutableArray<StrategyParameter> parameters) =>
        new(name, "", Keep.Highest, Needs.Nothing, $"{name}.dll", "1.0.0.0", "00") { Parameters = parameters };

    private static StrategyInfo Ok(string text) => Assert.IsType<Result<StrategyInfo>.Ok>(StrategyText.Parse(text, Known)).Value;
}
