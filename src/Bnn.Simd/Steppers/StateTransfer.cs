using System.Collections.Immutable;

namespace Bnn.Simd;

/// <summary>
/// Copies between a layer's memory and the tensors of a state, in their order and in either direction,
/// so that layers write the sequence once.
/// </summary>
internal sealed class StateTransfer(ImmutableArray<float[]> tensors, bool restores)
{
    private int _next;

    /// <summary>Whether layers read from the state.</summary>
    public bool Restores => restores;

    /// <summary>Copies the next tensor.</summary>
    /// <param name="matrix">Null for moments that the optimizer doesn't have.</param>
    public void Pass(TiledMatrix<float>? matrix)
    {
        if (matrix is null) return;
        var tensor = tensors[_next++];
        if (restores) matrix.CopyFrom(tensor);
        else matrix.CopyTo(tensor);
    }

    /// <summary>Copies the next tensor.</summary>
    public void Pass(Span<float> values)
    {
        var tensor = tensors[_next++];
        if (restores) tensor.CopyTo(values);
        else values.CopyTo(tensor);
    }

    /// <summary>Copies the next tensor, of which only some elements exist; the others are +0 in the state.</summary>
    /// <param name="place">Index in the tensor of each element.</param>
    public void Pass(Span<float> values, ReadOnlySpan<int> place)
    {
        var tensor = tensors[_next++];
        for (var k = 0; k < place.Length; k++)
        {
            if (restores) values[k] = tensor[place[k]];
            else tensor[place[k]] = values[k];
        }
    }
}
