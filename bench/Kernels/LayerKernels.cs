using BenchmarkDotNet.Attributes;
using Bnn.Core;
using Bnn.Simd;

namespace Kernels;

/// <summary>
/// The kernels that take most of a step, each over the whole of the first layer: a batch of 60 images of MNIST, 784 inputs, 300 units. The reference
/// kernels stand beside those that train.
/// </summary>
[GenericTypeArguments(typeof(VectorKernels))]
[GenericTypeArguments(typeof(ScalarKernels))]
public unsafe class LayerKernels<TKernels>
    where TKernels : IKernels
{
    private const int Batch = 60, Inputs = 784, Outputs = 300, Classes = 10;
    private static readonly int Stride = Lanes.Padded(Outputs), ClassStride = Lanes.Padded(Classes);

    private readonly List<AlignedBuffer<float>> _buffers = [];
    private readonly InputLists _lists = new(Batch, Inputs);
    private readonly RandomStream _stream = new Seed(1).Stream(StreamName.Epsilon, 0);
    private readonly AlignedBuffer<uint> _kept = new(Stride);
    private readonly AlignedBuffer<double> _kl = new(Lanes.Count);
    private float* _w, _delta, _rho, _m, _v, _rhoM, _rhoV, _sigma, _slope, _epsilon, _bias, _signs, _h, _g, _gradient, _logits;

    /// <summary>Adam at rate 0: all its work, and the weights stay where they are however often it is repeated.</summary>
    private readonly UpdateRule _rule = new(new Optimizer.Adam(0), t: 1);

    private readonly KlRule _klRule = new(1.0 / 60_000, 1, LayerPosterior.ScaleEpsilon);

    [GlobalSetup]
    public void Begin()
    {
        Load(Mnist.Load().Train);
        _w = Normals(Inputs, 0.1f);
        _m = Zeros(Inputs);
        _v = Zeros(Inputs);
        _rho = Normals(Inputs, 0.1f);
        _rhoM = Zeros(Inputs);
        _rhoV = Zeros(Inputs);
        _sigma = Zeros(Inputs);
        _slope = Zeros(Inputs);
        _epsilon = Normals(Inputs, 1f);
        _delta = Normals(Inputs, 0.05f);
        _bias = Normals(1, 0.1f);
        _signs = Normals(Batch, 1f);
        _h = Zeros(Batch);
        _g = Normals(Batch, 0.01f);
        _gradient = Normals(1, 0.01f);
        _logits = Normals(Batch, 1f);
        _kept.Span[..Outputs].Fill(uint.MaxValue);
        for (var i = 0; i < Batch * Stride; i++) _signs[i] = MathF.CopySign(1f, _signs[i]);
        for (var i = 0; i < Inputs * Stride; i++) _rho[i] -= 3f;
        for (var i = 0; i < Inputs; i++) TKernels.Refresh(_klRule, Row(i), Stride);
    }

    [GlobalCleanup]
    public void End()
    {
        foreach (var buffer in _buffers) buffer.Dispose();
        _lists.Dispose();
        _kept.Dispose();
        _kl.Dispose();
    }

    [Benchmark]
    public void Forward() => TKernels.Forward(_lists.Examples, _w, _bias, _h, Stride);

    [Benchmark]
    public void ForwardFlipout() => TKernels.ForwardFlipout(_lists.Examples, _w, _delta, _bias, _signs, _h, Stride);

    [Benchmark]
    public void RowGradient()
    {
        for (var i = 0; i < Inputs; i++)
        {
            var begin = _lists.InputBegin[i];
            TKernels.RowGradient(_lists.Example + begin, _lists.InputX + begin, _lists.InputBegin[i + 1] - begin, _g, _gradient, Stride);
        }
    }

    [Benchmark]
    public void Update()
    {
        for (nint i = 0; i < Inputs; i++) TKernels.Update(_rule, _w + i * Stride, _m + i * Stride, _v + i * Stride, _gradient, _kept.Pointer, Stride);
    }

    [Benchmark]
    public void UpdateFlipoutAndRefresh()
    {
        _kl.Span.Clear();
        for (var i = 0; i < Inputs; i++) TKernels.UpdateFlipout(_rule, _klRule, Row(i), _gradient, _gradient, Stride);
    }

    [Benchmark]
    public void NormalRow()
    {
        var blocks = (uint)NormalDraws.BlocksPerRow(Outputs);
        for (var i = 0; i < Inputs; i++) TKernels.NormalRow(_stream, step: 1, (uint)i * blocks, _epsilon + (nint)i * Stride, Stride);
    }

    [Benchmark]
    public float CrossEntropy()
    {
        var sum = 0f;
        for (var b = 0; b < Batch; b++) sum += TKernels.CrossEntropy(_logits + b * ClassStride, Classes, b % Classes, 1f / Batch, _h + b * ClassStride, ClassStride);
        return sum;
    }

    /// <summary>The first images, by example and by input.</summary>
    private void Load(Samples images)
    {
        var (row, noSigns) = (new float[Inputs], new uint[SignDraws.WordsPerRow(Inputs)]);
        for (var b = 0; b < Batch; b++)
        {
            images.CopyRow(b, row);
            var added = 0;
            for (var i = 0; i < Inputs; i++)
            {
                if (row[i] == 0) continue;
                (_lists.NextColumn[added], _lists.NextX[added]) = (i, row[i]);
                added++;
            }
            _lists.EndExample(b, added, noSigns);
        }
        _lists.SortByInput(signed: true);
    }

    private float* Zeros(int rows)
    {
        _buffers.Add(new AlignedBuffer<float>(rows * Stride));
        return _buffers[^1].Pointer;
    }

    private float* Normals(int rows, float scale)
    {
        var values = Zeros(rows);
        for (var i = 0; i < rows; i++)
        {
            var row = new Span<float>(values + (nint)i * Stride, Stride);
            NormalDraws.FillRow(_stream, step: _buffers.Count, i, row);
            foreach (ref var value in row) value *= scale;
        }
        return values;
    }

    private FlipoutRow Row(int i)
    {
        var row = (nint)i * Stride;
        return new FlipoutRow
        {
            Mu = _w + row,
            Rho = _rho + row,
            MuM = _m + row,
            MuV = _v + row,
            RhoM = _rhoM + row,
            RhoV = _rhoV + row,
            Sigma = _sigma + row,
            Slope = _slope + row,
            Epsilon = _epsilon + row,
            Valid = _kept.Pointer,
            Kl = _kl.Pointer,
        };
    }
}
