using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Store;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host export</c>: writes a training's tensors or its net, or an experiment's curves, as other programs read them.</summary>
public sealed class ExportCommand : HostCommand
{
    private SettingFlags _flags = null!;

    private readonly Argument<string?> _what = new("KEY|EXPERIMENT")
    {
        Description = "A training's key or its beginning, at least 4 digits; for --tensorboard an experiment's name or folder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _npz = new("--npz") { Description = "All tensors of the training, for NumPy." };

    private readonly Option<bool> _onnx = new("--onnx")
    {
        Description = "The net, for ONNX Runtime: pixels/255 to logits and class; of a Bayesian net the one with its mean weights.",
    };

    private readonly Option<bool> _tensorboard = new("--tensorboard")
    {
        Description = "The curves of an experiment's finished trainings, as event files; a folder for each training.",
    };

    private readonly Option<string?> _to = new("--to")
    {
        Description = "The file to write; for --tensorboard the folder, which is made.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _moment = new("--moment")
    {
        Description = $"The moment of the net for --onnx: {string.Join(", ", NetExport.Moments)}. [{NetExport.Final}]",
        HelpName = "MOMENT",
    };

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Replace the file if it is there; for --tensorboard write into a folder that isn't empty.",
    };

    public ExportCommand()
        : base("export",
            """
            Write a finished training's tensors or its net, or the curves of an experiment, as other programs read them. Equal trainings
            give equal bytes.

            Examples:
              host export 0dd94ce5a1b2 --npz --to tensors.npz
              host export 0dd9 --onnx --to ticket.onnx --moment early-stop
              host export first-try --tensorboard --to curves
            """)
    {
        Arguments.Add(_what);
        Options.Add(_npz);
        Options.Add(_onnx);
        Options.Add(_tensorboard);
        Options.Add(_to);
        Options.Add(_moment);
        Options.Add(_force);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        var (what, to, moment) = (flags.Text(_what), flags.Text(_to), flags.Text(_moment) ?? NetExport.Final);
        var (isOnnx, isOfExperiment, replaces) = (flags.GetValue(_onnx), flags.GetValue(_tensorboard), flags.GetValue(_force));
        var wrong = Wrong(flags, what, to, moment);
        if (!wrong.IsEmpty) return wrong;
        return _flags.Read(flags).Bind(values => isOfExperiment
            ? StoreLookup.Experiment(values, what!).Bind(found => Target(found.Store, AskedFile.CheckFolder(to!, replaces), to!)
                .Bind(_ => Curves(found.Store, found.Folder, to!)))
            : StoreLookup.Store(values).Bind(store => StoreLookup.FinishedTraining(store, what!)
                .Bind(folder => Target(store, AskedFile.Check(to!, replaces), to!)
                    .Bind(_ => isOnnx ? Onnx(folder, moment, to!) : Npz(folder, to!))))).MapFaults(WithOrigin);
    }

    private ImmutableArray<Fault> Wrong(ParseResult flags, string? what, string? to, string moment)
    {
        var all = ImmutableArray.CreateBuilder<Fault>();
        bool[] asked = [flags.GetValue(_npz), flags.GetValue(_onnx), flags.GetValue(_tensorboard)];
        if (string.IsNullOrEmpty(what))
        {
            all.Add(new Fault.BadRequest(
                "no training and no experiment is given", $"for example {CommandText.Program} export 0dd94ce5a1b2 --npz --to tensors.npz"));
        }
        var count = asked.Count(isAsked => isAsked);
        if (count != 1)
        {
            all.Add(new Fault.BadRequest(
                $"--npz, --onnx and --tensorboard say what is written, and {(count == 0 ? "none" : $"{count}")} of them is given",
                "give one of them"));
        }
        if (to is null) all.Add(new Fault.BadRequest("--to says which file is written, and it isn't given", "for example --to net.onnx"));
        if (!NetExport.Moments.Contains(moment)) all.Add(new Fault.UnknownValue(NetExport.MomentSetting, moment, NetExport.Moments));
        else if (flags.GetResult(_moment) is not null && count == 1 && !flags.GetValue(_onnx))
            all.Add(new Fault.BadRequest("--moment is of a net, and goes with --onnx", "leave it out"));
        return [.. all.Select(WithOrigin)];
    }

    private static Fault WithOrigin(Fault fault) => fault switch
    {
        Fault.BadSetting { Origin: null, Setting: AskedFile.Setting or NetExport.MomentSetting } f =>
            f with { Origin = SettingFlags.OriginOf(f.Setting) },
        Fault.UnknownValue { Origin: null } f => f with { Setting = SettingFlags.OriginOf(f.Setting).Where },
        _ => fault,
    };

    /// <summary>Whether something can be written there. Results are not written over: their hashes would no longer be true.</summary>
    private static Result<bool> Target(ResultsStore store, Fault? fault, string to)
    {
        if (fault is not null) return fault;
        return store.Keeps(to)
            ? new Fault.BadSetting(AskedFile.Setting, to, $"a place outside of what {store.Root} keeps", "give another name")
            : true;
    }

    private static Result<int> Npz(TrainingFolder folder, string to) => NetExport.Tensors(folder)
        .Bind(tensors => AskedFile.Write(to, stream => NpzFile.Write(stream, tensors)))
        .Map(_ => Said("npz", to));

    private static Result<int> Onnx(TrainingFolder folder, string moment, string to) => NetExport.Net(folder, moment)
        .Bind(net => AskedFile.Write(to, stream => OnnxFile.Write(stream, net)))
        .Map(_ => Said("onnx", to));

    /// <summary>Writes the curves of those trainings that are finished and whole, and names the others.</summary>
    private static Result<int> Curves(ResultsStore store, ExperimentFolder folder, string to) => folder.ReadPlan().Bind<int>(plan =>
    {
        var trainings = plan.Experiment.Trainings;
        var done = trainings.Where(training => store.Training(training.Key).IsDone).ToList();
        if (done.Count == 0) return new Fault.BadRequest($"no training of {folder.Path} is finished", "run its command first");
        var damaged = new List<Fault>();
        foreach (var training in done)
        {
            if (store.Training(training.Key).ReadFinished(training).ValueOr(damaged) is not { } finished) continue;
            var file = Path.Combine(to, NetExport.CurvesFolder(training), EventFile.Name);
            var written = AskedFile.WriteBelow(file, stream => EventFile.Write(stream, finished.Training.Rows));
            if (written is Result<FileHash>.Failed(var refused)) return refused;
        }
        var missing = trainings.Length - done.Count;
        if (missing > 0) Console.Error.WriteLine($"not finished, and so without a curve: {missing} of {trainings.Length} trainings");
        foreach (var fault in damaged) Console.Error.WriteLine($"host: {fault.Describe()}");
        Said("tensorboard", to);
        return damaged.Count == 0 ? ExitCode.Done : ExitCode.BadStore;
    });

    private static int Said(string what, string path)
    {
        Console.Out.WriteLine($"{what}: {path}");
        return ExitCode.Done;
    }
}
