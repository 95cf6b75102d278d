using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>What nets must share to be trained together.</summary>
/// <param name="Kind">Which kernels train them.</param>
/// <param name="Sizes">Units of each layer, from the inputs on, with commas.</param>
/// <param name="Batch">Items of a step.</param>
/// <param name="Train">The samples that steps take their items from.</param>
internal sealed record Recipe(NetKind Kind, string Sizes, int Batch, Samples Train);

/// <summary>
/// How a net's numbers lie in the device's memory. First come the parameters, which are copied to and from it: all weights, all biases,
/// then the rest; what follows is room for a step.
/// </summary>
internal sealed class NetLayout
{
    /// <summary>Examples that every net has room for, so that an evaluation takes 64 at a time.</summary>
    private const int LeastWidth = LaneMatrix.Group;

    private readonly int _batch;

    private NetLayout(NetKind kind, ImmutableArray<LayerShape> shapes, int batch, ImmutableArray<int> weights)
    {
        (Kind, Shapes, _batch) = (kind, shapes, batch);
        Width = IsSparse ? 4 * SparseKernels.Blocks(batch) : Math.Max(LeastWidth, Lanes.Padded(batch));
        Places = new LayerPlace[shapes.Length];
        var (floats, integers, bytes) = (new Room(), new Room(), new Room());
        for (var l = 0; l < shapes.Length; l++)
        {
            Places[l] = new LayerPlace
            {
                Inputs = shapes[l].Inputs,
                Outputs = shapes[l].Outputs,
                Stride = Lanes.Padded(shapes[l].Outputs),
                InputStride = Lanes.Padded(shapes[l].Inputs),
            };
            ref var place = ref Places[l];
            place.Weights = IsSparse ? weights[l] : place.Inputs * place.Stride;
        }
        // The order of these loops is the order in memory.
        Each((ref LayerPlace place) => place.W = floats.Take(place.Weights));
        Each((ref LayerPlace place) => place.Bias = floats.Take(place.Stride));
        WeightsEnd = floats.Length;
        Each((ref LayerPlace place) =>
        {
            (place.M, place.V) = (floats.Take(place.Weights), floats.Take(place.Weights));
            (place.BiasM, place.BiasV) = (floats.Take(place.Stride), floats.Take(place.Stride));
            if (!IsFlipout) return;
            (place.Rho, place.RhoM, place.RhoV) =
                (floats.Take(place.Weights), floats.Take(place.Weights), floats.Take(place.Weights));
        });
        ParametersEnd = floats.Length;
        var tilings = Tilings.Of(shapes);
        for (var l = 0; l < shapes.Length; l++) TakeRoom(ref Places[l], tilings[l], floats, integers, bytes);
        var (logits, losses, predicted) = (floats.Take(Places[^1].Stride * Width), floats.Take(Width), integers.Take(Width));
        Each((ref LayerPlace place) => (place.Logits, place.Losses, place.Predicted) = (logits, losses, predicted));
        (Floats, Integers, Bytes) = (floats.Length, integers.Length, bytes.Length);
    }

    private delegate void PlaceAction(ref LayerPlace place);

    public NetKind Kind { get; }

    public ImmutableArray<LayerShape> Shapes { get; }

    /// <summary>Examples that there is room for.</summary>
    public int Width { get; }

    /// <summary>One for each layer.</summary>
    public LayerPlace[] Places { get; }

    /// <summary>Sizes of a net's memory.</summary>
    public int Floats { get; }

    /// <inheritdoc cref="Floats"/>
    public int Integers { get; }

    /// <inheritdoc cref="Floats"/>
    public int Bytes { get; }

    /// <summary>One place beyond the weights and biases, with which the memory begins.</summary>
    public int WeightsEnd { get; }

    /// <summary>One place beyond the parameters.</summary>
    public int ParametersEnd { get; }

    public bool IsSparse => Kind is NetKind.Sparse or NetKind.SparseFlipout;

    public bool IsFlipout => Kind is NetKind.Flipout or NetKind.SparseFlipout;

    /// <summary>Bytes of the device's memory for each net.</summary>
    public long BytesPerNet => 4L * Floats + 4L * Integers + Bytes;

