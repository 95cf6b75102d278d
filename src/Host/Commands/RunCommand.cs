using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Bnn.Core;
using Bnn.Report;
using Host.Data;
using Host.Engines;
using Host.Execution;
using Host.Live;
using Host.Plugins;
using Host.Store;
using Settings = Bnn.Core.ExperimentSettings;

namespace Host.Commands;

/// <summary><c>host run</c>: from flags to trainings to report.</summary>
public sealed class RunCommand : HostCommand
{
    private const string DefaultPluginTimeout = "600";
    private readonly Option<string?> _strategy, _compare, _density, _threshold, _scope, _layers, _steps, _bayesianSteps, _batch, _rate, _optimizer,
        _seed, _seeds, _validation, _evalEvery, _klWeight, _priorScale, _data, _jobs, _output, _name, _pluginTimeout,
        _engine, _tfLibrary, _tfThreads, _tfNoise;

    private readonly Option<bool> _printConfig = new("--print-config") { Description = "Show all settings, resolved, and train nothing." };

    public RunCommand()
        : base("run",
            """
            Train the Bayesian net, the dense net and a ticket for each strategy and density; write a report. What an earlier command trained is reused.

            Examples:
              host run --strategy variance
              host run --strategy variance,snr --seeds 1..5
              host run --strategy variance --threshold 0.01 --compare magnitude
              host run --strategy snr --scope layerwise --density 0.05 --steps 10000 --data /usr/share/datasets/fashion-mnist
            """)
    {
        _strategy = Flag("--strategy", "NAMES", $"Strategies to ask, with commas between; host strategies lists them. [{Settings.DefaultStrategy}]");
        _compare = Flag("--compare", "NAMES", $"Strategies to compare with, or none. [{Settings.DefaultCompare}]");
        _density = Flag("--density", "LIST", $"Shares of the weights to keep, each in (0, 1]. [{Settings.DefaultDensity}]");
        _threshold = Flag("--threshold", "LIST", "Cut at a value of the one strategy's raw criterion instead; the compared ones get its counts.");
        _scope = Flag("--scope", "SCOPE", $"paper: each layer alone, the output layer at half the rate; layerwise: each layer at the same rate; global: all together. [{Settings.DefaultScope}]");
        _layers = Flag("--layers", "LIST", $"Hidden units, or \"\" for none. [{Settings.DefaultLayers}]");
        _steps = Flag("--steps", "N", $"Updates of the dense net and of each ticket. [{Settings.DefaultSteps}]");
        _bayesianSteps = Flag("--bayesian-steps", "N", "Updates of the Bayesian net. [as --steps]");
        _batch = Flag("--batch", "N", $"Images an update. [{Settings.DefaultBatch}]");
        _rate = Flag("--lr", "RATE", $"Learning rate. [{Settings.DefaultLearningRate}]");
        _optimizer = Flag("--optimizer", "NAME", $"adam (Keras' form) or sgd. [{Settings.DefaultOptimizer}]");
        _seed = Flag("--seed", "N", $"Fixes every random number. [{Settings.DefaultSeed}]");
        _seeds = Flag("--seeds", "LIST", "Several: 1..3 or 1,4,7. Differences are then paired by seed, with intervals.");
        _validation = Flag("--validation", "N", $"Training images held back for early stopping, chosen by seed; 0 for none. [{Settings.DefaultValidation}]");
        _evalEvery = Flag("--eval-every", "N", $"Steps between evaluations. [{Settings.DefaultEvalEvery}]");
        _klWeight = Flag("--kl-weight", "W", $"Factor on KL/N in the Bayesian loss. [{Settings.DefaultKlWeight}]");
        _priorScale = Flag("--prior-scale", "S", $"Standard deviation of the weights' prior. [{Settings.DefaultPriorScale}]");
        _data = Flag("--data", "DIR", "Folder with four IDX files, raw or .gz. [the MNIST that comes along]");
        _jobs = Flag("--jobs", "N", "Trainings at the same time, one thread each; changes no result. [the cores]");
        _output = Flag("--output", "DIR", "Where results go. [results]");
        _name = Flag("--name", "NAME", "The experiment's folder below results/experiments. [strategies and plan key]");
        _pluginTimeout = Flag("--plugin-timeout", "SECONDS", $"How long a strategy may score for one seed before it is given up. [{DefaultPluginTimeout}]");
        _engine = Flag("--engine", "NAME", $"{EngineChoice.Simd}, or {EngineChoice.TensorFlow} with its native library; see host engines. [{EngineChoice.Simd}]");
        _tfLibrary = Flag("--tf-library", "PATH", "TensorFlow's library: a file or a folder. [the usual places]");
        _tfThreads = Flag("--tf-threads", "N", $"Threads of one TensorFlow training; changes no result. [{EngineChoice.DefaultThreads}]");
        _tfNoise = Flag("--tf-noise", "WHO", $"Who draws Flipout's noise: {EngineChoice.HostNoise}, as the default engine does, or {EngineChoice.OwnNoise}, TensorFlow itself. [{EngineChoice.HostNoise}]");
        Options.Add(_printConfig);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        var places = Places.OfProgram();
        var all = new List<Fault>(faults);
        var plugins = PluginCatalog.Load(places).ValueOr(all);
        if (plugins is { BrokenPins.IsEmpty: false }) return plugins.BrokenPins;      // nothing that was swapped is looked at any further
        var request = Request(flags);
        var settings = plugins is null ? null : Settings.Create(request, plugins.Infos).ValueOr(all);
        var jobs = Jobs(flags.Text(_jobs), all);
        var choice = EngineChoice.Read(flags.Text(_engine), flags.Text(_tfLibrary), flags.Text(_tfThreads), flags.Text(_tfNoise), all);
        var timeout = PluginTimeout(flags.Text(_pluginTimeout) ?? DefaultPluginTimeout, all);
        var name = ExperimentName(flags.Text(_name), all);
        foreach (var folder in (Option<string?>[])[_data, _output])
            if (flags.Text(folder) is "") all.Add(new Fault.BadSetting(folder.Name, "nothing", "a folder", "leave the flag out for the default"));
        if (all.Count > 0) return AndRejected(all, plugins);

        return choice.Open().Bind(engine => DataFolder.Load(flags.Text(_data) ?? places.Mnist).Bind(data =>
            Plan.Create(settings!, DatasetFacts.Of(data), engine.Name, engine.Numerics).Bind(plan =>
            {
                var command = CommandText(flags);
                if (flags.GetValue(_printConfig)) return PrintConfig(plan, jobs);
                return ResultsStore.Open(flags.Text(_output) ?? "results").Bind(store =>
                    WritePlan(store, plan, name ?? plan.DefaultName, command).Bind(experiment =>
                        Train(store, data, engine, plugins!, plan, experiment, name ?? plan.DefaultName, jobs, timeout)));
            })));
    }

