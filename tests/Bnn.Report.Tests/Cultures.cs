using System.Globalization;

namespace Bnn.Report.Tests;

internal static class Cultures
{
    /// <summary>
    /// Runs under a culture that writes 1.5 as "1,5" and −1 as "~1"; made by hand, as the product ships without cultures.
    /// </summary>
    public static T WithDecimalComma<T>(Func<T> run)
    {
        var before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NumberGroupSeparator = ".";
        comma.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = comma;
            return run();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
