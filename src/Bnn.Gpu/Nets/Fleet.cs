using System.Reflection;
using Bnn.Core;
using ILGPU;
using ILGPU.Runtime;

namespace Bnn.Gpu;

/// <summary>Some steps of one net.</summary>
/// <param name="FirstStep">Number of the first, from 1.</param>
/// <param name="Items">[steps, batch].</param>
/// <param name="StepSizes">[steps].</param>
internal sealed record Stretch(int FirstStep, int[] Items, float[] StepSizes)
{
    public int Steps => StepSizes.Length;
}

/// <summary>
/// The nets of one recipe that are on the device, each in a slot of the same memory. It belongs to the conductor's thread.
/// </summary>
internal sealed class Fleet : IDisposable
{
    /// <summary>What part of the memory that is free when its first net enters a fleet may take: others may come.</summary>
    private const double ShareOfMemory = 0.45;

    private readonly Device _device;
    private readonly ResidentSamples _samples;
    private readonly NetLayout _largest;
    private readonly Stack<int> _free = new();
    private readonly List<IDisposable> _owned = [];
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _floats;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _integers;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _bytes;
    private readonly MemoryBuffer1D<LayerPlace, Stride1D.Dense> _layers;
    private readonly MemoryBuffer1D<NetRule, Stride1D.Dense> _rules;
    private readonly MemoryBuffer1D<double, Stride1D.Dense> _klConstants;
    private readonly Growing<Work> _works;
    private readonly Growing<int> _items, _rows, _correct;

    /// <summary>Where the rows of evaluations begin in the device's memory: nets are evaluated on the same ones again and again.</summary>
    private readonly Dictionary<int[], int> _rowsOf = new(ReferenceEqualityComparer.Instance);
    private readonly Growing<float> _stepSizes;
    private readonly Growing<double> _nll, _kl;
    private readonly int _layerCount;
    private readonly Recipe _recipe;

