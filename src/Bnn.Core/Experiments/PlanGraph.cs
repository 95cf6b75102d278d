using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// What follows from what in a plan, and what it costs: the part of a <see cref="Schedule"/> that never changes, which any number of them
/// can share. A training is known by its place in the plan.
/// </summary>
public sealed class PlanGraph
{
    private readonly Dictionary<TrainingKey, int> _place;

    /// <summary>The children of all, one training's after another's, and where each one's begin.</summary>
    private readonly int[] _children, _childrenFrom;
    private readonly int[] _parents;
    private readonly double[] _cost, _chain;
    private readonly bool[] _branches;

    /// <param name="trainings">In the order in which they should run; parents that are not among them count as done.</param>
    /// <param name="cost">What a training costs, in any unit.</param>
    public PlanGraph(ImmutableArray<Training> trainings, Func<Training, double> cost)
    {
        Trainings = trainings;
        _place = trainings.Select((training, i) => (training.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i);
        _parents = new int[trainings.Length];
        var links = new List<(int Parent, int Child)>();
        for (var i = 0; i < trainings.Length; i++)
        {
            foreach (var parent in trainings[i].Parents.Select(parent => parent.Of.Key).Distinct())
            {
                if (!_place.TryGetValue(parent, out var place)) continue;
                links.Add((place, i));
                _parents[i]++;
            }
        }
        _childrenFrom = new int[trainings.Length + 1];
        foreach (var (parent, _) in links) _childrenFrom[parent + 1]++;
        for (var i = 0; i < trainings.Length; i++) _childrenFrom[i + 1] += _childrenFrom[i];
        _children = new int[links.Count];
        var next = _childrenFrom[..trainings.Length];
        foreach (var (parent, child) in links) _children[next[parent]++] = child;
        _cost = [.. trainings.Select(cost)];
        TotalCost = _cost.Sum();
        (_chain, _branches) = Chains();
        ByChain = [.. Enumerable.Range(0, trainings.Length).OrderByDescending(i => _chain[i])];
    }

    public ImmutableArray<Training> Trainings { get; }

    public double TotalCost { get; }

    /// <summary>All places, those with the costliest chains first, and among equal ones in the plan's order.</summary>
    public ImmutableArray<int> ByChain { get; }

    public int PlaceOf(Training training) => _place[training.Key];

    /// <summary>How many of a training's parents are in the plan.</summary>
    public ReadOnlySpan<int> Parents => _parents;

    public double CostOf(int place) => _cost[place];

    /// <summary>
    /// The cost of the costliest chain that begins with a training: itself, and what follows from it, one after the other.
    /// </summary>
    public double ChainOf(int place) => _chain[place];

    public ReadOnlySpan<int> ChildrenOf(int place) => _children.AsSpan(_childrenFrom[place].._childrenFrom[place + 1]);

    /// <summary>
    /// Whether it, or something that follows from it, makes several more ready, so that more than one can go on from there.
    /// </summary>
    public bool Branches(int place) => _branches[place];

    private (double[] Chain, bool[] Branches) Chains()
    {
        var (chain, branches) = (new double[_cost.Length], new bool[_cost.Length]);
        var waitsFor = (int[])_parents.Clone();
        var order = new List<int>(Enumerable.Range(0, chain.Length).Where(i => waitsFor[i] == 0));
        for (var next = 0; next < order.Count; next++)
            foreach (var child in ChildrenOf(order[next]))
                if (--waitsFor[child] == 0) order.Add(child);
        foreach (var i in Enumerable.Reverse(order))
        {
            var longest = 0.0;
            branches[i] = ChildrenOf(i).Length > 1;
            foreach (var child in ChildrenOf(i))
            {
                longest = Math.Max(longest, chain[child]);
                branches[i] |= branches[child];
            }
            chain[i] = _cost[i] + longest;
        }
        return (chain, branches);
    }
}
