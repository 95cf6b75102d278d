using System.Reflection;
using Bnn.Contract;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>
/// Plugins are compiled against some types of Bnn.Core too. Each member of these must be in Core's PublicAPI files, so that removing or
/// changing it breaks the build.
/// </summary>
/// <remarks>
/// The types are those in the signatures of Bnn.Contract's public members and, from these on, those in the signatures of their public
/// constructors, instance members and enum constants. Static methods are left out: a plugin has no use for <see cref="Seed.Parse"/>, whose
/// result would bring in all of Core's faults.
/// </remarks>
public sealed class CoreApiTests
{
    private const BindingFlags Instance = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Assembly Core = typeof(Needs).Assembly;

    /// <summary>Entries without their modifiers.</summary>
    private static string[] Entries { get; } =
        [.. ((string[])["PublicAPI.Shipped.txt", "PublicAPI.Unshipped.txt"])
            .SelectMany(file => File.ReadLines(Path.Combine(Golden.Folder, "..", "..", "src", "Bnn.Core", file)))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => string.Join(' ', line.TrimStart('~').Split(' ').SkipWhile(word => word is "static" or "override")))];

    [Fact]
    public void The_types_of_Core_that_plugins_can_name_are_few() => Assert.Equal(
        ["Keep", "Needs", "PhiloxBlock", "RandomStream", "Seed", "StreamName"],
        Reachable().Select(type => type.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_member_of_them_is_listed()
    {
        foreach (var type in Reachable())
        {
            var name = type.FullName!;
            Assert.Contains(name, Entries);
            foreach (var property in type.GetProperties(Instance)) Assert.Equal(1, Starting($"{name}.{property.Name}.get -> "));
            foreach (var overloads in type.GetMethods(Instance).Where(method => !method.IsSpecialName).GroupBy(method => method.Name))
                Assert.Equal(overloads.Count(), Starting($"{name}.{overloads.Key}("));
            if (type.IsEnum)
            {
                foreach (var value in Enum.GetValues(type).Cast<Enum>()) Assert.Contains($"{name}.{value} = {value:D} -> {name}", Entries);
                continue;
            }
            var implicitly = type.IsValueType ? 1 : 0;        // a struct's constructor without parameters
            Assert.Equal(type.GetConstructors().Length + implicitly, Starting($"{name}.{type.Name}("));
        }
    }

    [Fact]
    public void Nothing_else_is_listed()
    {
        string[] names = [.. Reachable().Select(type => type.FullName!)];
        Assert.All(Entries, entry => Assert.Contains(names, name => $"{entry}.".StartsWith($"{name}.", StringComparison.Ordinal)));
    }

    private static int Starting(string start) => Entries.Count(entry => entry.StartsWith(start, StringComparison.Ordinal));

    private static HashSet<Type> Reachable()
    {
        var found = new HashSet<Type>();
        var next = new Queue<Type>(typeof(IMaskStrategy).Assembly.GetExportedTypes());
        while (next.TryDequeue(out var type))
        {
            foreach (var named in Named(type).SelectMany(Parts))
                if (named.Assembly == Core && found.Add(named)) next.Enqueue(named);
        }
        return found;
    }

    /// <summary>The types in the signatures of a type's public constructors, instance members and enum constants.</summary>
    private static IEnumerable<Type> Named(Type type) =>
    [
        .. type.GetInterfaces(),
        .. type.GetConstructors().SelectMany(Parameters),
        .. type.GetMethods(Instance).SelectMany(method => Parameters(method).Append(method.ReturnType)),
        .. type.GetFields().Select(field => field.FieldType),
    ];

    private static IEnumerable<Type> Parameters(MethodBase method) => method.GetParameters().Select(parameter => parameter.ParameterType);

    /// <summary>A type and its type arguments, or the parts of what it refers to.</summary>
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : [type, .. type.GetGenericArguments().SelectMany(Parts)];
}
