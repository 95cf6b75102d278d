using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host table</c>: writes trainings with all factors and measures for other programs.</summary>
public sealed class TableCommand : HostCommand
{
    private const string To = "to";

    private SettingFlags _flags = null!;

    private readonly Argument<string?> _what = new("RESULTS|EXPERIMENT")
    {
        Description = "A results folder, or an experiment by its name or its folder; by default the folder of --output.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ImmutableArray<Option<bool>> _formats = [
        new("--csv") { Description = "Comma-separated values; the default." },
        new("--json") { Description = "An array of objects." },
        new("--md") { Description = "A table in Markdown." },
        new("--parquet") { Description = "A Parquet file, with types; needs --to." }];

    private readonly Option<string?> _to = new($"--{To}")
    {
        Description = "Write to a file, over one that is there, instead of to stdout.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _times = new("--times")
    {
        Description = "Add the seconds that each training took, and that finding its mask took.",
    };

    public TableCommand()
        : base("table",
            """
            Write a table with a row for each finished training, all factors and all measures: of an experiment, or of a whole results
            folder, each training once, with the experiments that hold it. The same trainings give the same bytes.

            Examples:
              host table first-try
              host table first-try --json
              host table results --parquet --to trainings.parquet
              host table --csv --times --output /scratch/results
            """)
    {
        Arguments.Add(_what);
        foreach (var format in _formats) Options.Add(format);
        Options.Add(_to);
        Options.Add(_times);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        var all = new List<Fault>(faults);
        List<string> asked = [.. _formats.Where(format => flags.GetValue(format)).Select(format => format.Name)];
        var (format, to) = (asked.FirstOrDefault() ?? "--csv", flags.Text(_to));
        if (asked.Count > 1)
            all.Add(new Fault.BadRequest($"{Text.List(asked)} are given", "give one format"));
        if (to is { Length: 0 } || (format == "--parquet" && to is null))
        {
            all.Add(new Fault.BadSetting(To, "nothing", format == "--parquet" ? "a file: Parquet isn't text" : "a file")
            {
                Origin = SettingFlags.OriginOf(To),
                Example = "trainings.parquet",
            });
        }
        var values = _flags.Read(flags).ValueOr(all);
        if (all.Count > 0) return all.ToImmutableArray();
        return StoreLookup.ResultsOrExperiment(values!, flags.Text(_what)).Bind(target =>
        {
            var damaged = new List<Fault>();
            return Experiments(target, damaged).Bind(experiments =>
                Write(target, experiments, format, to, flags.GetValue(_times), damaged));
        });
    }

    private static Result<ImmutableArray<NamedExperiment>> Experiments(StoreLookup.Target target, List<Fault> damaged) =>
        target.Experiment is { } one
            ? one.Read().Map<ImmutableArray<NamedExperiment>>(named => [named])
            : StoredTrainings.Experiments(target.Store, damaged);

    private static Result<int> Write(
        StoreLookup.Target target, ImmutableArray<NamedExperiment> experiments, string format, string? to, bool hasTimes,
        List<Fault> damaged)
    {
        var trainings = StoredTrainings.Of(target.Store, experiments);
        ImmutableArray<TableRow> rows =
            [.. trainings.Where(training => training.State == StoredState.Done).Select(training => training.Row)];
        var table = new TrainingTable(
            [
                .. TableFiles.AllColumns([.. rows.Select(row => row.Training)]),
                .. target.Experiment is null ? (TableColumn[])[TableFiles.Experiments] : [],
                .. hasTimes ? TableFiles.Times : [],
            ],
            rows);
        return Written(table, format, to).Map(_ =>
        {
            if (to is not null) Console.Error.WriteLine($"{to}: {Counted(rows.Length)}");
            Terminal.TellUnverified(trainings.Count(training => training.Result is { IsVerifiable: false }));
            damaged.AddRange(trainings.SelectMany(training => training.Faults));
            foreach (var fault in damaged.Distinct()) Console.Error.WriteLine($"host: {fault.Describe()}");
            var open = trainings.Count(training => training.State is StoredState.Begun or StoredState.Absent);
            if (open > 0) Console.Error.WriteLine($"without a row: {Counted(open)} not done yet");
            return damaged.Count > 0 ? ExitCode.BadStore : ExitCode.Done;
        });
    }

    /// <summary>What stdout gets may end at a terminal: names have no control characters there.</summary>
    private static Result<bool> Written(TrainingTable table, string format, string? to)
    {
        Func<TrainingTable, string> text = format switch
        {
            "--json" => TableFormats.Json,
            "--md" => TableFormats.Markdown,
            _ => TableFormats.Csv,
        };
        if (to is null)
        {
            Console.Out.Write(Printable.Lines(text(table)));
            return true;
        }
        var bytes = format == "--parquet" ? TableFormats.Parquet(table) : Encoding.UTF8.GetBytes(text(table));
        return OutputFile.Write(to, SettingFlags.OriginOf(To), stream => stream.Write(bytes)).Map(_ => true);
    }

    private static string Counted(int trainings) => trainings == 1 ? "1 training" : $"{Text.Count(trainings)} trainings";
}
