using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Either a value or the faults that stood in its way; never both, never neither.</summary>
public abstract record Result<T>
{
    private Result() { }

    public sealed record Ok(T Value) : Result<T>;

    public sealed record Failed(ImmutableArray<Fault> Faults) : Result<T>;

    public static implicit operator Result<T>(T value) => new Ok(value);

    public static implicit operator Result<T>(Fault fault) => new Failed([fault]);

    public static implicit operator Result<T>(ImmutableArray<Fault> faults) => new Failed(faults);

    public Result<U> Map<U>(Func<T, U> map) => Match<Result<U>>(value => map(value), faults => faults);

    public Result<U> Bind<U>(Func<T, Result<U>> next) => Match(next, faults => faults);

    public U Match<U>(Func<T, U> ok, Func<ImmutableArray<Fault>, U> failed) => this switch
    {
        Ok(var value) => ok(value),
        Failed(var faults) => failed(faults),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The value, or <c>default</c> with the faults added to <paramref name="faults"/>: for showing all faults of one input together.</summary>
    public T? ValueOr(ICollection<Fault> faults)
    {
        if (this is Ok(var value)) return value;
        foreach (var fault in ((Failed)this).Faults) faults.Add(fault);
        return default;
    }
}
