namespace Bnn.Simd;

/// <summary>
/// A batch's inputs to a layer without their zeros, twice: by example (for the forward pass) and by input (for the gradient), both ascending.
/// Each entry holds the input x and, for Flipout, x times the input's sign.
/// </summary>
public sealed unsafe class InputLists : IDisposable
{
    private readonly AlignedBuffer<int> _exampleBegin, _column, _inputBegin, _example, _active;
    private readonly AlignedBuffer<float> _x, _signedX, _inputX, _inputSignedX;
    private int _count;

    public InputLists(int batch, int width)
    {
        (Batch, Width) = (batch, width);
        var most = checked(batch * width);
        (_exampleBegin, _inputBegin) = (new(batch + 1), new(width + 1));
        (_column, _example, _active) = (new(most), new(most), new(width));
        (_x, _signedX, _inputX, _inputSignedX) = (new(most), new(most), new(most), new(most));
    }

    public int Batch { get; }

    public int Width { get; }

    /// <summary>Inputs that are non-zero in some example, ascending.</summary>
    public ReadOnlySpan<int> ActiveInputs => new(_active.Pointer, ActiveCount);

    public int ActiveCount { get; private set; }

    /// <summary>Entries of example b: from ExampleBegin[b] to ExampleBegin[b + 1] of <see cref="Column"/>, <see cref="X"/> and <see cref="SignedX"/>.</summary>
    public int* ExampleBegin => _exampleBegin.Pointer;

    public int* Column => _column.Pointer;

    public float* X => _x.Pointer;

    public float* SignedX => _signedX.Pointer;

    /// <summary>Entries of input i: from InputBegin[i] to InputBegin[i + 1] of <see cref="Example"/>, <see cref="InputX"/> and <see cref="InputSignedX"/>.</summary>
    public int* InputBegin => _inputBegin.Pointer;

    public int* Example => _example.Pointer;

    public float* InputX => _inputX.Pointer;

    public float* InputSignedX => _inputSignedX.Pointer;

    public void Clear() => _count = 0;

    /// <summary>The lists by example, for a forward pass.</summary>
    public ExampleRows Examples => new()
    {
        Batch = Batch,
        Begin = ExampleBegin,
        End = ExampleBegin + 1,
        Column = Column,
        X = X,
        SignedX = SignedX,
    };

    /// <summary>Room for the next example's entries, at most <see cref="Width"/>.</summary>
    public int* NextColumn => _column.Pointer + _count;

    /// <inheritdoc cref="NextColumn"/>
    public float* NextX => _x.Pointer + _count;

    /// <summary>Ends example <paramref name="b"/> with <paramref name="added"/> entries written where they go next; with <paramref name="signs"/>, signs them.</summary>
    public void EndExample(int b, int added, ReadOnlySpan<uint> signs)
    {
        var begin = _count;
        ExampleBegin[b] = begin;
        _count += added;
        ExampleBegin[b + 1] = _count;
        if (signs.IsEmpty) return;
        for (var k = begin; k < _count; k++)
        {
            // The sign bit moved to the top flips x without a branch, which half the signs would mispredict.
            var column = Column[k];
            var flip = ((signs[column >> 5] >> (column & 31)) & 1) << 31;
            SignedX[k] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(X[k]) ^ flip);
        }
    }

    /// <summary>Makes the lists by input from the lists by example: a counting sort, which keeps the examples ascending.</summary>
    public void SortByInput(bool signed)
    {
        new Span<int>(InputBegin, Width + 1).Clear();
        for (var k = 0; k < _count; k++) InputBegin[Column[k] + 1]++;
        ActiveCount = 0;
        for (var i = 0; i < Width; i++)
        {
            if (InputBegin[i + 1] > 0) _active.Pointer[ActiveCount++] = i;
            InputBegin[i + 1] += InputBegin[i];
        }
        for (var b = 0; b < Batch; b++)
        {
            for (var k = ExampleBegin[b]; k < ExampleBegin[b + 1]; k++)
            {
                var place = InputBegin[Column[k]]++;
                Example[place] = b;
                InputX[place] = X[k];
                if (signed) InputSignedX[place] = SignedX[k];
            }
        }
        // Each begin has moved to its list's end, which is the next list's begin: shift them back.
        for (var i = Width; i > 0; i--) InputBegin[i] = InputBegin[i - 1];
        InputBegin[0] = 0;
    }

    public void Dispose()
    {
        foreach (var buffer in (AlignedBuffer<int>[])[_exampleBegin, _column, _inputBegin, _example, _active]) buffer.Dispose();
        foreach (var buffer in (AlignedBuffer<float>[])[_x, _signedX, _inputX, _inputSignedX]) buffer.Dispose();
    }
}
