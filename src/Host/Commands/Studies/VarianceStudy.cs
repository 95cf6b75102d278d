using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands.Studies;

/// <summary>
/// A study with a table <c>[gradient-variance]</c>: trains one Bayesian net, measures how its gradients vary from batch to batch, and makes
/// a page of it. What was trained and measured before is reused.
/// </summary>
public sealed class VarianceStudy
{
    /// <summary>Numbers of all repeats' gradients that are in memory together: 1 GiB.</summary>
    private const long MostNumbers = 1L << 28;

    private readonly PreparedExperiment _experiment;
    private readonly Training _training;
    private readonly AskedVariance _asked;
    private readonly string _command;
    private readonly GradientMeasuring _measuring;
    private readonly VarianceContext _context;

    private VarianceStudy(PreparedExperiment experiment, Training training, AskedVariance asked, string command)
    {
        (_experiment, _training, _asked, _command) = (experiment, training, asked, command);
        var (cell, data) = (training.Cell, experiment.Data);
        var items = Subset.Of(training.Seed, Split.Create(training.Seed, data.Train.Count, cell.Validation).Train, cell.Images);
        _measuring = new GradientMeasuring(asked, data.Train, items, experiment.Jobs);
        _context = new VarianceContext(
            experiment.Name, command, SettingsOf(experiment, asked), data.Hashes, (double)items.Length / cell.Batch);
    }

    /// <summary>The settings of the study's table.</summary>
    public static Result<SettingValues> Settings(StudyDefinition study) => SettingValues.Read(
        VarianceSettings.Table,
        study.Variance!.Value.ToDictionary(setting => setting.Name, setting => setting.Values[0], StringComparer.Ordinal),
        study.OriginOf,
        new SettingContext([]));

    /// <summary>What such a study can't have: tickets, comparisons, several nets.</summary>
    public static IEnumerable<Fault> Misplaced(StudyDefinition study, ExperimentSettings settings)
    {
        if (!settings.Strategies.IsEmpty || !settings.Compared.IsEmpty)
        {
            var names = Text.List(settings.Strategies.Concat(settings.Compared).Select(strategy => strategy.Label));
            yield return new Fault.BadRequest(
                $"{study.File}: [gradient-variance] trains no ticket, and those of {names} are asked for",
                $"write strategy = \"{TrainingSettings.None}\" and compare = \"{TrainingSettings.None}\" below [common]");
        }
        foreach (var compare in study.Compare)
        {
            yield return new Fault.BadRequest(
                $"{compare.Baseline.Origin.Where}: [gradient-variance] compares no tickets", "leave [[compare]] out");
        }
        if (settings.Arms.Length > 1)
        {
            yield return new Fault.BadRequest(
                $"{study.File}: [gradient-variance] is about one Bayesian net, and its arms are {Text.Count(settings.Arms.Length)}",
                "give one value to each setting, and no [[arm]] or one");
        }
        if (settings.Seeds.Length > 1)
        {
            yield return new Fault.BadRequest(
                $"{settings.Values.OriginOf(TrainingSettings.Seeds).Where}: [gradient-variance] is about one Bayesian net, and "
                    + $"{Text.Count(settings.Seeds.Length)} seeds are given",
                "give one seed, and another name for each");
        }
    }

    /// <param name="settings">Those of its table.</param>
    /// <param name="command">Repeats it.</param>
    public static Result<VarianceStudy> Prepare(PreparedExperiment experiment, SettingValues settings, string command)
    {
        var (plan, arm) = (experiment.Plan, experiment.Plan.Settings.Arms[0]);
        var whole = new Training(new Cell(plan.Basis, TrainingKind.Bayesian, Mask: null), arm.Seeds[0], []);
        var repeats = settings.Get(VarianceSettings.Repeats);
        if ((long)repeats * plan.Net.Weights > MostNumbers)
        {
            return new Fault.BadRequest(
                $"{Text.Count(repeats)} gradients of {Text.Count(plan.Net.Weights)} weights don't fit in a gigabyte",
                "give fewer repeats, or smaller layers");
        }
        return arm.BayesianAt.StepOf(experiment.Data.Train.Count - arm.Validation, whole.Cell.Batch).Map(step =>
        {
            var moment = step is { } at && at < whole.Steps ? Moment.After(at) : Moment.Final;
            var asked = new AskedVariance(
                whole.Key, whole.Seed, plan.Net, [Moment.Initial, moment], settings.Get(VarianceSettings.Batches), repeats);
            return new VarianceStudy(experiment, moment.Step is { } kept ? whole.Keeping(false, [kept]) : whole, asked, command);
        });
    }

