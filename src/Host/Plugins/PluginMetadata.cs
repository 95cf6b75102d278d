using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Bnn.Contract;
using Bnn.Core;
using Bnn.Store;
using Architecture = System.Runtime.InteropServices.Architecture;

namespace Host.Plugins;

/// <summary>A strategy as its assembly's metadata describes it: none of its code was loaded or run.</summary>
/// <param name="TypeName">Full name of the class that scores.</param>
/// <param name="Path">Path of the DLL.</param>
public sealed record FoundStrategy(StrategyInfo Info, string TypeName, string Path);

/// <summary>Reads strategies from a DLL's metadata.</summary>
public static class PluginMetadata
{
    /// <summary>Bytes of a signature and of an attribute's content at most: what is decoded nests, and a hostile one without end.</summary>
    private const int MostSignature = 256, MostAttribute = 8192;

    /// <summary>Classes inside classes at most.</summary>
    private const int MostNesting = 100;

    private static readonly string ContractName = typeof(MaskStrategyAttribute).Assembly.GetName().Name!;
    private static readonly Version ContractVersion = typeof(MaskStrategyAttribute).Assembly.GetName().Version!;

    /// <summary>A DLL that is being read.</summary>
    private sealed record Plugin(string Path, MetadataReader Reader, string Version, string Sha256)
    {
        public Fault.PluginRejected Rejected(string reason, string hint) => new(Path, reason, hint);
    }

    public static Result<ImmutableArray<FoundStrategy>> Read(string path)
    {
        try
        {
            var bytes = InputFile.ReadAll(path, PluginFamily.MostBytes);
            using var file = new PEReader(ImmutableArray.Create(bytes));
            if (!file.HasMetadata) return NoAssembly();
            if (WrongMachine(file) is { } machine)
            {
                return new Fault.PluginRejected(
                    path, $"is built for {machine}, this is {RuntimeInformation.ProcessArchitecture}", "build it for any CPU");
            }
            var reader = file.GetMetadataReader();
            var sha256 = PluginFamily.Of(path).Sha256(bytes);
            return Read(new Plugin(path, reader, reader.GetAssemblyDefinition().Version.ToString(), sha256));
        }
        catch (Exception e) when (IsMalformed(e))
        {
            return NoAssembly();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.PluginRejected(path, $"can't be read ({Disk.Reason(e)})", "check its rights");
        }

        Fault.PluginRejected NoAssembly() =>
            new(path, "is not a .NET assembly", "put a strategy's DLL there, or move this file away");
    }

    /// <summary>The names of the strategies that a DLL has, whatever else is wrong with it.</summary>
    public static ImmutableArray<string> NamesIn(string path)
    {
        try
        {
            using var file = new PEReader(ImmutableArray.Create(InputFile.ReadAll(path, PluginFamily.MostBytes)));
            if (!file.HasMetadata) return [];
            var reader = file.GetMetadataReader();
            return [
                .. from type in reader.TypeDefinitions.Select(reader.GetTypeDefinition)
                   let attribute = Attribute(reader, type.GetCustomAttributes(), nameof(MaskStrategyAttribute))
                   where attribute is not null
                   select (string?)attribute.Value.FixedArguments[0].Value ?? ""];
        }
        catch (Exception e) when (IsMalformed(e) || Disk.IsAtFault(e))
        {
            return [];          // why it is refused is said anyway
        }
    }

    /// <summary>What the readers of metadata throw on content that no compiler writes.</summary>
    private static bool IsMalformed(Exception e) =>
        e is BadImageFormatException or InvalidDataException or ArgumentException or IndexOutOfRangeException or InvalidCastException
            or InvalidOperationException or NullReferenceException or OverflowException or NotSupportedException;

    private static Result<ImmutableArray<FoundStrategy>> Read(Plugin plugin)
    {
        if (WrongContract(plugin) is { } wrong) return wrong;
        var reader = plugin.Reader;
        var faults = new List<Fault>();
        var found = ImmutableArray.CreateBuilder<FoundStrategy>();
        foreach (var type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            if (type.Attributes.HasFlag(TypeAttributes.Abstract)) continue;
            var name = TypeName(reader, type);
            if (Attribute(reader, type.GetCustomAttributes(), nameof(MaskStrategyAttribute)) is { } attribute)
            {
                if (Strategy(plugin, type, attribute).ValueOr(faults) is { } info)
                    found.Add(new FoundStrategy(info, name, plugin.Path));
            }
            else if (IsStrategy(reader, type))
            {
                faults.Add(plugin.Rejected(
                    $"class {name} has no [MaskStrategy] attribute", "give it one: name, description, which end is kept"));
            }
        }
        if (faults.Count > 0) return faults.ToImmutableArray();
        return found.Count > 0
            ? found.ToImmutable()
            : plugin.Rejected(
                "holds no strategy", "give a class that implements IMaskStrategy a [MaskStrategy] attribute, or move the file away");
    }

