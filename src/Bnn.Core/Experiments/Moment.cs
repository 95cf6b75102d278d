using System.Globalization;

namespace Bnn.Core;

/// <summary>A moment of a training: before its first step, after some steps, or at its end.</summary>
public readonly record struct Moment
{
    /// <summary>What the name of a moment after some steps starts with.</summary>
    private const string StepPrefix = "step";

    private readonly int? _step;

    private Moment(int? step) => _step = step;

    public static Moment Initial => new(0);

    /// <summary>After the last step.</summary>
    public static Moment Final => default;

    /// <summary>After <paramref name="step"/> updates, from 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is below 1.</exception>
    public static Moment After(int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        return new(step);
    }

    /// <summary>Reads the name of a moment after some steps.</summary>
    public static bool TryParseStep(string name, out int step)
    {
        step = 0;
        return name.StartsWith(StepPrefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(StepPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out step)
            && step > 0;
    }

    /// <summary>Number of updates done; null at the end.</summary>
    public int? Step => _step;

    /// <summary>As tensors are named: initial, step3000, final.</summary>
    public override string ToString() => _step switch
    {
        null => "final",
        0 => "initial",
        var step => string.Create(CultureInfo.InvariantCulture, $"{StepPrefix}{step}"),
    };
}
