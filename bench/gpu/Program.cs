using System.Diagnostics;
using Bnn.Core;
using Bnn.Gpu;
using Bnn.Simd;
using GpuCheck;

if (Options.Parse(args) is not Result<Options>.Ok(var options))
    return Failed(Options.Parse(args).Match(_ => "", faults => faults[0].Describe()));
if (options.IsHelp)
{
    Console.Out.WriteLine(Options.Usage);
    return 0;
}
if (options.Ptx is { } folder)
{
    Directory.CreateDirectory(folder);
    foreach (var (name, text) in GpuEngine.KernelTexts()) File.WriteAllText(Path.Combine(folder, $"{name}.ptx"), text);
    return 0;
}
var clock = Stopwatch.StartNew();
var settings = new GpuOptions { Fewest = 1, Nets = options.OnProcessor ? 8 : 256 };
var opened = options.OnProcessor
    ? GpuEngine.OnProcessor(new SimdEngine(), settings, groupSize: 4)
    : GpuEngine.Open(new SimdEngine(), settings);
if (opened is not Result<GpuEngine>.Ok(var engine)) return Failed(opened.Match(_ => "", faults => faults[0].Describe()));
using var held = engine;
var subject = options.OnProcessor ? Subject.Tiny : Subject.Usual;
Console.Out.WriteLine($"{engine.Device}");
Console.Out.WriteLine(new SimdEngine().Description);
try
{
    if (options.ChecksBits && !BitChecks.Run(engine, subject)) return Failed("the device doesn't compute what the cores do");
    Speeds.Run(engine, subject, options);
}
catch (DeviceLostException e)
{
    return Failed(e.Message);
}
Console.Out.WriteLine($"\n{engine.StepsOnDevice} steps on the device, {clock.Elapsed.TotalSeconds:F0} s in all");
return engine.StepsOnDevice > 0 ? 0 : Failed("nothing was done on the device");

static int Failed(string reason)
{
    Console.Error.WriteLine($"gpu-check: {reason}");
    return 1;
}