    /// <summary>Why a plugin can't use this host's contract; null if it can.</summary>
    private static Fault.PluginRejected? WrongContract(Plugin plugin)
    {
        var reader = plugin.Reader;
        var contracts = reader.AssemblyReferences
            .Select(reader.GetAssemblyReference)
            .Where(reference => reader.GetString(reference.Name) == ContractName)
            .ToList();
        if (contracts is not [var contract])
        {
            return plugin.Rejected(
                "holds no strategy: it does not refer to Bnn.Contract", "build it against Bnn.Contract, or move the file away");
        }
        if (contract.Version > ContractVersion)
        {
            return plugin.Rejected(
                $"is built for contract {contract.Version.ToString(2)}, this host has {ContractVersion.ToString(2)}",
                "use a newer host, or build it against this host's contract");
        }
        var folder = Path.GetDirectoryName(plugin.Path)!;
        var copy = PluginFiles.Shared.Select(name => $"{name}.dll").FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
        return copy is null
            ? null
            : plugin.Rejected(
                $"has the host's own {copy} copied beside it",
                "delete that copy, and refer to Bnn.Contract with Private=\"false\" ExcludeAssets=\"runtime\"");
    }

    private static Result<StrategyInfo> Strategy(Plugin plugin, TypeDefinition type, CustomAttributeValue<string> attribute)
    {
        var reader = plugin.Reader;
        var name = (string?)attribute.FixedArguments[0].Value ?? "";
        if (!PluginNames.IsWellFormed(name))
        {
            return plugin.Rejected(
                $"a strategy is named '{Readable(name)}'", $"use {PluginNames.Allowed}, {PluginNames.MostLetters} at most");
        }
        if (PluginNames.IsReserved(name))
            return plugin.Rejected($"a strategy is named '{name}', which is a word of --strategy and --compare", "give it another name");
        var parameters = ImmutableArray.CreateBuilder<StrategyParameter>();
        foreach (var property in type.GetProperties().Select(reader.GetPropertyDefinition))
        {
            if (Attribute(reader, property.GetCustomAttributes(), nameof(StrategyParameterAttribute)) is not { } declared) continue;
            if (reader.GetBlobReader(property.Signature).Length > MostSignature) throw new InvalidDataException();
            var parameter = Parameter(property.DecodeSignature(MetadataTypes.Instance, null).ReturnType, declared);
            if (parameter is null || !PluginNames.IsWellFormed(parameter.Name))
            {
                return plugin.Rejected(
                    $"strategy '{name}' has a parameter that can't be one: {reader.GetString(property.Name)}",
                    "make it a double, int, bool or string property with a plain name");
            }
            parameters.Add(parameter);
        }
        var description = (string?)attribute.FixedArguments[1].Value ?? "";
        var keep = (Keep)(int)attribute.FixedArguments[2].Value!;
        var needs = (Needs)Named(attribute, nameof(MaskStrategyAttribute.Needs), 0);
        var info = new StrategyInfo(name, description, keep, needs, Path.GetFileName(plugin.Path), plugin.Version, plugin.Sha256)
        {
            Group = Named(attribute, nameof(MaskStrategyAttribute.Group), "other"),
            Formula = Named(attribute, nameof(MaskStrategyAttribute.Formula), ""),
            Reference = Named(attribute, nameof(MaskStrategyAttribute.Reference), ""),
            Parameters = parameters.ToImmutable(),
        };
        if (StrategyText.WithBadDefault(info) is not { } bad) return info;
        return plugin.Rejected(
            $"strategy '{name}': parameter '{bad.Name}' has the default '{bad.Default}', expected {StrategyText.Allowed(bad)}",
            "fix its attribute");
    }

