using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Bnn.Contract;
using Bnn.Core;
using Bnn.Store;
using McMaster.NETCore.Plugins;

namespace Host.Plugins;

/// <summary>A class that the child makes an instance of.</summary>
public sealed record ProbeRequest(string Path, string TypeName);

/// <summary>
/// A request to score all layers. The tensors are in the file <see cref="Input"/>; the criterion is written to <see cref="Output"/>, layer
/// after layer, as doubles.
/// </summary>
/// <param name="Other">A file with the criterion of the strategy that this one refers to.</param>
/// <param name="Scrutiny">Whether to check that the order of layers doesn't matter and that the input isn't changed.</param>
public sealed record ScoreRequest(
    string Path,
    string TypeName,
    string Strategy,
    Dictionary<string, string> Arguments,
    ulong Seed,
    int[] Sizes,
    int[] SnapshotSteps,
    string Input,
    string? Other,
    string Output,
    bool Scrutiny);

/// <summary>The child's answer to one request.</summary>
/// <param name="Reason">Why the request failed; null if it succeeded.</param>
/// <param name="DiskFailed">Whether that is no fault of the plugin: the files between host and child couldn't be read or written.</param>
public sealed record WorkerAnswer(string? Reason, double ElapsedMs, bool DiskFailed = false)
{
    /// <summary>Reads a line of the child's; one that is no answer is a failure with that reason.</summary>
    public static WorkerAnswer Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkerAnswer>(line) ?? NoAnswer;
        }
        catch (JsonException)
        {
            return NoAnswer;
        }
    }

    private static WorkerAnswer NoAnswer => new("wrote into the pipe that carries the host's answers", 0);
}

/// <summary>The files between host and child can't be read or written.</summary>
internal sealed class ScratchException(string message) : Exception(message);

/// <summary>The child's side: loads plugins through McMaster.NETCore.Plugins and runs their code.</summary>
public static class PluginWorker
{
    private const int MostLetters = 2000;

    /// <summary>Makes an instance of each class that is named; answers with the reason where it can't.</summary>
    public static int Probe(string requests, string answers) => Serve<ProbeRequest>(requests, answers, request =>
    {
        var instance = Create(request.Path, request.TypeName);
        return instance is IMaskStrategy or INetworkMaskStrategy
            ? null
            : $"class {request.TypeName} implements neither IMaskStrategy nor INetworkMaskStrategy of this host's contract";
    });

    /// <summary>Scores for each request.</summary>
    public static int Score(string requests, string answers) => Serve<ScoreRequest>(requests, answers, Score);

