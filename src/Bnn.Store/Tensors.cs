using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>Converts parameters to named tensors and back.</summary>
public static class Tensors
{
    private const string EarlyStop = "earlystop";

    public static IEnumerable<NamedTensor> Of(Moment moment, PosteriorSnapshot posterior) =>
        posterior.Layers.SelectMany((layer, l) => (NamedTensor[])[
            NamedTensor.Of($"{moment}.{TensorNames.Mu(l)}", Matrix(layer.Shape), layer.Mu),
            NamedTensor.Of($"{moment}.{TensorNames.Rho(l)}", Matrix(layer.Shape), layer.Rho),
            NamedTensor.Of($"{moment}.{TensorNames.Bias(l)}", [layer.Shape.Outputs], layer.Bias)]);

    public static IEnumerable<NamedTensor> Of(Moment moment, PointWeights weights) => Of(moment.ToString(), weights);

    /// <summary>The weights at the early stop, a moment that is known only once the training has found it.</summary>
    public static IEnumerable<NamedTensor> OfEarlyStop(PointWeights weights) => Of(EarlyStop, weights);

    /// <summary>The weights under a name that need not be a moment's.</summary>
    internal static IEnumerable<NamedTensor> Of(string moment, PointWeights weights) =>
        weights.Layers.SelectMany((layer, l) => (NamedTensor[])[
            NamedTensor.Of($"{moment}.{TensorNames.Weight(l)}", Matrix(layer.Shape), layer.Weight),
            NamedTensor.Of($"{moment}.{TensorNames.Bias(l)}", [layer.Shape.Outputs], layer.Bias)]);

    public static IEnumerable<NamedTensor> Of(Mask mask) =>
        mask.Layers.Select((layer, l) => NamedTensor.Of(MaskName(l), Matrix(layer.Shape), layer.Kept));

    /// <summary>A Bayesian net's file: the posterior before and after the training, and the mask if it has one.</summary>
    /// <exception cref="FormatException">A tensor is missing, too many, of another shape or type, or holds what no training
    /// gives.</exception>
    public static (PosteriorSnapshot Initial, PosteriorSnapshot Final) PosteriorFile(
        IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        var reader = new TensorReader(tensors, net);
        var initial = reader.Posterior(Moment.Initial.ToString());
        var final = reader.Posterior(Moment.Final.ToString());
        if (tensors.ContainsKey(MaskName(0))) reader.Mask();
        reader.End();
        return (initial, final);
    }

    /// <summary>The posterior of a Bayesian net at one moment, from a file of its own.</summary>
    /// <exception cref="FormatException">As for <see cref="PosteriorFile"/>.</exception>
    public static PosteriorSnapshot PosteriorAt(Moment moment, IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        var reader = new TensorReader(tensors, net);
        var posterior = reader.Posterior(moment.ToString());
        reader.End();
        return posterior;
    }

    /// <summary>The weights of an ordinary net at one moment, from a file of its own.</summary>
    /// <exception cref="FormatException">As for <see cref="PosteriorFile"/>.</exception>
    public static PointWeights WeightsAt(Moment moment, IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        var reader = new TensorReader(tensors, net);
        var weights = reader.Weights(moment.ToString());
        reader.End();
        return weights;
    }

    /// <summary>The mask of a Bayesian net's file, which has one.</summary>
    /// <exception cref="FormatException">As for <see cref="PosteriorFile"/>.</exception>
    public static Mask MaskOfPosterior(IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        PosteriorFile(tensors, net);
        return new TensorReader(tensors, net).Mask();
    }

    /// <summary>The posteriors of a file of snapshots, the earliest first.</summary>
    /// <exception cref="FormatException">As for <see cref="PosteriorFile"/>.</exception>
    public static ImmutableArray<(int Step, PosteriorSnapshot Posterior)> SnapshotFile(
        IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        var reader = new TensorReader(tensors, net);
        var steps = tensors.Keys.Select(name => name.Split('.')[0]).Distinct(StringComparer.Ordinal)
            .Select(moment => (Moment: moment, Step: StepOf(moment)))
            .OrderBy(pair => pair.Step)
            .ToList();
        if (steps.Count == 0) throw new FormatException("no snapshot");
        var snapshots = steps.Select(pair => (pair.Step, reader.Posterior(pair.Moment))).ToImmutableArray();
        reader.End();
        return snapshots;
    }

