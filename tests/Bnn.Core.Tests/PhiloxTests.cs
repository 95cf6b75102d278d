using Bnn.Core;

namespace Bnn.Tests;

public sealed class PhiloxTests
{
    /// <summary>philox4x32 10 of Random123's tests/kat_vectors (D. E. Shaw Research, 1.14): counter, key, words.</summary>
    public static TheoryData<uint[], uint[], uint[]> KnownAnswers => new()
    {
        { [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
        { [~0u, ~0u, ~0u, ~0u], [~0u, ~0u], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd] },
        { [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1] },
    };

    [Theory, MemberData(nameof(KnownAnswers))]
    public void Blocks_are_those_of_Random123(uint[] counter, uint[] key, uint[] words)
    {
        var block = Philox.Block(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
        Assert.Equal(words, new[] { block.W0, block.W1, block.W2, block.W3 });
    }

    [Fact]
    public void A_stream_is_Philox_under_its_documented_key_and_counter()
    {
        var stream = new Seed(0x299f31d0_a4093822).Stream((StreamName)0x03707344, 0x13198a2e);
        Assert.Equal(new PhiloxBlock(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1), stream.Block(unchecked((int)0x85a308d3), 0x243f6a88));
    }

    [Fact]
    public void Seed_name_layer_step_and_block_each_choose_other_words()
    {
        ulong[] seeds = [0, 1, 2, 1UL << 32, 1UL << 63, ulong.MaxValue];
        var blocks = (
            from seed in seeds
            from name in Enum.GetValues<StreamName>()
            from layer in Enumerable.Range(0, 4)
            from step in Enumerable.Range(0, 5)
            from block in Enumerable.Range(0, 5)
            select new Seed(seed).Stream(name, layer).Block(step, (uint)block)).ToArray();
        Assert.Equal(blocks.Length, blocks.Distinct().Count());
    }

    [Fact]
    public void Words_count_through_the_blocks()
    {
        var stream = new Seed(3).Stream(StreamName.StrategyRandom, 1);
        var blocks = Enumerable.Range(0, 5)
            .Select(block => stream.Block(9, (uint)block))
            .SelectMany(block => new[] { block.W0, block.W1, block.W2, block.W3 });
        Assert.Equal(blocks, Enumerable.Range(0, 20).Select(index => stream.Word(9, (uint)index)));
    }
}
