using System.Collections.Immutable;

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
    private readonly ImmutableArray<Training> _trainings;
    private readonly Dictionary<TrainingKey, int> _place;
    private readonly List<int>[] _children;
    private readonly int[] _waitsFor;
    private readonly bool[] _done;
    private readonly SortedSet<int> _ready = [];
    private readonly double[] _cost;

    /// <summary>The cost of the costliest chain that begins with a training, by place.</summary>
    private readonly double[] _chain;

    /// <summary>Trainings that can run now, those with the costliest chains first.</summary>
    private readonly SortedSet<(double MinusChain, int Place)> _byChain = [];
    private double _left;

    /// <param name="trainings">In the order in which they should run; parents that are not among them count as done.</param>
    /// <param name="cost">What a training costs, in any unit.</param>
    public Schedule(ImmutableArray<Training> trainings, Func<Training, double> cost)
    {
        _trainings = trainings;
        _place = trainings.Select((training, i) => (training.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i);
        (_children, _waitsFor, _done) =
            ([.. trainings.Select(_ => new List<int>())], new int[trainings.Length], new bool[trainings.Length]);
        for (var i = 0; i < trainings.Length; i++)
        {
            foreach (var parent in trainings[i].Parents.Select(parent => parent.Of.Key).Distinct())
            {
                if (!_place.TryGetValue(parent, out var place)) continue;
                _children[place].Add(i);
                _waitsFor[i]++;
            }
        }
        _cost = [.. trainings.Select(cost)];
        _chain = Chains();
        _left = _cost.Sum();
        for (var i = 0; i < trainings.Length; i++)
            if (_waitsFor[i] == 0) SetReady(i);
    }

    /// <summary>Trainings that can run now, in the plan's order.</summary>
    public IEnumerable<Training> Ready => _ready.Select(i => _trainings[i]);

    /// <summary>Trainings that can run now, in the order in which so many jobs should take them.</summary>
    public IEnumerable<Training> ReadyFor(int jobs)
    {
        // The rounding of sums must not hide that one chain is all that is left.
        var share = _left / jobs * (1 - 1e-9);
        return _byChain.TakeWhile(first => -first.MinusChain >= share).Select(first => first.Place)
            .Union(_ready)
            .Select(i => _trainings[i]);
    }

    /// <summary>How many trainings need it themselves, and not only what follows from it.</summary>
    public int Followers(Training training) => _children[_place[training.Key]].Count;

    public bool IsDone(Training training) => _done[_place[training.Key]];

    /// <summary>Marks a training as done; those that waited only for it become ready.</summary>
    public void Finish(Training training)
    {
        var place = _place[training.Key];
        if (_done[place]) return;
        _done[place] = true;
        _ready.Remove(place);
        _byChain.Remove((-_chain[place], place));
        _left -= _cost[place];
        foreach (var child in _children[place])
            if (--_waitsFor[child] == 0 && !_done[child]) SetReady(child);
    }

    private void SetReady(int place)
    {
        _ready.Add(place);
        _byChain.Add((-_chain[place], place));
    }

    private double[] Chains()
    {
        var chain = new double[_cost.Length];
        var waitsFor = (int[])_waitsFor.Clone();
        var order = new List<int>(Enumerable.Range(0, chain.Length).Where(i => waitsFor[i] == 0));
        for (var next = 0; next < order.Count; next++)
            order.AddRange(_children[order[next]].Where(child => --waitsFor[child] == 0));
        foreach (var i in Enumerable.Reverse(order))
            chain[i] = _cost[i] + _children[i].Select(child => chain[child]).DefaultIfEmpty(0).Max();
        return chain;
    }
}
