namespace Bnn.Simd;

/// <summary>
/// The entries of each example, cut into blocks of inputs: those of example b in block j run from Cut[b·(Blocks + 1) + j] to the next cut,
/// of Column, X and SignedX.
/// </summary>
public unsafe struct ExampleRows
{
    public int Batch, Blocks;
    public int* Cut, Column;
    public float* X, SignedX;

    public readonly int Begin(int b) => Cut[b * (Blocks + 1)];

    public readonly int End(int b) => Cut[b * (Blocks + 1) + Blocks];
}
