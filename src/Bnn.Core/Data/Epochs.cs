using System.Globalization;

namespace Bnn.Core;

/// <summary>Passes through the images that train.</summary>
public static class Epochs
{
    /// <summary>How many steps some epochs take: epochs·n/batch, rounded to whole steps, halves up.</summary>
    /// <param name="epochs">Any share of an epoch too; not negative.</param>
    /// <param name="images">n, the number of images that train.</param>
    /// <param name="batch">Images per step.</param>
    /// <returns>The step, or a fault where the epochs are negative or the steps too many to count.</returns>
    public static Result<int> ToSteps(decimal epochs, int images, int batch)
    {
        var most = (decimal)int.MaxValue * batch / images;
        return epochs >= 0 && epochs <= most
            ? (int)Math.Min(Math.Floor((2 * epochs * images + batch) / (2m * batch)), int.MaxValue)
            : new Fault.BadSetting(
                "",
                epochs.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"a number of epochs from 0 to {Math.Floor(most)}"))
            {
                Example = "0.5",
            };
    }
}
