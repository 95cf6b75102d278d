using System.Collections.Immutable;
using System.Numerics;

namespace Bnn.Core;

/// <summary>
/// Which trainings can run next: those that are not done and whose parents are. Starting, resuming, parallel jobs and several processes
/// share it. Marking a training as done takes time proportional to the number of its children.
/// </summary>
/// <remarks>
/// They run in the order of the plan, which completes one seed after the other. But rounds follow one another, and a chain of them that
/// begins last would run alone at the end; so a training goes first as soon as what follows from it, one after the other, takes as long as
/// all that is left takes with every job busy.
/// </remarks>
public sealed class Schedule
{
    private const int Bits = 64;

    private readonly PlanGraph _graph;
    private readonly int[] _waitsFor;
    private readonly bool[] _done;

    /// <summary>A bit for each training that can run now, by place.</summary>
    private readonly ulong[] _ready;

    /// <summary>Where in <see cref="PlanGraph.ByChain"/> the first one is that isn't done.</summary>
    private int _firstByChain;
    private double _left;

    public Schedule(PlanGraph graph)
    {
        _graph = graph;
        (_waitsFor, _done) = (graph.Parents.ToArray(), new bool[graph.Trainings.Length]);
        _ready = new ulong[(_done.Length + Bits - 1) / Bits];
        _left = graph.TotalCost;
        for (var i = 0; i < _done.Length; i++)
            if (_waitsFor[i] == 0) SetReady(i, true);
    }

    /// <inheritdoc cref="PlanGraph(ImmutableArray{Training}, Func{Training, double})"/>
    public Schedule(ImmutableArray<Training> trainings, Func<Training, double> cost)
        : this(new PlanGraph(trainings, cost))
    {
    }

    /// <summary>Trainings that can run now, in the plan's order.</summary>
    public IEnumerable<Training> Ready => ReadyIn(0, _done.Length).Select(place => _graph.Trainings[place]);

    /// <summary>Trainings that can run now, in the order in which so many jobs should take them.</summary>
    /// <param name="from">Where in the plan to begin, as a share of it: those before come after those behind.</param>
    public IEnumerable<Training> ReadyFor(int jobs, double from = 0)
    {
        var first = (int)(from * _done.Length);
        return LongChains(jobs).Concat(ReadyIn(first, _done.Length)).Concat(ReadyIn(0, first)).Distinct()
            .Select(place => _graph.Trainings[place]);
    }

    /// <inheritdoc cref="PlanGraph.Branches(int)"/>
    public bool Branches(Training training) => _graph.Branches(_graph.PlaceOf(training));

    /// <summary>Trainings that aren't done, in the plan's order.</summary>
    public IEnumerable<Training> Open => _graph.Trainings.Where((_, place) => !_done[place]);

    public bool IsDone(Training training) => _done[_graph.PlaceOf(training)];

    /// <summary>Marks a training as done; those that waited only for it become ready.</summary>
    public void Finish(Training training)
    {
        var place = _graph.PlaceOf(training);
        if (_done[place]) return;
        _done[place] = true;
        SetReady(place, false);
        while (_firstByChain < _done.Length && _done[_graph.ByChain[_firstByChain]]) _firstByChain++;
        _left -= _graph.CostOf(place);
        foreach (var child in _graph.ChildrenOf(place))
            if (--_waitsFor[child] == 0 && !_done[child]) SetReady(child, true);
    }

    private bool IsReady(int place) => (_ready[place / Bits] >> (place % Bits) & 1) != 0;

    private void SetReady(int place, bool ready)
    {
        var bit = 1UL << (place % Bits);
        if (ready) _ready[place / Bits] |= bit;
        else _ready[place / Bits] &= ~bit;
    }

    private IEnumerable<int> LongChains(int jobs)
    {
        // The rounding of sums must not hide that one chain is all that is left.
        var share = _left / jobs * (1 - 1e-9);
        for (var i = _firstByChain; i < _done.Length && _graph.ChainOf(_graph.ByChain[i]) >= share; i++)
            if (IsReady(_graph.ByChain[i])) yield return _graph.ByChain[i];
    }

    private IEnumerable<int> ReadyIn(int first, int end)
    {
        for (var word = first / Bits; word * Bits < end; word++)
        {
            var bits = _ready[word];
            if (word == first / Bits) bits &= ulong.MaxValue << (first % Bits);
            for (; bits != 0; bits &= bits - 1)
            {
                var place = word * Bits + BitOperations.TrailingZeroCount(bits);
                if (place >= end) yield break;
                yield return place;
            }
        }
    }
}
