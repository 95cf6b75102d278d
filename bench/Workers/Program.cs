using System.Diagnostics;
using System.Globalization;
using Bnn.Bench.Workers;
using Bnn.Core;

var asked = args.Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
var (count, workers, training, operation) = (At(0, 100_000), At(1, 256), At(2, 500), At(3, 2));
var watch = Stopwatch.StartNew();
var plan = PlanOf(count);
var graph = new PlanGraph(plan.Trainings, own => own.Steps);
Say($"{plan.Trainings.Length} trainings planned in {watch.Elapsed.TotalSeconds:0.0} s; {workers} workers, {training} ms a training, "
    + $"{operation} ms an operation");

// In memory: the delays are those of the simulated disk.
var root = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"workers-{Environment.ProcessId}");
try
{
    SimulatedWorker[] all = [.. Enumerable.Range(0, workers).Select(i => new SimulatedWorker(
        root, graph, i + 1, (double)i / workers, TimeSpan.FromMilliseconds(training), TimeSpan.FromMilliseconds(operation)))];
    watch.Restart();
    Thread[] threads = [.. all.Select(worker => new Thread(worker.Run))];
    foreach (var thread in threads) thread.Start();
    foreach (var thread in threads) thread.Join();
    var done = all.Sum(worker => worker.Trained);
    var idle = all.Select(worker => worker.Time.Idle / worker.Time.All).Order().ToArray();
    Say($"took {all.Max(worker => worker.Time.All).TotalSeconds:0} s until the last training, {watch.Elapsed.TotalSeconds:0} s until "
        + $"the last worker ended; {done} trained, {done - plan.Trainings.Length} of them twice");
    Say($"operations per training: {(double)all.Sum(worker => worker.Operations) / done:0.0}");
    Say($"asked for and another's: {(double)all.Sum(worker => worker.Missed) / done:0.00} per training");
    Say($"listings of what is done: {(double)all.Sum(worker => worker.Listings) / workers:0.0} per worker");
    Say($"until the first training: median {all.Select(worker => worker.Start).Order().ElementAt(workers / 2).TotalSeconds:0.00} s, "
        + $"at most {all.Max(worker => worker.Start).TotalSeconds:0.00} s");
    Say($"neither trained, took nor committed: median {100 * idle[workers / 2]:0.0} %, at most {100 * idle[^1]:0.0} %");
    Say($"trained by one worker: {all.Min(worker => worker.Trained)} to {all.Max(worker => worker.Trained)}");
}
finally
{
    Directory.Delete(root, recursive: true);
}

int At(int place, int usual) => asked.Length > place ? asked[place] : usual;

static void Say(string line) => Console.WriteLine(line);

// Seeds of a study of three strategies at six densities, as many as it takes.
static Plan PlanOf(int count)
{
    StrategyInfo[] known = [
        new("variance", "", Keep.Lowest, Needs.Posterior, "P.dll", "1", "a"),
        new("magnitude", "", Keep.Highest, Needs.DenseWeights, "P.dll", "1", "a"),
        new("random", "", Keep.Highest, Needs.Nothing, "P.dll", "1", "a")];
    var perSeed = Of(1).Trainings.Length;
    return Of((count + perSeed - 1) / perSeed);

    Plan Of(int seeds)
    {
        var given = new Dictionary<string, Given>(StringComparer.Ordinal)
        {
            ["seeds"] = new($"1..{seeds}", Origin.Named("seeds")),
            ["density"] = new("0.5,0.2,0.1,0.05,0.02,0.01", Origin.Named("density")),
        };
        var data = new DatasetFacts(36, 3, 60_000, new DataHashes("a", "b", "c", "d"));
        return ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, known)
            .Bind(settings => Plan.Create(settings, data, new EngineIdentity("simd", 1)))
            .Match(plan => plan, faults => throw new InvalidOperationException(faults[0].Describe()));
    }
}
