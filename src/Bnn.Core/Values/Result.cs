using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>Either a value or the faults that prevented it; never both, never neither.</summary>
public abstract record Result<T>
{
    private Result() { }

    public sealed record Ok(T Value) : Result<T>;

    public sealed record Failed(ImmutableArray<Fault> Faults) : Result<T>;

    public static implicit operator Result<T>(T value) => new Ok(value);

    public static implicit operator Result<T>(Fault fault) => new Failed([fault]);

    public static implicit operator Result<T>(ImmutableArray<Fault> faults) => new Failed(faults);

    /// <summary>The value of a result that can't be a failure: a constant, or the input of a test.</summary>
    /// <exception cref="InvalidOperationException">It is a failure; the message lists the faults.</exception>
    public T OrThrow() => Match(
        value => value,
        faults => throw new InvalidOperationException(string.Join("\n", faults.Select(fault => fault.Describe()))));

    public Result<U> Map<U>(Func<T, U> map) => Match<Result<U>>(value => map(value), faults => faults);

    /// <summary>The same value, or each fault changed.</summary>
    public Result<T> MapFaults(Func<Fault, Fault> change) => Match(_ => this, faults => faults.Select(change).ToImmutableArray());

    public Result<U> Bind<U>(Func<T, Result<U>> next) => Match(next, faults => faults);

    public U Match<U>(Func<T, U> ok, Func<ImmutableArray<Fault>, U> failed) => this switch
    {
        Ok(var value) => ok(value),
        Failed(var faults) => failed(faults),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>
    /// The value, or <c>default</c> with the faults added to <paramref name="faults"/>: for showing all faults of one input together.
    /// </summary>
    /// <param name="change">Applied to each fault before it is added.</param>
    public T? ValueOr(ICollection<Fault> faults, Func<Fault, Fault>? change = null)
    {
        if (this is Ok(var value)) return value;
        foreach (var fault in ((Failed)this).Faults) faults.Add(change is null ? fault : change(fault));
        return default;
    }
}
