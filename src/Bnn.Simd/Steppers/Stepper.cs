using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>What a stepper's latest step gave, for tests.</summary>
internal interface ILogits
{
    /// <summary>The outputs of the last layer, [batch, stride].</summary>
    float[] Logits();
}

/// <summary>What steppers share: a step is a forward and a backward pass, whatever the layout of the layers.</summary>
internal abstract class Stepper<TLayer> : IStepper, ILogits
    where TLayer : class, ITrainedLayer
{
    private readonly Optimizer _optimizer;
    private readonly StateLayout _state;

    protected Stepper(TLayer[] layers, Samples train, int batch, Optimizer optimizer, StateLayout state) =>
        (Layers, Train, Batch, _optimizer, _state) = (layers, train, batch, optimizer, state);

    protected TLayer[] Layers { get; }

    protected Samples Train { get; }

    protected int Batch { get; }

    /// <summary>Steps done, including the current one.</summary>
    protected int Steps { get; private set; }

    /// <summary>KL of the current weights, nats.</summary>
    protected virtual double Kl => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public StepLoss Step(ReadOnlySpan<int> items)
    {
        if (items.Length != Batch) throw new ArgumentException($"a batch of {items.Length} items, not {Batch}", nameof(items));
        Train.Fits(Layers[0].Shape.Inputs, Layers[^1].Shape.Outputs, items);
        Steps++;
        var kl = Kl;
        var nll = Forward(items);
        var rule = new UpdateRule(_optimizer, Steps);
        for (var l = Layers.Length - 1; l >= 0; l--)
        {
            Back(l, rule);
            if (Steps % OptimizerDefinition.FlushEvery == 0) Layers[l].Flush();
        }
        return new StepLoss(nll, kl);
    }

    public abstract Evaluation Evaluate(Samples samples, ReadOnlySpan<int> items);

    public void CopyWeightsTo(PointWeights destination)
    {
        for (var l = 0; l < Layers.Length; l++) Layers[l].CopyTo(destination.Layers[l]);
    }

    public StepperState State()
    {
        var state = _state.Empty(Steps);
        var transfer = new StateTransfer(_state.ValuesOf(state), restores: false);
        foreach (var layer in Layers) layer.Transfer(transfer);
        return state;
    }

    public void Restore(StepperState state)
    {
        var transfer = new StateTransfer(_state.ValuesOf(state), restores: true);
        foreach (var layer in Layers) layer.Transfer(transfer);
        Steps = state.Steps;
    }

    public abstract float[] Logits();

    public void Dispose()
    {
        foreach (var layer in Layers) layer.Dispose();
        Release();
    }

    /// <summary>
    /// Takes the batch through all layers and computes the loss's gradient by the logits; returns the mean cross entropy, nats.
    /// </summary>
    protected abstract double Forward(ReadOnlySpan<int> items);

    /// <summary>
    /// Computes the gradient by a layer's inputs, unless it is the first, from the one by its outputs, and updates its parameters.
    /// </summary>
    protected abstract void Back(int l, in UpdateRule rule);

    /// <summary>Frees the memory that doesn't belong to the layers.</summary>
    protected abstract void Release();
}
