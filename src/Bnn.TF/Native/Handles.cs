using System.Runtime.InteropServices;
using Bnn.Core;

namespace Bnn.TF;

/// <summary>TensorFlow refused something; the message names the operation where there is one.</summary>
public sealed class TensorFlowException(string message) : EngineException(message);

/// <summary>A TF_Status: one per call chain, checked after every call.</summary>
internal sealed unsafe class Status : SafeHandle
{
    public Status()
        : base(0, ownsHandle: true) => SetHandle(TensorFlowApi.TF_NewStatus());

    public override bool IsInvalid => handle == 0;

    public nint Pointer => handle;

    /// <exception cref="TensorFlowException">The latest call failed.</exception>
    public void Check(string what)
    {
        if (TensorFlowApi.TF_GetCode(handle) is var code and not 0)
            throw new TensorFlowException($"{what}: {Marshal.PtrToStringUTF8((nint)TensorFlowApi.TF_Message(handle))} (code {code})");
    }

    protected override bool ReleaseHandle()
    {
        TensorFlowApi.TF_DeleteStatus(handle);
        return true;
    }
}

/// <summary>A tensor allocated here or returned by a run: 64-byte aligned memory of TensorFlow's.</summary>
internal sealed unsafe class Tensor : SafeHandle
{
    private Tensor(nint pointer)
        : base(0, ownsHandle: true) => SetHandle(pointer);

    public override bool IsInvalid => handle == 0;

    public nint Pointer => handle;

    public static Tensor Allocate(TfType type, ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var size in shape) count = checked(count * size);
        var bytes = (nuint)count * (nuint)(type switch { TfType.UInt8 => 1, TfType.Int64 => 8, _ => 4 });
        fixed (long* dimensions = shape)
        {
            // Without enough memory the tensor exists but has no data.
            var tensor = new Tensor(TensorFlowApi.TF_AllocateTensor(type, dimensions, shape.Length, bytes));
            if (!tensor.IsInvalid && (bytes == 0 || TensorFlowApi.TF_TensorData(tensor.Pointer) is not null)) return tensor;
            tensor.Dispose();
            throw new TensorFlowException($"no memory for a tensor of {bytes} bytes");
        }
    }

    public static Tensor Of(ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        var tensor = Allocate(TfType.Float, shape);
        values.CopyTo(tensor.As<float>());
        return tensor;
    }

    /// <summary>Takes ownership of a tensor that a run returned.</summary>
    public static Tensor Own(nint pointer) => new(pointer);

    public Span<T> As<T>()
        where T : unmanaged => new(TensorFlowApi.TF_TensorData(handle), (int)((long)TensorFlowApi.TF_TensorByteSize(handle) / sizeof(T)));

    protected override bool ReleaseHandle()
    {
        TensorFlowApi.TF_DeleteTensor(handle);
        return true;
    }
}

/// <summary>A TF_Graph.</summary>
internal sealed class GraphHandle : SafeHandle
{
    public GraphHandle()
        : base(0, ownsHandle: true) => SetHandle(TensorFlowApi.TF_NewGraph());

    public override bool IsInvalid => handle == 0;

    public nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        TensorFlowApi.TF_DeleteGraph(handle);
        return true;
    }
}
