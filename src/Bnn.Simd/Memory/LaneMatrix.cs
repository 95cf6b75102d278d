namespace Bnn.Simd;

/// <summary>
/// Numbers of a batch with the examples in the lanes: groups of up to 64 examples, each [rows, width], width being the group's examples
/// padded to whole vectors. Example b is in lane b mod 64 of group b / 64.
/// </summary>
internal sealed unsafe class LaneMatrix(int rows, int batch) : IDisposable
{
    /// <summary>Examples of a whole group: four vectors.</summary>
    public const int Group = 64;

    private readonly AlignedBuffer<float> _values = new(checked(rows * Lanes.Padded(batch)));

    public int Rows => rows;

    public int Groups => (batch + Group - 1) / Group;

    public int Width(int group) => Lanes.Padded(Examples(group));

    public int Examples(int group) => Math.Min(Group, batch - group * Group);

    /// <summary>Where the group begins.</summary>
    public float* Of(int group) => _values.Pointer + (nint)group * Group * rows;

    /// <summary>Where the group's row begins.</summary>
    public float* Of(int group, int row) => Of(group) + (nint)row * Width(group);

    public void Dispose() => _values.Dispose();
}
