using System.Runtime.ExceptionServices;
using Bnn.Core;

namespace Bnn.Gpu;

/// <summary>The device failed, and what was on it is lost.</summary>
public sealed class DeviceLostException(string message) : EngineException(message);

/// <summary>
/// Joins what the threads of many trainings ask of one device: those whose nets are of one recipe are served by one start of a kernel. It
/// has a thread of its own, which alone uses the device.
/// </summary>
internal sealed class Conductor : IDisposable
{
    private readonly Device _device;
    private readonly GpuOptions _options;
    private readonly object _lock = new();
    private readonly Dictionary<Recipe, int> _members = [];
    private readonly HashSet<Recipe> _full = [];
    private readonly Thread _thread;
    private List<Request> _requests = [];
    private DeviceLostException? _lost;
    private bool _ends;
    private long _steps;

    // These belong to the device's thread.
    private readonly Dictionary<Recipe, Fleet> _fleets = [];
    private readonly Dictionary<Samples, ResidentSamples> _samples = new(ReferenceEqualityComparer.Instance);
    private int _residents;

    public Conductor(Device device, GpuOptions options)
    {
        (_device, _options) = (device, options);
        _thread = new Thread(Serve) { Name = "device", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Why the device isn't used any more; null while it is.</summary>
    public string? Lost => Volatile.Read(ref _lost)?.Message;

    /// <summary>Steps that nets did on the device.</summary>
    public long Steps => Interlocked.Read(ref _steps);

    /// <summary>Tells that there is a net of a recipe, wherever it is trained.</summary>
    public void Join(Recipe recipe)
    {
        lock (_lock) _members[recipe] = _members.GetValueOrDefault(recipe) + 1;
    }

    /// <summary>Tells that a net of a recipe is no more.</summary>
    public void Part(Recipe recipe)
    {
        lock (_lock)
            if (--_members[recipe] == 0) _members.Remove(recipe);
    }

    /// <summary>Whether the device is there and there are enough nets of a recipe to be faster on it than on the cores.</summary>
    /// <param name="fewest">How many are enough.</param>
    public bool IsWorthwhile(Recipe recipe, int fewest)
    {
        if (Lost is not null) return false;
        lock (_lock) return _members.GetValueOrDefault(recipe) >= fewest;
    }

    /// <summary>Whether there may be room for another net of a recipe.</summary>
    public bool MayHaveRoom(Recipe recipe)
    {
        lock (_lock) return !_full.Contains(recipe);
    }

    /// <summary>Takes a net in; null when there is no room.</summary>
    public int? Enter(Recipe recipe, NetMap map, float[] parameters) => Do(() =>
    {
        if (FleetOf(recipe, map.Layout)?.Enter(map, parameters) is not { } slot)
        {
            lock (_lock) _full.Add(recipe);
            return (int?)null;
        }
        _residents++;
        return slot;
    });

    /// <summary>Gives a net's slot back.</summary>
    public void Leave(Recipe recipe, int slot) => Do(() =>
    {
        var fleet = _fleets[recipe];
        fleet.Leave(slot);
        _residents--;
        lock (_lock) _full.Remove(recipe);
        if (fleet.IsEmpty) Disband(recipe, fleet);
        return true;
    });

    /// <summary>The first numbers of a net's memory.</summary>
    public float[] Read(Recipe recipe, int slot, int count) => Do(() => _fleets[recipe].Read(slot, count));

    /// <summary>Steps of a net, together with those that other threads ask for. Returns their losses.</summary>
    /// <param name="meanwhile">What the caller does before it waits.</param>
    public StepLoss[] Train(Recipe recipe, int slot, NetMap map, Stretch stretch, Action? meanwhile = null)
    {
        var request = new TrainRequest(recipe, slot, map, stretch);
        Ask(request);
        meanwhile?.Invoke();
        Await(request);
        return request.Losses;
    }

    /// <summary>An evaluation of a net, together with those that other threads ask for.</summary>
    public Evaluation Evaluate(Recipe recipe, int slot, NetMap map, int[] items)
    {
        var request = new EvaluateRequest(recipe, slot, map, items);
        Ask(request);
        Await(request);
        return request.Evaluation;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ends = true;
            Monitor.Pulse(_lock);
        }
        _thread.Join();
    }

    private T Do<T>(Func<T> work)
    {
        var result = default(T);
        var request = new CallRequest(() => result = work());
        Ask(request);
        Await(request);
        return result!;
    }

    private void Ask(Request request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            Monitor.Pulse(_lock);
        }
    }

