using System.Diagnostics;
using System.Globalization;
using Bnn.Contract;
using Bnn.Core;
using Bnn.Simd;
using Bnn.TF;
using Host;
using Host.Data;

// Whole steps of each engine, interleaved in blocks within one process: on a machine whose speed wanders only ratios inside one run can be trusted.
const int Blocks = 7, StepsPerBlock = 200, Warmup = 100, Batch = 60;
var csv = args is ["--csv", var file] ? file : null;
if (args.Length > 0 && csv is null)
{
    Console.Error.WriteLine("usage: bench/compare [--csv FILE]");
    return ExitCode.BadSettings;
}
var loaded = DataFolder.Load(Places.OfProgram().Mnist);
if (loaded is not Result<Dataset>.Ok(var data))
{
    Console.Error.WriteLine(loaded.Match(_ => "", faults => faults[0].Describe()));
    return ExitCode.BadData;
}
var net = new Architecture([784, 300, 100, 10]);
var seed = new Seed(1);
var start = Initialisation.Posterior(seed, net);
var simd = new SimdEngine();
var engines = new List<(string Name, ITrainingEngine Engine)> { ("simd", simd) };
TensorFlowLibrary.Load(null, Environment.GetEnvironmentVariable, AppContext.BaseDirectory).Match(
    library => { engines.Add(("tensorflow", new TensorFlowEngine(library, threads: 1, simd.Noise))); return 0; },
    faults => { Console.Error.WriteLine($"without TensorFlow: {faults[0].Describe()}"); return 0; });

var rows = new List<(string Work, string Engine, double[] Ms)>();
foreach (var (work, make) in Works())
{
    var contenders = engines.ConvertAll(engine => (engine.Name, Stepper: make(engine.Engine), Ms: new List<double>()));
    var batches = new Batches(seed, [.. Enumerable.Range(0, data.Train.Count)], Batch);
    var (items, step) = (new int[Batch], 0);
    foreach (var contender in contenders) Run(contender.Stepper, Warmup, null);
    for (var block = 0; block < Blocks; block++)
        foreach (var contender in contenders) Run(contender.Stepper, StepsPerBlock, contender.Ms);
    foreach (var (name, stepper, ms) in contenders)
    {
        rows.Add((work, name, [.. ms.Order()]));
        stepper.Dispose();
    }

    void Run(IStepper stepper, int steps, List<double>? ms)
    {
        for (var i = 0; i < steps; i++)
        {
            batches.At(++step, items);
            var began = Stopwatch.GetTimestamp();
            stepper.Step(items);
            ms?.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }
}

Console.WriteLine($"{"work",-12} {"engine",-12} {"min ms",8} {"median",8} {"times simd (median)",20}");
foreach (var (work, engine, ms) in rows)
{
    var reference = rows.First(row => row.Work == work && row.Engine == "simd").Ms;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{work,-12} {engine,-12} {ms[0],8:0.000} {Median(ms),8:0.000} {Median(ms) / Median(reference),20:0.00}"));
}
if (csv is not null)
{
    File.WriteAllLines(csv, rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Work},{row.Engine},1,{row.Ms[0]:R},{Median(row.Ms):R},{row.Ms[^1]:R}"))
        .Prepend("work,engine,threads,min_ms,median_ms,max_ms"));
}
return ExitCode.Done;

IEnumerable<(string Work, Func<ITrainingEngine, IStepper> Make)> Works()
{
    yield return ("bayesian", engine => engine.Bayesian(
        new BayesianSetup(start, new Optimizer.Adam(0.0012), Batch, 1.0 / data.Train.Count, 1, LayerPosterior.ScaleEpsilon, engine.Noise(seed)), data.Train));
    yield return ("dense", engine => engine.Deterministic(new DeterministicSetup(start.Means(), null, new Optimizer.Adam(0.0012), Batch), data.Train));
    foreach (var percent in (int[])[50, 20, 10, 5, 2, 1])
    {
        yield return ($"ticket-{percent}", engine =>
        {
            // Random masks, the output layer at half the rate.
            var scores = net.Layers.Select((shape, l) => Enumerable.Range(0, shape.Weights).Select(i => new StrategyRandom(seed, "random", l).Uniform(i)).ToArray()).ToList();
            var density = ((Result<Density>.Ok)Density.Create(percent / 100m)).Value;
            var mask = MaskSelection.AtDensity(net, scores, Keep.Highest, density, MaskScope.Paper);
            return engine.Deterministic(new DeterministicSetup(start.Means().Masked(mask), mask, new Optimizer.Adam(0.0012), Batch), data.Train);
        }
        );
    }
}

static double Median(double[] sorted) => sorted[sorted.Length / 2];
