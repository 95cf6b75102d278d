using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Which images validate, and which train at a step.</summary>
public sealed class BatchesTests
{
    [Fact]
    public void A_split_is_disjoint_complete_and_sorted() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 300], Gen.Int[0, 299])
            .Where((_, count, validation) => validation < count)
            .Sample((seed, count, validation) =>
        {
            var split = Split.Create(new Seed(seed), count, validation);
            Assert.Equal(validation, split.Validation.Length);
            Assert.Equal(split.Train.Order(), split.Train);
            Assert.Equal(split.Validation.Order(), split.Validation);
            Assert.Equal(Enumerable.Range(0, count), split.Train.Concat(split.Validation).Order());
        });

    [Fact]
    public void A_split_depends_on_the_seed_alone()
    {
        Assert.Equal(Split.Create(new Seed(1), 200, 50).Validation, Split.Create(new Seed(1), 200, 50).Validation);
        Assert.NotEqual(Split.Create(new Seed(1), 200, 50).Validation, Split.Create(new Seed(2), 200, 50).Validation);
    }

    [Fact]
    public void Without_validation_all_images_train() => Assert.Equal(Enumerable.Range(0, 9), Split.Create(new Seed(4), 9, 0).Train);

    [Theory, InlineData(5, 5), InlineData(5, -1)]
    public void A_split_leaves_something_to_train_on(int count, int validation) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Create(new Seed(1), count, validation));

    private static readonly Gen<(ulong Seed, int[] Items, int Size)> Cases =
        Gen.Select(Gen.ULong, Gen.Int[1, 30].Select(n => Enumerable.Range(0, n).Select(i => 3 * i + 2).ToArray()), Gen.Int[1, 70]);

    private static int[] Drawn(ulong seed, int[] items, int size, int steps)
    {
        var batches = new Batches(new Seed(seed), items, size);
        var all = new int[steps * size];
        for (var t = 1; t <= steps; t++) batches.At(t, all.AsSpan((t - 1) * size, size));
        return all;
    }

    [Fact]
    public void Each_epoch_has_each_item_once() => Cases.Sample((seed, items, size) =>
    {
        // One step per item makes one epoch per place in a batch.
        var all = Drawn(seed, items, size, items.Length);
        Assert.All(all.Chunk(items.Length), epoch => Assert.Equal(items, epoch.Order()));
    });

    [Fact]
    public void Any_order_of_steps_gives_the_same_items() => Cases.Select(Gen.Int[1, 60].Array[1, 20]).Sample((c, steps) =>
    {
        var (seed, items, size) = c;
        var batches = new Batches(new Seed(seed), items, size);
        var batch = new int[size];
        foreach (var t in steps)
        {
            batches.At(t, batch);
            Assert.Equal(Drawn(seed, items, size, t)[^size..], batch);
        }
    });

    [Fact]
    public void Epochs_and_seeds_have_orders_of_their_own()
    {
        int[] items = [.. Enumerable.Range(0, 40)];
        var epochs = Drawn(1, items, 10, 400)
            .Chunk(40)
            .Concat(Drawn(2, items, 10, 400).Chunk(40))
            .Select(epoch => string.Join(' ', epoch))
            .ToArray();
        Assert.Equal(epochs.Length, epochs.Distinct().Count());
    }

    [Fact]
    public void Steps_count_from_one() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Batches(new Seed(1), [0, 1], 1).At(0, new int[1]));
}
