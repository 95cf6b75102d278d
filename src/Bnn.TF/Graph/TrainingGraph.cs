using Bnn.Core;

namespace Bnn.TF;

/// <summary>
/// The graph of one training: forward pass, loss, gradients, optimizer, and a forward pass with mean weights for evaluation. Variables
/// per layer: w (μ), for Flipout layers also ρ, and the bias; beside each, Adam's moments.
/// </summary>
internal sealed class TrainingGraph
{
    private readonly GraphBuilder _build;
    private readonly Optimizer _optimizer;
    private readonly List<nint> _updates = [];

    private TrainingGraph(GraphBuilder build, Architecture net, int batch, Optimizer optimizer)
    {
        (_build, Net, Batch, _optimizer) = (build, net, batch, optimizer);
        X = build.Placeholder("x", TfType.Float, batch, net.Sizes[0]);
        Labels = build.Placeholder("labels", TfType.UInt8, batch);
        Beta1Power = build.Placeholder("beta1_power", TfType.Float);
        Beta2Power = build.Placeholder("beta2_power", TfType.Float);
        EvaluationX = build.Placeholder("evaluation_x", TfType.Float, -1, net.Sizes[0]);
    }

    public Architecture Net { get; }

    public int Batch { get; }

    public Node X { get; }

    public Node Labels { get; }

    /// <summary>β₁ᵗ and β₂ᵗ of the step, fed.</summary>
    public Node Beta1Power { get; }

    public Node Beta2Power { get; }

    public Node EvaluationX { get; }

    /// <summary>Per layer: w or μ, ρ if there is one, bias.</summary>
    public List<(Variable Mean, Variable? Rho, Variable Bias)> Layers { get; } = [];

    /// <summary>All that training changes, in the order of <see cref="StateLayout"/>.</summary>
    public List<Variable> Variables { get; } = [];

    /// <summary>Per Flipout layer, fed: ε, input signs, output signs.</summary>
    public List<(Node Epsilon, Node InputSigns, Node OutputSigns)> Noise { get; } = [];

    /// <summary>
    /// Fed instead of <see cref="Noise"/> where the graph draws its own: per Flipout layer the generators' seeds, [2] each, in the same
    /// order.
    /// </summary>
    public List<(Node Epsilon, Node InputSigns, Node OutputSigns)> NoiseSeeds { get; } = [];

    public Node Nll { get; private set; }

    /// <summary>KL divergence, nats, not divided; a constant 0 in an ordinary net.</summary>
    public Node Kl { get; private set; }

    public Node Logits { get; private set; }

    public Node EvaluationLogits { get; private set; }

    /// <summary>Each layer's input.</summary>
    public List<Node> Inputs { get; } = [];

    /// <summary>Gradients of the loss: in an ordinary net by w and bias, layer after layer.</summary>
    public Node[] Gradients { get; private set; } = [];

    /// <summary>The operation that updates everything.</summary>
    public nint Train { get; private set; }

    /// <param name="drawsNoise">Whether the graph draws its noise, and is fed with seeds.</param>
    public static TrainingGraph Bayesian(GraphBuilder build, Architecture net, BayesianSetup setup, bool drawsNoise)
    {
        var graph = new TrainingGraph(build, net, setup.Batch, setup.Optimizer);
        var (activation, evaluated, kl) = (graph.X, graph.EvaluationX, build.Constant(0f));
        for (var l = 0; l < net.Layers.Length; l++)
        {
            var shape = net.Layers[l];
            var (mu, rho) =
                (build.Variable($"layer{l}/mu", shape.Inputs, shape.Outputs), build.Variable($"layer{l}/rho", shape.Inputs, shape.Outputs));
            var bias = build.Variable($"layer{l}/bias", shape.Outputs);
            graph.Layers.Add((mu, rho, bias));
            var noise = drawsNoise ? graph.DrawnNoise(l, shape) : graph.FedNoise(l, shape);
            var mask = setup.Mask?.Layers[l];

            var (mean, scale) =
                (graph.Kept(mask, mu.Value), build.Add(build.Op("Softplus", rho.Value), build.Constant(setup.ScaleEpsilon)));
            var sigma = graph.Kept(mask, scale);
            var perturbation = build.MatMul(build.Multiply(activation, noise.InputSigns), build.Multiply(sigma, noise.Epsilon));
            var h = build.Add(build.Add(build.MatMul(activation, mean), build.Multiply(perturbation, noise.OutputSigns)), bias.Value);
            kl = build.Add(kl, graph.KlOf(mu.Value, scale, setup.PriorScale, mask, shape));
            (activation, evaluated) = graph.Next(l, h, build.Add(build.MatMul(evaluated, mean), bias.Value));
        }
        graph.Kl = kl;
        graph.Finish(activation, evaluated, build.Multiply(kl, build.Constant((float)setup.KlFactor)));
        return graph;
    }

