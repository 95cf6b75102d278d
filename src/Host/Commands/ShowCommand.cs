using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host show KEY</c>: everything about one training, and how to repeat it.</summary>
public sealed class ShowCommand : HostCommand
{
    private SettingFlags _flags = null!;

    private readonly Argument<string?> _key = new("KEY")
    {
        Description = $"A training's key, or at least {StoreLookup.FewestDigits} digits that only this key begins with.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public ShowCommand()
        : base("show",
            """
            Show one training: its settings, what it was made from, its measures and seconds, its files with their sizes, the experiments
            that hold it, and the commands that repeat them. Reads every file and says which are damaged.

            Examples:
              host show c81a64eab619
              host show c81a --output /scratch/results
            """) => Arguments.Add(_key);

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_key) is not { } text)
            return new Fault.BadRequest("no training is given", $"for example {CommandText.Program} show c81a64eab619");
        return _flags.Read(flags).Bind(StoreLookup.Store).Bind(store =>
        {
            var damaged = new List<Fault>();
            var experiments = StoredTrainings.Experiments(store, damaged);
            var planned = experiments.SelectMany(named => named.Experiment.Trainings).Select(training => training.Key);
            return StoreLookup.Training(store, text, planned).Map(key => Show(store, key, experiments, damaged));
        });
    }

    private static int Show(ResultsStore store, TrainingKey key, ImmutableArray<NamedExperiment> experiments, List<Fault> damaged)
    {
        var folder = store.Training(key);
        ImmutableArray<NamedExperiment> holders =
            [.. experiments.Where(named => named.Experiment.Trainings.Any(training => training.Key == key))];
        var planned = holders.Select(named => named.Experiment.Trainings.First(training => training.Key == key)).FirstOrDefault();
        StoredResult? result = null;
        if (folder.IsDone)
        {
            result = folder.ReadResult().ValueOr(damaged);
            damaged.AddRange(folder.Verify());
            if (result is not null && new SourceCheck(store).Of(folder, result) is { } wrong) damaged.Add(wrong);
        }
        ShowSummary(folder, planned, result);
        ShowSettings(folder, planned);
        ShowParents(store, planned, experiments);
        var finding = planned is null || result is null ? default : StoredTrainings.Finding(store, holders[0].Experiment, planned);
        var found = finding.Cost is { } cost ? result! with { Record = result.Record.WithFinding(cost) } : result;
        ShowMeasures(folder, found, finding.Seconds);
        ShowFiles(folder, result);
        ShowExperiments(store, holders);
        List<Fault> faults = [.. damaged.Distinct()];
        foreach (var fault in faults) Console.Error.WriteLine($"host: {fault.Describe()}");
        return faults.Count > 0 ? ExitCode.BadStore : ExitCode.Done;
    }

    private static void ShowSummary(TrainingFolder folder, PlannedTraining? planned, StoredResult? result)
    {
        var (made, state) = (result?.Provenance, folder.IsDone ? "done"
            : folder.ContinuesFrom is { } step ? $"continues from step {Text.Count(step)}"
            : Directory.Exists(folder.Path) ? "begun" : "not begun");
        Terminal.ShowRows(["training", folder.Key], new (string Name, string? Value)[]
        {
            ("name", planned?.Name), ("folder", folder.Path), ("state", state),
            ("ended", made?.Finished.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)),
            ("seconds", made is null ? null : Text.Short(made.Seconds)),
            ("steps per second", made is null ? null : Text.Short(made.StepsPerSecond)),
            ("machine", made?.Machine), ("engine", made?.Engine), ("program", made is null ? null : $"{made.Host}, {made.Runtime}"),
            ("plugin", made?.Plugin),
        }.Where(row => row.Value is not null).Select(row => (string[])[row.Name, row.Value!]));
    }

    /// <summary>The factors of its cell; those of a training that no plan names are in its config.json alone.</summary>
    private static void ShowSettings(TrainingFolder folder, PlannedTraining? planned)
    {
        IEnumerable<NamedValue> settings = planned is not null
            ? [.. planned.Cell.Factors, new NamedValue(TrainingSettings.Seed.Name, planned.Seed.ToString())]
            : folder.ReadConfig().Match(Fields, _ => []);
        ShowIfAny(["setting", "value"], settings.Select(setting => (string[])[setting.Name, setting.Value]));
    }

    private static ImmutableArray<NamedValue> Fields(string config)
    {
        using var json = JsonDocument.Parse(config);
        return [.. json.RootElement.EnumerateObject().Select(field => new NamedValue(field.Name, field.Value.ToString()))];
    }

    private static void ShowParents(ResultsStore store, PlannedTraining? planned, ImmutableArray<NamedExperiment> experiments)
    {
        if (planned is null || planned.Parents.IsEmpty) return;
        var names = experiments.SelectMany(named => named.Experiment.Trainings).DistinctBy(training => training.Key)
            .ToDictionary(training => training.Key, training => training.Name);
        Terminal.ShowRows(["takes", "at", "from", "which is", "state"], planned.Parents.Select(parent => (string[])[
            parent.Kind.ToString().ToLowerInvariant(), parent.Step is { } step ? $"step {Text.Count(step)}" : "",
            parent.Key.Value, names.GetValueOrDefault(parent.Key, ""), store.Training(parent.Key).IsDone ? "done" : "not done"]));
    }

    /// <param name="finding">Seconds that finding its mask took; null where that isn't known.</param>
    private static void ShowMeasures(TrainingFolder folder, StoredResult? result, double? finding)
    {
        if (result is null) return;
        var later = folder.ReadMeasures(result).Match(found => found, _ => ImmutableDictionary<string, StoredMeasure>.Empty);
        var record = TrainingReader.WithStored(result.Record, later);
        Terminal.ShowRows(["measure", "value"], [
            .. from measure in Measures.All
               where record[measure] is not null
               select (string[])[measure.Name, Text.Exact(record[measure]!.Value)],
            .. record.SecondSet is { } beside ? (string[][])[["second_data", beside]] : [],
            .. finding is { } seconds ? (string[][])[["finding_seconds", Text.Short(seconds)]] : [],
            .. record.Kept.Zip(record.Total).Select((layer, l) => (string[])[
                $"kept in layer {l + 1}", $"{Text.Count(layer.First)} of {Text.Count(layer.Second)}"])]);
    }

    private static void ShowFiles(TrainingFolder folder, StoredResult? result)
    {
        if (!Directory.Exists(folder.Path)) return;
        var there = new DirectoryInfo(folder.Path).EnumerateFiles()
            .ToDictionary(file => file.Name, file => file.Length, StringComparer.Ordinal);
        var known = result?.Files ?? ImmutableSortedDictionary<string, FileHash>.Empty;
        var names = there.Keys.Concat(known.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        ShowIfAny(["file", "bytes", "sha256"], names.Select(name => (string[])[
            name, there.TryGetValue(name, out var bytes) ? Text.Exact(bytes) : "deleted", known.GetValueOrDefault(name)?.Sha256 ?? ""]));
    }

    /// <summary>A command stands on a line of its own, so that it can be copied.</summary>
    private static void ShowExperiments(ResultsStore store, ImmutableArray<NamedExperiment> holders)
    {
        if (holders.IsEmpty) Console.Error.WriteLine($"in no experiment; {CommandText.Program} clean shows what else is in none");
        foreach (var (name, experiment) in holders)
        {
            Console.Out.WriteLine($"experiment {Printable.Line(name)}:");
            foreach (var command in CommandText.ToRepeat(store.Root, experiment)) Console.Out.WriteLine($"  {Printable.Line(command)}");
        }
    }

    private static void ShowIfAny(string[] headings, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count > 0) Terminal.ShowRows(headings, all);
    }
}
