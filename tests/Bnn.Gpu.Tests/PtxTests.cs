using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Bnn.Core;
using Bnn.Simd;
using Bnn.Tests;
using Architecture = Bnn.Core.Architecture;

namespace Bnn.Gpu.Tests;

/// <summary>What is handed to NVIDIA's driver: the text of the kernels.</summary>
public sealed partial class PtxTests
{
    private static readonly ConcurrentDictionary<KernelMethod, string> Texts = [];

    public static TheoryData<string> Kinds => new(Nets.Kinds);

    [Fact]
    public void Every_operation_on_numbers_says_its_rounding()
    {
        foreach (var kind in Enum.GetValues<NetKind>())
        {
            foreach (var evaluates in (bool[])[false, true])
            {
                var text = TextOf(kind, evaluates);
                string[] operations = [.. OfFloats().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];
                Assert.Contains("fma.rn.f32", operations);
                Assert.All(operations, operation => Assert.Matches(@"\.rn\.f(32|64)$", operation));
            }
        }
    }

    [Fact]
    public void What_leaves_its_rounding_open_gets_one()
    {
        Assert.Equal(
            "add.rn.f32 %f1, %f2, %f3; mul.rn.f64 %fd1, %fd1, %fd1; sub.rn.f32 %f1, %f1, %f1;",
            PtxText.Rounded("add.f32 %f1, %f2, %f3; mul.f64 %fd1, %fd1, %fd1; sub.rn.f32 %f1, %f1, %f1;"));
        const string OfIntegers = "add.s32 %r1, %r1, 4; mul.lo.s64 %rd1, %rd1, %rd1;";
        Assert.Equal(OfIntegers, PtxText.Rounded(OfIntegers));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_text_gives_the_bits_of_the_reference_kernels(string kind)
    {
        var net = new Architecture([23, 18, 7, 3]);
        foreach (var (optimizer, arePixels) in ((Optimizer, bool)[])[(new Optimizer.Adam(0.01), true), (new Optimizer.Sgd(0.1), false)])
        {
            var samples = Nets.Samples(net, 40, arePixels);
            const int Batch = 5, Steps = 2;
            using var expected = Nets.Stepper(new SimdEngine(scalar: true), kind, net, samples, optimizer, Batch);
            var before = expected.State() with { Steps = OptimizerDefinition.FlushEvery - 2 };
            expected.Restore(before);
            var items = new int[Steps * Batch];
            var batches = new Batches(Nets.Seed, [.. Enumerable.Range(0, 40)], Batch);
            var losses = new StepLoss[Steps];
            for (var s = 0; s < Steps; s++)
            {
                batches.At(s + 1, items.AsSpan(s * Batch, Batch));
                losses[s] = expected.Step(items.AsSpan(s * Batch, Batch));
            }
            using var actual = new TextualNet(kind, net, samples, optimizer, Batch, before);
            Assert.Equal(losses, actual.Train(items, Steps));
            EngineCase.Same(expected.State(), actual.State());
            Assert.Equal(expected.Evaluate(samples, []), actual.Evaluate([.. Enumerable.Range(0, 40)]));
        }
    }

    private static string TextOf(NetKind kind, bool evaluates) => Texts.GetOrAdd(Fleet.KernelOf(kind, evaluates), PtxText.Of);

    [GeneratedRegex(@"\b(add|sub|mul|mad|fma|div|sqrt|rsqrt|rcp|ex2|lg2|sin|cos|tanh)(\.\w+)*\.f(16|32|64)\b")]
    private static partial Regex OfFloats();

    /// <summary>One net in memory as kernels see it, whose kernels are done by a machine that reads their text.</summary>
    private sealed unsafe class TextualNet : IDisposable
    {
        private readonly List<nint> _memory = [];
        private readonly NetMap _map;
        private readonly NetKind _kind;
        private readonly Samples _samples;
        private readonly int _batch, _first;
        private readonly float* _floats;
        private readonly (nint Begin, long Length)[] _views = new (nint, long)[15];
        private int _steps;

        public TextualNet(string kind, Architecture net, Samples samples, Optimizer optimizer, int batch, StepperState state)
        {
            var maker = new SetupsOf();
            using (Nets.Stepper(maker, kind, net, samples, optimizer, batch)) { }
            (_map, _kind) = maker.Map!.Value;
            (_samples, _batch, _first, _steps) = (samples, batch, state.Steps + 1, state.Steps);
            var layout = _map.Layout;
            _floats = (float*)View(0, _map.ToMemory(state), layout.Floats);
            View(1, _map.Integers, layout.Integers);
            View(2, _map.Bytes, layout.Bytes);
            View(3, layout.Places, layout.Places.Length);
            View(4, [_map.Rule], 1);
            View(5, _map.KlConstants, layout.Places.Length);
            View(12, samples.Pixels.ToArray(), samples.Pixels.Length);
            View(13, samples.Labels, samples.Count);
            float[] values = samples.HasPixels
                ? []
                : [.. Enumerable.Range(0, samples.Count).SelectMany(row => samples.Values(row).ToArray())];
            View(14, values, values.Length);
        }

        public StepLoss[] Train(int[] items, int steps)
        {
            Run(false, new Work { Steps = steps, FirstStep = _first }, items, steps);
            _steps += steps;
            return [.. Enumerable.Range(0, steps).Select(s => new StepLoss(((double*)_views[9].Begin)[s], ((double*)_views[10].Begin)[s]))];
        }

        public Evaluation Evaluate(int[] items)
        {
            Run(true, new Work { Items = items.Length }, items, 1);
            return new(*(double*)_views[9].Begin / items.Length, *(int*)_views[11].Begin, items.Length);
        }

        public StepperState State() => _map.ToState(_steps, new ReadOnlySpan<float>(_floats, _map.Layout.ParametersEnd).ToArray());

        public void Dispose()
        {
            foreach (var memory in _memory) NativeMemory.AlignedFree((void*)memory);
        }

        private void Run(bool evaluates, Work work, int[] items, int losses)
        {
            View(6, [work], 1);
            View(7, items, items.Length);
            View(8, [.. Enumerable.Range(_first, losses).Select(_map.StepSize)], losses);
            View(9, new double[losses], losses);
            View(10, new double[losses], losses);
            View(11, new int[losses], losses);
            var (layout, parameters) = (_map.Layout, GC.AllocateArray<byte>(16 * 15 + 7 * 4 + 4, pinned: true));
            for (var v = 0; v < _views.Length; v++)
            {
                BitConverter.TryWriteBytes(parameters.AsSpan(16 * v), (long)_views[v].Begin);
                BitConverter.TryWriteBytes(parameters.AsSpan(16 * v + 8), _views[v].Length);
            }
            int[] sizes = [
                layout.Floats, layout.Integers, layout.Bytes, layout.Places.Length, _batch, layout.Width, _samples.HasPixels ? 1 : 0];
            MemoryMarshal.AsBytes(sizes.AsSpan()).CopyTo(parameters.AsSpan(16 * 15));
            new PtxMachine(TextOf(_kind, evaluates), parameters, group: 0).Run();
        }

        private void* View<T>(int number, T[] values, int length)
            where T : unmanaged
        {
            var bytes = (nuint)(Math.Max(1, length) * sizeof(T));
            var begin = NativeMemory.AlignedAlloc(bytes, 256);
            NativeMemory.Clear(begin, bytes);
            values.CopyTo(new Span<T>(begin, length));
            _memory.Add((nint)begin);
            _views[number] = ((nint)begin, length);
            return begin;
        }
    }

    /// <summary>An engine that makes nothing of a setup but its map.</summary>
    private sealed class SetupsOf : ITrainingEngine
    {
        private readonly SimdEngine _cores = new();

        public (NetMap Map, NetKind Kind)? Map { get; private set; }

        public string Name => _cores.Name;

        public int Numerics => _cores.Numerics;

        public string Description => "";

        public bool CanFreeze => true;

        public IBayesianStepper Bayesian(BayesianSetup setup, Samples train)
        {
            var kind = GpuEngine.KindOf(setup);
            Map = (new NetMap(kind, setup, (NoiseSource.OfSeed)setup.Noise), kind);
            return _cores.Bayesian(setup, train);
        }

        public IStepper Ordinary(OrdinarySetup setup, Samples train)
        {
            var kind = GpuEngine.KindOf(setup);
            Map = (new NetMap(kind, setup), kind);
            return _cores.Ordinary(setup, train);
        }

        public NetworkProbe Probe(PointWeights weights, Samples samples, ReadOnlySpan<int> items) => throw new NotSupportedException();

        public Evaluation Evaluate(PointWeights weights, Samples samples) => throw new NotSupportedException();

        public float[] Logits(PointWeights weights, Samples samples) => throw new NotSupportedException();
    }
}