    public static TrainingGraph Ordinary(GraphBuilder build, Architecture net, OrdinarySetup setup)
    {
        var graph = new TrainingGraph(build, net, setup.Batch, setup.Optimizer);
        var (activation, evaluated) = (graph.X, graph.EvaluationX);
        for (var l = 0; l < net.Layers.Length; l++)
        {
            var shape = net.Layers[l];
            graph.Inputs.Add(activation);
            var (w, bias) = (build.Variable($"layer{l}/w", shape.Inputs, shape.Outputs), build.Variable($"layer{l}/bias", shape.Outputs));
            graph.Layers.Add((w, null, bias));

            var used = setup.FreezesPruned ? w.Value : graph.Kept(setup.Mask?.Layers[l], w.Value);
            (activation, evaluated) = graph.Next(
                l, build.Add(build.MatMul(activation, used), bias.Value), build.Add(build.MatMul(evaluated, used), bias.Value));
        }
        graph.Kl = build.Constant(0f);
        graph.Finish(activation, evaluated, penalty: null, frozen: setup.FreezesPruned ? setup.Mask : null);
        return graph;
    }

    private (Node Epsilon, Node InputSigns, Node OutputSigns) FedNoise(int l, LayerShape shape)
    {
        Noise.Add((
            _build.Placeholder($"layer{l}/epsilon", TfType.Float, shape.Inputs, shape.Outputs),
            _build.Placeholder($"layer{l}/input_signs", TfType.Float, Batch, shape.Inputs),
            _build.Placeholder($"layer{l}/output_signs", TfType.Float, Batch, shape.Outputs)));
        return Noise[^1];
    }

    private (Node Epsilon, Node InputSigns, Node OutputSigns) DrawnNoise(int l, LayerShape shape)
    {
        var seeds = (
            Epsilon: _build.Placeholder($"layer{l}/epsilon_seed", TfType.Int64, 2),
            InputSigns: _build.Placeholder($"layer{l}/input_seed", TfType.Int64, 2),
            OutputSigns: _build.Placeholder($"layer{l}/output_seed", TfType.Int64, 2));
        NoiseSeeds.Add(seeds);
        return (
            Draw("StatelessRandomNormal", shape.Inputs, shape.Outputs, seeds.Epsilon),
            Signs(shape.Inputs, seeds.InputSigns),
            Signs(shape.Outputs, seeds.OutputSigns));

        Node Draw(string op, int rows, int columns, Node seed) =>
            _build.Op(op, _build.Constant<int>(TfType.Int32, [rows, columns], [2]), seed);

        // 2·⌊2u⌋ − 1 is ±1; sign(u − ½) could be 0.
        Node Signs(int columns, Node seed)
        {
            var two = _build.Constant(2f);
            var doubled = _build.Multiply(_build.Constant(2f), Draw("StatelessRandomUniform", Batch, columns, seed));
            return _build.Op("Sub", _build.Multiply(two, _build.Op("Floor", doubled)), _build.Constant(1f));
        }
    }

