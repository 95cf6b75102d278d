namespace Bnn.Core;

/// <summary>Standard normal numbers, element (row, column) of a matrix being a pure function of stream, step, row and column.</summary>
/// <remarks>
/// Sixteen neighbouring Philox blocks make 64 neighbouring columns: word k of block j is column 16k + j. Words 0 and 1 of a block make two
/// normals by Box and Muller, as do words 2 and 3. Each row starts at a block of its own, so that rows can be skipped or drawn alone.
/// </remarks>
public static class NormalDraws
{
    public const int BlocksPerGroup = 16;
    public const int ColumnsPerGroup = 4 * BlocksPerGroup;
    public const float ToUnit = 1f / (1 << 24);

    /// <summary>Number of Philox blocks for one row of <paramref name="columns"/> normals.</summary>
    public static uint BlocksPerRow(int columns) => (uint)(BlocksPerGroup * ((columns + ColumnsPerGroup - 1) / ColumnsPerGroup));

    /// <summary>
    /// Which normal of a stream is element (row, column) of a matrix: normal n is the (n mod 4)th of the four that block n/4 makes.
    /// </summary>
    /// <param name="row">The element's row, from 0.</param>
    /// <param name="column">The element's column, from 0.</param>
    /// <param name="columns">Number of columns of the matrix.</param>
    /// <exception cref="OverflowException">With its rows padded, the matrix has more than 2³² normals.</exception>
    public static uint NumberOf(int row, int column, int columns)
    {
        var (group, place) = Math.DivRem((uint)column, (uint)ColumnsPerGroup);
        var block = (uint)row * (ulong)BlocksPerRow(columns) + group * BlocksPerGroup + place % BlocksPerGroup;
        return checked((uint)(4 * block + place / BlocksPerGroup));
    }

    /// <summary>Normal number <paramref name="number"/> of a stream at a step, as <see cref="NumberOf"/> counts them.</summary>
    public static float At(RandomStream stream, int step, uint number)
    {
        var block = stream.Block(step, number / 4);
        var pair = number % 4 < 2 ? BoxMuller(block.W0, block.W1) : BoxMuller(block.W2, block.W3);
        return number % 2 == 0 ? pair.First : pair.Second;
    }

    /// <summary>Fills one row, any length: the scalar definition that the engine's vector form equals bit for bit.</summary>
    public static void FillRow(RandomStream stream, int step, int row, Span<float> destination) =>
        Fill(stream, step, (uint)row * BlocksPerRow(destination.Length), destination);

    /// <summary>Fills one row, beginning at a given block of the stream.</summary>
    public static void Fill(RandomStream stream, int step, uint first, Span<float> destination)
    {
        for (var begin = 0; begin < destination.Length; begin += ColumnsPerGroup, first += BlocksPerGroup)
        {
            for (var lane = 0; lane < BlocksPerGroup && begin + lane < destination.Length; lane++)
            {
                var block = stream.Block(step, first + (uint)lane);
                var (a, b) = BoxMuller(block.W0, block.W1);
                Put(destination, begin + lane, a, b);
                if (begin + lane + 2 * BlocksPerGroup >= destination.Length) continue;
                (a, b) = BoxMuller(block.W2, block.W3);
                Put(destination, begin + lane + 2 * BlocksPerGroup, a, b);
            }
        }

        static void Put(Span<float> destination, int column, float a, float b)
        {
            destination[column] = a;
            if (column + BlocksPerGroup < destination.Length) destination[column + BlocksPerGroup] = b;
        }
    }

    /// <summary>
    /// Two independent standard normals from two words: radius √(−2 ln u), u = (⌊a/2⁸⌋ + ½)/2²⁴; 24 bits of <paramref name="b"/> give the
    /// angle on half a circle, and its top bit chooses the half.
    /// </summary>
    /// <remarks>
    /// The error is at most 3e-7 of the radius against double precision from u rounded to float32. Against double precision from u itself
    /// it is at most 2.5e-4, because the u next to 1 is rounded to 1. Both are the largest of 60 million pairs, rounded up.
    /// </remarks>
    public static (float First, float Second) BoxMuller(uint a, uint b)
    {
        var u = float.FusedMultiplyAdd((float)(int)(a >> 8), ToUnit, 0.5f * ToUnit);
        var radius = float.Sqrt(-2f * PortableMath.Log(u));
        if ((b & 0x80000000) != 0) radius = -radius;
        var t = float.FusedMultiplyAdd((float)(int)((b & 0x7FFFFFFF) >> 7), ToUnit, -0.5f);
        var (sin, cos) = PortableMath.SinCosPi(t);
        return (radius * cos, radius * sin);
    }
}

/// <summary>
/// Rademacher signs, one bit each: a set bit means −1. Element (row, column) is a pure function of stream, step, row and column.
/// </summary>
public static class SignDraws
{
    /// <summary>Number of words in a Philox block.</summary>
    public const int WordsPerBlock = 4;

    private const int ColumnsPerBlock = 32 * WordsPerBlock;

    /// <summary>Number of words for one row: whole Philox blocks of 128 signs, so that each row starts at a block of its own.</summary>
    public static int WordsPerRow(int columns) => WordsPerBlock * ((columns + ColumnsPerBlock - 1) / ColumnsPerBlock);

    /// <summary>Fills the words of one row; the sign of column c is bit c mod 32 of word c / 32.</summary>
    public static void FillRow(RandomStream stream, int step, int row, Span<uint> words)
    {
        var blocks = words.Length / WordsPerBlock;
        for (var j = 0; j < blocks; j++)
        {
            var block = stream.Block(step, (uint)(row * blocks + j));
            words[4 * j] = block.W0;
            words[4 * j + 1] = block.W1;
            words[4 * j + 2] = block.W2;
            words[4 * j + 3] = block.W3;
        }
    }

    public static bool IsNegative(ReadOnlySpan<uint> words, int column) => ((words[column >> 5] >> (column & 31)) & 1) != 0;
}

/// <summary>Random orders by Fisher and Yates.</summary>
public static class Permutation
{
    /// <summary>A permutation of 0 … <paramref name="count"/> − 1, a pure function of stream and <paramref name="step"/>.</summary>
    public static int[] Draw(RandomStream stream, int step, int count)
    {
        var order = new int[count];
        Draw(stream, step, order);
        return order;
    }

    /// <summary>Writes the permutation into existing memory.</summary>
    public static void Draw(RandomStream stream, int step, Span<int> order)
    {
        for (var i = 0; i < order.Length; i++) order[i] = i;
        for (var i = order.Length - 1; i > 0; i--)
        {
            var block = stream.Block(step, (uint)i);
            var word = block.W0 | (ulong)block.W1 << 32;
            var j = (int)Math.BigMul(word, (ulong)i + 1, out _);    // uniform below i + 1 to within 2⁻⁴⁰
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
