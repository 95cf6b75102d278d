using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>
/// Which trainings can run next: those that are not done and whose parents are. Starting, resuming, parallel jobs and several processes
/// share it. Marking a training as done takes time proportional to the number of its children.
/// </summary>
public sealed class Schedule
{
    private readonly ImmutableArray<Training> _trainings;
    private readonly Dictionary<TrainingKey, int> _place;
    private readonly List<int>[] _children;
    private readonly int[] _waitsFor;
    private readonly bool[] _done;
    private readonly SortedSet<int> _ready = [];

    /// <param name="trainings">In the order in which they should run; parents that are not among them count as done.</param>
    public Schedule(ImmutableArray<Training> trainings)
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
            if (_waitsFor[i] == 0) _ready.Add(i);
        }
    }

    /// <summary>Trainings that can run now, in order.</summary>
    public IEnumerable<Training> Ready => _ready.Select(i => _trainings[i]);

    public bool IsDone(Training training) => _done[_place[training.Key]];

    /// <summary>Marks a training as done; those that waited only for it become ready.</summary>
    public void Finish(Training training)
    {
        var place = _place[training.Key];
        if (_done[place]) return;
        _done[place] = true;
        _ready.Remove(place);
        foreach (var child in _children[place])
            if (--_waitsFor[child] == 0 && !_done[child]) _ready.Add(child);
    }
}