    /// <summary>Shows what would be trained and measured, and what that costs here.</summary>
    public Result<int> DryRun()
    {
        var root = _experiment.Values.Get(RunSettings.Output);
        var store = ResultsStore.At(root);
        var folder = store?.Training(_training.Key);
        var isTrained = folder is { IsDone: true } && folder.Missing(_training).IsEmpty;
        return Measured(store?.Experiment(_experiment.Name), repairs: false).Map(measured =>
        {
            var left = Sizes().Where(size => !measured.Has(size.Moment, size.Batch)).ToList();
            var training = isTrained
                ? 0
                : new MeasuredCosts(_experiment.Engine, _experiment.Data).Seconds(_training, folder?.ContinuesFrom ?? _training.FirstStep);
            var examples = left.Sum(size => (double)size.Batch) * _asked.Repeats;
            var measuring = left.Count == 0
                ? 0
                : examples * _measuring.SecondsPerExample(Initialisation.Posterior(_training.Seed, _asked.Net))
                    / Math.Min(_experiment.Jobs, _asked.Repeats);
            Terminal.ShowRows(["what", "done", "left", "time"], [
                ["training of the Bayesian net", isTrained ? "1" : "0", isTrained ? "0" : "1", Time(training)],
                [
                    "sizes of batches, at each moment", Text.Count(Sizes().Count() - left.Count), Text.Count(left.Count), Time(measuring),
                ]]);
            Console.Out.WriteLine(isTrained && left.Count == 0
                ? $"Nothing is left to train or to measure; the page would be that of {_experiment.Name}."
                : $"About {Time(training + measuring)} by what was measured just now, {Text.Count(_experiment.Jobs)} batches at a time; in "
                    + $"{root}, the experiment is {_experiment.Name}.");
            return ExitCode.Done;
        });
    }

    /// <summary>Trains and measures what is left, writes the files and shows what they say.</summary>
    /// <exception cref="OperationCanceledException">Stopped; what is done stays done.</exception>
    public Result<int> Run(bool repairs)
    {
        using var stop = new Stop();
        var values = _experiment.Values;
        return RunSettings.WithOrigin(values, RunSettings.Output, ResultsStore.Open(values.Get(RunSettings.Output)))
            .Bind(store =>
            {
                var folder = store.Experiment(_experiment.Name);
                return Measured(folder, repairs).Bind(measured => folder.WritePlan(Record(), repairs)
                        .Bind(_ => repairs ? Repaired(store) : true)
                        .Bind(_ => Train(store, stop.Token))
                        .Bind(_ => Measure(store, folder, measured, stop.Token)))
                    .Bind(variance => Write(folder, variance));
            })
            .MapFaults(values.Located);
    }

    /// <summary>Whether a plan is that of such a study: any other has a whole net, too.</summary>
    public static bool IsPlanOf(ExperimentRecord experiment) => experiment.Trainings is [{ Kind: TrainingKind.Bayesian }];

    /// <summary>The plan: the Bayesian net alone.</summary>
    private ExperimentRecord Record()
    {
        var plan = _experiment.Plan;
        return ExperimentRecord.Of(plan, _command) with
        {
            PlanKey = Digest.Of(_training.Key.Value),
            Trainings = [
                new PlannedTraining(_training.Key, _training.Seed, PlannedCell.Of(_training) with
                {
                    Arms = [plan.Settings.Arms[0].Name],
                })],
        };
    }

    private Result<bool> Repaired(ResultsStore store) => Repair.Run(store, [_training]).Map(deleted =>
    {
        new TerminalView().Repaired(deleted);
        return true;
    });

    private Result<bool> Train(ResultsStore store, CancellationToken stop)
    {
        var (_, data, engine, _) = _experiment;
        var trainer = new TrainingRunner(
            store, data, engine, (_, _) => FoundMask.None, new Starts(store), _experiment.Values.Get(RunSettings.CheckpointEvery),
            TimeProvider.System);
        var scheduler = new Scheduler([_training], 1, trainer);
        ImmutableArray<TrainingEnd> ends;
        using (var follow = new TerminalView().Follow(scheduler.Progress, 1))
        {
            scheduler.OnEnded = (end, progress) => follow.Ended(end, progress);
            ends = scheduler.Run(stop);
        }
        stop.ThrowIfCancellationRequested();
        foreach (var note in ends.SelectMany(end => end.Notes)) Console.Error.WriteLine($"host: {note.Describe()}");
        if (ends.SelectMany(end => end.Faults).ToImmutableArray() is { IsEmpty: false } faults) return faults;
        if (ends.All(end => end.State == TrainingState.Reused)) Console.Error.WriteLine("reused from earlier commands: 1 bayesian");
        var later = new LaterMeasures(store, engine, data, second: null);
        var unmeasured = later.Complete(later.Lacking([_training]), 1, stop);
        return unmeasured.IsEmpty ? true : unmeasured;
    }

