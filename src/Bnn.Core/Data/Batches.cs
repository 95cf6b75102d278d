namespace Bnn.Core;

/// <summary>
/// The items of each step. Permutations of the training images, one per epoch, follow one another; step t (from 1) takes items
/// size·(t−1) … size·t−1 of that sequence, so that nothing is dropped and no batch is short.
/// </summary>
public sealed class Batches(Seed seed, int[] items, int size)
{
    private readonly RandomStream _stream = seed.Stream(StreamName.Shuffle);
    private readonly int[] _order = new int[items.Length];
    private long _epoch = -1;

    public int Size => size;

    /// <summary>
    /// Writes the items of step <paramref name="step"/> to <paramref name="batch"/>, [size]. Any order of calls gives the same items.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A step below 1.</exception>
    public void At(int step, Span<int> batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var position = (long)size * (step - 1);
        for (var i = 0; i < size; i++, position++)
        {
            var (epoch, place) = Math.DivRem(position, items.Length);
            if (epoch != _epoch)
            {
                Permutation.Draw(_stream, (int)epoch, _order);
                _epoch = epoch;
            }
            batch[i] = items[_order[place]];
        }
    }
}