    private static void Await(Request request)
    {
        request.Done.Wait();
        request.Done.Dispose();
        if (request.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    private void Serve()
    {
        _device.Bind();
        while (Take() is { Count: > 0 } requests) Serve(requests);
        try
        {
            foreach (var fleet in _fleets.Values) fleet.Dispose();
            foreach (var samples in _samples.Values) samples.Dispose();
            _device.Dispose();
        }
        catch (Exception e) when (Device.IsOfDevice(e))
        {
            // What is lost can't be given back.
        }
    }

    /// <summary>
    /// All that is asked for, once every net on the device has asked for something, or half of them where half fill it, or a little later:
    /// nets that step together are served together, none waits for one whose thread does something else, and of many nets one half's
    /// threads get their next steps ready while the other half trains. Empty at the end.
    /// </summary>
    private List<Request> Take()
    {
        lock (_lock)
        {
            while (_requests.Count == 0 && !_ends) Monitor.Wait(_lock);
            var until = Environment.TickCount64 + (long)_options.Patience.TotalMilliseconds;
            while (!_ends && _requests.Count < Enough && !_requests.Exists(request => request is CallRequest))
            {
                var left = until - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_lock, (int)left)) break;
            }
            var taken = _requests;
            _requests = [];
            return taken;
        }
    }

    private int Enough => Math.Min(_residents, Math.Max(_device.Multiprocessors, (_residents + 1) / 2));

    private void Serve(List<Request> requests)
    {
        foreach (var call in requests.OfType<CallRequest>()) Serve([call], call.Call);
        foreach (var group in requests.OfType<EvaluateRequest>().GroupBy(request => request.Recipe))
        {
            EvaluateRequest[] nets = [.. group];
            Serve(nets, () =>
            {
                var evaluations = _fleets[group.Key].Evaluate([.. nets.Select(net => (net.Slot, net.Map, net.Items))]);
                for (var n = 0; n < nets.Length; n++) nets[n].Evaluation = evaluations[n];
            });
        }
        foreach (var group in requests.OfType<TrainRequest>().GroupBy(request => request.Recipe))
        {
            TrainRequest[] nets = [.. group];
            Serve(nets, () =>
            {
                _options.Training?.Invoke(Steps);
                _fleets[group.Key].Train([.. nets.Select(net => (net.Slot, net.Map, net.Stretch, net.Losses))]);
                Interlocked.Add(ref _steps, nets.Sum(net => (long)net.Stretch.Steps));
            });
        }
    }

    private void Serve(Request[] requests, Action work)
    {
        Exception? failure = _lost;
        if (failure is null)
        {
            try
            {
                work();
            }
            catch (Exception e) when (Device.IsOfDevice(e))
            {
                failure = new DeviceLostException($"{_device.Name} failed: {Device.Reason(e)}");
                Volatile.Write(ref _lost, (DeviceLostException)failure);
                _options.OnLost?.Invoke(failure.Message);
            }
            catch (Exception e)
            {
                // A fault of ours is the asker's to report.
                failure = e;
            }
        }
        foreach (var request in requests)
        {
            request.Failure = failure;
            request.Done.Set();
        }
    }

    private Fleet? FleetOf(Recipe recipe, NetLayout layout)
    {
        if (_fleets.TryGetValue(recipe, out var fleet)) return fleet;
        if (!_samples.TryGetValue(recipe.Train, out var samples))
        {
            samples = new ResidentSamples(_device, recipe.Train);
            _samples.Add(recipe.Train, samples);
        }
        // What the device says is free may be in pieces.
        for (var most = _options.Nets; most > 0; most /= 2)
        {
            if (Fleet.TryMake(_device, recipe, layout, samples, most) is not { } made) continue;
            _fleets.Add(recipe, made);
            return made;
        }
        return null;
    }

    private void Disband(Recipe recipe, Fleet fleet)
    {
        _fleets.Remove(recipe);
        fleet.Dispose();
        // There is memory again for those that had none.
        lock (_lock) _full.Clear();
        if (_fleets.Keys.Any(other => ReferenceEquals(other.Train, recipe.Train))) return;
        _samples.Remove(recipe.Train, out var samples);
        samples?.Dispose();
    }

    private abstract class Request
    {
        public ManualResetEventSlim Done { get; } = new();

        public Exception? Failure { get; set; }
    }

    private sealed class CallRequest(Action call) : Request
    {
        public Action Call => call;
    }

    private sealed class TrainRequest(Recipe recipe, int slot, NetMap map, Stretch stretch) : Request
    {
        public Recipe Recipe => recipe;

        public int Slot => slot;

        public NetMap Map => map;

        public Stretch Stretch => stretch;

        public StepLoss[] Losses { get; } = new StepLoss[stretch.Steps];
    }

    private sealed class EvaluateRequest(Recipe recipe, int slot, NetMap map, int[] items) : Request
    {
        public Recipe Recipe => recipe;

        public int Slot => slot;

        public NetMap Map => map;

        public int[] Items => items;

        public Evaluation Evaluation { get; set; }
    }
}
