using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Bnn.TF;

/// <summary>An output of an operation: the operation, and the output's index.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TfOutput
{
    public nint Operation;
    public int Index;
}

/// <summary>Element types of tensors, as tensorflow/c/tf_datatype.h numbers them.</summary>
internal enum TfType
{
    Float = 1,
    Int32 = 3,
    UInt8 = 4,
    Int64 = 9,
}

/// <summary>
/// The part of TensorFlow's C API that is used, as tensorflow/c/c_api.h declares it. All of it is in one library, found by
/// <see cref="TensorFlowLibrary"/>.
/// </summary>
internal static unsafe partial class TensorFlowApi
{
    public const string Library = "tensorflow";

    [LibraryImport(Library)]
    public static partial byte* TF_Version();

    [LibraryImport(Library)]
    public static partial nint TF_NewStatus();

    [LibraryImport(Library)]
    public static partial void TF_DeleteStatus(nint status);

    [LibraryImport(Library)]
    public static partial int TF_GetCode(nint status);

    [LibraryImport(Library)]
    public static partial byte* TF_Message(nint status);

    [LibraryImport(Library)]
    public static partial nint TF_AllocateTensor(TfType type, long* dimensions, int rank, nuint bytes);

    [LibraryImport(Library)]
    public static partial void TF_DeleteTensor(nint tensor);

    [LibraryImport(Library)]
    public static partial void* TF_TensorData(nint tensor);

    [LibraryImport(Library)]
    public static partial nuint TF_TensorByteSize(nint tensor);

    [LibraryImport(Library)]
    public static partial nint TF_NewGraph();

    [LibraryImport(Library)]
    public static partial void TF_DeleteGraph(nint graph);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint TF_NewOperation(nint graph, string type, string name);

    [LibraryImport(Library)]
    public static partial nint TF_FinishOperation(nint description, nint status);

    [LibraryImport(Library)]
    public static partial void TF_AddInput(nint description, TfOutput input);

    [LibraryImport(Library)]
    public static partial void TF_AddInputList(nint description, TfOutput* inputs, int count);

    [LibraryImport(Library)]
    public static partial void TF_AddControlInput(nint description, nint operation);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TF_SetAttrType(nint description, string name, TfType value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TF_SetAttrShape(nint description, string name, long* dimensions, int rank);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TF_SetAttrBool(nint description, string name, byte value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TF_SetAttrString(nint description, string name, byte* value, nuint length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TF_SetAttrTensor(nint description, string name, nint tensor, nint status);

    [LibraryImport(Library)]
    public static partial void TF_AddGradients(
        nint graph, TfOutput* y, int countY, TfOutput* x, int countX, TfOutput* dx, nint status, TfOutput* dy);

    [LibraryImport(Library)]
    public static partial nint TF_NewSessionOptions();

    [LibraryImport(Library)]
    public static partial void TF_DeleteSessionOptions(nint options);

    [LibraryImport(Library)]
    public static partial void TF_SetConfig(nint options, byte* proto, nuint length, nint status);

    [LibraryImport(Library)]
    public static partial nint TF_NewSession(nint graph, nint options, nint status);

    [LibraryImport(Library)]
    public static partial void TF_CloseSession(nint session, nint status);

    [LibraryImport(Library)]
    public static partial void TF_DeleteSession(nint session, nint status);

    [LibraryImport(Library)]
    public static partial void TF_SessionRun(
        nint session, nint runOptions, TfOutput* inputs, nint* inputValues, int inputCount,
        TfOutput* outputs, nint* outputValues, int outputCount, nint* targets, int targetCount, nint metadata, nint status);

    [LibraryImport(Library)]
    public static partial nint TF_SessionListDevices(nint session, nint status);

    [LibraryImport(Library)]
    public static partial void TF_DeleteDeviceList(nint list);

    [LibraryImport(Library)]
    public static partial int TF_DeviceListCount(nint list);

    [LibraryImport(Library)]
    public static partial byte* TF_DeviceListName(nint list, int index, nint status);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);
}
