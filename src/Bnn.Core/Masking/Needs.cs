namespace Bnn.Core;

/// <summary>What a strategy needs in order to score. What no strategy needs isn't computed.</summary>
[Flags]
public enum Needs
{
    /// <summary>Nothing but the shapes and a random stream.</summary>
    Nothing = 0,

    /// <summary>The Bayesian net's initial and final means and scales.</summary>
    Posterior = 1,

    /// <summary>The initial and final weights of the dense net.</summary>
    DenseWeights = 2,

    /// <summary>The Bayesian net's means and scales at nine moments during training: after each tenth of its steps.</summary>
    Snapshots = 4,

    /// <summary>The gradient of the mean cross entropy over the training images, at the weights that training starts from.</summary>
    Gradients = 8,

    /// <summary>The product of the Hessian with that gradient.</summary>
    Curvature = 16,

    /// <summary>The root mean square of each layer's inputs over the training images, at the weights that training starts from.</summary>
    InputActivity = 32,

    /// <summary>The weights that every net starts from. They come with gradients, curvature and input activity, too.</summary>
    Start = 64,
}