    /// <summary>
    /// An ordinary net's file: its mask, its weights before and after the training, and at the early stop if there was one.
    /// </summary>
    /// <exception cref="FormatException">As for <see cref="PosteriorFile"/>.</exception>
    public static WeightsFile WeightsFile(IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
    {
        var reader = new TensorReader(tensors, net);
        var mask = reader.Mask();
        var initial = reader.Weights(Moment.Initial.ToString());
        var earlyStop = tensors.ContainsKey($"{EarlyStop}.{TensorNames.Weight(0)}") ? reader.Weights(EarlyStop) : null;
        var final = reader.Weights(Moment.Final.ToString());
        reader.End();
        return new WeightsFile(mask, initial, earlyStop, final);
    }

    /// <summary>The net whose weights or means at the end a training's file holds, told from their shapes.</summary>
    /// <exception cref="FormatException">There are none, or a layer doesn't take what the one before it gives.</exception>
    internal static Architecture NetOf(IReadOnlyDictionary<string, NamedTensor> tensors, TrainingKind kind)
    {
        Func<int, string> nameOf = kind.IsBayesian() ? TensorNames.Mu : TensorNames.Weight;
        var sizes = ImmutableArray.CreateBuilder<int>();
        for (var l = 0; tensors.TryGetValue($"{Moment.Final}.{nameOf(l)}", out var tensor); l++)
        {
            if (tensor.Shape is not [> 0 and var inputs, > 0 and var outputs] || (l > 0 && sizes[^1] != inputs))
                throw new FormatException($"tensor {tensor.Name} is [{string.Join(", ", tensor.Shape)}]");
            if (l == 0) sizes.Add(inputs);
            sizes.Add(outputs);
        }
        return sizes.Count > 0 ? new Architecture(sizes.ToImmutable()) : throw new FormatException($"no tensor {Moment.Final}.{nameOf(0)}");
    }

    internal static string MaskName(int layer) => $"layer{layer + 1}.mask";

    internal static int[] Matrix(LayerShape shape) => [shape.Inputs, shape.Outputs];

    private static int StepOf(string moment) => Moment.TryParseStep(moment, out var step)
        ? step
        : throw new FormatException($"tensors at '{moment}', which is no step");
}

/// <summary>What an ordinary net's file holds.</summary>
/// <param name="EarlyStop">Null without validation.</param>
public sealed record WeightsFile(Mask Mask, PointWeights Initial, PointWeights? EarlyStop, PointWeights Final);

/// <summary>Takes a net's tensors from a file's, each checked: name, type, shape, and that it holds what a training can give.</summary>
internal sealed class TensorReader(IReadOnlyDictionary<string, NamedTensor> tensors, Architecture net)
{
    private int _taken;

    public PosteriorSnapshot Posterior(string moment) => new([.. net.Layers.Select((shape, l) => new LayerPosterior(
        shape,
        Floats($"{moment}.{TensorNames.Mu(l)}", Tensors.Matrix(shape)),
        Floats($"{moment}.{TensorNames.Rho(l)}", Tensors.Matrix(shape)),
        Floats($"{moment}.{TensorNames.Bias(l)}", [shape.Outputs])))]);

    public PointWeights Weights(string moment) => new([.. net.Layers.Select((shape, l) => new LayerWeights(
        shape,
        Floats($"{moment}.{TensorNames.Weight(l)}", Tensors.Matrix(shape)),
        Floats($"{moment}.{TensorNames.Bias(l)}", [shape.Outputs])))]);

    public Mask Mask() => new([.. net.Layers.Select((shape, l) => new LayerMask(shape, Bits(Tensors.MaskName(l), Tensors.Matrix(shape))))]);

    /// <summary>Checks that nothing is left over.</summary>
    public void End()
    {
        if (_taken != tensors.Count) throw new FormatException($"{tensors.Count} tensors, not {_taken}");
    }

    public float[] Floats(string name, int[] shape)
    {
        var values = Take(name, shape).Floats ?? throw new FormatException($"tensor {name} holds bytes, not numbers");
        var i = Array.FindIndex(values, value => !float.IsFinite(value));
        return i < 0 ? values : throw new FormatException(FormattableString.Invariant($"tensor {name} holds {values[i]} at {i}"));
    }

    /// <summary>A text's bytes, however many.</summary>
    public byte[] Bytes(string name)
    {
        if (!tensors.TryGetValue(name, out var tensor) || tensor.Bytes is not { } bytes || tensor.Shape.Length != 1)
            throw new FormatException($"no bytes {name}");
        _taken++;
        return bytes;
    }

    private byte[] Bits(string name, int[] shape)
    {
        var bits = Take(name, shape).Bytes ?? throw new FormatException($"tensor {name} holds numbers, not bytes");
        var i = Array.FindIndex(bits, bit => bit > 1);
        return i < 0 ? bits : throw new FormatException($"tensor {name} holds {bits[i]} at {i}, where a mask has 0 or 1");
    }

    private NamedTensor Take(string name, int[] shape)
    {
        if (!tensors.TryGetValue(name, out var tensor)) throw new FormatException($"no tensor {name}");
        if (!tensor.Shape.AsSpan().SequenceEqual(shape))
            throw new FormatException($"tensor {name} is [{string.Join(", ", tensor.Shape)}], not [{string.Join(", ", shape)}]");
        _taken++;
        return tensor;
    }
}