    private Fleet(Device device, Recipe recipe, NetLayout largest, ResidentSamples samples, int slots)
    {
        (_device, _recipe, _samples, _largest, Slots) = (device, recipe, samples, largest, slots);
        _layerCount = largest.Shapes.Length;
        for (var slot = slots - 1; slot >= 0; slot--) _free.Push(slot);
        try
        {
            _floats = Own(device.Allocate<float>(slots * (long)largest.Floats));
            _integers = Own(device.Allocate<int>(slots * (long)largest.Integers));
            _bytes = Own(device.Allocate<byte>(slots * (long)largest.Bytes));
            _layers = Own(device.Allocate<LayerPlace>(slots * _layerCount));
            _rules = Own(device.Allocate<NetRule>(slots));
            _klConstants = Own(device.Allocate<double>(slots * _layerCount));
            (_works, _correct) = (Own(new Growing<Work>(device)), Own(new Growing<int>(device)));
            (_items, _rows) = (Own(new Growing<int>(device)), Own(new Growing<int>(device)));
            (_stepSizes, _nll, _kl) =
                (Own(new Growing<float>(device)), Own(new Growing<double>(device)), Own(new Growing<double>(device)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Room for nets of a recipe; null if the device has none.</summary>
    /// <param name="layout">Of one of the nets.</param>
    /// <param name="most">Most nets to make room for.</param>
    public static Fleet? TryMake(Device device, Recipe recipe, NetLayout layout, ResidentSamples samples, int most)
    {
        var largest = NetLayout.Largest(recipe.Kind, layout.Shapes, recipe.Batch);
        var slots = (int)Math.Min(most, ShareOfMemory * device.FreeMemory / largest.BytesPerNet);
        if (slots < 1) return null;
        try
        {
            return new Fleet(device, recipe, largest, samples, slots);
        }
        catch (Exception e) when (Device.IsOfDevice(e))
        {
            return null;
        }
    }

    /// <summary>How many nets there is room for.</summary>
    public int Slots { get; }

    /// <summary>Whether no net is in it.</summary>
    public bool IsEmpty => _free.Count == Slots;

    /// <summary>Takes a net in; null when there is no room.</summary>
    /// <param name="parameters">The first part of its memory.</param>
    public int? Enter(NetMap map, float[] parameters)
    {
        if (!_free.TryPop(out var slot)) return null;
        var layout = map.Layout;
        if (layout.Floats > _largest.Floats || layout.Integers > _largest.Integers || layout.Bytes > _largest.Bytes)
            throw new InvalidOperationException($"a net of {layout.BytesPerNet} bytes in slots of {_largest.BytesPerNet}");
        var floats = _floats.View.SubView(slot * (long)_largest.Floats, _largest.Floats);
        floats.MemSetToZero();
        floats.SubView(0, parameters.Length).CopyFromCPU(parameters);
        _integers.View.SubView(slot * (long)_largest.Integers, layout.Integers).CopyFromCPU(map.Integers);
        _bytes.View.SubView(slot * (long)_largest.Bytes, layout.Bytes).CopyFromCPU(map.Bytes);
        _layers.View.SubView(slot * _layerCount, _layerCount).CopyFromCPU(layout.Places);
        _rules.View.SubView(slot, 1).CopyFromCPU([map.Rule]);
        _klConstants.View.SubView(slot * _layerCount, _layerCount).CopyFromCPU(map.KlConstants);
        _device.Wait();
        return slot;
    }

    public void Leave(int slot) => _free.Push(slot);

    /// <summary>The first numbers of a net's memory.</summary>
    public float[] Read(int slot, int count)
    {
        var numbers = new float[count];
        _floats.View.SubView(slot * (long)_largest.Floats, count).CopyToCPU(numbers);
        _device.Wait();
        return numbers;
    }

    /// <summary>Steps of several nets; each gets its losses.</summary>
    public void Train(IReadOnlyList<(int Slot, NetMap Map, Stretch Stretch, StepLoss[] Losses)> nets)
    {
        var works = new Work[nets.Count];
        var (items, losses) = (0, 0);
        for (var n = 0; n < nets.Count; n++)
        {
            var (slot, _, stretch, _) = nets[n];
            works[n] = new Work
            {
                Slot = slot,
                Steps = stretch.Steps,
                FirstStep = stretch.FirstStep,
                FirstItem = items,
                FirstLoss = losses,
            };
            (items, losses) = (items + stretch.Items.Length, losses + stretch.Steps);
        }
        _items.Write(Joined(nets.Select(net => net.Stretch.Items), items));
        _stepSizes.Write(Joined(nets.Select(net => net.Stretch.StepSizes), losses));
        _kl.Clear(losses);
        Start(evaluates: false, works, losses, nets[0].Map.Layout);
        var (nll, kl) = (_nll.Read(losses), _kl.Read(losses));
        for (var n = 0; n < nets.Count; n++)
        {
            for (var s = 0; s < nets[n].Losses.Length; s++)
                nets[n].Losses[s] = new StepLoss(nll[works[n].FirstLoss + s], kl[works[n].FirstLoss + s]);
        }
    }

    /// <summary>Evaluations of several nets on rows of the samples.</summary>
    public Evaluation[] Evaluate(IReadOnlyList<(int Slot, NetMap Map, int[] Items)> nets)
    {
        Keep([.. nets.Select(net => net.Items)]);
        var works = new Work[nets.Count];
        for (var n = 0; n < nets.Count; n++)
        {
            var items = nets[n].Items;
            works[n] = new Work { Slot = nets[n].Slot, FirstItem = _rowsOf[items], Items = items.Length, FirstLoss = n };
        }
        _correct.Clear(nets.Count);
        Start(evaluates: true, works, nets.Count, nets[0].Map.Layout);
        var (nll, correct) = (_nll.Read(nets.Count), _correct.Read(nets.Count));
        return [.. nets.Select((net, n) => new Evaluation(nll[n] / net.Items.Length, correct[n], net.Items.Length))];
    }

    public void Dispose()
    {
        foreach (var buffer in _owned) buffer.Dispose();
    }

    private T Own<T>(T buffer)
        where T : IDisposable
    {
        _owned.Add(buffer);
        return buffer;
    }

    /// <summary>The kernel that trains nets of a kind, or evaluates them.</summary>
    public static KernelMethod KernelOf(NetKind kind, bool evaluates)
    {
        var (type, threads) = (kind, evaluates) switch
        {
            (NetKind.Sparse, _) or (NetKind.SparseFlipout, true) => (typeof(SparseKernels), SparseKernels.GroupSize),
            (NetKind.SparseFlipout, false) => (typeof(SparseFlipoutKernels), DenseKernels.GroupSize),
            (NetKind.Flipout, false) => (typeof(FlipoutKernels), DenseKernels.GroupSize),
            _ => (typeof(DenseKernels), DenseKernels.GroupSize),
        };
        var name = evaluates ? nameof(DenseKernels.Evaluate) : nameof(DenseKernels.Train);
        return new(type.GetMethod(name, BindingFlags.Static | BindingFlags.Public)!, threads);
    }

    /// <summary>Arrays one after another.</summary>
    private static T[] Joined<T>(IEnumerable<T[]> parts, int length)
    {
        var (joined, at) = (new T[length], 0);
        foreach (var part in parts)
        {
            part.CopyTo(joined, at);
            at += part.Length;
        }
        return joined;
    }

    /// <summary>Makes sure that these rows are in the device's memory, and forgets others when new ones come.</summary>
    private void Keep(IReadOnlyCollection<int[]> rows)
    {
        if (rows.All(_rowsOf.ContainsKey)) return;
        _rowsOf.Clear();
        var length = 0;
        foreach (var row in rows)
            if (_rowsOf.TryAdd(row, length)) length += row.Length;
        _rows.Write(Joined(_rowsOf.OrderBy(pair => pair.Value).Select(pair => pair.Key), length));
    }

    private void Start(bool evaluates, Work[] works, int losses, NetLayout layout)
    {
        _works.Write(works);
        _nll.Clear(losses);
        _device.KernelOf(KernelOf(_recipe.Kind, evaluates))(works.Length, new Views
        {
            Floats = _floats.View.AsContiguous(),
            Integers = _integers.View.AsContiguous(),
            Bytes = _bytes.View.AsContiguous(),
            Layers = _layers.View.AsContiguous(),
            Rules = _rules.View.AsContiguous(),
            KlConstants = _klConstants.View.AsContiguous(),
            Works = _works.View,
            Items = evaluates ? _rows.View : _items.View,
            StepSizes = _stepSizes.View,
            Nll = _nll.View,
            Kl = _kl.View,
            Correct = _correct.View,
            Pixels = _samples.Pixels,
            Labels = _samples.Labels,
            Values = _samples.Values,
            FloatsPerNet = _largest.Floats,
            IntegersPerNet = _largest.Integers,
            BytesPerNet = _largest.Bytes,
            LayerCount = _layerCount,
            Batch = _recipe.Batch,
            Width = layout.Width,
            HasPixels = _samples.HasPixels ? 1 : 0,
        });
        _device.Wait();
    }
}

/// <summary>Memory on the device that grows with what is written to it.</summary>
internal sealed class Growing<T>(Device device) : IDisposable
    where T : unmanaged
{
    private MemoryBuffer1D<T, Stride1D.Dense> _buffer = device.Allocate<T>(1);

    public ArrayView<T> View => _buffer.View.AsContiguous();

    public void Write(T[] values)
    {
        Reserve(values.Length);
        if (values.Length > 0) _buffer.View.SubView(0, values.Length).CopyFromCPU(values);
    }

    public void Clear(int count)
    {
        Reserve(count);
        if (count > 0) _buffer.View.SubView(0, count).MemSetToZero();
    }

    public T[] Read(int count)
    {
        var values = new T[count];
        if (count > 0) _buffer.View.SubView(0, count).CopyToCPU(values);
        return values;
    }

    public void Dispose() => _buffer.Dispose();

    private void Reserve(int count)
    {
        if (count <= _buffer.Length) return;
        _buffer.Dispose();
        _buffer = device.Allocate<T>(Math.Max(count, 2 * _buffer.Length));
    }
}

/// <summary>Samples on the device.</summary>
internal sealed class ResidentSamples : IDisposable
{
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _pixels, _labels;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _values;

    public ResidentSamples(Device device, Samples samples)
    {
        HasPixels = samples.HasPixels;
        _pixels = device.Allocate<byte>(samples.Pixels.Length);
        if (HasPixels) _pixels.View.CopyFromCPU(samples.Pixels.ToArray());
        _labels = device.Allocate<byte>(samples.Count);
        if (samples.Count > 0) _labels.View.CopyFromCPU(samples.Labels);
        _values = device.Allocate<float>(HasPixels ? 0 : (long)samples.Count * samples.Width);
        for (var row = 0; !HasPixels && row < samples.Count; row++)
            _values.View.SubView(row * (long)samples.Width, samples.Width).CopyFromCPU(samples.Values(row).ToArray());
    }

    public bool HasPixels { get; }

    public ArrayView<byte> Pixels => _pixels.View.AsContiguous();

    public ArrayView<byte> Labels => _labels.View.AsContiguous();

    public ArrayView<float> Values => _values.View.AsContiguous();

    public void Dispose()
    {
        foreach (var buffer in (IDisposable[])[_pixels, _labels, _values]) buffer.Dispose();
    }
}
