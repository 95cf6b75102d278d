using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host ls</c>: lists the experiments of a results folder, or the trainings of one.</summary>
public sealed class ListCommand : HostCommand
{
    private const string Where = "where", Sort = "sort";

    private SettingFlags _flags = null!;

    private readonly Argument<string?> _experiment = new("EXPERIMENT")
    {
        Description = "An experiment by its name or its folder, to list its trainings.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _where = new($"--{Where}")
    {
        Description = "List only what has this value in a column or as a factor; several by repeating the flag.",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _sort = new($"--{Sort}")
    {
        Description = "Order by a column, the smallest first; trainings by any of host table's too.",
        HelpName = "COLUMN",
    };

    public ListCommand()
        : base("ls",
            """
            List the experiments of a results folder with their state, their age and their size on disk; or the trainings of one of them.
            Trainings that several experiments share count in each.

            Examples:
              host ls
              host ls --where strategy=variance --sort age
              host ls first-try --where kind=ticket --where target_density=0.05 --sort test_accuracy_last
            """)
    {
        Arguments.Add(_experiment);
        Options.Add(_where);
        Options.Add(_sort);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        var all = new List<Fault>(faults);
        List<ListCondition> conditions = [.. (flags.GetValue(_where) ?? []).Select(text => ListCondition.Parse(text).ValueOr(all)!)];
        var values = _flags.Read(flags).ValueOr(all);
        if (all.Count > 0) return all.ToImmutableArray();
        return flags.Text(_experiment) is { } text
            ? StoreLookup.Experiment(values!, text)
                .Bind(found => found.Read().Bind(named => Trainings(found.Store, named, conditions, flags.Text(_sort))))
            : StoreLookup.Store(values!).Bind(store => Experiments(store, conditions, flags.Text(_sort)));
    }

    private static Result<int> Trainings(ResultsStore store, NamedExperiment named, List<ListCondition> conditions, string? sort)
    {
        var look = StoreLook.Of(store, [named], [], TimeProvider.System);
        var columns = ColumnsOf(look);
        ImmutableArray<string> shown = [
            "run", "training", "state", "age", "size", .. conditions.Select(condition => condition.Column),
            .. sort is null ? [] : (string[])[sort]];
        return Known(columns, look, conditions, sort).Map(_ =>
        {
            Show(
                [.. shown.Select(name => Find(columns, name)).OfType<ListColumn<LookedTraining>>().DistinctBy(column => column.Name)],
                look.Trainings.Where(training => conditions.TrueForAll(condition => Holds(columns, training, condition))),
                Find(columns, sort));
            return End(look.Trainings.SelectMany(training => training.Faults));
        });
    }

    private static Result<int> Experiments(ResultsStore store, List<ListCondition> conditions, string? sort)
    {
        var damaged = new List<Fault>();
        var experiments = StoredTrainings.Experiments(store, damaged);
        var unread = store.Experiments().Select(folder => Path.GetFileName(folder.Path)).Except(experiments.Select(named => named.Name));
        var look = StoreLook.Of(store, experiments, unread, TimeProvider.System);
        var (own, ofTrainings) = (StoreLook.ExperimentColumns, ColumnsOf(look));
        var (ofExperiment, ofTraining) = (
            conditions.Where(condition => Find(own, condition.Column) is not null).ToList(),
            conditions.Where(condition => Find(own, condition.Column) is null).ToList());
        if (sort is not null && Find(own, sort) is null) return Unknown(own.Select(column => column.Name), Sort, sort);
        return Known(ofTrainings, look, ofTraining, sort: null).Map(_ =>
        {
            Show(
                own,
                look.Experiments.Where(experiment =>
                    ofExperiment.TrueForAll(condition => condition.Is(Find(own, condition.Column)!.Text(experiment)))
                    && (ofTraining.Count == 0 || experiment.Trainings.Any(training =>
                        ofTraining.TrueForAll(condition => Holds(ofTrainings, training, condition))))),
                Find(own, sort));
            if (damaged.Count == 0 && look.Unreferenced > 0)
            {
                Console.Error.WriteLine(
                    $"in no experiment: {Text.Count(look.Unreferenced)} of {Text.Count(look.Folders)} trainings; "
                    + $"{CommandText.Program} clean shows them");
            }
            return End(damaged.Concat(look.Trainings.SelectMany(training => training.Faults)));
        });
    }

    private static int End(IEnumerable<Fault> damaged)
    {
        List<Fault> faults = [.. damaged.Distinct()];
        foreach (var fault in faults) Console.Error.WriteLine($"host: {fault.Describe()}");
        return faults.Count > 0 ? ExitCode.BadStore : ExitCode.Done;
    }

    private static void Show<T>(IReadOnlyList<ListColumn<T>> columns, IEnumerable<T> rows, ListColumn<T>? sort)
    {
        List<T> ordered = [.. sort is null ? rows : rows.OrderBy(row => sort.Order(row))];
        if (ordered.Count == 0)
        {
            Console.Error.WriteLine("nothing to list");
            return;
        }
        Terminal.ShowRows(
            [.. columns.Select(column => column.Name)], ordered.Select(row => (string[])[.. columns.Select(column => column.Text(row))]));
    }

    /// <summary>What is there to see of a training itself, then the columns of a table of all of them.</summary>
    private static ImmutableArray<ListColumn<LookedTraining>> ColumnsOf(StoreLook look) => [
        .. StoreLook.TrainingColumns
            .Concat(TableFiles.AllColumns([.. look.Trainings.Select(training => training.Row.Training)]).Concat(TableFiles.Times)
                .Select(column => new ListColumn<LookedTraining>(column.Name, training => column.Text(training.Row))))
            .DistinctBy(column => column.Name)];

    private static ListColumn<T>? Find<T>(ImmutableArray<ListColumn<T>> columns, string? name) =>
        name is null ? null : columns.FirstOrDefault(column => column.Name == name.Replace('-', '_'));

    /// <summary>Whether a training has the value in the column of that name or as the factor of that name.</summary>
    private static bool Holds(ImmutableArray<ListColumn<LookedTraining>> columns, LookedTraining training, ListCondition condition) =>
        (Find(columns, condition.Column) is { } column && condition.Is(column.Text(training)))
        || (training.Row.Training.Cell[condition.Factor] is { } factor && condition.Is(factor));

    private static Result<bool> Known(
        ImmutableArray<ListColumn<LookedTraining>> columns, StoreLook look, List<ListCondition> conditions, string? sort)
    {
        var names = columns.Select(column => column.Name).ToList();
        var factors = look.Trainings.SelectMany(training => training.Row.Training.Cell.Factors).Select(factor => factor.Name)
            .ToHashSet(StringComparer.Ordinal);
        if (conditions.Find(condition => Find(columns, condition.Column) is null && !factors.Contains(condition.Factor)) is { } odd)
            return Unknown(names.Concat(factors).Distinct(StringComparer.Ordinal), Where, odd.Column);
        return sort is not null && Find(columns, sort) is null ? Unknown(names, Sort, sort) : true;
    }

    private static Fault.UnknownName Unknown(IEnumerable<string> known, string flag, string found) =>
        new("column", found, [.. known]) { Origin = SettingFlags.OriginOf(flag) };
}

/// <summary>A condition of <c>--where</c>.</summary>
/// <param name="Column">As it was typed.</param>
internal sealed record ListCondition(string Column, string Value)
{
    /// <summary>The name as plans write factors.</summary>
    public string Factor => Column.Replace('_', '-');

    public static Result<ListCondition> Parse(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var place
        ? new ListCondition(text[..place], text[(place + 1)..])
        : new Fault.BadSetting("where", text.Length > 0 ? text : "nothing", "a name and a value with = between them")
        {
            Origin = SettingFlags.OriginOf("where"),
            Example = "strategy=variance",
        };

    /// <summary>Whether a text is the value: the same text, or the same number.</summary>
    public bool Is(string text) =>
        text == Value || (Bnn.Core.Parse.Number(text) is { } own && Bnn.Core.Parse.Number(Value) is { } asked && own.Equals(asked));
}
