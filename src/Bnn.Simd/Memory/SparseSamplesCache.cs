using System.Runtime.CompilerServices;
using Bnn.Core;

namespace Bnn.Simd;

/// <summary>One sparse copy of each set of samples, for as long as the samples live: trainings at the same time share it.</summary>
internal sealed class SparseSamplesCache
{
    private readonly ConditionalWeakTable<Samples, SparseSamples> _known = [];
    private readonly Lock _lock = new();

    public SparseSamples Of(Samples samples)
    {
        lock (_lock) return _known.GetValue(samples, static key => new SparseSamples(key));
    }
}
