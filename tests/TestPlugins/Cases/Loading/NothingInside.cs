using Bnn.Contract;

namespace NothingInside;

/// <summary>Knows the contract, but offers nothing.</summary>
public static class Nothing
{
    public static double First(StrategyRandom random) => random.Uniform(0);
}
