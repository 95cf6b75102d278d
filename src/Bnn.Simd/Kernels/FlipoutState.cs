namespace Bnn.Simd;

/// <summary>Neighbouring numbers of a Flipout layer's state.</summary>
public unsafe struct FlipoutState
{
    public float* Mu, Rho, MuM, MuV, RhoM, RhoV, Sigma, Slope, Epsilon;

    /// <summary>All bits set in real columns, none in padding; null where there is no padding.</summary>
    public uint* Valid;

    /// <summary>16 sums, one a lane, of (σ²+μ²)/(2s₀²) − ln σ.</summary>
    public double* Kl;
}
