namespace Bnn.Core;

/// <summary>The training images, divided by seed into those that train and those that validate. The test images stay apart.</summary>
public sealed record Split(int[] Train, int[] Validation)
{
    /// <param name="seed">Fixes which images validate.</param>
    /// <param name="count">Images there are.</param>
    /// <param name="validation">Images that validate: from 0 to <paramref name="count"/> − 1.</param>
    public static Split Create(Seed seed, int count, int validation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(validation);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(validation, count);
        var order = Permutation.Draw(seed.Stream(StreamName.Split), step: 0, count);
        var held = order[..validation];
        var rest = order[validation..];
        Array.Sort(held);
        Array.Sort(rest);
        return new Split(rest, held);
    }
}
