using System.Globalization;

namespace Bnn.Core;

/// <summary>The share of the weights that is kept, in (0, 1]. Decimal, so that 1 − 0.9 is 0.1. The default is 1: dense.</summary>
public readonly record struct Density
{
    private readonly decimal _pruned;

    private Density(decimal value) => _pruned = 1 - value;

    public static Density Dense => default;

    public decimal Value => 1 - _pruned;

    /// <summary>The share of the weights that is pruned: 1 − density.</summary>
    public decimal Sparsity => _pruned;

    public static Result<Density> Create(decimal value) => value is > 0 and <= 1
        ? new Density(value)
        : Refuse(value.ToString(CultureInfo.InvariantCulture));

    public static Result<Density> Parse(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? Create(value) : Refuse(text);

    /// <summary>The value as <see cref="ToString"/> has it: keys are made from its digits.</summary>
    internal decimal Shortest => decimal.Parse(ToString(), CultureInfo.InvariantCulture);

    /// <summary>Without trailing zeros.</summary>
    public override string ToString() => Normalised(Value);

    /// <summary>Without trailing zeros.</summary>
    internal static string Normalised(decimal value) => (value / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    private static Fault.BadSetting Refuse(string found) =>
        new("", found, "a share of weights to keep, above 0 and at most 1") { Example = "0.2,0.1,0.05" };
}
