using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A training's name: the digest of its config, which holds what can change its bits and nothing else.</summary>
public readonly record struct TrainingKey(string Value)
{
    public static TrainingKey Of(string config) => new(Digest.Of(config).Value);

    /// <summary>Whether a text has the form of a key, and so can't name another folder.</summary>
    public static bool IsKey(string text) => text.Length == Digest.Digits && text.All(char.IsAsciiHexDigitLower);

    public override string ToString() => Value;
}

/// <summary>
/// One network, trained once: a cell, a seed, and the trainings that it starts from. Its config and key are made once, here; everything
/// that is stored about trainings is stored under the key. Two trainings are equal when their keys are.
/// </summary>
public sealed class Training : IEquatable<Training>
{
    private readonly Lazy<ImmutableArray<NamedValue>> _factors;

    /// <param name="parents">What the mask is found from; empty for a whole net.</param>
    public Training(Cell cell, Seed seed, ImmutableArray<Parent> parents)
    {
        (Cell, Seed, Parents) = (cell, seed, parents);
        Config = TrainingConfig.Write(cell, seed, [.. Distinct(parents, parent => parent.Of.Key.Value)]);
        Key = TrainingKey.Of(Config);
        CellId = Digest.Of(TrainingConfig.Write(cell, seed: null, [.. Distinct(parents, parent => parent.Of.CellId.Value)]));
        _factors = new Lazy<ImmutableArray<NamedValue>>(FindFactors);
    }

    public Cell Cell { get; }

    public Seed Seed { get; }

    /// <summary>What is taken from which training, by type.</summary>
    public ImmutableArray<Parent> Parents { get; }

    /// <summary>The text of config.json.</summary>
    public string Config { get; }

    public TrainingKey Key { get; }

    /// <summary>The cell's name: made like the key, but from what its replicates share, the parents' cells included.</summary>
    public Digest CellId { get; }

    /// <summary>
    /// Further moments at which a Bayesian net's posterior is kept, because some strategy needs it during training. They change no bits.
    /// </summary>
    public bool KeepsSnapshots { get; init; }

    /// <summary>
    /// Steps after which the net is kept in a file of its own, because another training takes it from there, ascending. They change no
    /// bits.
    /// </summary>
    public ImmutableArray<int> KeptSteps { get; init; } = [];

    /// <summary>
    /// The step after which it starts: that of the net that it is rewound to; 0 for its own start, and after a whole training.
    /// </summary>
    public int FirstStep => Cell.Rewind.Step ?? 0;

    /// <summary>The steps at which snapshots are taken, if they are; ascending.</summary>
    public ImmutableArray<int> SnapshotSteps => SnapshotStepsOf(Steps);

    /// <summary>
    /// The ends of the first nine tenths of a training of <paramref name="steps"/> updates; fewer where it is too short for nine.
    /// </summary>
    public static ImmutableArray<int> SnapshotStepsOf(int steps)
    {
        const int Parts = 10;
        return [.. Enumerable.Range(1, Parts - 1).Select(part => (int)((long)steps * part / Parts)).Where(step => step > 0).Distinct()];
    }

    /// <summary>Whether more is kept of it than its end.</summary>
    public bool KeepsMoments => KeepsSnapshots || !KeptSteps.IsEmpty;

    /// <summary>The same training that keeps more of what it is on the way.</summary>
    public Training Keeping(bool snapshots, ImmutableArray<int> steps) =>
        new(this) { KeepsSnapshots = snapshots, KeptSteps = steps };

    private Training(Training other) =>
        (Cell, Seed, Parents, Config, Key, CellId, _factors) =
            (other.Cell, other.Seed, other.Parents, other.Config, other.Key, other.CellId, other._factors);

    public TrainingKind Kind => Cell.Kind;

    public int Steps => Cell.Steps;

    /// <summary>For people: the kind, or how the mask is found, and what differs from the usual.</summary>
    public string Label => Factors.Where(IsUnusual).Aggregate(Cell.Label, (label, factor) => $"{label} {factor.Name} {factor.Value}");

    /// <summary>"variance 0.05, seed 1".</summary>
    public string Name => $"{Label}, seed {Seed}";

    /// <summary>The factors of its cell, and those of its parents' cells that its own lacks: what its mask was found with.</summary>
    public ImmutableArray<NamedValue> Factors => _factors.Value;

    public bool Equals(Training? other) => other is not null && Key == other.Key;

    public override bool Equals(object? obj) => Equals(obj as Training);

    private static bool IsUnusual(NamedValue factor) =>
        TrainingSettings.UsualFactors.TryGetValue(factor.Name, out var usual) && factor.Value != usual;

    private ImmutableArray<NamedValue> FindFactors()
    {
        ImmutableArray<NamedValue> own = [.. Cell.Factors, .. Parents.OfType<Parent.Posterior>()
            .Select(parent => new NamedValue(TrainingSettings.BayesianAt.Name, parent.Moment.ToString()))
            .Distinct()];
        return [.. own, .. Parents.Select(parent => parent.Of).Distinct().SelectMany(parent => parent.Factors)
            .Where(factor => own.All(other => other.Name != factor.Name))
            .DistinctBy(factor => factor.Name)];
    }

    public override int GetHashCode() => Key.GetHashCode();

    public static bool operator ==(Training? left, Training? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Training? left, Training? right) => !(left == right);

    public override string ToString() => $"{Name} ({Key})";

    private static IEnumerable<string> Distinct(ImmutableArray<Parent> parents, Func<Parent, string> name) =>
        parents.Select(parent => name(parent) + parent.Part).Distinct(StringComparer.Ordinal);
}
