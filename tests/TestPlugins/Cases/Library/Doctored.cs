using System.Reflection;

#if LATER
[assembly: AssemblyVersion("1.9.0.0")]
#else
[assembly: AssemblyVersion("1.2.0.0")]
#endif

namespace Bnn.Contract;

/// <summary>What no host has; StrategyRandom.Unheard, which the project adds, is such a thing, too.</summary>
public interface IUnheardOf;
