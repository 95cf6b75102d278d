namespace Bnn.Core;

/// <summary>
/// Labelled inputs, [count, width]: either bytes v that represent v/255, or the numbers themselves. Never changed after it is made.
/// </summary>
public sealed class Samples
{
    private readonly byte[]? _pixels;
    private readonly float[]? _values;

    private Samples(byte[]? pixels, float[]? values, byte[] labels, int width)
    {
        var length = pixels?.LongLength ?? values!.LongLength;
        if (width < 1 || length != (long)width * labels.Length)
            throw new ArgumentException($"{length} values do not make {labels.Length} rows of {width}", nameof(labels));
        (_pixels, _values, Labels, Width) = (pixels, values, labels, width);
        foreach (var label in labels) LargestLabel = Math.Max(LargestLabel, label);
    }

    public int Count => Labels.Length;

    public int Width { get; }

    /// <summary>The class of each row, from 0.</summary>
    public byte[] Labels { get; }

    /// <summary>0 where there are no rows.</summary>
    public byte LargestLabel { get; }

    /// <summary>Whether rows are bytes.</summary>
    public bool HasPixels => _pixels is not null;

    /// <summary>The bytes, [count, width]; none where the samples are numbers.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>A row of the numbers, where the samples aren't bytes.</summary>
    public ReadOnlySpan<float> Values(int row) => _values.AsSpan(row * Width, Width);

    public static Samples FromPixels(byte[] pixels, byte[] labels, int width) => new(pixels, null, labels, width);

    public static Samples FromValues(float[] values, byte[] labels, int width) => new(null, values, labels, width);

    /// <summary>The same inputs, each with label 0.</summary>
    public Samples WithoutLabels() => new(_pixels, _values, new byte[Count], Width);

    /// <summary>Whether every row is the same, so that no label can be told from another. Stops at the first that differs.</summary>
    public bool AreEqual
    {
        get
        {
            for (var row = 1; row < Count; row++)
            {
                var equal = _pixels is not null
                    ? _pixels.AsSpan(row * Width, Width).SequenceEqual(_pixels.AsSpan(0, Width))
                    : _values.AsSpan(row * Width, Width).SequenceEqual(_values.AsSpan(0, Width));
                if (!equal) return false;
            }
            return true;
        }
    }

    /// <summary>Which inputs are not zero in every row, [width]: the weights of the others get no gradient from the data.</summary>
    public bool[] LiveInputs()
    {
        var live = new bool[Width];
        for (var row = 0; row < Count; row++)
        {
            if (_pixels is not null)
            {
                var pixels = _pixels.AsSpan(row * Width, Width);
                for (var i = 0; i < live.Length; i++) live[i] |= pixels[i] != 0;
            }
            else
            {
                var values = Values(row);
                for (var i = 0; i < live.Length; i++) live[i] |= values[i] != 0;
            }
        }
        return live;
    }

    /// <summary>The sum over the rows of each input's square, [width]: of bytes themselves, not of their share of 255.</summary>
    public double[] SquareSums()
    {
        var sums = new double[Width];
        for (var row = 0; row < Count; row++)
        {
            if (_pixels is not null)
            {
                var pixels = _pixels.AsSpan(row * Width, Width);
                for (var i = 0; i < sums.Length; i++) sums[i] += pixels[i] * pixels[i];     // whole numbers: exact
            }
            else
            {
                var values = Values(row);
                for (var i = 0; i < sums.Length; i++) sums[i] += (double)values[i] * values[i];
            }
        }
        return sums;
    }

    /// <summary>Writes row <paramref name="row"/>, pixels divided by 255, to <paramref name="destination"/>, [width].</summary>
    public void CopyRow(int row, Span<float> destination)
    {
        if (_values is not null)
        {
            _values.AsSpan(row * Width, Width).CopyTo(destination);
            return;
        }
        var source = _pixels.AsSpan(row * Width, Width);
        for (var i = 0; i < source.Length; i++) destination[i] = source[i] / 255f;
    }
}
