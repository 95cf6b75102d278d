namespace Bnn.Core;

/// <summary>
/// The purpose of a stream of random numbers. Each use has its own, so that adding one shifts no other; numbers are never reused.
/// </summary>
public enum StreamName
{
    InitialMu = 1,
    InitialRho = 2,
    InitialBias = 3,
    Split = 4,
    Shuffle = 5,
    Epsilon = 6,
    InputSigns = 7,
    OutputSigns = 8,
    StrategyRandom = 9,
    InitialGlorot = 10,
    ReinitWeight = 11,
    ReinitBias = 12,
    ReinitGlorot = 13,
    KeptShuffle = 14,
    Subset = 15,
    ShuffleLayers = 16,
    LiveInputs = 17,
    ShuffleInputs = 18,
    Resampling = 19,
    PosteriorSamples = 20,
    VarianceItems = 21,
    VarianceEpsilon = 22,
    VarianceInputSigns = 23,
    VarianceOutputSigns = 24,
}

/// <summary>
/// A stream of random words. Word k of block j at a step is a pure function of (seed, name, layer, step, j, k):
/// Philox4x32-10 with key = seed and counter = (j, step, layer, name).
/// </summary>
public readonly record struct RandomStream(Seed Seed, StreamName Name, int Layer)
{
    public PhiloxBlock Block(int step, uint block) =>
        Philox.Block(block, (uint)step, (uint)Layer, (uint)Name, (uint)Seed.Value, (uint)(Seed.Value >> 32));

    /// <summary>Word <paramref name="index"/> at <paramref name="step"/>, counted through the blocks.</summary>
    public uint Word(int step, uint index)
    {
        var block = Block(step, index >> 2);
        return (index & 3) switch { 0 => block.W0, 1 => block.W1, 2 => block.W2, _ => block.W3 };
    }
}