    private static int Serve<TRequest>(string requests, string answers, Func<TRequest, string?> serve)
    {
        using var life = new ChildLife(requests, answers);
        foreach (var line in life.Requests)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var (reason, diskFailed) = Guarded(() => serve(JsonSerializer.Deserialize<TRequest>(line)!));
            life.Answer(JsonSerializer.Serialize(new WorkerAnswer(reason, watch.Elapsed.TotalMilliseconds, diskFailed)));
        }
        return ExitCode.Done;
    }

    private static (string? Reason, bool DiskFailed) Guarded(Func<string?> serve)
    {
        try
        {
            return (serve(), false);
        }
        catch (ScratchException e)
        {
            return (e.Message, true);
        }
        catch (Exception e)                 // a plugin may throw anything, which is why it runs in this process
        {
            return (Describe(e is TargetInvocationException { InnerException: { } inner } ? inner : e), false);
        }
    }

    private static string Describe(Exception e)
    {
        var type = e.GetType().Name;
        string message;
        try
        {
            message = Shown(Disk.Reason(e));
        }
        catch (Exception)                   // an exception's own Message may throw, too
        {
            message = "its message can't be read";
        }
        return e switch
        {
            OutOfMemoryException => "ran out of the memory it may use",
            ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => $"can't be loaded ({Disk.Reason(first)})",
            ReflectionTypeLoadException => $"can't be loaded ({message})",
            FileNotFoundException or FileLoadException => $"a dependency is missing ({message})",
            TypeLoadException or MissingMemberException => $"a member is missing ({message})",
            _ => $"threw {type}: {message}",
        };
    }

    /// <summary>An answer has a limit, and a message none.</summary>
    private static string Shown(string message) => message.Length > MostLetters ? message[..MostLetters] + "…" : message;

    private static object Create(string path, string typeName)
    {
        // The contract and what it refers to come from the host; everything else comes with the plugin.
        var loader = PluginLoader.CreateFromAssemblyFile(path, [typeof(IMaskStrategy), typeof(StrategyInfo)]);
        return Activator.CreateInstance(loader.LoadDefaultAssembly().GetType(typeName, throwOnError: true)!)!;
    }

    private static string? Score(ScoreRequest request)
    {
        var strategy = Create(request.Path, request.TypeName);
        SetParameters(strategy, request.Arguments);
        if (Safetensors.Read(request.Input) is not Result<IReadOnlyDictionary<string, NamedTensor>>.Ok(var tensors))
            throw new ScratchException($"{request.Input}: can't be read");
        var view = new WorkerView(request, tensors);
        var before = request.Scrutiny ? InputHash(tensors) : "";
        Score(strategy, view, Enumerable.Range(0, view.Layers));
        if (view.FirstBad() is { } bad) return bad;
        Write(request.Output, view);
        if (!request.Scrutiny) return null;
        if (InputHash(tensors) != before) return "changed its input, which is not its own";
        var backwards = new WorkerView(request, tensors);
        Score(strategy, backwards, Enumerable.Range(0, view.Layers).Reverse());
        return view.Same(backwards) ? null : "gave other scores when it was asked for the layers in another order";
    }

    private static void Write(string output, WorkerView view)
    {
        try
        {
            AtomicFile.Write(output, view.Write);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            throw new ScratchException($"{output}: can't be written ({Disk.Reason(e)})");
        }
    }

    private static void Score(object strategy, WorkerView view, IEnumerable<int> layers)
    {
        if (strategy is INetworkMaskStrategy network)
        {
            network.Score(view);
            return;
        }
        foreach (var l in layers) ((IMaskStrategy)strategy).Score(view.Layer(l), view.Criterion(l));
    }

    private static string InputHash(IReadOnlyDictionary<string, NamedTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors.Values) hash.AppendData(tensor.Content);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void SetParameters(object strategy, Dictionary<string, string> arguments)
    {
        foreach (var property in strategy.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (property.GetCustomAttribute<StrategyParameterAttribute>() is not { } declared) continue;
            if (!arguments.TryGetValue(declared.Name, out var text)) continue;
            property.SetValue(strategy, Convert.ChangeType(text, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The layers of a request as a strategy sees them.</summary>
    private sealed class WorkerView : INetworkView
    {
        private readonly ScoreRequest _request;
        private readonly IReadOnlyDictionary<string, NamedTensor> _tensors;
        private readonly double[][] _criterion, _other;
        private readonly byte[][] _kept;

        public WorkerView(ScoreRequest request, IReadOnlyDictionary<string, NamedTensor> tensors)
        {
            (_request, _tensors) = (request, tensors);
            int[] counts = [.. request.Sizes.Zip(request.Sizes.Skip(1), (inputs, outputs) => inputs * outputs)];
            _criterion = [.. counts.Select(Unwritten)];
            _kept = [.. counts.Select(Kept)];
            _other = request.Other is null ? [] : CriterionFile.Read(request.Other, counts);
        }

        public int Layers => _request.Sizes.Length - 1;

        public LayerView Layer(int index) => new()
        {
            Index = index,
            Inputs = _request.Sizes[index],
            Outputs = _request.Sizes[index + 1],
            Kept = _kept[index],
            InitialMu = Floats(index, ScoringTensors.InitialMu),
            InitialSigma = Floats(index, ScoringTensors.InitialSigma),
            Mu = Floats(index, ScoringTensors.Mu),
            Sigma = Floats(index, ScoringTensors.Sigma),
            DenseInitial = Floats(index, ScoringTensors.DenseInitial),
            DenseFinal = Floats(index, ScoringTensors.DenseFinal),
            Start = Floats(index, ScoringTensors.Start),
            Gradient = Floats(index, ScoringTensors.Gradient),
            HessianGradient = Floats(index, ScoringTensors.HessianGradient),
            InputActivity = Floats(index, ScoringTensors.InputActivity),
            Snapshots = _request.SnapshotSteps.Select(step => new PosteriorMoment(
                step, Floats(index, ScoringTensors.SnapshotMu(step)), Floats(index, ScoringTensors.SnapshotSigma(step)))).ToArray(),
            Other = _other.Length == 0 ? [] : _other[index],
            Random = new StrategyRandom(new Seed(_request.Seed), _request.Strategy, index),
        };

        public Span<double> Criterion(int index) => _criterion[index];

        public bool Same(WorkerView other) => _criterion.Zip(other._criterion).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

        public void Write(Stream stream)
        {
            foreach (var layer in _criterion) stream.Write(MemoryMarshal.AsBytes(layer.AsSpan()));
        }

        /// <summary>
        /// Describes the first element of a weight that is left that isn't finite or was never written; null if there is none.
        /// </summary>
        public string? FirstBad()
        {
            for (var l = 0; l < _criterion.Length; l++)
            {
                var i = 0;
                while (i < _criterion[l].Length && (_kept[l][i] == 0 || double.IsFinite(_criterion[l][i]))) i++;
                if (i == _criterion[l].Length) continue;
                var value = _criterion[l][i];
                return BitConverter.DoubleToInt64Bits(value) == UnwrittenBits
                    ? $"wrote no criterion for weight {i} of layer {l + 1}"
                    : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"gave {value} for weight {i} of layer {l + 1}");
            }
            return null;
        }

        /// <summary>A NaN that no arithmetic makes: it marks elements that a strategy hasn't written.</summary>
        private const long UnwrittenBits = 0x7FF8_0000_686F_7374;

        private static double[] Unwritten(int count)
        {
            var values = new double[count];
            values.AsSpan().Fill(BitConverter.Int64BitsToDouble(UnwrittenBits));
            return values;
        }

        /// <summary>The previous round's mask; all ones if the request has none, as in a first round.</summary>
        private byte[] Kept(int count, int layer)
        {
            if (_tensors.GetValueOrDefault(ScoringTensors.Name(layer, ScoringTensors.Kept))?.Bytes is { } kept) return kept;
            var all = new byte[count];
            all.AsSpan().Fill(1);
            return all;
        }

        private float[] Floats(int layer, string what) => _tensors.GetValueOrDefault(ScoringTensors.Name(layer, what))?.Floats ?? [];
    }
}
