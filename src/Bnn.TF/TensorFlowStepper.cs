using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.TF;

/// <summary>A training on TensorFlow: one run of the session per step, with tensors that are refilled each time.</summary>
internal class TensorFlowStepper : IStepper
{
    private const int EvaluationRows = 500;
    private readonly Status _status = new();
    private readonly GraphHandle _graphHandle = new();
    private readonly Session _session;
    private readonly Samples _train;
    private readonly Optimizer _optimizer;
    private readonly GraphNoise? _noise;
    private readonly StateLayout _state;
    private readonly Mask? _mask;
    private readonly Tensor _x, _labels, _beta1Power, _beta2Power;
    private readonly ImmutableArray<(Tensor Epsilon, Tensor InputSigns, Tensor OutputSigns)> _noiseTensors, _seedTensors;
    private readonly TfOutput[] _feeds, _fetches;
    private readonly nint[] _values, _results, _targets;
    private readonly float[] _row;
    private readonly uint[] _words;
    private readonly bool _freezesPruned;
    private readonly int _stepsBefore;
    private int _steps;

    /// <param name="stepsBefore">What a step of the noise is later than the stepper's own.</param>
    protected TensorFlowStepper(
        Func<GraphBuilder, TrainingGraph> graph, StateLayout state, Mask? mask, bool freezesPruned, Samples train, Optimizer optimizer,
        GraphNoise? noise, int stepsBefore, int threads)
    {
        (_train, _optimizer, _noise, _stepsBefore) = (train, optimizer, noise, stepsBefore);
        (_state, _mask, _freezesPruned) = (state, mask, freezesPruned);
        Graph = graph(new GraphBuilder(_graphHandle, _status));
        _session = new Session(_graphHandle, threads, _status);
        var (net, batch) = (Graph.Net, Graph.Batch);
        (_x, _labels) = (Tensor.Allocate(TfType.Float, [batch, net.Sizes[0]]), Tensor.Allocate(TfType.UInt8, [batch]));
        (_beta1Power, _beta2Power) = (Tensor.Allocate(TfType.Float, []), Tensor.Allocate(TfType.Float, []));
        _noiseTensors = [.. Graph.Noise.Select((_, l) => (
            Tensor.Allocate(TfType.Float, [net.Layers[l].Inputs, net.Layers[l].Outputs]),
            Tensor.Allocate(TfType.Float, [batch, net.Layers[l].Inputs]),
            Tensor.Allocate(TfType.Float, [batch, net.Layers[l].Outputs])))];
        _seedTensors = [.. Graph.NoiseSeeds.Select(_ =>
            (Tensor.Allocate(TfType.Int64, [2]), Tensor.Allocate(TfType.Int64, [2]), Tensor.Allocate(TfType.Int64, [2])))];
        _feeds = [Graph.X.Output, Graph.Labels.Output,
            .. optimizer is Optimizer.Adam ? (TfOutput[])[Graph.Beta1Power.Output, Graph.Beta2Power.Output] : [],
            .. Graph.Noise.Concat(Graph.NoiseSeeds)
                .SelectMany(noise => (TfOutput[])[noise.Epsilon.Output, noise.InputSigns.Output, noise.OutputSigns.Output])];
        _values = [_x.Pointer, _labels.Pointer,
            .. optimizer is Optimizer.Adam ? (nint[])[_beta1Power.Pointer, _beta2Power.Pointer] : [],
            .. _noiseTensors.Concat(_seedTensors)
                .SelectMany(noise => (nint[])[noise.Epsilon.Pointer, noise.InputSigns.Pointer, noise.OutputSigns.Pointer])];
        (_fetches, _targets) = ([Graph.Nll.Output, Graph.Kl.Output], [Graph.Train]);
        _results = new nint[_fetches.Length];
        var widest = net.Sizes.Max();
        (_row, _words) = (new float[(widest + 15) / 16 * 16], new uint[SignDraws.WordsPerRow(widest)]);
    }

