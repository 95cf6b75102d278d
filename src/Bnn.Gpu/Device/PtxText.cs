using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Bnn.Gpu;

/// <summary>
/// A kernel's text in the language of NVIDIA's assembler. Sums and products without a rounding are contracted by it, and a contracted one
/// has other bits; so each is given its rounding.
/// </summary>
internal static partial class PtxText
{
    /// <summary>The same text with round-to-nearest wherever a rounding is left open.</summary>
    public static string Rounded(string text) => Open().Replace(text, "${what}.rn.${type}");

    /// <summary>A kernel's text, rounded, for processors of compute capability 9.0: made without one.</summary>
    public static string Of(KernelMethod kernel)
    {
        Intrinsics.Register();
        using var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        using var backend = new PTXBackend(context, CudaArchitecture.SM_90, CudaInstructionSet.ISA_78, null!);
        var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method);
        var compiled = (PTXCompiledKernel)backend.Compile(entry, new KernelSpecialization(kernel.Threads, null));
        Round(compiled);
        return compiled.PTXAssembly;
    }

    /// <summary>Gives a compiled kernel the rounded text, before the driver sees it.</summary>
    public static void Round(PTXCompiledKernel kernel)
    {
        var field = typeof(PTXCompiledKernel).GetField("<PTXAssembly>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance)
            ?? throw new MissingFieldException(nameof(PTXCompiledKernel), nameof(PTXCompiledKernel.PTXAssembly));
        field.SetValue(kernel, Rounded(kernel.PTXAssembly));
    }

    [GeneratedRegex(@"\b(?<what>add|sub|mul)\.(?<type>f32|f64)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Open();
}
