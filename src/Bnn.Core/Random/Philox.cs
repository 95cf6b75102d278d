namespace Bnn.Core;

/// <summary>Four random words: the output of one Philox block.</summary>
public readonly record struct PhiloxBlock(uint W0, uint W1, uint W2, uint W3);

/// <summary>Philox4x32-10: a bijection of a 128-bit counter under a 64-bit key, so that a draw is a function of its position.</summary>
/// <remarks>Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".</remarks>
public static class Philox
{
    public const int Rounds = 10;
    public const uint Multiplier0 = 0xD2511F53;
    public const uint Multiplier1 = 0xCD9E8D57;
    public const uint Weyl0 = 0x9E3779B9;
    public const uint Weyl1 = 0xBB67AE85;

    /// <summary>The four words for counter (c0, c1, c2, c3) under key (k0, k1); word 0 is the least significant.</summary>
    public static PhiloxBlock Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * c0;
            var product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += Weyl0;
            k1 += Weyl1;
        }
        return new PhiloxBlock(c0, c1, c2, c3);
    }
}
