using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>Where a net may be trained, and with what others.</summary>
internal sealed record Quarters(Recipe Recipe, Conductor Conductor, SemaphoreSlim FreeCores, GpuOptions Options);

/// <summary>
/// A net that is trained on the device while there are others of its recipe, and on the cores while there aren't: between two intervals
/// it moves from the one to the other with its state, whose bits don't depend on where it was. Where the device fails, what it did is done
/// again on the cores.
/// </summary>
internal class MovingStepper : IStepper, ILogits
{
    private readonly Quarters _quarters;
    private readonly NetMap _map;
    private readonly Func<IStepper> _onCores;

    /// <summary>On the cores; null while the net is elsewhere or wasn't asked for anything.</summary>
    private IStepper? _there;

    /// <summary>On the device; null while the net is elsewhere.</summary>
    private int? _slot;

    /// <summary>What it was restored to, and nothing was lost since; null for its start.</summary>
    private StepperState? _origin;

    private int _steps;

    /// <summary>What the steps were done with since the origin, and the number that the loop has for the step before the first.</summary>
    private (Batches Batches, int Before)? _done;

    /// <summary>Batches that were drawn ahead; null for none.</summary>
    private Ahead? _prepared;

    /// <summary>What the net was evaluated on.</summary>
    private int[] _rows = [];

    /// <summary>Whether steps were done without batches, which can't be done again.</summary>
    private bool _isStepped;

    /// <param name="onCores">Makes the net at its start on the cores.</param>
    public MovingStepper(Quarters quarters, NetMap map, Func<IStepper> onCores)
    {
        (_quarters, _map, _onCores) = (quarters, map, onCores);
        quarters.Conductor.Join(quarters.Recipe);
    }

    protected NetMap Map => _map;

    private Conductor Conductor => _quarters.Conductor;

    private Recipe Recipe => _quarters.Recipe;

