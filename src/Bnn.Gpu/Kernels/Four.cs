namespace Bnn.Gpu;

/// <summary>Four neighbouring numbers, which a thread reads or writes at once: 16 bytes.</summary>
internal struct Four(float a, float b, float c, float d)
{
    public float A = a, B = b, C = c, D = d;

    /// <summary>x·w + sum, each rounded once.</summary>
    public static Four Fma(float x, Four w, Four sum) => new(
        float.FusedMultiplyAdd(x, w.A, sum.A), float.FusedMultiplyAdd(x, w.B, sum.B),
        float.FusedMultiplyAdd(x, w.C, sum.C), float.FusedMultiplyAdd(x, w.D, sum.D));

    /// <summary>x·y + sum, each rounded once.</summary>
    public static Four Fma(Four x, Four y, Four sum) => new(
        float.FusedMultiplyAdd(x.A, y.A, sum.A), float.FusedMultiplyAdd(x.B, y.B, sum.B),
        float.FusedMultiplyAdd(x.C, y.C, sum.C), float.FusedMultiplyAdd(x.D, y.D, sum.D));

    public static Four operator +(Four x, Four y) => new(x.A + y.A, x.B + y.B, x.C + y.C, x.D + y.D);
}

/// <summary>Sixteen sums: four rows of four, for a thread's part of a product of matrices.</summary>
internal struct Sums
{
    public Four Row0, Row1, Row2, Row3;

    /// <summary>Adds x·w to each row; an x that is 0 is left out, as in the reference kernels' lists without zeros.</summary>
    public static void Add(ref Sums sums, Four x, Four w)
    {
        if (x.A != 0) sums.Row0 = Four.Fma(x.A, w, sums.Row0);
        if (x.B != 0) sums.Row1 = Four.Fma(x.B, w, sums.Row1);
        if (x.C != 0) sums.Row2 = Four.Fma(x.C, w, sums.Row2);
        if (x.D != 0) sums.Row3 = Four.Fma(x.D, w, sums.Row3);
    }
}
