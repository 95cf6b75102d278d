using System.Runtime.CompilerServices;

namespace Bnn.Simd;

/// <summary>What becomes of pruned weights and padding, known when a kernel is compiled.</summary>
internal unsafe interface IMasking
{
    /// <summary>All bits set in lanes whose weights, from the o-th on, are kept.</summary>
    static abstract T Kept<T>(ushort* keep, nint o)
        where T : struct, ILanes<T>;

    /// <summary>0 where a weight isn't kept.</summary>
    static abstract T Clear<T>(T x, T kept)
        where T : struct, ILanes<T>;

    /// <summary>1 where a weight isn't kept.</summary>
    static abstract T OrOne<T>(T x, T kept)
        where T : struct, ILanes<T>;
}

/// <summary>All weights are real and kept.</summary>
internal readonly unsafe struct Whole : IMasking
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Kept<T>(ushort* keep, nint o)
        where T : struct, ILanes<T> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Clear<T>(T x, T kept)
        where T : struct, ILanes<T> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T OrOne<T>(T x, T kept)
        where T : struct, ILanes<T> => x;
}

/// <summary>A bit for each weight.</summary>
internal readonly unsafe struct Masked : IMasking
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Kept<T>(ushort* keep, nint o)
        where T : struct, ILanes<T> => T.FromMask(keep + o / Lanes.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Clear<T>(T x, T kept)
        where T : struct, ILanes<T> => x & kept;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T OrOne<T>(T x, T kept)
        where T : struct, ILanes<T> => T.Select(kept, x, T.All(1f));
}
