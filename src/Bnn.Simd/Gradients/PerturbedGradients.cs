using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>
/// <see cref="PerturbedGradient"/> of batches from some samples, in single precision on vectors. One instance serves several threads, each
/// with a room of its own.
/// </summary>
/// <remarks>
/// Examples come one after the other: what a batch of independent perturbations needs is one example's ε, of active inputs alone. The order
/// that makes the bits is that of <see cref="IKernels"/>: sums over ascending index by fused multiply-add, those that cross columns in 16
/// lanes and one tree, zeros of the inputs left out. So the bits are the same whatever the vectors' width and the number of threads, and
/// with a batch of 1 shared and independent perturbations are the same to the bit.
/// </remarks>
public sealed unsafe class PerturbedGradients
{
    private readonly Layer[] _layers;
    private readonly Samples _samples;
    private readonly int[] _items;

    /// <param name="posterior">The net; not changed.</param>
    /// <param name="samples">[rows, inputs], with labels.</param>
    /// <param name="items">The rows that batches are drawn from, one at least.</param>
    /// <exception cref="ArgumentException">The samples have another width than the net, a label that is no class of it, or there are no
    /// items.</exception>
    public PerturbedGradients(PosteriorSnapshot posterior, Samples samples, int[] items)
    {
        samples.Fits(posterior.Layers[0].Shape.Inputs, posterior.Layers[^1].Shape.Outputs, items);
        if (items.Length == 0) throw new ArgumentException("no items", nameof(items));
        _layers = [.. posterior.Layers.Select(layer => new Layer(layer))];
        (_samples, _items) = (samples, items);
        Weights = posterior.Layers.Sum(layer => layer.Shape.Weights);
    }

    /// <summary>Weights of all layers: a gradient's length.</summary>
    public int Weights { get; }

    /// <summary>A layer with its columns padded to whole vectors; μ and σ are 0 there.</summary>
    private sealed class Layer
    {
        public Layer(LayerPosterior layer)
        {
            (Shape, Stride) = (layer.Shape, Lanes.Padded(layer.Shape.Outputs));
            (Mu, Sigma, Bias) = (Padded(layer.Mu), Padded(layer.Sigma()), new float[Stride]);
            layer.Bias.CopyTo(Bias, 0);
        }

        public LayerShape Shape { get; }

        public int Stride { get; }

        /// <summary>[inputs, stride].</summary>
        public float[] Mu { get; }

        /// <inheritdoc cref="Mu"/>
        public float[] Sigma { get; }

        /// <summary>[stride].</summary>
        public float[] Bias { get; }

        private float[] Padded(float[] weights)
        {
            var padded = new float[Shape.Inputs * Stride];
            for (var i = 0; i < Shape.Inputs; i++) weights.AsSpan(i * Shape.Outputs, Shape.Outputs).CopyTo(padded.AsSpan(i * Stride));
            return padded;
        }
    }

    /// <summary>What one thread computes in.</summary>
    public sealed class Room
    {
        internal Room(PerturbedGradients gradients)
        {
            Layers = [.. gradients._layers.Select(layer => new LayerRoom(layer.Shape, layer.Stride))];
            Logits = new double[gradients._layers[^1].Shape.Outputs];
            LogitGradient = new double[Logits.Length];
        }

        internal LayerRoom[] Layers { get; }

        internal double[] Logits { get; }

        internal double[] LogitGradient { get; }
    }

    internal sealed class LayerRoom(LayerShape shape, int stride)
    {
        /// <summary>
        /// [inputs, stride]: δ = σ∘ε for Flipout, else w = μ + σ∘ε; of independent perturbations row k is that of the kth active input.
        /// </summary>
        public float[] Perturbed { get; } = new float[shape.Inputs * stride];

        /// <summary>The gradient's sum, [inputs, stride].</summary>
        public float[] Sum { get; } = new float[shape.Inputs * stride];

        /// <summary>The inputs, [inputs].</summary>
        public float[] Input { get; } = new float[shape.Inputs];

        /// <summary>The inputs that aren't 0, ascending.</summary>
        public int[] Active { get; } = new int[shape.Inputs];

        public int ActiveCount { get; set; }

        /// <summary>Outputs before the ReLU, their gradient, and those of the perturbation's part, [stride].</summary>
        public float[] Output { get; } = new float[stride];

        /// <inheritdoc cref="Output"/>
        public float[] Gradient { get; } = new float[stride];

        /// <inheritdoc cref="Output"/>
        public float[] Part { get; } = new float[stride];

        public float[] Epsilon { get; } = new float[stride];

