namespace Bnn.Core;

/// <summary>A share of the images that train. Of one seed, a smaller subset lies in every larger one.</summary>
public static class Subset
{
    /// <summary>floor(share·n + ½), in decimal. It may be 0, which leaves nothing to train on.</summary>
    public static int Count(Density share, int n) => (int)Math.Floor(share.Value * n + 0.5m);

    /// <summary>
    /// The first <see cref="Count"/> items in an order that the seed fixes, ascending; with a share of 1 the items themselves, unchanged.
    /// </summary>
    /// <param name="seed">Fixes the order.</param>
    /// <param name="items">The images that train, ascending: <see cref="Split.Train"/>.</param>
    /// <param name="share">Which share of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is so small that it leaves none.</exception>
    public static int[] Of(Seed seed, int[] items, Density share)
    {
        if (share == Density.Dense) return items;
        var count = Count(share, items.Length);
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(share));
        var order = Permutation.Draw(seed.Stream(StreamName.Subset), step: 0, items.Length);
        var chosen = Array.ConvertAll(order[..count], place => items[place]);
        Array.Sort(chosen);
        return chosen;
    }
}
