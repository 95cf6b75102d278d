using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// Everything a stepper needs to continue: with the setup that it was made from, the next step has the same bits as without the pause.
/// </summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Tensors">Parameters and, for Adam, their moments, as <see cref="StateLayout"/> names them; +0 at pruned weights, except
/// for the values of frozen ones.</param>
public sealed record StepperState(int Steps, ImmutableArray<NamedTensor> Tensors);

/// <summary>
/// What the state of a network's stepper consists of, whatever the engine: per layer μ and ρ, or the weight, and the bias; after each,
/// for Adam, m and v.
/// </summary>
public sealed class StateLayout
{
    private StateLayout(ImmutableArray<TensorPlace> places) => Places = places;

    /// <summary>The tensors in their order.</summary>
    public ImmutableArray<TensorPlace> Places { get; }

    /// <summary>The layout of a Bayesian net.</summary>
    public static StateLayout Bayesian(IEnumerable<LayerShape> layers, Optimizer optimizer) => Of(layers, optimizer, (shape, l) =>
        [new(TensorNames.Mu(l), [shape.Inputs, shape.Outputs]), new(TensorNames.Rho(l), [shape.Inputs, shape.Outputs]), Bias(shape, l)]);

    /// <summary>The layout of an ordinary net.</summary>
    public static StateLayout Ordinary(IEnumerable<LayerShape> layers, Optimizer optimizer) => Of(layers, optimizer, (shape, l) =>
        [new(TensorNames.Weight(l), [shape.Inputs, shape.Outputs]), Bias(shape, l)]);

    /// <summary>A state whose tensors are all +0, to be filled.</summary>
    public StepperState Empty(int steps) =>
        new(steps, [.. Places.Select(place => NamedTensor.Of(place.Name, [.. place.Shape], new float[place.Count]))]);

    /// <summary>The numbers of a state's tensors in the order of <see cref="Places"/>; the arrays are the state's own.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, has another shape, or is not one of these.</exception>
    public ImmutableArray<float[]> ValuesOf(StepperState state)
    {
        if (state.Steps < 0) throw new ArgumentOutOfRangeException(nameof(state), state.Steps, "a number of steps is not below 0");
        var names = string.Join(", ", state.Tensors.Select(tensor => tensor.Name));
        if (state.Tensors.FirstOrDefault(tensor => Places.All(place => place.Name != tensor.Name)) is { } stranger)
            throw new ArgumentException($"expected no tensor {stranger.Name}, found {names}", nameof(state));
        return [.. Places.Select(place =>
        {
            var found = state.Tensors.Where(tensor => tensor.Name == place.Name).ToList();
            if (found is not [var tensor]) throw new ArgumentException($"expected one tensor {place.Name}, found {names}", nameof(state));
            if (tensor.Floats is not { } values || values.Length != place.Count
                || !tensor.Shape.AsSpan().SequenceEqual(place.Shape.AsSpan()))
                throw new ArgumentException($"expected {place}, found {Described(tensor)}", nameof(state));
            return values;
        })];
    }

    private static StateLayout Of(IEnumerable<LayerShape> layers, Optimizer optimizer, Func<LayerShape, int, TensorPlace[]> parameters) =>
        new([.. layers.SelectMany(parameters).SelectMany(place => optimizer is Optimizer.Adam
            ? (TensorPlace[])[
                place,
                place with { Name = TensorNames.FirstMoment(place.Name) },
                place with { Name = TensorNames.SecondMoment(place.Name) }]
            : [place])]);

    private static TensorPlace Bias(LayerShape shape, int layer) => new(TensorNames.Bias(layer), [shape.Outputs]);

    private static string Described(NamedTensor tensor)
    {
        var content = tensor.Floats is { } floats ? $"{floats.Length} numbers" : $"{tensor.Bytes?.Length} bytes";
        return $"{tensor.Name} [{string.Join(", ", tensor.Shape)}] of {content}";
    }
}

/// <summary>A tensor that a state must contain.</summary>
/// <param name="Name">One of <see cref="TensorNames"/>.</param>
/// <param name="Shape">Sizes of its axes.</param>
public sealed record TensorPlace(string Name, ImmutableArray<int> Shape)
{
    /// <summary>How many numbers it holds.</summary>
    public int Count => Shape.Aggregate(1, (product, size) => product * size);

    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}] of {Count} numbers";
}
