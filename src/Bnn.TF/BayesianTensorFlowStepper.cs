using Bnn.Core;

namespace Bnn.TF;

/// <summary>A training of Flipout layers.</summary>
internal sealed class BayesianTensorFlowStepper : TensorFlowStepper, IBayesianStepper
{
    public BayesianTensorFlowStepper(BayesianSetup setup, GraphNoise noise, Samples train, int threads)
        : base(
            build => TrainingGraph.Bayesian(
                build, NetOf(setup.Start.Layers.Select(layer => layer.Shape)), setup, drawsNoise: noise is GraphNoise.Drawn),
            StateLayout.Bayesian(setup.Start.Layers.Select(layer => layer.Shape), setup.Optimizer),
            setup.Mask, freezesPruned: false, train, setup.Optimizer, noise, setup.StepsBefore, threads)
    {
        var layers = setup.Start.Layers;
        Start((name, l) => name == TensorNames.Mu(l) ? layers[l].Mu
            : name == TensorNames.Rho(l) ? layers[l].Rho
            : name == TensorNames.Bias(l) ? layers[l].Bias
            : null);
    }

    public PosteriorSnapshot Posterior() => new([.. Graph.Net.Layers.Select((shape, l) =>
    {
        var layer = new LayerPosterior(shape, new float[shape.Weights], new float[shape.Weights], new float[shape.Outputs]);
        Copy(Graph.Layers[l].Mean, layer.Mu);
        Copy(Graph.Layers[l].Rho!, layer.Rho);
        Copy(Graph.Layers[l].Bias, layer.Bias);
        return layer;
    })]);
}