        public uint[] InputSigns { get; } = new uint[SignDraws.WordsPerRow(shape.Inputs)];

        public uint[] OutputSigns { get; } = new uint[SignDraws.WordsPerRow(shape.Outputs)];
    }

    public Room MakeRoom() => new(this);

    /// <summary>The gradient of a batch.</summary>
    /// <param name="perturbation">How the examples share ε.</param>
    /// <param name="draw">What is drawn.</param>
    /// <param name="room">Of this instance.</param>
    /// <param name="gradient">Receives it, layer by layer, [inputs, outputs].</param>
    /// <param name="stop">Checked before every example.</param>
    /// <exception cref="ArgumentException">A gradient of another length.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was requested.</exception>
    public void Of(Perturbation perturbation, GradientDraw draw, Room room, Span<float> gradient, CancellationToken stop)
    {
        if (gradient.Length != Weights) throw new ArgumentException($"{gradient.Length} weights, not {Weights}", nameof(gradient));
        for (var l = 0; l < _layers.Length; l++)
        {
            Array.Clear(room.Layers[l].Sum);
            if (perturbation != Perturbation.Independent) Perturb(_layers[l], l, perturbation, draw, room.Layers[l]);
        }
        for (var example = 0; example < draw.Batch; example++)
        {
            stop.ThrowIfCancellationRequested();
            var item = _items[draw.ItemOf(example, _items.Length)];
            Forward(perturbation, draw, example, item, room);
            Backward(perturbation, item, room);
        }
        var place = 0;
        for (var l = 0; l < _layers.Length; l++)
        {
            var (shape, stride, sum) = (_layers[l].Shape, _layers[l].Stride, room.Layers[l].Sum);
            for (var i = 0; i < shape.Inputs; i++)
                for (var o = 0; o < shape.Outputs; o++) gradient[place++] = sum[i * stride + o] / draw.Batch;
        }
    }

    /// <summary>The perturbation that all examples of a batch have in common.</summary>
    private static void Perturb(Layer layer, int l, Perturbation perturbation, GradientDraw draw, LayerRoom room)
    {
        for (var i = 0; i < layer.Shape.Inputs; i++)
        {
            Draw(layer, l, draw, 0, i, room.Epsilon);
            var row = room.Perturbed.AsSpan(i * layer.Stride, layer.Stride);
            var sigma = layer.Sigma.AsSpan(i * layer.Stride, layer.Stride);
            if (perturbation == Perturbation.Shared)
                Weigh(layer.Mu.AsSpan(i * layer.Stride, layer.Stride), sigma, room.Epsilon, row);
            else
                for (var o = 0; o < row.Length; o++) row[o] = sigma[o] * room.Epsilon[o];
        }
    }

    private static void Draw(Layer layer, int l, GradientDraw draw, int example, int row, float[] epsilon)
    {
        var first = (uint)row * NormalDraws.BlocksPerRow(layer.Shape.Outputs);
        fixed (float* to = epsilon)
            VectorKernels.NormalRow(draw.Stream(StreamName.VarianceEpsilon, l), draw.StepOf(example), first, to, layer.Stride);
    }

