using Bnn.Contract;

namespace Meddler;

/// <summary>Changes another plugin's file when it is made: it does what a build at the wrong moment would.</summary>
[MaskStrategy("meddler", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public Strategy()
    {
        var folder = Path.GetDirectoryName(typeof(Strategy).Assembly.Location)!;
        var other = Path.Combine(folder, "Ascends.dll");
        if (File.Exists(other)) File.AppendAllText(other, " ");
    }

    public void Score(in LayerView layer, Span<double> criterion) => criterion.Fill(1);
}
