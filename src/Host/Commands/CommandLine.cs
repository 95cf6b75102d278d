using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Invocation;
using Bnn.Core;
using Bnn.Store;
using Host.Commands.Strategies;
using Host.Commands.Studies;
using Host.Consoles;
using Host.Plugins;

namespace Host.Commands;

/// <summary>A subcommand: its flags, and what it does with them.</summary>
public abstract class HostCommand : Command
{
    /// <summary>
    /// Makes the command. Its action is never invoked: it only marks the command as one that can be used without a subcommand. What runs is
    /// <see cref="Execute"/>.
    /// </summary>
    protected HostCommand(string name, string description)
        : base(name, CommandText.Called(description)) => SetAction(static int (_) => throw new System.Diagnostics.UnreachableException());

    /// <summary>The flag of commands that show a table of results.</summary>
    protected static Option<bool> WideTable() =>
        new("--wide") { Description = "Show all columns of the table, however narrow the terminal is; piped output has all anyway." };

    /// <summary>
    /// Adds the flags that are made from tables of settings. Only the command that was typed is asked: making the others' tables would slow
    /// every start.
    /// </summary>
    public virtual void AddSettings()
    {
    }

    /// <param name="faults">The parts of the command line that weren't understood; shown together with what the command finds.</param>
    public abstract Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults);
}

/// <summary>Reads flags and arguments.</summary>
internal static class Flags
{
    /// <summary>
    /// The text after the flag; null if the flag wasn't given, or wasn't given once with one value, which is reported as a fault already.
    /// </summary>
    public static string? Text(this ParseResult flags, Option<string?> option) =>
        flags.GetResult(option) is { Tokens: [var token], IdentifierTokenCount: 1 } ? token.Value : null;

    /// <inheritdoc cref="Text(ParseResult, Option{string?})"/>
    public static string? Text(this ParseResult flags, Argument<string?> argument) =>
        flags.GetResult(argument) is { Tokens: [var token] } ? token.Value : null;
}

/// <summary>Runs the command that the arguments name; the result is the exit code.</summary>
public static class CommandLine
{
    public static int Run(string[] args)
    {
        if (args is [ChildProcess.ProbeCommand or ChildProcess.ScoreCommand, ..]) return Guarded(args, BugReport.TellParent);
        StandardStreams.Guard();
        AppDomain.CurrentDomain.UnhandledException += (_, thrown) => BugReport.TellAndExit((Exception)thrown.ExceptionObject);
        Stop.Listen();
        return Unshown.Tell(Guarded(args, BugReport.Tell));
    }

    private static int Guarded(string[] args, Func<Exception, int> bug)
    {
        try
        {
            return Dispatch(Root(args), args);
        }
        catch (OperationCanceledException) when (Stop.Signalled is { } code)
        {
            Console.Error.WriteLine("stopped; run the same command again to continue: what is done is reused");
            return code;
        }
        catch (Exception e) when (Disk.IsAtFault(e) && IsCurrentFolderGone())
        {
            return Report([new Fault.Disk(".", "the current folder is gone", "change to one that exists")]);
        }
        catch (Exception e)
        {
            return bug(e);
        }
    }

    private static bool IsCurrentFolderGone()
    {
        try
        {
            return !Directory.Exists(Directory.GetCurrentDirectory());
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return true;
        }
    }

