using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>Flipout's noise of a step, and the KL of the weights that it belongs to.</summary>
internal static class NoiseKernels
{
    /// <summary>The signs of a layer's inputs and outputs, one bit each (<see cref="SignDraws"/>).</summary>
    /// <param name="step">The noise's.</param>
    /// <param name="index">The layer's number.</param>
    public static void DrawSigns(Views t, Net net, LayerPlace layer, int index, int step)
    {
        DrawWords(net, Net.Stream(net.Rule, StreamName.InputSigns, index), step, t.Batch * layer.InputWords, layer.InputSigns);
        DrawWords(net, Net.Stream(net.Rule, StreamName.OutputSigns, index), step, t.Batch * layer.OutputWords, layer.OutputSigns);
    }

    /// <summary>
    /// ε and σ·ε of a dense layer's weights, and each lane's part of the KL, chunk by chunk as the reference kernels sum it. Sixteen
    /// neighbouring blocks of random words make 64 neighbouring columns, so that a lane's weights in a row come from one block. Weights of
    /// inputs that are 0 in the whole batch keep their ε, which meets no gradient.
    /// </summary>
    public static void Draw(Net net, LayerPlace layer, int active, int index, int step)
    {
        var stream = Net.Stream(net.Rule, StreamName.Epsilon, index);
        var blocksPerRow = NormalDraws.BlocksPerRow(layer.Outputs);
        var chunksPerTile = (layer.Inputs + layer.ChunkRows - 1) / layer.ChunkRows;
        for (var at = net.Thread; at < layer.Chunks * Lanes.Count; at += net.Threads)
        {
            var (lane, chunk) = (at % Lanes.Count, at / Lanes.Count);
            var (firstRow, firstColumn) = (chunk % chunksPerTile * layer.ChunkRows, chunk / chunksPerTile * layer.TileWidth);
            var endRow = Math.Min(firstRow + layer.ChunkRows, layer.Inputs);
            var endColumn = Math.Min(firstColumn + layer.TileWidth, layer.Outputs);
            var (product, exponents, squares) = (1f, 0f, 0f);
            for (var i = firstRow; i < endRow; i++)
            {
                var isLeftOut = BatchKernels.IsLeftOut(net, active, i);
                for (var column = firstColumn; column < endColumn; column += NormalDraws.ColumnsPerGroup)
                {
                    var o = column + lane;
                    if (o >= endColumn) continue;
                    var w = i * layer.Stride + o;
                    if (isLeftOut)
                    {
                        for (var k = 0; k < 4 && o + 16 * k < endColumn; k++)
                            WeighKept(net, layer, w + 16 * k, ref product, ref exponents, ref squares);
                        continue;
                    }
                    var group = (uint)(column / NormalDraws.ColumnsPerGroup * NormalDraws.BlocksPerGroup);
                    var words = stream.Block(step, (uint)i * blocksPerRow + group + (uint)lane);
                    var (e0, e1) = NormalDraws.BoxMuller(words.W0, words.W1);
                    var (e2, e3) = NormalDraws.BoxMuller(words.W2, words.W3);
                    Weigh(net, layer, w, e0, ref product, ref exponents, ref squares);
                    if (o + 16 < endColumn) Weigh(net, layer, w + 16, e1, ref product, ref exponents, ref squares);
                    if (o + 32 < endColumn) Weigh(net, layer, w + 32, e2, ref product, ref exponents, ref squares);
                    if (o + 48 < endColumn) Weigh(net, layer, w + 48, e3, ref product, ref exponents, ref squares);
                }
            }
            net.F[layer.Kl + at] = Formulas.Kl(net.Rule.HalfPrecision, product, exponents, squares);
        }
    }

    /// <summary>The same for the weights of a layer that has few: their own draws of the whole layer's.</summary>
    public static void DrawKept(Net net, LayerPlace layer, int index, int step)
    {
        var stream = Net.Stream(net.Rule, StreamName.Epsilon, index);
        for (var at = net.Thread; at < layer.Chunks * Lanes.Count; at += net.Threads)
        {
            var (lane, chunk) = (at % Lanes.Count, at / Lanes.Count);
            var end = Math.Min((chunk + 1) * layer.ChunkRows, layer.Weights);
            var (product, exponents, squares) = (1f, 0f, 0f);
            for (var k = chunk * layer.ChunkRows + lane; k < end; k += Lanes.Count)
            {
                var w = net.I[layer.InOrder + k];
                var epsilon = NormalDraws.At(stream, step, (uint)net.I[layer.Draw + w]);
                Add(net, layer, w, epsilon, ref product, ref exponents, ref squares);
            }
            net.F[layer.Kl + at] = Formulas.Kl(net.Rule.HalfPrecision, product, exponents, squares);
        }
    }

