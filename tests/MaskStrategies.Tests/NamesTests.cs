using System.Reflection;
using Bnn.Contract;

namespace Bnn.Tests;

/// <summary>A strategy is found by its name: <c>a-b</c> is class <c>AB</c> in <c>AB.cs</c>.</summary>
public sealed class NamesTests
{
    public static TheoryData<string> Names => Strategies.Names;

    private static string Sources => Path.Combine(Golden.Folder, "..", "..", "src", "Plugins", "MaskStrategies");

    [Theory, MemberData(nameof(Names))]
    public void The_strategy_a_b_is_the_class_AB_in_a_file_of_that_name(string name)
    {
        var expected = ClassOf(name);
        Assert.Equal(expected, Strategies.Make(name).GetType().Name);
        var source = File.ReadAllText(Path.Combine(Sources, $"{expected}.cs"));
        Assert.Contains($"[MaskStrategy(\"{name}\",", source, StringComparison.Ordinal);
        Assert.Contains($"public sealed class {expected} ", source, StringComparison.Ordinal);
    }

    /// <summary>What strategies share is in <c>Bases/</c>, so that the folder lists the strategies.</summary>
    [Fact]
    public void The_folder_holds_one_file_per_strategy() => Assert.Equal(
        Strategies.All.Select(type => ClassOf(type.GetCustomAttribute<MaskStrategyAttribute>()!.Name)).Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Sources, "*.cs").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    private static string ClassOf(string name) => string.Concat(name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
