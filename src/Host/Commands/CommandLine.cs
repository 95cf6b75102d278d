using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Invocation;
using Bnn.Core;
using Host.Plugins;

namespace Host.Commands;

/// <summary>A subcommand: its flags, and what it does with them.</summary>
public abstract class HostCommand : Command
{
    /// <summary>The action marks the command as one that can stand alone, also with subcommands; what runs is <see cref="Execute"/>.</summary>
    protected HostCommand(string name, string description)
        : base(name, description) => SetAction(static int (_) => throw new System.Diagnostics.UnreachableException());

    /// <param name="faults">What of the command line could not be understood; to be shown together with what the command finds.</param>
    public abstract Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults);
}

/// <summary>Reading flags.</summary>
internal static class Flags
{
    /// <summary>What was typed after the flag; null if it wasn't given, or wasn't given once with one value: that fault is told already.</summary>
    public static string? Text(this ParseResult flags, Option<string?> option) => flags.GetResult(option) is { Tokens: [var token], IdentifierTokenCount: 1 } ? token.Value : null;

    /// <inheritdoc cref="Text(ParseResult, Option{string?})"/>
    public static string? Text(this ParseResult flags, Argument<string?> argument) => flags.GetResult(argument) is { Tokens: [var token] } ? token.Value : null;
}

/// <summary>From arguments to exit code.</summary>
public static class CommandLine
{
    public static int Run(string[] args)
    {
        try
        {
            return Dispatch(Root(), args);
        }
        catch (OperationCanceledException) when (Stop.Signalled is { } code)
        {
            Console.Error.WriteLine("stopped; the same command goes on from the trainings that are done");
            return code;
        }
        catch (Exception e)
        {
            return Bug(e);
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand(
            """
            Does a weight's uncertainty tell which weights matter? Trains a Bayesian network, masks by what its posterior says, trains the
            subnetwork beside the whole one, and reports whether it is a winning ticket.

            Examples:
              host run --strategy variance
              host run --strategy variance,snr --seeds 1..5 --density 0.1,0.05
              host strategies
            """);
        foreach (var command in (HostCommand[])[new RunCommand(), new ReportCommand(), new StrategiesCommand(), new EnginesCommand(), new DataCommand(), new DoctorCommand()]) root.Subcommands.Add(command);
        foreach (var (name, serve) in ((string, Func<string, int>)[])[(ChildProcess.ProbeCommand, PluginWorker.Probe), (ChildProcess.ScoreCommand, PluginWorker.Score)])
        {
            var pipe = new Argument<string>("PIPE");
            var child = new Command(name, "Runs plugin code for another host.") { Hidden = true };
            child.Arguments.Add(pipe);
            child.SetAction(parsed => serve(parsed.GetValue(pipe)!));
            root.Subcommands.Add(child);
        }
        root.Directives.Clear();
        return root;
    }

    private static int Dispatch(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isOwn = parsed.Action is ParseErrorAction || (parsed.CommandResult.Command is HostCommand own && parsed.Action == own.Action);
        if (parsed.Action is not null && !isOwn)
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        var faults = Misunderstood(parsed, root);
        var result = parsed.CommandResult.Command is HostCommand command
            ? command.Execute(parsed, faults)
            : faults.IsEmpty ? [new Fault.BadRequest("no command is given", "see host --help")] : faults;
        return result.Match(code => code, Tell);
    }

    /// <summary>Unknown flags and commands with the nearest known name, stray words, flags without their value or given twice.</summary>
    private static ImmutableArray<Fault> Misunderstood(ParseResult parsed, RootCommand root)
    {
        var command = parsed.CommandResult.Command;
        var unmatched = parsed.UnmatchedTokens;
        var flags = unmatched.Where(token => token.StartsWith('-')).ToList();
        var unknown = flags.Select(flag => (Fault)new Fault.UnknownName("flag", flag.Split('=', ':')[0], [.. command.Options.Select(option => option.Name)]));
        var stray = unmatched.Where((token, i) => !token.StartsWith('-') && (i == 0 || !unmatched[i - 1].StartsWith('-'))).Select(token => command is RootCommand
            ? (Fault)new Fault.UnknownName("command", token, [.. root.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name)])
            : new Fault.BadRequest($"'{token}' is not expected here", $"see host {command.Name} --help"));
        var errors = parsed.Errors.Where(error => unmatched.Count == 0 || !error.Message.StartsWith("Unrecognized", StringComparison.Ordinal))
            .Where(_ => command is not RootCommand)
            .Select(error => (Fault)new Fault.BadRequest(error.Message.TrimEnd('.'), $"see host {command.Name} --help"));
        return [.. unknown, .. stray, .. errors];
    }

    private static int Tell(ImmutableArray<Fault> faults)
    {
        foreach (var fault in faults) Console.Error.WriteLine($"host: {fault.Describe()}");
        return ExitCode.For(faults);
    }

    private static int Bug(Exception e)
    {
        var log = Path.Combine(Path.GetTempPath(), $"host-bug-{Environment.ProcessId}.log");
        File.WriteAllText(log, e.ToString());
        Console.Error.WriteLine($"host: this is a bug in host, not in what you typed ({e.GetType().Name}). What is known of it is in {log}; please report it with that file.");
        return ExitCode.Bug;
    }
}
