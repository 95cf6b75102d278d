using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Report;
using Host.Execution;
using Host.Live;
using Host.Store;

namespace Host.Commands;

/// <summary><c>host report DIR</c>: makes an experiment's report again from its runs.</summary>
public sealed class ReportCommand : HostCommand
{
    private readonly Argument<string?> _folder = new("DIR") { Description = "An experiment's folder, with its plan.json.", Arity = ArgumentArity.ZeroOrOne };

    public ReportCommand()
        : base("report",
            """
            Make an experiment's report, table.csv and table.json again from its trainings; trains nothing.

            Example:
              host report results/experiments/first-try
            """) => Arguments.Add(_folder);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_folder) is not { Length: > 0 } given) return new Fault.BadCommandLine("no experiment is given", "for example host report results/experiments/NAME");
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
        if (!File.Exists(Path.Combine(folder, "plan.json")))
            return new Fault.BadSetting("DIR", given, "an experiment's folder with a plan.json", "they lie in results/experiments");
        var root = Path.GetFullPath(Path.Combine(folder, "..", ".."));
        return ResultsStore.OpenExisting(root).Bind(store =>
            PlanFile.Read(Path.Combine(folder, "plan.json")).Bind(experiment =>
            {
                var builder = new ReportBuilder(store);
                var (input, damaged) = builder.Read(Path.GetFileName(folder), experiment, ImmutableDictionary<RunKey, string>.Empty);
                return builder.Write(input).Map(report =>
                {
                    Terminal.ShowTable(Summary.From(input), experiment.Command);
                    Console.Out.WriteLine($"report: {report}");
                    foreach (var fault in damaged) Console.Error.WriteLine($"host: {fault.Describe()}");
                    return damaged.IsEmpty ? ExitCode.Done : ExitCode.BadStore;
                });
            }));
    }
}
