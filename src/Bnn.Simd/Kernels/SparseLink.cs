namespace Bnn.Simd;

/// <summary>What a kept weight joins: a row of the layer's inputs and a row of its outputs.</summary>
public readonly record struct SparseLink(int Input, int Output);
