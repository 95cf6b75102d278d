namespace Bnn.Core;

/// <summary>What numbers a unit has.</summary>
public static class MeasureUnits
{
    /// <summary>A mean of cross entropies is no smaller than 0 but for rounding.</summary>
    private const double Rounding = 1e-6;

    /// <summary>Whether a training can have such a number: a share in [0, 1], nats and scores from 0, whole steps.</summary>
    public static bool Allows(this MeasureUnit unit, double value) => double.IsFinite(value) && unit switch
    {
        MeasureUnit.Share => value is >= 0 and <= 1,
        MeasureUnit.Nats => value >= -Rounding,
        MeasureUnit.Score => value >= 0,
        MeasureUnit.Correlation => value is >= -1 and <= 1,
        MeasureUnit.Operations => value >= 0 && value == Math.Floor(value),
        _ => value >= 0 && value == Math.Floor(value) && value <= int.MaxValue,
    };

    /// <summary>Whether all its numbers are whole.</summary>
    public static bool IsWhole(this MeasureUnit unit) => unit is MeasureUnit.Steps or MeasureUnit.Count or MeasureUnit.Operations;
}
