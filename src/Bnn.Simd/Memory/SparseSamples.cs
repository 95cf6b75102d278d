using Bnn.Core;

namespace Bnn.Simd;

/// <summary>Samples with their zeros left out: four fifths of MNIST's pixels. Compressed rows, built once for a data set and shared by all trainings.</summary>
public sealed class SparseSamples
{
    private readonly long[] _begin;
    private readonly int[] _column;
    private readonly float[] _value;

    public SparseSamples(Samples samples)
    {
        Source = samples;
        _begin = new long[samples.Count + 1];
        var row = new float[samples.Width];
        for (var i = 0; i < samples.Count; i++)
        {
            samples.CopyRow(i, row);
            _begin[i + 1] = _begin[i] + (row.Length - row.AsSpan().Count(0f));
        }
        (_column, _value) = (new int[_begin[^1]], new float[_begin[^1]]);
        for (var i = 0; i < samples.Count; i++)
        {
            samples.CopyRow(i, row);
            var next = _begin[i];
            for (var column = 0; column < row.Length; column++)
            {
                if (row[column] == 0) continue;
                (_column[next], _value[next]) = (column, row[column]);
                next++;
            }
        }
    }

    public Samples Source { get; }

    /// <summary>Columns of the non-zero inputs of a row, ascending.</summary>
    public ReadOnlySpan<int> Columns(int row) => _column.AsSpan((int)_begin[row], (int)(_begin[row + 1] - _begin[row]));

    /// <summary>The inputs that stand there.</summary>
    public ReadOnlySpan<float> Values(int row) => _value.AsSpan((int)_begin[row], (int)(_begin[row + 1] - _begin[row]));
}
