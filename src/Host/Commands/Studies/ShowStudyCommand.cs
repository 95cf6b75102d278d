using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Host.Studies;

namespace Host.Commands.Studies;

/// <summary><c>host study show NAME</c>.</summary>
public sealed class ShowStudyCommand : HostCommand
{
    private readonly Argument<string?> _name = new("NAME") { Description = "An included study.", Arity = ArgumentArity.ZeroOrOne };

    public ShowStudyCommand()
        : base("show",
            """
            Show the file of an included study.

            Example:
              host study show quick
            """) => Arguments.Add(_name);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_name) is not { Length: > 0 } name)
            return new Fault.BadRequest("no NAME is given", $"for example {CommandText.Program} study show quick");
        return ShippedStudies.OfProgram().Text(name).Map(text =>
        {
            Console.Out.Write(text);
            return ExitCode.Done;
        });
    }
}