    private void Forward(Perturbation perturbation, GradientDraw draw, int example, int item, Room room)
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            var (layer, own) = (_layers[l], room.Layers[l]);
            if (l == 0) _samples.CopyRow(item, own.Input);
            else Rectify(room.Layers[l - 1].Output, own.Input);
            own.ActiveCount = 0;
            for (var i = 0; i < own.Input.Length; i++)
                if (own.Input[i] != 0) own.Active[own.ActiveCount++] = i;
            layer.Bias.CopyTo(own.Output, 0);
            switch (perturbation)
            {
                case Perturbation.Flipout:
                    ForwardFlipout(layer, l, draw, example, own);
                    break;
                case Perturbation.Shared:
                    foreach (var i in own.Active.AsSpan(0, own.ActiveCount))
                        Add(own.Input[i], Row(own.Perturbed, i, layer), own.Output);
                    break;
                default:
                    ForwardIndependent(layer, l, draw, example, own);
                    break;
            }
        }
    }

    private static void ForwardFlipout(Layer layer, int l, GradientDraw draw, int example, LayerRoom own)
    {
        SignDraws.FillRow(draw.Stream(StreamName.VarianceInputSigns, l), draw.StepOf(example), 0, own.InputSigns);
        SignDraws.FillRow(draw.Stream(StreamName.VarianceOutputSigns, l), draw.StepOf(example), 0, own.OutputSigns);
        Array.Clear(own.Part);
        foreach (var i in own.Active.AsSpan(0, own.ActiveCount))
        {
            var input = own.Input[i];
            Add(input, Row(layer.Mu, i, layer), own.Output);
            Add(SignDraws.IsNegative(own.InputSigns, i) ? -input : input, Row(own.Perturbed, i, layer), own.Part);
        }
        for (var o = 0; o < layer.Shape.Outputs; o++)
            own.Output[o] += SignDraws.IsNegative(own.OutputSigns, o) ? -own.Part[o] : own.Part[o];
    }

    private static void ForwardIndependent(Layer layer, int l, GradientDraw draw, int example, LayerRoom own)
    {
        for (var k = 0; k < own.ActiveCount; k++)
        {
            var i = own.Active[k];
            Draw(layer, l, draw, example, i, own.Epsilon);
            var weights = own.Perturbed.AsSpan(k * layer.Stride, layer.Stride);
            Weigh(Row(layer.Mu, i, layer), Row(layer.Sigma, i, layer), own.Epsilon, weights);
            Add(own.Input[i], weights, own.Output);
        }
    }

    private void Backward(Perturbation perturbation, int item, Room room)
    {
        var (top, classes) = (room.Layers[^1], room.Logits.Length);
        for (var o = 0; o < classes; o++) room.Logits[o] = top.Output[o];
        CrossEntropy.Gradient(room.Logits, _samples.Labels[item], room.LogitGradient);
        for (var o = 0; o < classes; o++) top.Gradient[o] = (float)room.LogitGradient[o];
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            var (layer, own) = (_layers[l], room.Layers[l]);
            var active = own.Active.AsSpan(0, own.ActiveCount);
            foreach (var i in active) Add(own.Input[i], own.Gradient, Row(own.Sum, i, layer));
            if (l == 0) return;
            var below = room.Layers[l - 1].Gradient;
            Array.Clear(below);
            if (perturbation == Perturbation.Flipout)
            {
                for (var o = 0; o < layer.Shape.Outputs; o++)
                    own.Part[o] = SignDraws.IsNegative(own.OutputSigns, o) ? -own.Gradient[o] : own.Gradient[o];
            }
            for (var k = 0; k < active.Length; k++)
            {
                var i = active[k];
                below[i] = perturbation switch
                {
                    Perturbation.Flipout => Dot(Row(layer.Mu, i, layer), own.Gradient)
                        + (SignDraws.IsNegative(own.InputSigns, i) ? -1f : 1f) * Dot(Row(own.Perturbed, i, layer), own.Part),
                    Perturbation.Shared => Dot(Row(own.Perturbed, i, layer), own.Gradient),
                    _ => Dot(Row(own.Perturbed, k, layer), own.Gradient),
                };
            }
        }
    }

    private static void Rectify(float[] output, float[] input)
    {
        for (var i = 0; i < input.Length; i++) input[i] = output[i] > 0 ? output[i] : 0;
    }

    private static Span<float> Row(float[] matrix, int row, Layer layer) => matrix.AsSpan(row * layer.Stride, layer.Stride);

    /// <summary>w = μ + σ·ε, rounded once.</summary>
    private static void Weigh(ReadOnlySpan<float> mu, ReadOnlySpan<float> sigma, ReadOnlySpan<float> epsilon, Span<float> weights)
    {
        for (var o = 0; o < weights.Length; o += Lanes.Count)
            VectorMath.Fma(Load(sigma, o), Load(epsilon, o), Load(mu, o)).StoreUnsafe(ref weights[o]);
    }

    /// <summary>y += a·x by fused multiply-add; whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float a, ReadOnlySpan<float> x, Span<float> y)
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(y);
        var factor = VectorMath.All(a);
        for (nuint o = 0; o < (nuint)y.Length; o += Lanes.Count)
            VectorMath.Fma(factor, Vector512.LoadUnsafe(ref from, o), Vector512.LoadUnsafe(ref to, o)).StoreUnsafe(ref to, o);
    }

    /// <summary>Σ x·y in 16 lanes by fused multiply-add, then by their tree; whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ref var one = ref MemoryMarshal.GetReference(x);
        ref var other = ref MemoryMarshal.GetReference(y);
        var sum = Vector512<float>.Zero;
        for (nuint o = 0; o < (nuint)x.Length; o += Lanes.Count)
            sum = VectorMath.Fma(Vector512.LoadUnsafe(ref one, o), Vector512.LoadUnsafe(ref other, o), sum);
        return VectorMath.Tree(sum);
    }

    private static Vector512<float> Load(ReadOnlySpan<float> from, int at) =>
        Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(from), (nuint)at);
}
