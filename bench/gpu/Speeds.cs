using System.Diagnostics;
using System.Globalization;
using Bnn.Core;
using Bnn.Gpu;

namespace GpuCheck;

/// <summary>A kind of net, so many of which are trained at once.</summary>
/// <param name="Goal">Steps of single nets per second on an H100; null for none.</param>
internal sealed record Work(string Name, int Nets, bool IsBayesian, double? Density, int? Goal)
{
    public static IReadOnlyList<Work> All { get; } = [
        new("bayesian", 128, IsBayesian: true, null, 110_000), new("dense", 128, IsBayesian: false, null, 230_000),
        new("ticket-50", 132, IsBayesian: false, 0.5, 230_000), new("ticket-20", 132, IsBayesian: false, 0.2, 400_000),
        new("ticket-5", 132, IsBayesian: false, 0.05, 1_500_000), new("ticket-1", 132, IsBayesian: false, 0.01, 3_000_000)];
}

/// <summary>Measures whole steps, with batches, noise, and an evaluation after every hundred, as trainings have them.</summary>
internal static class Speeds
{
    private const int Interval = 100, MostEvaluated = 5_000;

    public static void Run(GpuEngine engine, Subject subject, Options options)
    {
        var lines = new List<string> { "work,nets,net_steps_per_second,device,date" };
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{"work",-10} {"nets",5} {"net-steps/s",12} {"goal, H100",12}");
        foreach (var work in options.OnProcessor ? Work.All.Select(work => work with { Nets = 4, Goal = null }) : Work.All)
        {
            var speed = Of(engine, subject, work, options.Seconds);
            var goal = work.Goal is { } asked ? asked.ToString("N0", CultureInfo.InvariantCulture) : "";
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{work.Name,-10} {work.Nets,5} {speed,12:N0} {goal,12}"));
            lines.Add(string.Create(
                CultureInfo.InvariantCulture, $"{work.Name},{work.Nets},{speed:F0},\"{engine.Device.Name}\",{DateTime.UtcNow:yyyy-MM-dd}"));
        }
        if (options.Csv is { } csv) File.WriteAllLines(csv, lines);
    }

    /// <summary>Steps of single nets per second, counted from when every net has done an interval.</summary>
    private static double Of(GpuEngine engine, Subject subject, Work work, double seconds)
    {
        var (begun, steps, ends) = (new CountdownEvent(work.Nets), 0L, 0L);
        using var all = begun;
        var evaluated = Enumerable.Range(0, Math.Min(MostEvaluated, subject.Train.Count)).ToArray();
        var threads = Enumerable.Range(0, work.Nets).Select(net => new Thread(() =>
        {
            using var stepper = subject.Stepper(engine, work.IsBayesian, work.Density, freezes: false, net);
            var batches = subject.Batches(net);
            LossSums sums = default;
            for (var step = 0; Interlocked.Read(ref ends) == 0 || Stopwatch.GetTimestamp() < Interlocked.Read(ref ends); step += Interval)
            {
                stepper.Advance(batches, step + 1, step + Interval, ref sums, null, CancellationToken.None);
                stepper.Evaluate(subject.Train, evaluated);
                if (step == 0) begun.Signal();
                else if (Interlocked.Read(ref ends) != 0) Interlocked.Add(ref steps, Interval);
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        begun.Wait();
        var clock = Stopwatch.StartNew();
        Interlocked.Exchange(ref ends, Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency));
        foreach (var thread in threads) thread.Join();
        return steps / clock.Elapsed.TotalSeconds;
    }
}
