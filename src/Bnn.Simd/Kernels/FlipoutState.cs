namespace Bnn.Simd;

/// <summary>Neighbouring numbers of a Flipout layer's state.</summary>
public unsafe struct FlipoutState
{
    public float* Mu, Rho, MuM, MuV, RhoM, RhoV, Sigma, Slope, Epsilon;

    /// <summary>
    /// One bit per weight, set where it is real and kept: that of weight k is bit k mod 16 of word k/16; null where all are.
    /// </summary>
    public ushort* Keep;

    /// <summary>16 sums, one per lane, of (σ²+μ²)/(2s₀²) − ln σ.</summary>
    public double* Kl;
}
