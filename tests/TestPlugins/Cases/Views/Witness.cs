using System.Globalization;
using System.Runtime.InteropServices;
using Bnn.Contract;

namespace Witness;

/// <summary>Writes all that it sees of a layer into the folder that WITNESS names: one file per tensor, its raw bytes.</summary>
public abstract class Witness : IMaskStrategy
{
    private readonly string _folder = Environment.GetEnvironmentVariable("WITNESS") ?? "";

    public void Score(in LayerView layer, Span<double> criterion)
    {
        for (var i = 0; i < criterion.Length; i++) criterion[i] = layer.Random.Uniform(i);
        var folder = Path.Combine(_folder, GetType().Name, (layer.Index + 1).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "shape"), $"{layer.Inputs}x{layer.Outputs}");
        Write("Random", MemoryMarshal.AsBytes(criterion));
        Write("Kept", layer.Kept);
        Write("InitialMu", MemoryMarshal.AsBytes(layer.InitialMu));
        Write("InitialSigma", MemoryMarshal.AsBytes(layer.InitialSigma));
        Write("Mu", MemoryMarshal.AsBytes(layer.Mu));
        Write("Sigma", MemoryMarshal.AsBytes(layer.Sigma));
        Write("DenseInitial", MemoryMarshal.AsBytes(layer.DenseInitial));
        Write("DenseFinal", MemoryMarshal.AsBytes(layer.DenseFinal));
        Write("Start", MemoryMarshal.AsBytes(layer.Start));
        Write("Gradient", MemoryMarshal.AsBytes(layer.Gradient));
        Write("HessianGradient", MemoryMarshal.AsBytes(layer.HessianGradient));
        Write("InputActivity", MemoryMarshal.AsBytes(layer.InputActivity));
        Write("Other", MemoryMarshal.AsBytes(layer.Other));
        foreach (var moment in layer.Snapshots)
        {
            Write($"Mu at {moment.Step}", MemoryMarshal.AsBytes(moment.Mu.Span));
            Write($"Sigma at {moment.Step}", MemoryMarshal.AsBytes(moment.Sigma.Span));
        }

        void Write(string name, ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length == 0) return;
            File.WriteAllBytes(Path.Combine(folder, name), bytes.ToArray());
        }
    }
}

[MaskStrategy("sees-nothing", "a case of the tests", Keep.Highest)]
public sealed class Nothing : Witness;

[MaskStrategy("sees-posterior", "a case of the tests", Keep.Highest, Needs = Needs.Posterior)]
public sealed class Posterior : Witness;

[MaskStrategy("sees-dense", "a case of the tests", Keep.Highest, Needs = Needs.DenseWeights)]
public sealed class Dense : Witness;

[MaskStrategy("sees-snapshots", "a case of the tests", Keep.Highest, Needs = Needs.Snapshots)]
public sealed class Snapshots : Witness;

[MaskStrategy("sees-gradients", "a case of the tests", Keep.Highest, Needs = Needs.Gradients)]
public sealed class Gradients : Witness;

[MaskStrategy("sees-curvature", "a case of the tests", Keep.Highest, Needs = Needs.Curvature)]
public sealed class CurvatureAtStart : Witness;

[MaskStrategy("sees-activity", "a case of the tests", Keep.Highest, Needs = Needs.InputActivity)]
public sealed class Activity : Witness;

[MaskStrategy("sees-start", "a case of the tests", Keep.Highest, Needs = Needs.Start)]
public sealed class Start : Witness;

[MaskStrategy("sees-all", "a case of the tests", Keep.Highest,
    Needs = Needs.Posterior | Needs.DenseWeights | Needs.Snapshots | Needs.Gradients | Needs.Curvature | Needs.InputActivity | Needs.Start)]
public sealed class All : Witness;
