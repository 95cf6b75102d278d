using System.Text.RegularExpressions;
using Bnn.Core;
using Host.Plugins;

namespace Host.Commands.Strategies;

/// <summary><c>host strategies new NAME</c>.</summary>
public sealed partial class NewStrategyCommand()
    : OnePluginCommand(
        "new",
        "Make a project for a strategy of your own, with a test; it builds without a network.",
        "NAME",
        "host strategies new my-idea")
{
    protected override Result<int> Execute(string subject)
    {
        if (!NamePattern().IsMatch(subject))
        {
            return new Fault.BadSetting(
                "NAME", subject, "lower-case letters, digits and single hyphens, starting with a letter", "for example my-idea");
        }
        if (subject.Length > PluginNames.MostLetters)
            return new Fault.BadSetting("NAME", $"{subject.Length} letters", $"{PluginNames.MostLetters} at most", "choose a shorter one");
        return PluginProject.FolderOf(subject, Directory.GetCurrentDirectory()).Bind(folder =>
            PluginCatalog.Find(Places.OfProgram()).Bind(installed => PluginNames.Taken(subject, installed, _ => false) is { } taken
                ? new Fault.BadSetting("NAME", subject, "a name that is free", $"{taken}; choose another one")
                : Create(subject, folder)));
    }

    private static Result<int> Create(string name, string folder) => PluginProject.Create(name, folder).Map(made =>
    {
        Console.Out.WriteLine(made);
        Console.Error.WriteLine($"next: cd {name} && dotnet build -c Release; its README has the rest");
        return ExitCode.Done;
    });

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
