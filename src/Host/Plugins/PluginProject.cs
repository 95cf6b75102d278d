using System.Globalization;
using Bnn.Contract;
using Bnn.Core;
using Bnn.Store;

namespace Host.Plugins;

/// <summary>
/// Writes the project of a new strategy. It builds without a network, against the packed contract in a folder of the project.
/// </summary>
public static class PluginProject
{
    private const string Feed = "feed";

    /// <summary>The full path of a new project's folder; refuses one that is there already.</summary>
    public static Result<string> FolderOf(string name, string parent) =>
        Path.GetFullPath(Path.Combine(parent, name)) is var folder && Path.Exists(folder)
            ? new Fault.BadSetting("NAME", name, "a name that isn't a file or folder here yet", $"{folder} exists; choose another name")
            : folder;

    /// <summary>Makes the folder.</summary>
    public static Result<string> Create(string name, string folder)
    {
        var packages = Path.Combine(AppContext.BaseDirectory, Feed);
        if (!Directory.Exists(packages))
            return new Fault.Disk(packages, "the packed contract isn't there", "build host again (./host does)");
        return Disk.Write(folder, () =>
        {
            var type = string.Concat(name.Split('-').Select(part => char.ToUpper(part[0], CultureInfo.InvariantCulture) + part[1..]));
            var version = typeof(IMaskStrategy).Assembly.GetName().Version!.ToString(3);
            Directory.CreateDirectory(Path.Combine(folder, Feed));
            foreach (var package in Directory.EnumerateFiles(packages, "*.nupkg"))
                File.Copy(package, Path.Combine(folder, Feed, Path.GetFileName(package)));
            foreach (var (file, text) in Files(name, type, version))
            {
                var path = Path.Combine(folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text + "\n");
            }
            return folder;
        });
    }

    private static IEnumerable<(string File, string Text)> Files(string name, string type, string version) => [
        ($"{type}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <!-- Dependencies, if there are any, are copied beside the DLL. -->
                <EnableDynamicLoading>true</EnableDynamicLoading>
                <!-- The same source gives the same DLL in any folder: its hash names the tickets it makes. -->
                <PathMap>$(MSBuildThisFileDirectory)=/_/</PathMap>
              </PropertyGroup>
              <ItemGroup>
                <!-- The host brings its own contract: a copy beside the plugin would be refused. -->
                <PackageReference Include="Bnn.Contract" Version="{version}" ExcludeAssets="runtime" />
                <Compile Remove="tests/**" />
              </ItemGroup>
            </Project>
            """),
        ($"{type}.cs", $$"""
            using Bnn.Contract;
            using Bnn.Core;

            namespace {{type}}Plugin;

            /// <summary>|μ|^power/σ: put your own criterion here.</summary>
            [MaskStrategy(
                "{{name}}", "|μ|^power/σ of the posterior", Keep.Highest, Needs = Needs.Posterior, Group = "own", Formula = "|μ|^power/σ")]
            public sealed class {{type}}Criterion : IMaskStrategy
            {
                [StrategyParameter("power", "weight of the mean", Default = "1", Least = 0, Most = 10)]
                public double Power { get; set; } = 1;

                public void Score(in LayerView layer, Span<double> criterion)
                {
                    for (var i = 0; i < criterion.Length; i++)
                        criterion[i] = Math.Pow(Math.Abs(layer.Mu[i]), Power) / layer.Sigma[i];
                }
            }
            """),
        ("Directory.Build.props", """
            <Project>
              <!-- If this project is inside another repository, that one's settings end here. -->
              <PropertyGroup>
                <!-- A list of known weaknesses would be asked for over the network. Remove this when you add packages. -->
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """),
        ("Directory.Packages.props", """
            <Project>
              <!-- If this project is inside another repository, that one's settings end here. -->
            </Project>
            """),
        ("nuget.config", $"""
            <?xml version="1.0" encoding="utf-8"?>
            <configuration>
              <!-- Another package needs its source here, and a pattern that names it. -->
              <packageSources>
                <add key="host" value="{Feed}" />
              </packageSources>
              <packageSourceMapping>
                <packageSource key="host">
                  <package pattern="Bnn.*" />
                </packageSource>
              </packageSourceMapping>
            </configuration>
            """),
        ($"tests/{type}.Tests.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <!-- A test that needs no package: dotnet run. -->
                <PackageReference Include="Bnn.Contract" Version="{version}" />
                <ProjectReference Include="../{type}.csproj" />
              </ItemGroup>
            </Project>
            """),
        ("tests/Program.cs", $$"""
            using Bnn.Contract;
            using {{type}}Plugin;

            // One layer of two weights: of two equally large means, the more certain one must be kept.
            var criterion = new double[2];
            new {{type}}Criterion().Score(new LayerView { Inputs = 1, Outputs = 2, Mu = [0.5f, -0.5f], Sigma = [0.1f, 0.4f] }, criterion);
            var passed = criterion[0] > criterion[1];
            Console.WriteLine(passed ? "passed" : $"failed: {criterion[0]} should be above {criterion[1]}");
            return passed ? 0 : 1;
            """),
        ("README.md", $"""
            # {name}

            A mask strategy for host.

                dotnet build -c Release
                dotnet run --project tests
                host strategies check bin/Release/net10.0/{type}.dll
                host strategies add bin/Release/net10.0/{type}.dll
                host run --strategy {name}

            The criterion is in `{type}.cs`. The contract it is built against is in `feed/`.
            """)];
}
