using ILGPU;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;
using ILGPU.Runtime.Cuda;

namespace Bnn.Gpu;

/// <summary>What stands in kernels for .NET's own methods that the compiler of kernels doesn't know; each is fixed by IEEE 754.</summary>
internal static class Intrinsics
{
    private static readonly Lock Lock = new();
    private static bool _isDone;

    /// <summary>Tells the compiler of kernels, once for the process.</summary>
    public static void Register()
    {
        lock (Lock)
        {
            if (_isDone) return;
            Type[] three = [typeof(float), typeof(float), typeof(float)];
            Map(typeof(float), nameof(float.FusedMultiplyAdd), three, nameof(Fma));
            Map(typeof(float), nameof(float.Sqrt), [typeof(float)], nameof(Sqrt));
            Map(typeof(BitConverter), nameof(BitConverter.SingleToUInt32Bits), [typeof(float)], nameof(Bits));
            Map(typeof(BitConverter), nameof(BitConverter.UInt32BitsToSingle), [typeof(uint)], nameof(OfBits));
            _isDone = true;
        }
    }

    public static float Fma(float a, float b, float c)
    {
        CudaAsm.Emit("fma.rn.f32 %0, %1, %2, %3;", out float result, a, b, c);
        return result;
    }

    public static float Sqrt(float x) => IntrinsicMath.CPUOnly.Sqrt(x);

    public static uint Bits(float x) => Interop.FloatAsInt(x);

    public static float OfBits(uint x) => Interop.IntAsFloat(x);

    private static void Map(Type from, string name, Type[] types, string to)
    {
        var target = typeof(Intrinsics).GetMethod(to, types)!;
        RemappedIntrinsics.AddRemapping(from.GetMethod(name, types)!, (ref InvocationContext context) => context.Method = target);
    }
}
