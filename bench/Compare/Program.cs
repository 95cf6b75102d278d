using Bnn.Core;
using Bnn.Simd;
using Bnn.Store;
using Bnn.TF;
using Compare;
using Host;

// Whole steps of each engine, in turns within one run: where a machine's speed varies, only ratios within one run can be trusted.
const int Blocks = 7;
const string Reference = "simd";

var parsed = Options.Parse(args);
if (parsed is not Result<Options>.Ok(var options))
{
    Console.Error.WriteLine(parsed.Match(_ => "", faults => faults[0].Describe()));
    Console.Error.WriteLine(Options.Usage);
    return ExitCode.BadSettings;
}
if (options.IsHelp)
{
    Console.Out.WriteLine(Options.Usage);
    return ExitCode.Done;
}
var folder = Places.OfProgram().Mnist;
var loaded = IdxFolder.Load(folder);
if (loaded is not Result<Dataset>.Ok(var data))
{
    Console.Error.WriteLine(loaded.Match(_ => "", faults => faults[0].Describe()));
    return ExitCode.BadData;
}
var subject = new Subject(data);
if (options.IsLadder)
{
    Machine.Print([]);
    Ladder.Run(subject);
    return ExitCode.Done;
}

var simd = new SimdEngine();
var contenders = new List<IContender> { new EngineContender(Reference, simd, subject) };
var versions = new List<(string Engine, string Version)>();
versions.Add(("TensorFlow", TensorFlowLibrary.Load(null, Environment.GetEnvironmentVariable, AppContext.BaseDirectory).Match(library =>
{
    contenders.Add(new EngineContender("tensorflow", new TensorFlowEngine(library, threads: 1, simd.Noise), subject));
    return library.Version;
}, faults => Without("TensorFlow", faults[0]))));
versions.Add(("torch", TorchChild.Start(folder).Match(child =>
{
    contenders.Add(child);
    return child.Version;
}, faults => Without("torch", faults[0]))));
Machine.Print(versions);

var rows = options.Works.SelectMany(Compete).ToList();
foreach (var contender in contenders) contender.Dispose();
Table.Print(rows, Reference);
return options.Csv is null ? ExitCode.Done : Save(options.Csv);

// Each contender has a turn in each block; one that fails on the way has no row.
IEnumerable<Row> Compete(Work work)
{
    var running = contenders.ConvertAll(contender => (Contender: contender, Ms: new List<double>()));
    foreach (var contender in contenders)
    {
        contender.Begin(work);
        contender.Run(work.Warmup);
    }
    for (var block = 0; block < Blocks; block++)
    {
        running.RemoveAll(ran =>
        {
            if (ran.Contender.Run(work.Repeats) is not { } ms) return true;
            ran.Ms.AddRange(ms);
            return false;
        });
    }
    return running.Select(ran => new Row(work.Name, ran.Contender.Name, new Timing(ran.Ms)));
}

int Save(string file)
{
    try
    {
        File.WriteAllLines(file, Table.Csv(rows));
        return ExitCode.Done;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"{file} was not written: {e.Message}");
        return ExitCode.Disk;
    }
}

static string Without(string engine, Fault fault)
{
    Console.Error.WriteLine($"without {engine}: {fault.Describe()}");
    return "none";
}