    private static RootCommand Root(string[] args)
    {
        var root = new RootCommand(CommandText.Called(
            """
            Does a weight's uncertainty tell which weights matter? Trains a Bayesian network, masks by what its posterior says, trains the
            subnetwork beside the whole one, and reports whether it is a winning ticket.

            Examples:
              host run --strategy variance
              host run --strategy variance,snr --seeds 1..5 --density 0.1,0.05
              host strategies
            """));
        root.Subcommands.Add(new RunCommand());
        root.Subcommands.Add(new StudyCommand());
        root.Subcommands.Add(new WorkCommand());
        root.Subcommands.Add(new StatusCommand());
        root.Subcommands.Add(new ReportCommand());
        root.Subcommands.Add(new CompareCommand());
        root.Subcommands.Add(new ClaimsCommand());
        root.Subcommands.Add(new ListCommand());
        root.Subcommands.Add(new ShowCommand());
        root.Subcommands.Add(new TableCommand());
        root.Subcommands.Add(new ExportCommand());
        root.Subcommands.Add(new CleanCommand());
        root.Subcommands.Add(new VerifyCommand());
        root.Subcommands.Add(new StrategiesCommand());
        root.Subcommands.Add(new EnginesCommand());
        root.Subcommands.Add(new DataCommand());
        root.Subcommands.Add(new DoctorCommand());
        foreach (var command in root.Subcommands.OfType<HostCommand>().Where(command => args.Contains(command.Name))) command.AddSettings();
        root.Subcommands.Add(Child(ChildProcess.ProbeCommand, PluginWorker.Probe));
        root.Subcommands.Add(Child(ChildProcess.ScoreCommand, PluginWorker.Score));
        root.Directives.Clear();
        return root;
    }

    /// <summary>A hidden command that another host starts to run plugin code.</summary>
    private static Command Child(string name, Func<string, string, int> serve)
    {
        var (requests, answers) = (new Argument<string>("REQUESTS"), new Argument<string>("ANSWERS"));
        var child = new Command(name, "Runs plugin code for another host.") { Hidden = true };
        child.Arguments.Add(requests);
        child.Arguments.Add(answers);
        child.SetAction(parsed => serve(parsed.GetValue(requests)!, parsed.GetValue(answers)!));
        return child;
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
            : faults.IsEmpty ? [new Fault.BadRequest("no command is given", $"see {CommandText.Program} --help")] : faults;
        return result.Match(code => code, Report);
    }

    /// <summary>
    /// The parts of the command line that weren't understood: unknown flags and commands with the nearest known name, stray words, flags
    /// without their value or given twice.
    /// </summary>
    private static ImmutableArray<Fault> Misunderstood(ParseResult parsed, RootCommand root)
    {
        var command = parsed.CommandResult.Command;
        var unmatched = parsed.UnmatchedTokens;
        var seeHelp = $"see {CommandText.Program}{Words(command)} --help";
        var unknown = unmatched.Where(IsFlag).Select(UnknownFlag);

        // A word after an unknown flag is taken for that flag's value.
        var stray = unmatched.Where((token, i) => !IsFlag(token) && (i == 0 || !IsFlag(unmatched[i - 1]))).Select(Stray);
        var errors = parsed.Errors
            .Where(error => unmatched.Count == 0 || !error.Message.StartsWith("Unrecognized", StringComparison.Ordinal))
            .Where(_ => command is not RootCommand)
            .Select(error => (Fault)new Fault.BadRequest(error.Message.TrimEnd('.'), seeHelp));
        return [.. unknown, .. stray, .. errors];

        static bool IsFlag(string token) => token.StartsWith('-');

        Fault UnknownFlag(string flag) =>
            new Fault.UnknownName("flag", flag.Split('=', ':')[0], [.. command.Options.Select(option => option.Name)]);

        Fault Stray(string token) => command is RootCommand
            ? new Fault.UnknownName("command", token, [.. root.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name)])
            : new Fault.BadRequest($"'{token}' is not expected here", seeHelp);
    }

    /// <summary>What is typed to get at a command: " strategies add".</summary>
    private static string Words(Command command) => command is RootCommand
        ? ""
        : $"{string.Concat(command.Parents.OfType<Command>().Select(Words))} {command.Name}";

    private static int Report(ImmutableArray<Fault> faults)
    {
        foreach (var fault in faults) Console.Error.WriteLine($"host: {fault.Describe()}");
        return ExitCode.For(faults);
    }
}
