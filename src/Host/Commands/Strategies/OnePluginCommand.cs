using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;

namespace Host.Commands.Strategies;

/// <summary>A subcommand about one name or file.</summary>
public abstract class OnePluginCommand : HostCommand
{
    private readonly Argument<string?> _subject;
    private readonly string _example;

    protected OnePluginCommand(string name, string description, string subject, string example)
        : base(name, $"{description}\n\nExample:\n  {example}")
    {
        _subject = new Argument<string?>(subject) { Arity = ArgumentArity.ZeroOrOne };
        _example = example;
        Arguments.Add(_subject);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return flags.Text(_subject) is { Length: > 0 } subject
            ? Execute(subject)
            : new Fault.BadRequest($"no {_subject.Name} is given", $"for example {CommandText.Called($"\n  {_example}").Trim()}");
    }

    protected abstract Result<int> Execute(string subject);
}
