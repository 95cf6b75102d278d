using Bnn.Core;
using Bnn.Store;

namespace Host.Experiments;

/// <summary>
/// Reads tickets' masks for a report, each once, until so many weights have been read that more would take too long. A file that was
/// deleted to save space is no damage.
/// </summary>
internal sealed class MaskReader(ResultsStore store, List<Fault> faults)
{
    /// <summary>Weights of all masks together: some 150 masks of the usual network.</summary>
    private const long MostWeights = 40_000_000;

    private readonly Dictionary<TrainingKey, Mask?> _read = [];
    private long _weights;

    /// <summary>Null where it isn't there, is damaged, or too many have been read.</summary>
    public Mask? Of(PlannedTraining ticket)
    {
        if (_read.TryGetValue(ticket.Key, out var known)) return known;
        var (folder, net) = (store.Training(ticket.Key), ticket.Cell.Net);
        if (!Path.Exists(folder.Weights) || _weights + net.Weights > MostWeights) return null;
        _weights += net.Weights;
        return _read[ticket.Key] = folder.ReadMask(TrainingKind.Ticket, net).ValueOr(faults);
    }
}
