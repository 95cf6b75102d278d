namespace Bnn.Core;

/// <summary>The training images, divided by seed into those that train and those that validate. Test images are never among them.</summary>
public sealed record Split(int[] Train, int[] Validation)
{
    /// <param name="seed">Fixes which images validate.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="validation">Number of images that validate: from 0 to <paramref name="count"/> − 1.</param>
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
