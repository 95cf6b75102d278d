namespace Bnn.Simd;

/// <summary>
/// The entries of some neighbouring inputs, the counterpart of <see cref="ExampleRows"/>: those of the i-th of them are the first Length[i]
/// from Begin + i·Stride on, by ascending example.
/// </summary>
public unsafe struct InputRows
{
    public int Count, Stride;
    public InputEntry* Begin;
    public int* Length;
}
