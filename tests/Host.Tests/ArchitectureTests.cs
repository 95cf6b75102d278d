using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Host.Tests;

/// <summary>Which project refers to which, read from the built assemblies: no reference points the wrong way.</summary>
public sealed class ArchitectureTests
{
    private const string Core = "Bnn.Core", Contract = "Bnn.Contract", Simd = "Bnn.Simd", TensorFlow = "Bnn.TF", Store = "Bnn.Store";

    private const string Gpu = "Bnn.Gpu";

    private const string Report = "Bnn.Report", Program = "host", Strategies = "MaskStrategies";

    private static readonly string[] Ours = [Core, Contract, Simd, Gpu, TensorFlow, Store, Report, Program, Strategies];

    private static readonly Dictionary<string, string> FolderOf = new(StringComparer.Ordinal)
    {
        [Core] = Core,
        [Contract] = Contract,
        [Simd] = Simd,
        [Gpu] = Gpu,
        [TensorFlow] = TensorFlow,
        [Store] = Store,
        [Report] = Report,
        [Program] = "Host",
        [Strategies] = Path.Combine("Plugins", Strategies),
    };

    public static TheoryData<string, string[]> Known => new()
    {
        { Core, [] },
        { Contract, [Core] },
        { Simd, [Core] },
        { Gpu, [Core, Simd] },
        { TensorFlow, [Core] },
        { Store, [Core] },
        { Report, [Core] },
        { Strategies, [Contract, Core] },
        { Program, [Contract, Core, Gpu, Report, Simd, Store, TensorFlow] },
    };

    [Theory, MemberData(nameof(Known))]
    public void An_assembly_refers_to_those_below_it_only(string assembly, string[] known) =>
        Assert.Equal(known, References(assembly).Where(Ours.Contains).Order(StringComparer.Ordinal));

    [Theory, InlineData(Core), InlineData(Contract), InlineData(Simd), InlineData(TensorFlow), InlineData(Strategies)]
    public void What_decides_and_computes_needs_no_package(string assembly) => Assert.Empty(Packages(assembly));

    [Fact]
    public void Kernels_for_graphics_processors_need_their_compiler_alone() => Assert.Equal(["ILGPU"], Packages(Gpu));

    [Fact]
    public void The_store_needs_a_parser_of_TOML_alone() => Assert.Equal(["Tomlyn"], Packages(Store));

    [Fact]
    public void Every_project_below_src_is_looked_at() => Assert.Equal(
        Directory.EnumerateFiles(Installation.Source, "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Installation.Source, Path.GetDirectoryName(path)!))
            .Order(StringComparer.Ordinal),
        FolderOf.Values.Order(StringComparer.Ordinal));

    [Fact]
    public void A_plugin_folder_holds_no_second_contract() => Assert.Equal(
        ["MaskStrategies.deps.json", "MaskStrategies.dll"],
        Directory.EnumerateFiles(Path.Combine(Installation.Source, "..", "plugins", Strategies))
            .Select(Path.GetFileName)
            .Order(StringComparer.Ordinal));

    [Fact]
    public void The_program_lies_beside_no_plugin() =>
        Assert.False(File.Exists(Path.Combine(Installation.ProgramFolder, "MaskStrategies.dll")));

    [Fact]
    public void Program_is_short() => Assert.True(File.ReadLines(Path.Combine(Installation.Source, "Host", "Program.cs")).Count() <= 40);

    private static List<string> References(string assembly)
    {
        using var stream = File.OpenRead(Path.Combine(Installation.OutputOf(FolderOf[assembly]), $"{assembly}.dll"));
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static IEnumerable<string> Packages(string assembly) =>
        References(assembly).Where(name => !Ours.Contains(name) && !IsOfTheRuntime(name));

    private static bool IsOfTheRuntime(string name) =>
        File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, $"{name}.dll"));
}
