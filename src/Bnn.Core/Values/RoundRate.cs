using System.Globalization;

namespace Bnn.Core;

/// <summary>
/// The share of the weights left that each round prunes, in (0, 1). Decimal, so that half of 0.2 is 0.1. The default is 0.2, as in Frankle
/// and Carbin 2018.
/// </summary>
public readonly record struct RoundRate
{
    private const decimal Usual = 0.2m;

    private readonly decimal _aboveUsual;

    private RoundRate(decimal value) => _aboveUsual = value - Usual;

    public decimal Value => Usual + _aboveUsual;

    public static Result<RoundRate> Create(decimal value) => value is > 0 and < 1
        ? new RoundRate(value)
        : Refuse(value.ToString(CultureInfo.InvariantCulture));

    public static Result<RoundRate> Parse(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? Create(value)
            : Refuse(text.Length == 0 ? "nothing" : text);

    /// <inheritdoc cref="Density.Shortest"/>
    internal decimal Shortest => decimal.Parse(ToString(), CultureInfo.InvariantCulture);

    /// <summary>Without trailing zeros.</summary>
    public override string ToString() => Density.Normalised(Value);

    private static Fault.BadSetting Refuse(string found) =>
        new("", found, "a share of the weights left to prune in each round, above 0 and below 1") { Example = "0.2" };
}
