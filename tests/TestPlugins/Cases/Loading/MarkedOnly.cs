using Bnn.Contract;

namespace MarkedOnly;

/// <summary>Says that it scores, but can't.</summary>
[MaskStrategy("marked-only", "a case of the tests", Keep.Highest)]
public sealed class Strategy;