    /// <summary>The KL of all layers, nats; by one thread.</summary>
    public static double Kl(Views t, Net net)
    {
        var kl = 0.0;
        for (var l = 0; l < t.LayerCount; l++)
        {
            var layer = t.Layers[net.FirstLayer + l];
            var sum = t.KlConstants[net.FirstLayer + l];
            for (var lane = 0; lane < Lanes.Count; lane++)
            {
                var ofLane = 0.0;
                for (var chunk = 0; chunk < layer.Chunks; chunk++) ofLane += net.F[layer.Kl + chunk * Lanes.Count + lane];
                sum += ofLane;
            }
            kl += sum;
        }
        return kl;
    }

    /// <summary>
    /// A layer's inputs times their signs: with the examples by lane, for nets of few weights, or in order and by example, too.
    /// </summary>
    /// <param name="byLane">1 or 0.</param>
    public static void SignInputs(Views t, Net net, LayerPlace layer, int byLane) => Sign(
        t, net, layer.X, layer.SignedX, byLane != 0 ? -1 : layer.SignedXByExample, layer.InputStride, layer.Inputs,
        layer.InputSigns, layer.InputWords);

    /// <summary>The gradient by a layer's outputs times their signs.</summary>
    /// <inheritdoc cref="SignInputs"/>
    public static void SignGradient(Views t, Net net, LayerPlace layer, int byLane) => Sign(
        t, net, layer.G, layer.SignedG, byLane != 0 ? -1 : layer.SignedGByExample, layer.Stride, layer.Outputs,
        layer.OutputSigns, layer.OutputWords);

    /// <summary>Numbers times their signs, by row and, unless the examples are by lane, by example.</summary>
    /// <param name="from">[rows, width].</param>
    /// <param name="to">[rows, width].</param>
    /// <param name="byExample">[width, stride]; −1 where examples are by lane.</param>
    /// <param name="signs">Among the integers, [width, <paramref name="words"/>].</param>
    private static void Sign(Views t, Net net, int from, int to, int byExample, int stride, int rows, int signs, int words)
    {
        for (var at = net.Thread; at < rows * t.Batch; at += net.Threads)
        {
            var (b, row) = (at % t.Batch, at / t.Batch);
            var place = row * t.Width + (byExample >= 0 ? b : SparseKernels.Place(b));
            var value = Net.Signed(net.F[from + place], net.I[signs + b * words + (row >> 5)], row);
            net.F[to + place] = value;
            if (byExample >= 0) net.F[byExample + b * stride + row] = value;
        }
    }

    private static void DrawWords(Net net, RandomStream stream, int step, int count, int to)
    {
        for (var block = net.Thread; block < count / SignDraws.WordsPerBlock; block += net.Threads)
        {
            var words = stream.Block(step, (uint)block);
            var at = to + block * SignDraws.WordsPerBlock;
            net.I[at] = (int)words.W0;
            net.I[at + 1] = (int)words.W1;
            net.I[at + 2] = (int)words.W2;
            net.I[at + 3] = (int)words.W3;
        }
    }

    private static void Weigh(
        Net net, LayerPlace layer, int w, float epsilon, ref float product, ref float exponents, ref float squares)
    {
        if (net.Rule.IsMasked == 0 || net.B[layer.Keep + w] != 0) Add(net, layer, w, epsilon, ref product, ref exponents, ref squares);
    }

    /// <summary>A weight's part of the KL without a draw.</summary>
    private static void WeighKept(Net net, LayerPlace layer, int w, ref float product, ref float exponents, ref float squares)
    {
        if (net.Rule.IsMasked != 0 && net.B[layer.Keep + w] == 0) return;
        var (softplus, _) = PortableMath.Softplus(net.F[layer.Rho + w]);
        Formulas.AddToKl(ref product, ref exponents, ref squares, net.Rule.ScaleEpsilon + softplus, net.F[layer.W + w]);
    }

    private static void Add(Net net, LayerPlace layer, int w, float epsilon, ref float product, ref float exponents, ref float squares)
    {
        var (softplus, _) = PortableMath.Softplus(net.F[layer.Rho + w]);
        var sigma = net.Rule.ScaleEpsilon + softplus;
        Formulas.AddToKl(ref product, ref exponents, ref squares, sigma, net.F[layer.W + w]);
        net.F[layer.Epsilon + w] = epsilon;
        net.F[layer.Delta + w] = sigma * epsilon;
    }
}
