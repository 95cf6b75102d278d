using Bnn.Core;

namespace Host.Experiments;

/// <summary>
/// What other processes have of a plan, as far as this one has found out, and from where in the plan it goes on asking. Not for several
/// threads at once.
/// </summary>
internal sealed class OthersWork
{
    /// <summary>
    /// Time until a training is asked for again that another process has: longer each time, and longer where there are many, since each
    /// look is work for a shared disk.
    /// </summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LastPause = TimeSpan.FromSeconds(2),
        PauseForEach = TimeSpan.FromMilliseconds(50);

    /// <summary>Steps of it through the plan come to no place twice, and are spread evenly whenever one stops.</summary>
    private const double GoldenRatio = 0.6180339887498949;
    private const double Longer = 1.5;
    private const int MostMisses = 3;

    /// <summary>Trainings that others hold, and when to ask again, in milliseconds.</summary>
    private readonly Dictionary<TrainingKey, (long At, double Pause)> _held = [];
    private int _misses;
    private long _listedAt;

    /// <summary>How far from its beginning in the plan this process asks next, as a share of the plan.</summary>
    public double From { get; private set; }

    private static long Now => Environment.TickCount64;

    /// <summary>Whether it is time to ask for a training, which another may have had the last time.</summary>
    public bool MayBeFree(Training training) => !_held.TryGetValue(training.Key, out var again) || Now >= again.At;

    /// <summary>Another had the training that was asked for.</summary>
    public void Has(Training training)
    {
        var longest = Math.Max(LastPause.TotalMilliseconds, _held.Count * PauseForEach.TotalMilliseconds);
        var pause = _held.TryGetValue(training.Key, out var before)
            ? Math.Min(Longer * before.Pause, longest)
            : FirstPause.TotalMilliseconds;
        _held[training.Key] = (Now + (long)pause, pause);
    }

    /// <summary>The training has ended.</summary>
    public void Forget(Training training) => _held.Remove(training.Key);

    /// <summary>It was listed what is done.</summary>
    public void Listed() => _listedAt = Now;

    /// <summary>What was asked for could be had.</summary>
    public void Hit() => _misses = 0;

    /// <summary>What was asked for was another's, or done by it: the next one is asked for elsewhere in the plan.</summary>
    /// <returns>Whether that happened so often that it should be listed again what is done.</returns>
    public bool Miss()
    {
        From = (From + GoldenRatio) % 1;
        if (++_misses < MostMisses || Now - _listedAt < LastPause.TotalMilliseconds) return false;
        _misses = 0;
        return true;
    }
}
