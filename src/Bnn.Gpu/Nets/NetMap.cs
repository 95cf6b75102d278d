using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Simd;

namespace Bnn.Gpu;

/// <summary>Translates between a net's full-size tensors and its memory on the device, and holds what its kernels go by.</summary>
internal sealed class NetMap
{
    private readonly StateLayout _state;
    private readonly Optimizer _optimizer;

    /// <summary>Of a net of few weights: each weight's index in its layer's matrix, in the order of the device.</summary>
    private readonly int[][] _index;

    public NetMap(NetKind kind, OrdinarySetup setup)
        : this(
            kind, [.. setup.Start.Layers.Select(layer => layer.Shape)], setup.Batch, setup.Mask, setup.Optimizer,
            StateLayout.Ordinary(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer))
    {
        Rule = RuleOf(setup.Mask, setup.Optimizer) with { Freezes = setup.FreezesPruned ? 1 : 0 };
    }

    /// <param name="noise">The setup's.</param>
    public NetMap(NetKind kind, BayesianSetup setup, NoiseSource.OfSeed noise)
        : this(
            kind, [.. setup.Start.Layers.Select(layer => layer.Shape)], setup.Batch, setup.Mask, setup.Optimizer,
            StateLayout.Bayesian(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer))
    {
        var kl = new KlRule(setup.KlFactor, setup.PriorScale, setup.ScaleEpsilon);
        Rule = RuleOf(setup.Mask, setup.Optimizer) with
        {
            ByPrior = kl.ByPrior,
            Factor = kl.Factor,
            HalfPrecision = kl.HalfPrecision,
            ScaleEpsilon = kl.ScaleEpsilon,
            Seed = noise.Seed.Value,
            StepsBefore = setup.StepsBefore,
            LayersBefore = noise.Stream(StreamName.Epsilon, 0).Layer,
        };
        KlConstants = [.. setup.Start.Layers.Select((layer, l) =>
            (setup.Mask?.Layers[l].KeptCount ?? layer.Shape.Weights) * (Math.Log(setup.PriorScale) - 0.5))];
    }

    private NetMap(
        NetKind kind, ImmutableArray<LayerShape> shapes, int batch, Mask? mask, Optimizer optimizer, StateLayout state)
    {
        (_optimizer, _state) = (optimizer, state);
        Layout = NetLayout.Of(kind, shapes, batch, mask);
        Integers = new int[Layout.Integers];
        Bytes = new byte[Layout.Bytes];
        KlConstants = new double[shapes.Length];
        _index = new int[shapes.Length][];
        for (var l = 0; l < shapes.Length; l++)
        {
            if (Layout.IsSparse) _index[l] = Pattern(Layout.Places[l], mask!.Layers[l]);
            else if (mask is not null) Keep(Layout.Places[l], mask.Layers[l]);
        }
    }

    public NetLayout Layout { get; }

    public NetRule Rule { get; }

    /// <summary>The constant of each layer's KL.</summary>
    public double[] KlConstants { get; }

    /// <summary>The net's integers as they are at the start: where its weights are.</summary>
    public int[] Integers { get; }

    /// <summary>The net's bytes as they are at the start: which weights are kept.</summary>
    public byte[] Bytes { get; }

    /// <summary>α of a step, from 1.</summary>
    public float StepSize(int step) => new UpdateRule(_optimizer, step).StepSize;

    /// <summary>The parameters' part of the memory.</summary>
    public float[] ToMemory(StepperState state)
    {
        var memory = new float[Layout.ParametersEnd];
        Pass(_state.ValuesOf(state), memory, toMemory: true);
        return memory;
    }

    /// <summary>The state that the parameters' part of the memory holds.</summary>
    public StepperState ToState(int steps, float[] memory)
    {
        var state = _state.Empty(steps);
        Pass(_state.ValuesOf(state), memory, toMemory: false);
        return state;
    }

    /// <summary>The weights, or means, and biases, with which the memory begins.</summary>
    public void CopyWeights(float[] memory, PointWeights destination)
    {
        for (var l = 0; l < Layout.Places.Length; l++)
        {
            var (place, layer) = (Layout.Places[l], destination.Layers[l]);
            layer.Weight.AsSpan().Clear();
            PassMatrix(l, layer.Weight, memory, place.W, toMemory: false);
            memory.AsSpan(place.Bias, place.Outputs).CopyTo(layer.Bias);
        }
    }

