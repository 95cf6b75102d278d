namespace Bnn.Simd;

/// <summary>
/// The entries of some neighbouring inputs, the counterpart of <see cref="ExampleRows"/>: those of the i-th of them run from Begin[i] to
/// Begin[i + 1] of Example, X and SignedX, by ascending example.
/// </summary>
public unsafe struct InputRows
{
    public int Count;
    public int* Begin, Example;
    public float* X, SignedX;
}