    /// <summary>
    /// The values at kept weights, else 0. Selected, not multiplied: a pruned weight's gradient is 0 even where it would otherwise be
    /// NaN, and so its moments stay 0.
    /// </summary>
    private Node Kept(LayerMask? mask, Node values)
    {
        if (mask is null) return values;
        long[] shape = [mask.Shape.Inputs, mask.Shape.Outputs];
        var bits = _build.Constant<float>(TfType.Float, Array.ConvertAll(mask.Kept, keep => (float)keep), shape);
        var kept = _build.Op("NotEqual", bits, _build.Constant(0f));
        return _build.Op("SelectV2", kept, values, _build.Constant<float>(TfType.Float, new float[mask.Kept.Length], shape));
    }

    /// <summary>ReLU between layers, none after the last.</summary>
    private (Node Activation, Node Evaluated) Next(int l, Node h, Node evaluated) =>
        l == Net.Layers.Length - 1 ? (h, evaluated) : (_build.Op("Relu", h), _build.Op("Relu", evaluated));

    /// <summary>n·ln s₀ − Σ ln σ + Σ(σ² + μ²)/(2s₀²) − n/2 over the n kept weights.</summary>
    /// <param name="sigma">σ as if nothing were pruned: its logarithm is finite everywhere.</param>
    private Node KlOf(Node mu, Node sigma, double priorScale, LayerMask? mask, LayerShape shape)
    {
        var sum = _build.Add(_build.Square(sigma), _build.Square(mu));
        var squares = _build.Multiply(sum, _build.Constant((float)(0.5 / (priorScale * priorScale))));
        var terms = Kept(mask, _build.Op("Sub", squares, _build.Op("Log", sigma)));
        return _build.Add(_build.SumAll(terms, rank: 2),
            _build.Constant((float)((mask?.KeptCount ?? shape.Weights) * (Math.Log(priorScale) - 0.5))));
    }

    /// <param name="frozen">The mask whose pruned weights are frozen: their gradient is set to 0, with which neither optimizer changes a
    /// weight or a moment of 0.</param>
    private void Finish(Node logits, Node evaluated, Node? penalty, Mask? frozen = null)
    {
        (Logits, EvaluationLogits) = (logits, evaluated);
        var classes = Net.Sizes[^1];
        var depth = _build.Constant<int>(TfType.Int32, [classes], []);
        var onehot = _build.Op("OneHot", Labels, depth, _build.Constant(1f), _build.Constant(0f));
        var each = _build.Op("SoftmaxCrossEntropyWithLogits", logits, onehot);
        Nll = _build.Multiply(_build.SumAll(each, rank: 1), _build.Constant(1f / Batch));
        var loss = penalty is { } p ? _build.Add(Nll, p) : Nll;

        var variables = Layers
            .SelectMany(layer => layer.Rho is null ? (Variable[])[layer.Mean, layer.Bias] : [layer.Mean, layer.Rho, layer.Bias])
            .ToList();
        Gradients = _build.Gradients(loss, [.. variables.Select(variable => variable.Value)]);
        // An ordinary net's are by w and bias, layer after layer.
        for (var l = 0; frozen is not null && l < Layers.Count; l++) Gradients[2 * l] = Kept(frozen.Layers[l], Gradients[2 * l]);
        for (var i = 0; i < variables.Count; i++) _updates.Add(Update(variables[i], Gradients[i]));
        Train = _build.Group([.. _updates]);
    }

    private nint Update(Variable variable, Node gradient)
    {
        Variables.Add(variable);
        var rate = _build.Constant((float)_optimizer.LearningRate);
        if (_optimizer is not Optimizer.Adam adam)
            return _build.Op("ResourceApplyGradientDescent", variable.Handle, rate, gradient).Operation;
        var (m, v) = (_build.Variable($"{variable.Name}/m", variable.Shape), _build.Variable($"{variable.Name}/v", variable.Shape));
        Variables.Add(m);
        Variables.Add(v);
        var (beta1, beta2) = (_build.Constant((float)adam.Beta1), _build.Constant((float)adam.Beta2));
        var epsilon = _build.Constant((float)adam.Epsilon);
        return _build.Op(
            "ResourceApplyAdam", variable.Handle, m.Handle, v.Handle,
            Beta1Power, Beta2Power, rate, beta1, beta2, epsilon, gradient).Operation;
    }
}
