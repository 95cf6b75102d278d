namespace Host;

/// <summary>Remembers the latest results of something that costs time; used by several threads.</summary>
/// <param name="most">How many are kept.</param>
public sealed class BoundedCache<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, TValue> _known = [];
    private readonly Queue<TKey> _order = new();

    /// <summary>The value, found if it isn't known; faults are not remembered.</summary>
    public Bnn.Core.Result<TValue> Get(TKey key, Func<Bnn.Core.Result<TValue>> find)
    {
        lock (_lock)
            if (_known.TryGetValue(key, out var known)) return known;
        return find().Map(value =>
        {
            lock (_lock) Remember(key, value);
            return value;
        });
    }

    /// <summary>The value, made if it isn't known: by one thread, so that it should be a promise of what costs time.</summary>
    public TValue Get(TKey key, Func<TValue> make)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(key, out var known)) Remember(key, known = make());
            return known;
        }
    }

    private void Remember(TKey key, TValue value)
    {
        if (_known.TryAdd(key, value)) _order.Enqueue(key);
        while (_order.Count > most) _known.Remove(_order.Dequeue());
    }
}