    /// <summary>The layout of a net with this mask.</summary>
    public static NetLayout Of(NetKind kind, ImmutableArray<LayerShape> shapes, int batch, Mask? mask) => new(
        kind, shapes, batch, mask is null ? [.. shapes.Select(shape => shape.Weights)] : [.. mask.Layers.Select(layer => layer.KeptCount)]);

    /// <summary>
    /// A layout that is no smaller than that of any net of its kind: nets of few weights differ in how many each layer has.
    /// </summary>
    public static NetLayout Largest(NetKind kind, ImmutableArray<LayerShape> shapes, int batch)
    {
        // All weights in one layer, and in every array of every layer the most that padding can take.
        var most = (int)Math.Ceiling(SimdEngine.SparseBelow * shapes.Sum(shape => (double)shape.Weights));
        return new(kind, shapes, batch, [.. shapes.Select((_, l) => (l == 0 ? most : 0) + Lanes.Count)]);
    }

    /// <summary>Where a batch's example stands in rows of examples.</summary>
    public int PlaceOf(int example) => IsSparse ? SparseKernels.Place(example) : example;

    private void Each(PlaceAction action)
    {
        for (var l = 0; l < Places.Length; l++) action(ref Places[l]);
    }

    private void TakeRoom(ref LayerPlace place, Tiling tiling, Room floats, Room integers, Room bytes)
    {
        // Outputs of a layer, with padding, are inputs of the next, and so are its gradients'.
        place.X = floats.Take(place.InputStride * Width);
        place.G = floats.Take(place.Stride * Width);
        place.Active = bytes.Take(2 * place.InputStride);
        if (IsSparse)
        {
            TakePattern(ref place, integers);
        }
        else
        {
            place.XByExample = floats.Take(place.InputStride * Width);
            place.GByExample = floats.Take(place.Stride * Width);
            place.Keep = bytes.Take(place.Weights);
        }
        if (!IsFlipout) return;
        (place.Epsilon, place.Delta) = (floats.Take(place.Weights), floats.Take(place.Weights));
        place.SignedX = floats.Take(place.InputStride * Width);
        place.SignedG = floats.Take(place.Stride * Width);
        if (!IsSparse)
        {
            place.SignedXByExample = floats.Take(place.InputStride * Width);
            place.SignedGByExample = floats.Take(place.Stride * Width);
        }
        (place.InputWords, place.OutputWords) = (SignDraws.WordsPerRow(place.Inputs), SignDraws.WordsPerRow(place.Outputs));
        place.InputSigns = integers.Take(_batch * place.InputWords);
        place.OutputSigns = integers.Take(_batch * place.OutputWords);
        CutChunks(ref place, tiling);
        place.Kl = floats.Take(place.Chunks * Lanes.Count);
    }

    /// <summary>The chunks in which the reference kernels sum a KL: some rows of a tile, or some weights of a layer that has few.</summary>
    private void CutChunks(ref LayerPlace place, Tiling tiling)
    {
        if (IsSparse)
        {
            place.ChunkRows = Chunk.SparseElements;
            place.Chunks = (place.Weights + place.ChunkRows - 1) / place.ChunkRows;
            return;
        }
        (place.TileWidth, place.ChunkRows) = (tiling.Width, Chunk.Rows(tiling));
        place.Chunks = tiling.Count * ((place.Inputs + place.ChunkRows - 1) / place.ChunkRows);
    }

    private void TakePattern(ref LayerPlace place, Room integers)
    {
        place.Row = integers.Take(place.Outputs + 1);
        (place.Input, place.Output) = (integers.Take(place.Weights), integers.Take(place.Weights));
        place.Column = integers.Take(place.Inputs + 1);
        place.OfColumn = integers.Take(place.Weights);
        if (!IsFlipout) return;
        (place.Draw, place.InOrder) = (integers.Take(place.Weights), integers.Take(place.Weights));
    }

    /// <summary>Hands out memory, each piece at a multiple of 16 numbers.</summary>
    private sealed class Room
    {
        public int Length { get; private set; }

        public int Take(int count)
        {
            var at = Length;
            Length = checked(at + Lanes.Padded(count));
            return at;
        }
    }
}