    private Samples Train => Recipe.Train;

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != Recipe.Batch)
            throw new ArgumentException($"a batch of {items.Length} items, not {Recipe.Batch}", nameof(items));
        Fits(Train, items);
        Settle();
        _isStepped = true;
        var row = items.ToArray();
        var loss = _slot is { } slot
            ? Conductor.Train(Recipe, slot, _map, new Stretch(_steps + 1, row, [_map.StepSize(_steps + 1)]))[0]
            : OnCores(there => there.Step(row));
        _steps++;
        return loss;
    }

    public BadLoss? Advance(
        Batches batches, int first, int last, ref LossSums sums, Action<int, StepLoss>? stepped, CancellationToken stop)
    {
        _done ??= (batches, first - 1 - _steps);
        while (first <= last)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                Settle();
                Move();
                if (_slot is { } slot)
                {
                    var steps = Math.Min(_quarters.Options.StretchSteps, last - first + 1);
                    var stretch = Next(batches, first, steps);
                    // While the device does these steps, the thread draws the next ones' batches.
                    var after = first + steps;
                    var losses = Conductor.Train(Recipe, slot, _map, stretch, () => Prepared(batches, after, steps));
                    for (var s = 0; s < steps; s++)
                    {
                        if (BadLoss.Of(first + s, losses[s]) is { } bad) return bad;
                        sums.Add(losses[s]);
                    }
                    for (var s = 0; s < steps && stepped is not null; s++) stepped(first + s, losses[s]);
                    (_steps, first) = (_steps + steps, first + steps);
                    continue;
                }
                return AdvanceOnCores(batches, first, last, ref sums, stepped, stop);
            }
            catch (DeviceLostException)
            {
                DoAgain(stop);
            }
        }
        return null;
    }

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
    {
        Fits(samples, items);
        Settle();
        var rows = RowsOf(samples, items);
        if (_slot is { } slot && ReferenceEquals(samples, Train) && rows.Length > 0)
        {
            try
            {
                return Conductor.Evaluate(Recipe, slot, _map, rows);
            }
            catch (DeviceLostException)
            {
                DoAgain(CancellationToken.None);
            }
        }
        if (_there is not null) return OnCores(there => there.Evaluate(samples, rows));
        using var copy = _onCores();
        copy.Restore(State());
        return copy.Evaluate(samples, rows);
    }

    public void CopyWeightsTo(PointWeights destination)
    {
        Settle();
        if (Read(_map.Layout.WeightsEnd) is { } memory) _map.CopyWeights(memory, destination);
        else _there!.CopyWeightsTo(destination);
    }

    public StepperState State()
    {
        Settle();
        return Read(_map.Layout.ParametersEnd) is { } memory ? _map.ToState(_steps, memory) : _there!.State();
    }

    /// <inheritdoc/>
    /// <remarks>On the device the stride is the number of classes.</remarks>
    public float[] Logits()
    {
        if (Read(_map.Layout.Floats) is not { } memory) return ((ILogits)_there!).Logits();
        var (top, width, logits) = (_map.Layout.Places[^1], _map.Layout.Width, new float[Recipe.Batch * _map.Layout.Places[^1].Outputs]);
        for (var k = 0; k < logits.Length; k++)
            logits[k] = memory[top.Logits + k % top.Outputs * width + _map.Layout.PlaceOf(k / top.Outputs)];
        return logits;
    }

    public void Restore(StepperState state)
    {
        // The cores check it, and what they make of it is what a training goes on from.
        var there = _onCores();
        try
        {
            there.Restore(state);
        }
        catch
        {
            there.Dispose();
            throw;
        }
        Vacate();
        (_there, _origin, _steps, _done, _isStepped) = (there, state, state.Steps, null, false);
    }

    public void Dispose()
    {
        Vacate();
        Conductor.Part(Recipe);
    }

    /// <summary>Where it is, or on the cores at its start.</summary>
    protected void Settle()
    {
        if (_slot is not null || _there is not null) return;
        if (_steps == (_origin?.Steps ?? 0)) Move();
        else DoAgain(CancellationToken.None);
    }

    private void Fits(Samples samples, ReadOnlySpan<int> items) =>
        samples.Fits(_map.Layout.Shapes[0].Inputs, _map.Layout.Shapes[^1].Outputs, items);

    /// <summary>Goes to the device if that is worthwhile, else to the cores, unless it is there already.</summary>
    private void Move()
    {
        var isWorthwhile = Conductor.IsWorthwhile(Recipe, _quarters.Options.Fewest);
        if (_slot is not null && !isWorthwhile)
        {
            var state = State();
            // The device may have been lost meanwhile, and the net be on the cores.
            if (_slot is null) return;
            var there = _onCores();
            there.Restore(state);
            Vacate();
            _there = there;
        }
        if (_slot is null && isWorthwhile && Conductor.MayHaveRoom(Recipe)) Enter();
        if (_slot is null) _there ??= Begin();
    }

    private void Enter()
    {
        // A net at its start is made by the cores, as one that was restored is; hundreds at a time would take much memory.
        var parameters = _there is null ? AtBegin() : _map.ToMemory(_there.State());
        try
        {
            _slot = Conductor.Enter(Recipe, _map, parameters);
        }
        catch (DeviceLostException)
        {
            // It stays on the cores.
        }
        if (_slot is null) return;
        _there?.Dispose();
        _there = null;
    }

    private float[] AtBegin()
    {
        _quarters.FreeCores.Wait();
        try
        {
            using var there = Begin();
            return _map.ToMemory(there.State());
        }
        finally
        {
            _quarters.FreeCores.Release();
        }
    }

    private IStepper Begin()
    {
        var there = _onCores();
        if (_origin is not null) there.Restore(_origin);
        return there;
    }

    private void Vacate()
    {
        _there?.Dispose();
        _there = null;
        if (_slot is not { } slot) return;
        _slot = null;
        try
        {
            Conductor.Leave(Recipe, slot);
        }
        catch (DeviceLostException)
        {
            // There is nothing left to leave.
        }
    }

    /// <summary>The first numbers of the net's memory; null if it is on the cores.</summary>
    private float[]? Read(int count)
    {
        if (_slot is not { } slot) return null;
        try
        {
            return Conductor.Read(Recipe, slot, count);
        }
        catch (DeviceLostException)
        {
            DoAgain(CancellationToken.None);
            return null;
        }
    }

    /// <summary>The next steps, whose batches may have been drawn already.</summary>
    private Stretch Next(Batches batches, int first, int steps)
    {
        var stepSizes = new float[steps];
        for (var s = 0; s < steps; s++) stepSizes[s] = _map.StepSize(_steps + 1 + s);
        var items = Prepared(batches, first, steps);
        Fits(Train, items);
        return new Stretch(_steps + 1, items.ToArray(), stepSizes);
    }

    /// <summary>The items of some steps, from those that were drawn ahead, or drawn now with as many as a stretch may have.</summary>
    private ReadOnlySpan<int> Prepared(Batches batches, int first, int steps)
    {
        if (_prepared is not { } ahead || ahead.Batches != batches || first < ahead.First || first + steps > ahead.First + ahead.Steps)
        {
            ahead = new Ahead(batches, first, _quarters.Options.StretchSteps, new int[_quarters.Options.StretchSteps * batches.Size]);
            for (var s = 0; s < ahead.Steps; s++) batches.At(first + s, ahead.Items.AsSpan(s * batches.Size, batches.Size));
            _prepared = ahead;
        }
        return ahead.Items.AsSpan((first - ahead.First) * batches.Size, steps * batches.Size);
    }

    /// <summary>The rows as an array, the same one as long as they are the same: the device keeps it.</summary>
    private int[] RowsOf(Samples samples, ReadOnlySpan<int> items)
    {
        if (items.IsEmpty) items = Enumerable.Range(0, samples.Count).ToArray();
        if (!items.SequenceEqual(_rows)) _rows = items.ToArray();
        return _rows;
    }

    private BadLoss? AdvanceOnCores(
        Batches batches, int first, int last, ref LossSums sums, Action<int, StepLoss>? stepped, CancellationToken stop)
    {
        var before = sums.Count;
        _quarters.FreeCores.Wait(stop);
        try
        {
            return _there!.Advance(batches, first, last, ref sums, stepped, stop);
        }
        finally
        {
            _steps += sums.Count - before;
            _quarters.FreeCores.Release();
        }
    }

    private T OnCores<T>(Func<IStepper, T> work)
    {
        _quarters.FreeCores.Wait();
        try
        {
            return work(_there!);
        }
        finally
        {
            _quarters.FreeCores.Release();
        }
    }

    private sealed record Ahead(Batches Batches, int First, int Steps, int[] Items);

    /// <summary>Does on the cores what was done since the origin, and stays there.</summary>
    private void DoAgain(CancellationToken stop)
    {
        _slot = null;
        if (_isStepped) throw new DeviceLostException(Conductor.Lost ?? "the device failed");
        _there ??= Begin();
        var done = _origin?.Steps ?? 0;
        if (_done is not { } with || done == _steps) return;
        LossSums unused = default;
        _quarters.FreeCores.Wait(stop);
        try
        {
            _there.Advance(with.Batches, with.Before + done + 1, with.Before + _steps, ref unused, stepped: null, stop);
        }
        catch (OperationCanceledException)
        {
            // Half of it is of no use: the next to ask begins again.
            _there.Dispose();
            _there = null;
            throw;
        }
        finally
        {
            _quarters.FreeCores.Release();
        }
    }
}

/// <summary>A Bayesian net that moves.</summary>
internal sealed class MovingBayesianStepper(Quarters quarters, NetMap map, Func<IStepper> onCores)
    : MovingStepper(quarters, map, onCores), IBayesianStepper
{
    public PosteriorSnapshot Posterior() => Map.Posterior(State());
}