    private static StrategyParameter? Parameter(string type, CustomAttributeValue<string> declared)
    {
        var choices = Named(declared, nameof(StrategyParameterAttribute.Choices), "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ParameterKind? kind = type switch
        {
            "Double" => ParameterKind.Number,
            "Int32" => ParameterKind.Whole,
            "Boolean" => ParameterKind.Flag,
            "String" when Named(declared, nameof(StrategyParameterAttribute.IsStrategy), false) => ParameterKind.Strategy,
            "String" when choices.Length > 0 => ParameterKind.Choice,
            _ => null,
        };
        return kind is null ? null : new StrategyParameter(
            (string?)declared.FixedArguments[0].Value ?? "",
            kind.Value,
            (string?)declared.FixedArguments[1].Value ?? "",
            Named(declared, nameof(StrategyParameterAttribute.Default), ""),
            Named(declared, nameof(StrategyParameterAttribute.Least), double.NegativeInfinity),
            Named(declared, nameof(StrategyParameterAttribute.Most), double.PositiveInfinity),
            [.. choices]);
    }

    private static T Named<T>(CustomAttributeValue<string> attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Name == name).Value is T value ? value : otherwise;

    private static CustomAttributeValue<string>? Attribute(MetadataReader reader, CustomAttributeHandleCollection attributes, string name)
    {
        foreach (var attribute in attributes.Select(reader.GetCustomAttribute))
        {
            if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
            var constructor = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
            var parent = constructor.Parent;
            if (parent.Kind != HandleKind.TypeReference) continue;
            var type = reader.GetTypeReference((TypeReferenceHandle)parent);
            if (reader.GetString(type.Name) != name || reader.GetString(type.Namespace) != ContractName) continue;
            if (reader.GetBlobReader(constructor.Signature).Length > MostSignature
                || reader.GetBlobReader(attribute.Value).Length > MostAttribute) throw new InvalidDataException();
            return attribute.DecodeValue(MetadataTypes.Instance);
        }
        return null;
    }

    private static bool IsStrategy(MetadataReader reader, TypeDefinition type) => type.GetInterfaceImplementations()
        .Select(handle => reader.GetInterfaceImplementation(handle).Interface)
        .Where(handle => handle.Kind == HandleKind.TypeReference)
        .Select(handle => reader.GetTypeReference((TypeReferenceHandle)handle))
        .Where(reference => reader.GetString(reference.Namespace) == ContractName)
        .Any(reference => reader.GetString(reference.Name) is nameof(IMaskStrategy) or nameof(INetworkMaskStrategy));

    private static string TypeName(MetadataReader reader, TypeDefinition type, int depth = 0)
    {
        if (depth > MostNesting) throw new InvalidDataException();
        var (space, name) = (reader.GetString(type.Namespace), reader.GetString(type.Name));
        if (type.GetDeclaringType() is { IsNil: false } outer)
            return $"{TypeName(reader, reader.GetTypeDefinition(outer), depth + 1)}+{name}";
        return space.Length == 0 ? name : $"{space}.{name}";
    }

    /// <summary>The machine an assembly is built for; null if it can run on this one.</summary>
    private static string? WrongMachine(PEReader file)
    {
        var (machine, flags) = (file.PEHeaders.CoffHeader.Machine, file.PEHeaders.CorHeader!.Flags);
        var own = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => Machine.Amd64,
            Architecture.Arm64 => Machine.Arm64,
            _ => Machine.Unknown,
        };
        if (machine == Machine.I386) return flags.HasFlag(CorFlags.Requires32Bit) ? "32-bit x86" : null;
        return machine == own ? null : machine.ToString();
    }

    /// <summary>A name as it can be shown: a hostile one may be long, or hold what moves the cursor.</summary>
    private static string Readable(string name) =>
        string.Concat(name.Take(PluginNames.MostLetters).Select(letter => char.IsControl(letter) ? '?' : letter))
        + (name.Length > PluginNames.MostLetters ? "…" : "");
}

/// <summary>Decodes signatures and attributes to names of types: the contract uses only a few.</summary>
internal sealed class MetadataTypes : ICustomAttributeTypeProvider<string>, ISignatureTypeProvider<string, object?>
{
    public static MetadataTypes Instance { get; } = new();

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSystemType() => "System.Type";

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        reader.GetString(reader.GetTypeDefinition(handle).Name);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        reader.GetString(reader.GetTypeReference(handle).Name);

    public string GetTypeFromSerializedName(string name) => name;

    /// <summary>Always int: all of the contract's enums are.</summary>
    public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

    public bool IsSystemType(string type) => type == "System.Type";

    public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[,]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "*";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType;

    public string GetGenericMethodParameter(object? genericContext, int index) => "!!";

    public string GetGenericTypeParameter(object? genericContext, int index) => "!";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "?";
}