    /// <summary>The distribution in a state.</summary>
    public PosteriorSnapshot Posterior(StepperState state)
    {
        var values = _state.Places.Zip(_state.ValuesOf(state)).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        return new([.. Layout.Shapes.Select((shape, l) =>
            new LayerPosterior(shape, values[TensorNames.Mu(l)], values[TensorNames.Rho(l)], values[TensorNames.Bias(l)]))]);
    }

    private static NetRule RuleOf(Mask? mask, Optimizer optimizer)
    {
        var update = new UpdateRule(optimizer, 1);
        return new NetRule
        {
            IsAdam = update.IsAdam ? 1 : 0,
            IsMasked = mask is null ? 0 : 1,
            OneMinusBeta1 = update.OneMinusBeta1,
            OneMinusBeta2 = update.OneMinusBeta2,
            Epsilon = update.Epsilon,
        };
    }

    /// <summary>Copies all tensors, in the order of the state's layout.</summary>
    private void Pass(ImmutableArray<float[]> tensors, float[] memory, bool toMemory)
    {
        var next = 0;
        for (var l = 0; l < Layout.Places.Length; l++)
        {
            var place = Layout.Places[l];
            PassMatrices(l, place.W, place.M, place.V);
            if (Layout.IsFlipout) PassMatrices(l, place.Rho, place.RhoM, place.RhoV);
            PassVector(place.Bias, place.Outputs);
            if (_optimizer is not Optimizer.Adam) continue;
            PassVector(place.BiasM, place.Outputs);
            PassVector(place.BiasV, place.Outputs);
        }

        void PassMatrices(int l, int values, int m, int v)
        {
            PassMatrix(l, tensors[next++], memory, values, toMemory);
            if (_optimizer is not Optimizer.Adam) return;
            PassMatrix(l, tensors[next++], memory, m, toMemory);
            PassMatrix(l, tensors[next++], memory, v, toMemory);
        }

        void PassVector(int at, int count)
        {
            var tensor = tensors[next++];
            if (toMemory) tensor.CopyTo(memory.AsSpan(at));
            else memory.AsSpan(at, count).CopyTo(tensor);
        }
    }

    private void PassMatrix(int l, float[] matrix, float[] memory, int at, bool toMemory)
    {
        var place = Layout.Places[l];
        if (Layout.IsSparse)
        {
            for (var k = 0; k < place.Weights; k++)
            {
                if (toMemory) memory[at + k] = matrix[_index[l][k]];
                else matrix[_index[l][k]] = memory[at + k];
            }
            return;
        }
        for (var i = 0; i < place.Inputs; i++)
        {
            var row = matrix.AsSpan(i * place.Outputs, place.Outputs);
            var there = memory.AsSpan(at + i * place.Stride, place.Outputs);
            if (toMemory) row.CopyTo(there);
            else there.CopyTo(row);
        }
    }

    private void Keep(LayerPlace place, LayerMask mask)
    {
        for (var i = 0; i < place.Inputs; i++)
            mask.Kept.AsSpan(i * place.Outputs, place.Outputs).CopyTo(Bytes.AsSpan(place.Keep + i * place.Stride));
    }

    /// <summary>Writes where a layer's weights are, ordered by output, then input. Returns their indices in the layer's matrix.</summary>
    private int[] Pattern(LayerPlace place, LayerMask mask)
    {
        var index = new int[place.Weights];
        // A weight's number in this order, by its index in the matrix.
        var numbers = new Dictionary<int, int>(place.Weights);
        var k = 0;
        for (var o = 0; o < place.Outputs; o++)
        {
            Integers[place.Row + o] = k;
            for (var i = 0; i < place.Inputs; i++)
            {
                var at = i * place.Outputs + o;
                if (mask.Kept[at] == 0) continue;
                (Integers[place.Input + k], Integers[place.Output + k], index[k], numbers[at]) = (i, o, at, k);
                if (Layout.IsFlipout) Integers[place.Draw + k] = (int)NormalDraws.NumberOf(i, o, place.Outputs);
                k++;
            }
        }
        Integers[place.Row + place.Outputs] = k;
        var j = 0;
        for (var i = 0; i < place.Inputs; i++)
        {
            Integers[place.Column + i] = j;
            for (var o = 0; o < place.Outputs; o++)
                if (numbers.TryGetValue(i * place.Outputs + o, out var number)) Integers[place.OfColumn + j++] = number;
        }
        Integers[place.Column + place.Inputs] = j;
        if (!Layout.IsFlipout) return index;
        using var reference = new SparsePattern<ScalarKernels>(mask, first: Lanes.Padded(place.Outputs));
        for (var n = 0; n < place.Weights; n++) Integers[place.InOrder + n] = numbers[reference.Place[n]];
        return index;
    }
}