    /// <summary>What an earlier command measured of the same; a fault where the folder holds something else.</summary>
    private Result<GradientVariance> Measured(ExperimentFolder? folder, bool repairs)
    {
        var nothing = new GradientVariance(_asked, []);
        if (folder is null) return nothing;
        return folder.ReadVariance().Match(
            earlier =>
            {
                if (earlier is null) return nothing;
                var then = earlier.Asked;
                var others = then.Batches.Except(_asked.Batches).ToList();
                var differs = then.Training != _asked.Training ? $"those of training {then.Training}"
                    : !then.Moments.SequenceEqual(_asked.Moments) ? $"those at {Text.List(then.Moments.Select(moment => $"{moment}"))}"
                    : then.Repeats != _asked.Repeats ? $"those of {Text.Count(then.Repeats)} repeats"
                    : others.Count > 0 ? $"those of batches of {Text.List(others.Select(size => Text.Count(size)))} as well"
                    : null;
                return differs is null
                    ? nothing with { Cells = earlier.Cells }
                    : (Result<GradientVariance>)new Fault.BadSetting(
                        RunSettings.Name.Name, folder.Name, "a name that isn't used yet, or its own measurements",
                        $"{folder.In(VarianceFile.Name)} holds {differs}; give another name");
            },
            faults => repairs && faults.All(fault => fault is Fault.DamagedStore) ? nothing : faults);
    }

    private IEnumerable<(Moment Moment, int Batch)> Sizes() =>
        from moment in _asked.Moments from batch in _asked.Batches select (moment, batch);

    private Result<GradientVariance> Measure(
        ResultsStore store, ExperimentFolder folder, GradientVariance measured, CancellationToken stop)
    {
        var trained = store.Training(_training.Key);
        var left = Sizes().Where(size => !measured.Has(size.Moment, size.Batch)).ToList();
        foreach (var moment in left.GroupBy(size => size.Moment, size => size.Batch))
        {
            var read = At(trained, moment.Key);
            if (read is not Result<PosteriorSnapshot>.Ok(var posterior)) return read.Map(_ => measured);
            foreach (var batch in moment)
            {
                Console.Error.WriteLine($"measuring gradients {_context.When(moment.Key)}: batches of {Text.Count(batch)}");
                var cells = _measuring.At(moment.Key, posterior, batch, stop);
                measured = measured with { Cells = Ordered(measured.Cells.Where(cell => !IsOf(cell, moment.Key, batch)).Concat(cells)) };
                // What an interrupted command has measured so far is there for the next.
                var written = folder.WriteExports([(VarianceFile.Name, VarianceFile.Write(measured))]);
                if (written is Result<bool>.Failed(var faults)) return faults;
            }
        }
        if (left.Count == 0) Console.Error.WriteLine("measured by earlier commands: all sizes");
        return measured with { Cells = Ordered(measured.Cells) };

        static bool IsOf(GradientCell cell, Moment moment, int batch) => cell.Moment == moment && cell.Batch == batch;
    }

    private ImmutableArray<GradientCell> Ordered(IEnumerable<GradientCell> cells) => [
        .. cells.OrderBy(cell => _asked.Moments.IndexOf(cell.Moment)).ThenBy(cell => cell.Batch).ThenBy(cell => cell.Perturbation)
            .ThenBy(cell => cell.Layer)];

    private Result<PosteriorSnapshot> At(TrainingFolder trained, Moment moment) => moment.Step switch
    {
        0 => trained.ReadPosterior(_asked.Net).Map(posterior => posterior.Initial),
        null => trained.ReadPosterior(_asked.Net).Map(posterior => posterior.Final),
        { } step => trained.ReadPosteriorAt(step, _asked.Net),
    };

    private Result<int> Write(ExperimentFolder folder, GradientVariance variance) => folder.WriteExports([
        (VarianceFile.Name, VarianceFile.Write(variance)),
        (VarianceFiles.Table, VarianceFiles.Csv(variance)),
        (VarianceFiles.Page, VarianceFiles.Html(variance, _context))]).Map(_ =>
    {
        var lines = VarianceLine.All(variance);
        Terminal.ShowRows(
            ["moment", "layer", "perturbation", "slope over all sizes", "plateau begins at", "within the sizes"],
            lines.Select(line => (string[])[
                _context.When(line.Moment), Text.Count(line.Layer), line.Perturbation.Name(),
                VarianceFindings.Slope(line.Slopes[0].Slope), VarianceFindings.Crossover(line), VarianceFindings.Within(line)]));
        Terminal.Say("Slopes of ln variance on ln batch; a plateau begins where a/batch + c has two equal parts; 95 % intervals.");
        Console.Out.WriteLine($"report: {folder.In(VarianceFiles.Page)}");
        return ExitCode.Done;
    });

    private static ImmutableArray<NamedValue> SettingsOf(PreparedExperiment experiment, AskedVariance asked)
    {
        var own = RunSettings.Table
            .Where(setting => setting.Part is SettingPart.Every or SettingPart.Bayesian or SettingPart.Replicate or SettingPart.Source
                || setting == TrainingSettings.BayesianAt)
            .Select(setting => setting.Name)
            .Append("network").Append("engine version")
            .ToHashSet(StringComparer.Ordinal);
        return [
            .. ExperimentRecord.SettingsOf(experiment.Plan).Where(setting => own.Contains(setting.Name)),
            new NamedValue(VarianceSettings.Batches.Name, VarianceSettings.Batches.Write(asked.Batches)),
            new NamedValue(VarianceSettings.Repeats.Name, VarianceSettings.Repeats.Write(asked.Repeats))];
    }

    private static string Time(double seconds) => seconds switch
    {
        0 => "",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds):0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds / 60):N0} min"),
    };
}
