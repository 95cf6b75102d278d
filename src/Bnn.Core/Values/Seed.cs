using System.Globalization;

namespace Bnn.Core;

/// <summary>The number that fixes every random draw of an experiment: a key of the Philox generator.</summary>
public readonly record struct Seed(ulong Value)
{
    public static Result<Seed> Parse(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new Seed(value)
            : new Fault.BadSetting("", text.Length == 0 ? "nothing" : text, "a whole number from 0 to 18446744073709551615")
            {
                Example = "1",
            };

    public RandomStream Stream(StreamName name, int layer = 0) => new(this, name, layer);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