    private Option<string?> Flag(string name, string value, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = value };
        Options.Add(option);
        return option;
    }

    private RunRequest Request(ParseResult flags) => new()
    {
        Strategy = flags.Text(_strategy),
        Compare = flags.Text(_compare),
        Density = flags.Text(_density),
        Threshold = flags.Text(_threshold),
        Scope = flags.Text(_scope),
        Layers = flags.Text(_layers),
        Steps = flags.Text(_steps),
        BayesianSteps = flags.Text(_bayesianSteps),
        Batch = flags.Text(_batch),
        LearningRate = flags.Text(_rate),
        Optimizer = flags.Text(_optimizer),
        Seed = flags.Text(_seed),
        Seeds = flags.Text(_seeds),
        Validation = flags.Text(_validation),
        EvalEvery = flags.Text(_evalEvery),
        KlWeight = flags.Text(_klWeight),
        PriorScale = flags.Text(_priorScale),
    };

    private static int Jobs(string? text, List<Fault> faults)
    {
        if (text is null) return Environment.ProcessorCount;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs) && jobs is >= 1 and <= 1024) return jobs;
        faults.Add(new Fault.BadSetting("--jobs", text, "a whole number from 1 to 1024", "leave it out for one job a core"));
        return 1;
    }

    private static TimeSpan PluginTimeout(string text, List<Fault> faults)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 1e6) return TimeSpan.FromSeconds(seconds);
        faults.Add(new Fault.BadSetting("--plugin-timeout", text, "seconds, above 0", $"for example --plugin-timeout {DefaultPluginTimeout}"));
        return TimeSpan.Zero;
    }

    private static string? ExperimentName(string? name, List<Fault> faults)
    {
        if (name is not null && (name.Length is 0 or > 100 || name.StartsWith('.') || name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()) || name.AsSpan().ContainsAny('/', '\\') || name.Any(char.IsControl) || name != name.Trim()))
            faults.Add(new Fault.BadSetting("--name", name, "a plain folder name", "for example --name first-try"));
        return name;
    }

    /// <summary>An unknown strategy may sit in a plugin that was refused: say so beside it.</summary>
    private static ImmutableArray<Fault> AndRejected(List<Fault> faults, PluginCatalog? plugins)
    {
        var strategyUnknown = faults.OfType<Fault.UnknownName>().Any(fault => fault.Kind == "strategy");
        return strategyUnknown && plugins is not null ? [.. faults, .. plugins.Rejected] : [.. faults];
    }

    /// <summary>The command that repeats the experiment: every flag that was given but those that change no result.</summary>
    private string CommandText(ParseResult flags)
    {
        Option[] immaterial = [_jobs, _output, _name, _pluginTimeout, _tfLibrary, _tfThreads, _printConfig];
        var given = Options.OfType<Option<string?>>().Where(option => !immaterial.Contains(option) && flags.Text(option) is not null)
            .Select(option => $" {option.Name} {Quoted(flags.Text(option)!)}");
        return "./host run" + string.Concat(given);
    }

    private static string Quoted(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_.,/:+".Contains(letter, StringComparison.Ordinal))
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static Result<int> PrintConfig(Plan plan, int jobs)
    {
        foreach (var setting in SettingsText.Of(plan)) Console.Out.WriteLine($"{setting.Name} = {setting.Value}");
        Console.Out.WriteLine($"jobs = {jobs}");
        Console.Out.WriteLine($"trainings = {plan.Trainings.Length}");
        Console.Out.WriteLine($"experiment = {plan.DefaultName}");
        return ExitCode.Done;
    }

    /// <summary>plan.json, unless the name holds another plan already.</summary>
    private static Result<ExperimentRecord> WritePlan(ResultsStore store, Plan plan, string name, string command)
    {
        var experiment = new ExperimentRecord(plan.Key, command, plan.Net, plan.Trainings[0].Shared.Data, SettingsText.Of(plan),
            [.. plan.Settings.Strategies.Select(strategy => strategy.Label)], [.. plan.Settings.Strategies, .. plan.Settings.Compared],
            [.. plan.Trainings.Select(PlannedTraining.Of)]);
        var path = Path.Combine(store.Experiment(name), "plan.json");
        try
        {
            if (File.Exists(path))
            {
                var taken = PlanFile.Read(path).Bind<ExperimentRecord>(other => other.PlanKey == plan.Key
                    ? other
                    : new Fault.BadSetting("--name", name, "a name that isn't used yet, or its own plan", $"{path} holds another plan ({other.Command}); give another name"));
                if (taken is Result<ExperimentRecord>.Failed) return taken;
            }
            Directory.CreateDirectory(store.Experiment(name));
            AtomicFile.Write(path, PlanFile.Write(experiment));
            return experiment;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault.Disk(path, $"can't be written ({e.Message.TrimEnd('.')})", "check its rights and the free space, or give another folder by --output");
        }
    }

    private static Result<int> Train(
        ResultsStore store, Dataset data, ITrainingEngine engine, PluginCatalog plugins, Plan plan, ExperimentRecord experiment, string name, int jobs, TimeSpan pluginTimeout)
    {
        using var stop = new Stop();
        using var scoring = new Scoring(plugins, pluginTimeout);
        var runner = new TrainingRunner(store, data, engine, scoring, new StrategyInputs(store, data, engine), TimeProvider.System);
        var scheduler = new Scheduler(plan, Math.Min(jobs, plan.Trainings.Length), runner.Run);
        ImmutableArray<TrainingEnd> ends;
        Terminal.Announce(plan, jobs, engine);
        using (var view = Terminal.RunView(scheduler.Progress, jobs))
        {
            scheduler.OnEnded = view.Ended;
            ends = scheduler.Run(stop.Token);
        }
        stop.Token.ThrowIfCancellationRequested();
        Terminal.TellReused(ends);

        var failed = ends.Where(end => !end.Faults.IsEmpty).ToList();
        foreach (var end in failed)
        {
            foreach (var fault in end.Faults) Console.Error.WriteLine($"host: {(fault is Fault.Diverged ? "" : $"{end.Training.Label}, seed {end.Training.Seed}: ")}{fault.Describe()}");
            Console.Error.WriteLine($"      log: {store.Run(end.Training.Key).Log}");
        }
        if (failed.Count > 0) Console.Error.WriteLine($"      to try again: {experiment.Command}");
        var builder = new ReportBuilder(store);
        var (input, damaged) = builder.Read(name, experiment, Reasons(plan, failed));
        return builder.Write(input).Map(report =>
        {
            Terminal.ShowTable(Summary.From(input), experiment.Command);
            Console.Out.WriteLine($"report: {report}");
            return failed.Count > 0 ? FailedCode(failed) : damaged.IsEmpty ? ExitCode.Done : ExitCode.BadStore;
        });
    }

    /// <summary>Trouble with the store or the disk keeps its own code; anything else is "some trainings failed".</summary>
    private static int FailedCode(List<TrainingEnd> failed)
    {
        var codes = failed.SelectMany(end => end.Faults).Select(ExitCode.For).ToList();
        return codes.Contains(ExitCode.BadStore) ? ExitCode.BadStore : codes.Contains(ExitCode.Disk) ? ExitCode.Disk : ExitCode.SomeFailed;
    }

    private static Dictionary<RunKey, string> Reasons(Plan plan, List<TrainingEnd> failed)
    {
        var reasons = failed.ToDictionary(end => end.Training.Key, end => string.Join("; ", end.Faults.Select(fault => fault.Describe())));
        foreach (var training in plan.Trainings.Where(training => !reasons.ContainsKey(training.Key)))
        {
            var blocker = failed.Find(end => training.Needs.Contains(end.Training.Key));
            if (blocker is not null) reasons[training.Key] = $"needs {blocker.Training.Label} of seed {blocker.Training.Seed}, which failed";
        }
        return reasons;
    }
}
