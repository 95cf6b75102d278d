using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;
using Host.Studies;

namespace Host.Commands;

/// <summary><c>host claims</c>: published numbers beside what the results say, over all experiments or some.</summary>
public sealed class ClaimsCommand : HostCommand
{
    private SettingFlags _flags = null!;

    private readonly Argument<string[]> _experiments = new("EXPERIMENT")
    {
        Description = "Experiments by name, looked up in --output, or by their folders; without any, all of the results folder.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _claims = new("--claims")
    {
        Description = "A file of claims instead of the one that comes with the program (docs/claims.md).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _csv = new("--csv") { Description = "Write the table as CSV, at full precision." };

    public ClaimsCommand()
        : base("claims",
            """
            Compare published numbers with the results: of each claim what was observed, with its 95 % interval over seeds, and whether that
            replicates it. Trains nothing.

            Examples:
              host claims
              host claims lottery-ticket-paper zhou
              host claims --claims mine.toml --csv
            """)
    {
        Arguments.Add(_experiments);
        Options.Add(_claims);
        Options.Add(_csv);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        string[] named = [.. (flags.GetValue(_experiments) ?? []).Distinct(StringComparer.Ordinal)];
        // A flag that isn't known is taken for an experiment.
        faults = [
            .. faults, .. named.Where(name => name.StartsWith('-'))
                .Select(name => new Fault.UnknownName("flag", name, [.. Options.Select(option => option.Name)]))];
        if (!faults.IsEmpty) return faults;
        return Claims(flags.Text(_claims)).Bind(claims => _flags.Read(flags).Bind(values =>
            Find(named, values).Map(found => Show(claims, found, flags.GetValue(_csv)))));
    }

    private static Result<ImmutableArray<Claim>> Claims(string? path) => path is null
        ? ShippedClaims.Read()
        : File.Exists(path)
            ? ClaimsFile.Read(path)
            : new Fault.BadSetting(
                "claims", path.Length == 0 ? "nothing" : $"no {path}", "a file of claims",
                "leave it out for those that come with the program")
            {
                Origin = SettingFlags.OriginOf("claims"),
            };

    /// <summary>The experiments that are named, or all of the results folder.</summary>
    private static Result<ImmutableArray<FoundExperiment>> Find(string[] named, SettingValues values)
    {
        if (named.Length == 0)
        {
            return StoreLookup.Store(values).Map(store => store.Experiments().Select(folder => new FoundExperiment(store, folder.Name))
                .OrderBy(experiment => experiment.Name, StringComparer.Ordinal).ToImmutableArray());
        }
        var faults = new List<Fault>();
        ImmutableArray<FoundExperiment?> found = [.. named.Select(name => StoreLookup.Experiment(values, name).ValueOr(faults))];
        return faults.Count > 0 ? faults.Distinct().ToImmutableArray() : found.OfType<FoundExperiment>().ToImmutableArray();
    }

    /// <summary>Reads each training once, whatever experiments share it, and only those that a claim speaks of.</summary>
    private static int Show(ImmutableArray<Claim> claims, ImmutableArray<FoundExperiment> experiments, bool asCsv)
    {
        var (faults, finished) = (new List<Fault>(), new List<FinishedTraining>());
        var (seen, bears) = (new HashSet<TrainingKey>(), new Dictionary<Digest, bool>());
        foreach (var experiment in experiments)
        {
            if (experiment.Read().ValueOr(faults) is not { } plan) continue;
            var reader = new TrainingReader(experiment.Store);
            foreach (var training in plan.Experiment.Trainings.Where(training => Bears(training.Cell)))
            {
                if (seen.Contains(training.Key) || !experiment.Store.Training(training.Key).IsDone) continue;
                if (reader.Read(training, faults) is not { } stored) continue;
                seen.Add(training.Key);
                finished.Add(stored.Training);
            }
        }
        var results = ClaimCheck.Of(claims, finished);
        if (asCsv)
        {
            Console.Out.Write(ClaimTable.Csv(results));
        }
        else
        {
            Terminal.ShowRows(ClaimTable.Headings, ClaimTable.Rows(results), isRead: true);
            Terminal.Say($"{ClaimTable.Counts(results)}.");
        }
        foreach (var fault in faults.Distinct()) Console.Error.WriteLine($"host: {fault.Describe()}");
        return faults.Count > 0 ? ExitCode.BadStore : ExitCode.Done;

        bool Bears(PlannedCell cell)
        {
            if (!bears.TryGetValue(cell.Id, out var known)) bears[cell.Id] = known = ClaimCheck.Bears(claims, cell);
            return known;
        }
    }
}
