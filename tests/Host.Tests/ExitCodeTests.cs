using System.Collections.Immutable;
using System.Reflection;
using Bnn.Core;

namespace Host.Tests;

/// <summary>Every fault has an exit code: the compiler can't see that the hierarchy is closed.</summary>
public sealed class ExitCodeTests
{
    private static readonly Type[] Cases = [.. typeof(Fault).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Fault)))];

    public static TheoryData<string> Names => new(Cases.Select(type => type.Name));

    [Theory, MemberData(nameof(Names))]
    public void Every_fault_has_an_exit_code_and_a_description(string name)
    {
        var constructor = Cases.Single(type => type.Name == name).GetConstructors(BindingFlags.Public | BindingFlags.Instance).Single();
        var fault = (Fault)constructor.Invoke([.. constructor.GetParameters().Select(parameter => Sample(parameter.ParameterType))]);
        Assert.InRange(ExitCode.For(fault), 2, 7);
        Assert.Contains("sample", fault.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_faults_the_settings_come_first() => Assert.Equal(
        2, ExitCode.For([new Fault.Disk("x", "y", "z"), new Fault.BadSetting("x", "y", "z", "fix"), new Fault.MissingData("x", "y", "z")]));

    private static object? Sample(Type type) =>
        type == typeof(string) ? "sample"
        : type == typeof(ImmutableArray<string>) ? ImmutableArray.Create("sample")
        : Activator.CreateInstance(type);
}
