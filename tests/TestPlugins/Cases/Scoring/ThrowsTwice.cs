using Bnn.Contract;

namespace ThrowsTwice;

/// <summary>Throws what can't even say what it is.</summary>
[MaskStrategy("throws-twice", "a case of the tests", Keep.Highest)]
public sealed class Strategy : IMaskStrategy
{
    public void Score(in LayerView layer, Span<double> criterion) => throw new SecretException();
}

/// <summary>Its message throws, too, and so does its text.</summary>
public sealed class SecretException : Exception
{
    public override string Message => throw new InvalidOperationException("a secret");

    public override string ToString() => throw new InvalidOperationException("a secret");
}