    public static TensorFlowStepper Ordinary(OrdinarySetup setup, Samples train, int threads)
    {
        var (start, shapes) = (setup.Start, setup.Start.Layers.Select(layer => layer.Shape).ToList());
        var stepper = new TensorFlowStepper(
            build => TrainingGraph.Ordinary(build, NetOf(shapes), setup),
            StateLayout.Ordinary(shapes, setup.Optimizer), setup.Mask, setup.FreezesPruned, train, setup.Optimizer, noise: null,
            stepsBefore: 0, threads);
        stepper.Start((name, l) =>
            name == TensorNames.Weight(l) ? start.Layers[l].Weight : name == TensorNames.Bias(l) ? start.Layers[l].Bias : null);
        return stepper;
    }

    protected TrainingGraph Graph { get; }

    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != Graph.Batch) throw new ArgumentException($"a batch of {items.Length} items, not {Graph.Batch}", nameof(items));
        _steps++;
        FillBatch(items);
        if (_noise is GraphNoise.Drawn(var seeds)) FillSeeds(seeds, _stepsBefore + _steps);
        else if (_noise is GraphNoise.Fed(var noise)) FillNoise(noise, _stepsBefore + _steps);
        if (_optimizer is Optimizer.Adam adam)
        {
            // Keras' float32 powers; the resulting rate is that of Optimizer.Adam.StepSize to single precision.
            _beta1Power.As<float>()[0] = (float)Math.Pow(adam.Beta1, _steps);
            _beta2Power.As<float>()[0] = (float)Math.Pow(adam.Beta2, _steps);
        }
        _session.Run(_feeds, _values, _fetches, _results, _targets, _status);
        return new StepLoss(TakeScalar(_results[0]), TakeScalar(_results[1]));
    }

    /// <summary>
    /// The outputs of the last layer for the latest inputs, [batch, classes], with the current weights; after an SGD step of rate 0,
    /// those of the step itself.
    /// </summary>
    internal float[] LatestLogits()
    {
        var result = new nint[1];
        _session.Run(_feeds, _values, [Graph.Logits.Output], result, [], _status);
        using var tensor = Tensor.Own(result[0]);
        return tensor.As<float>().ToArray();
    }

    /// <summary>Adds this batch's gradient times its size, and its inputs' squares, to sums over examples, without an update.</summary>
    public void AddTo(double[][] weights, double[][] biases, double[][] squares, ReadOnlySpan<int> items)
    {
        FillBatch(items);
        TfOutput[] fetches = [.. Graph.Gradients.Select(node => node.Output), .. Graph.Inputs.Skip(1).Select(node => node.Output)];
        var results = new nint[fetches.Length];
        _session.Run([Graph.X.Output, Graph.Labels.Output], [_x.Pointer, _labels.Pointer], fetches, results, [], _status);
        Tensor[] tensors = [.. results.Select(Tensor.Own)];
        var layers = Graph.Net.Layers.Length;
        for (var l = 0; l < layers; l++)
        {
            AddScaled(weights[l], tensors[2 * l].As<float>(), items.Length);
            AddScaled(biases[l], tensors[2 * l + 1].As<float>(), items.Length);
            var inputs = l == 0 ? _x.As<float>() : tensors[2 * layers + l - 1].As<float>();
            for (var k = 0; k < inputs.Length; k++) squares[l][k % squares[l].Length] += (double)inputs[k] * inputs[k];
        }
        foreach (var tensor in tensors) tensor.Dispose();
    }

    public Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items)
    {
        var logits = Array.ConvertAll(Logits(samples, items), logit => (double)logit);
        var (classes, nll, correct) = (Graph.Net.Sizes[^1], 0.0, 0);
        var count = logits.Length / classes;
        for (var row = 0; row < count; row++)
        {
            var own = logits.AsSpan(row * classes, classes);
            var label = samples.Labels[items.IsEmpty ? row : items[row]];
            nll += CrossEntropy.Of(own, label);
            if (Classification.Predict(own) == label) correct++;
        }
        return new Evaluation(nll / count, correct, count);
    }

    /// <summary>
    /// The last layer's outputs, [rows, classes], with the current weights, for all of <paramref name="samples"/> or for
    /// <paramref name="items"/> of them.
    /// </summary>
    /// <exception cref="ArgumentException">The samples have another width than the net, or a label that is no class of it.</exception>
    public float[] Logits(Samples samples, ReadOnlySpan<int> items)
    {
        var (inputs, classes) = (Graph.Net.Sizes[0], Graph.Net.Sizes[^1]);
        if (samples.Width != inputs || samples.LargestLabel >= classes)
        {
            throw new ArgumentException(
                $"samples of {samples.Width} inputs with a label {samples.LargestLabel} for {inputs} inputs and {classes} classes",
                nameof(samples));
        }
        var count = items.IsEmpty ? samples.Count : items.Length;
        var logits = new float[count * classes];
        for (var begin = 0; begin < count; begin += EvaluationRows)
        {
            var rows = Math.Min(EvaluationRows, count - begin);
            using var x = Tensor.Allocate(TfType.Float, [rows, samples.Width]);
            for (var row = 0; row < rows; row++)
            {
                var item = items.IsEmpty ? begin + row : items[begin + row];
                samples.CopyRow(item, x.As<float>().Slice(row * samples.Width, samples.Width));
            }
            using var result = Fetch(Graph.EvaluationLogits, Graph.EvaluationX, x);
            result.As<float>()[..(rows * classes)].CopyTo(logits.AsSpan(begin * classes));
        }
        return logits;
    }

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < destination.Layers.Length; l++)
        {
            Copy(Graph.Layers[l].Mean, destination.Layers[l].Weight);
            Copy(Graph.Layers[l].Bias, destination.Layers[l].Bias);
        }
    }

    public StepperState State()
    {
        var state = _state.Empty(_steps);
        for (var k = 0; k < state.Tensors.Length; k++) Copy(Graph.Variables[k], state.Tensors[k].Floats!);
        return state;
    }

    public void Restore(StepperState state)
    {
        var values = _state.ValuesOf(state);
        for (var k = 0; k < values.Length; k++) Assign(Graph.Variables[k], Masked(values[k], k));
        _steps = state.Steps;
    }

    public void Dispose()
    {
        _session.Dispose();
        _graphHandle.Dispose();
        foreach (var tensor in (Tensor[])[_x, _labels, _beta1Power, _beta2Power]) tensor.Dispose();
        foreach (var (epsilon, inputSigns, outputSigns) in _noiseTensors.Concat(_seedTensors))
        {
            epsilon.Dispose();
            inputSigns.Dispose();
            outputSigns.Dispose();
        }
        _status.Dispose();
    }

    protected static Architecture NetOf(IEnumerable<LayerShape> shapes)
    {
        var layers = shapes.ToList();
        return new Architecture([layers[0].Inputs, .. layers.Select(layer => layer.Outputs)]);
    }

    private void FillBatch(ReadOnlySpan<int> items)
    {
        for (var b = 0; b < items.Length; b++)
        {
            _train.CopyRow(items[b], _x.As<float>().Slice(b * _train.Width, _train.Width));
            _labels.As<byte>()[b] = _train.Labels[items[b]];
        }
    }

    private void FillNoise(INoise noise, int step)
    {
        for (var l = 0; l < _noiseTensors.Length; l++)
        {
            var shape = Graph.Net.Layers[l];
            var (epsilon, inputSigns, outputSigns) = _noiseTensors[l];
            var padded = _row.AsSpan(0, (shape.Outputs + 15) / 16 * 16);
            for (var i = 0; i < shape.Inputs; i++)
            {
                noise.Epsilon(l, step, i, shape.Outputs, padded);
                padded[..shape.Outputs].CopyTo(epsilon.As<float>().Slice(i * shape.Outputs, shape.Outputs));
            }
            for (var b = 0; b < Graph.Batch; b++)
            {
                var words = _words.AsSpan(0, SignDraws.WordsPerRow(shape.Inputs));
                noise.InputSigns(l, step, b, words);
                Expand(words, inputSigns.As<float>().Slice(b * shape.Inputs, shape.Inputs));
                words = _words.AsSpan(0, SignDraws.WordsPerRow(shape.Outputs));
                noise.OutputSigns(l, step, b, words);
                Expand(words, outputSigns.As<float>().Slice(b * shape.Outputs, shape.Outputs));
            }
        }
    }

    private void FillSeeds(NoiseSeeds seeds, int step)
    {
        for (var l = 0; l < _seedTensors.Length; l++)
        {
            Fill(_seedTensors[l].Epsilon, seeds.Of(StreamName.Epsilon, l, step));
            Fill(_seedTensors[l].InputSigns, seeds.Of(StreamName.InputSigns, l, step));
            Fill(_seedTensors[l].OutputSigns, seeds.Of(StreamName.OutputSigns, l, step));
        }

        static void Fill(Tensor tensor, (long Key, long Step) seed)
        {
            tensor.As<long>()[0] = seed.Key;
            tensor.As<long>()[1] = seed.Step;
        }
    }

    private static void Expand(ReadOnlySpan<uint> words, Span<float> signs)
    {
        for (var c = 0; c < signs.Length; c++) signs[c] = SignDraws.IsNegative(words, c) ? -1f : 1f;
    }

    /// <summary>Starts with these values, and with 0 where there are none.</summary>
    protected void Start(Func<string, int, float[]?> valuesOf)
    {
        var state = _state.Empty(steps: 0);
        for (var k = 0; k < state.Tensors.Length; k++) valuesOf(state.Tensors[k].Name, LayerOf(k))?.CopyTo(state.Tensors[k].Floats!, 0);
        Restore(state);
    }

    /// <summary>The layer of a tensor: every layer has the same number of tensors in a state.</summary>
    private int LayerOf(int tensor) => tensor / (_state.Places.Length / Graph.Layers.Count);

    /// <summary>The values with +0 at the moments of pruned weights, and at these themselves unless they are frozen.</summary>
    private float[] Masked(float[] values, int tensor)
    {
        var (layer, place) = (LayerOf(tensor), _state.Places[tensor]);
        var kept = _mask?.Layers[layer].Kept;
        return kept is null || place.Shape.Length < 2 || (_freezesPruned && place.Name == TensorNames.Weight(layer)) ? values
            : [.. values.Select((value, w) => kept[w] != 0 ? value : 0f)];
    }

    /// <summary>Assigns values. The tensor is deleted at once, since a variable aliases the memory it was assigned from.</summary>
    private void Assign(Variable variable, float[] values)
    {
        using var tensor = Tensor.Of(values, variable.Shape);
        _session.Run([variable.AssignInput.Output], [tensor.Pointer], [], [], [variable.AssignOperation], _status);
    }

    /// <summary>Copies a variable out and deletes the tensor at once, since a fetched variable aliases its memory.</summary>
    protected void Copy(Variable variable, float[] destination)
    {
        var result = new nint[1];
        _session.Run([], [], [variable.Value.Output], result, [], _status);
        using var tensor = Tensor.Own(result[0]);
        tensor.As<float>().CopyTo(destination);
    }

    private Tensor Fetch(Node node, Node fed, Tensor value)
    {
        var result = new nint[1];
        _session.Run([fed.Output], [value.Pointer], [node.Output], result, [], _status);
        return Tensor.Own(result[0]);
    }

    private static void AddScaled(double[] sums, ReadOnlySpan<float> values, double scale)
    {
        for (var i = 0; i < sums.Length; i++) sums[i] += scale * values[i];
    }

    private static unsafe double TakeScalar(nint pointer)
    {
        var value = *(float*)TensorFlowApi.TF_TensorData(pointer);
        TensorFlowApi.TF_DeleteTensor(pointer);
        return value;
    }
}
