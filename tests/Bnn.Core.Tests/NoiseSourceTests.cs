using Bnn.Core;

namespace Bnn.Tests;

public sealed class NoiseSourceTests
{
    [Theory]
    [InlineData(1, 0, 0u), InlineData(1, 5, 5u), InlineData(2, 0, 0x10000u), InlineData(3, 7, 0x20007u), InlineData(65536, 1, 0xFFFF0001u)]
    public void A_replicates_streams_have_its_number_in_the_upper_half_of_the_layers(int replicate, int layer, uint expected)
    {
        var seed = new Seed(8);
        foreach (var name in (StreamName[])[StreamName.Epsilon, StreamName.InputSigns, StreamName.OutputSigns])
        {
            var stream = new NoiseSource.OfSeed(seed, replicate).Stream(name, layer);
            Assert.Equal((seed, name, expected), (stream.Seed, stream.Name, (uint)stream.Layer));
            Assert.Equal(Philox.Block(2, 9, expected, (uint)name, 8, 0), stream.Block(9, 2));
        }
    }

    [Fact]
    public void Without_a_number_it_is_the_first() =>
        Assert.Equal(new NoiseSource.OfSeed(new Seed(1), 1), new NoiseSource.OfSeed(new Seed(1)));

    [Theory, InlineData(0), InlineData(-1), InlineData(65537)]
    public void No_other_replicates_exist(int replicate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NoiseSource.OfSeed(new Seed(1), replicate));
}
