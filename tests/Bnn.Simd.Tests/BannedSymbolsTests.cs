using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Bnn.Tests;

namespace Bnn.Simd.Tests;

/// <summary>The analyzer ignores a line that names nothing, so a misspelt ban would ban nothing: these tests check the lists.</summary>
public sealed class BannedSymbolsTests
{
    private const string Arithmetic = "BannedSymbols.Arithmetic.txt";

    /// <summary>A type of a package that isn't referenced yet: banned in case it is one day.</summary>
    private const string OfAPackage = "T:System.Numerics.Tensors.TensorPrimitives";

    private static readonly string Source = Path.GetFullPath(Path.Combine(Golden.Folder, "..", "..", "src"));

    private static readonly Assembly[] Runtime =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location))
            .Select(path => Assembly.Load(Path.GetFileNameWithoutExtension(path)))];

    public static TheoryData<string> Lists => new(Directory.EnumerateFiles(Source, "BannedSymbols*.txt", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Source, path))
        .Where(path => !path.Split('/', '\\').Any(folder => folder is "bin" or "obj"))
        .Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Lists))]
    public void Every_line_names_something_that_is_there_and_says_why(string list)
    {
        var lines = File.ReadAllLines(Path.Combine(Source, list));
        Assert.All(lines, line =>
        {
            var (id, why) = (line.Split(';')[0], line.Split(';').ElementAtOrDefault(1));
            Assert.False(string.IsNullOrWhiteSpace(why), "a reason follows a semicolon");
            Assert.True(id == OfAPackage || Exists(id), $"{id} is nothing in the runtime");
        });
        Assert.Equal(lines.Distinct(StringComparer.Ordinal), lines);
    }

    [Theory, InlineData("Bnn.Core"), InlineData("Bnn.Simd")]
    public void What_trains_is_held_to_the_list_of_arithmetic(string project)
    {
        var text = File.ReadAllText(Path.Combine(Source, project, $"{project}.csproj"));
        Assert.Contains($"{Arithmetic}\" />", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_whose_bits_differ_between_machines_is_banned()
    {
        Type[] vectors = [typeof(Vector64), typeof(Vector128), typeof(Vector256), typeof(Vector512)];
        Type[] x86 = [typeof(Sse), typeof(Avx), typeof(Avx512F), typeof(Avx512F.VL), typeof(Avx10v1)];
        Type[] arm = [typeof(AdvSimd), typeof(AdvSimd.Arm64)];
        const string Approximate = "^Exp|^Log|^(Sin|Cos|SinCos|Tan|Asin|Acos|Atan|Atan2)(Pi|h)?$|^(Cbrt|Hypot|Lerp|Pow|RootN)$";
        const string Loose = "Estimate$|Native$";
        string[] differing = [
            .. Methods([typeof(float)], $"{Approximate}|{Loose}"),
            .. Methods([typeof(double), typeof(Math)], Loose),
            .. Methods(vectors, $"{Approximate}|{Loose}|^(Sum|Dot)$"),
            .. Methods(x86, "^Reciprocal"),
            .. Methods(arm, "Estimate")];
        var banned = File.ReadAllLines(Path.Combine(Source, "Bnn.Core", Arithmetic))
            .Select(line => line.Split(';')[0])
            .ToHashSet(StringComparer.Ordinal);
        var missing = differing.Except(banned, StringComparer.Ordinal).ToList();
        Assert.True(missing.Count == 0, $"not banned:\n{string.Join('\n', missing)}");
    }

    [Theory]
    [InlineData("M:System.Single.Exq(System.Single)")]
    [InlineData("M:System.Single.Exp(System.Double)")]
    [InlineData("M:System.Single.Exp")]
    [InlineData("T:System.MathG")]
    [InlineData("M:System.Runtime.Intrinsics.Vector512.Sum(System.Runtime.Intrinsics.Vector512{System.Single})")]
    [InlineData("System.MathF")]
    public void A_misspelt_line_would_be_found(string id) => Assert.False(Exists(id));

    /// <summary>Whether a documentation id, T: or M:, is that of something public.</summary>
    private static bool Exists(string id)
    {
        if (id.StartsWith("T:", StringComparison.Ordinal)) return TypeNamed(id[2..]) is not null;
        if (!id.StartsWith("M:", StringComparison.Ordinal)) return false;
        var name = id[2..].Split('(')[0];
        return TypeNamed(name[..name.LastIndexOf('.')]) is { } type && Methods([type], "").Contains(id, StringComparer.Ordinal);
    }

    /// <summary>A type by its name in a documentation id, where a dot precedes nested types too.</summary>
    private static Type? TypeNamed(string name)
    {
        var found = Runtime.Select(assembly => assembly.GetType(name)).FirstOrDefault(type => type is { IsVisible: true });
        if (found is not null) return found;
        var dot = name.LastIndexOf('.');
        return dot < 0 ? null : TypeNamed(name[..dot])?.GetNestedType(name[(dot + 1)..]);
    }

    /// <summary>Documentation ids of the public methods whose names match.</summary>
    private static IEnumerable<string> Methods(Type[] types, string pattern) => types
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => Regex.IsMatch(method.Name, pattern, RegexOptions.ExplicitCapture))
        .Select(IdOf);

    private static string IdOf(MethodInfo method)
    {
        var arity = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";
        var parameters = method.GetParameters();
        var list = parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => IdOf(parameter.ParameterType)))})";
        return $"M:{IdOf(method.DeclaringType!)}.{method.Name}{arity}{list}";
    }

    private static string IdOf(Type type)
    {
        if (type.IsGenericMethodParameter) return $"``{type.GenericParameterPosition}";
        if (type.IsGenericTypeParameter) return $"`{type.GenericParameterPosition}";
        if (type.HasElementType) return IdOf(type.GetElementType()!) + (type.IsByRef ? "@" : type.IsPointer ? "*" : "[]");
        if (type.IsConstructedGenericType)
        {
            var arguments = string.Join(',', type.GetGenericArguments().Select(IdOf));
            return $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0]}{{{arguments}}}";
        }
        return type.FullName!.Replace('+', '.');
    }
}
