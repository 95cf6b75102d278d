using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bnn.Core;

namespace Bnn.Report;

/// <summary>Where measured gradients come from, for a page about them.</summary>
/// <param name="Name">The experiment's.</param>
/// <param name="Command">Repeats it.</param>
/// <param name="Settings">All of the training's and the measurement's, resolved.</param>
/// <param name="StepsPerEpoch">Of the training; need not be whole.</param>
public sealed record VarianceContext(
    string Name, string Command, ImmutableArray<NamedValue> Settings, DataHashes Data, double StepsPerEpoch)
{
    /// <summary>"at the start", "after step 917 (1.00 epochs)".</summary>
    public string When(Moment moment) => moment.Step switch
    {
        null => "at the end of the training",
        0 => "at the start",
        { } step => string.Create(
            CultureInfo.InvariantCulture, $"after step {step:N0} ({step / StepsPerEpoch:0.00} epochs)"),
    };
}

/// <summary>The files that are made from measured gradients.</summary>
public static class VarianceFiles
{
    public const string Page = "gradient-variance.html", Table = "gradient-variance.csv";

    /// <summary>A row for each variance.</summary>
    public static string Csv(GradientVariance variance)
    {
        var csv = new StringBuilder("moment,layer,perturbation,batch,repeats,variance,relative_se\n");
        foreach (var cell in variance.Cells)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{cell.Moment},{cell.Layer},{cell.Perturbation.Name()},{cell.Batch},")
                .Append(CultureInfo.InvariantCulture, $"{cell.Distances.Length},{cell.Variance:R},")
                .Append(VarianceLine.RelativeError(cell) is var error && double.IsFinite(error) ? Text.Exact(error) : "").Append('\n');
        }
        return csv.ToString();
    }

    public static string Html(GradientVariance variance, VarianceContext context) =>
        VariancePage.Html(variance, VarianceLine.All(variance), context);
}
