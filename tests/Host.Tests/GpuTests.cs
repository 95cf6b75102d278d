namespace Host.Tests;

/// <summary>Trainings on a graphics processor, for which threads stand, from the command line.</summary>
public sealed class GpuTests(Installation installation)
{
    private const string Study = "run --strategy variance --seeds 1..4 " + Place.SmallAtDensities;

    private static readonly Dictionary<string, string?> StandIn = new(StringComparer.Ordinal) { ["BNN_GPU"] = "processor" };

    private static bool HasDriver => File.Exists("/dev/nvidiactl") || File.Exists("/dev/dxg");

    [Fact]
    public async Task Results_have_the_same_bytes_on_a_device_and_on_the_cores_and_are_shared()
    {
        using var cores = installation.Place();
        using var device = installation.Place();
        (await cores.Run($"{Study} --engine simd")).Done();
        (await device.Run(StandIn, $"{Study} --engine gpu --jobs 2")).Done();
        Folders.Same(cores.Results.Lasting, device.Results.Lasting);
        foreach (var run in device.Results.Runs)
            Assert.Contains("threads that stand for a graphics processor", File.ReadAllText(run.File("log.txt")), StringComparison.Ordinal);
        Assert.Contains("reused from earlier commands", (await device.Run(Study)).Done().Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_driver_nothing_of_it_is_loaded()
    {
        Assert.SkipWhen(HasDriver, "there is NVIDIA's driver here");
        using var own = new Installation();
        foreach (var file in (string[])["Bnn.Gpu.dll", "ILGPU.dll"])
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(own.Program)!, file), "not a program");
        using var place = own.Place();
        (await place.Run("--help")).Done();
        (await place.Run($"run --strategy variance {Place.SmallAtDensities}")).Done();
        Assert.Contains("none: trainings use the cores", (await place.Run("doctor")).Done().Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--engine gpu", 4, "NVIDIA's driver isn't there")]
    [InlineData("--engine simd --gpu-nets 5", 2, "--gpu-nets has no meaning to the engine simd")]
    [InlineData("--gpu-nets 0", 2, "--gpu-nets")]
    public async Task What_cannot_be_is_refused_before_training(string flags, int code, string part)
    {
        Assert.SkipWhen(HasDriver && code == 4, "there is NVIDIA's driver here");
        using var place = installation.Place();
        (await place.Run($"run {flags} {Place.SmallAtDensities}")).Refused(code, part);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task A_stand_in_that_does_not_exist_is_refused()
    {
        using var place = installation.Place();
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["BNN_GPU"] = "procesor" };
        (await place.Run(environment, $"run --engine gpu {Place.SmallAtDensities}")).Refused(2, "BNN_GPU", "did you mean 'processor'");
    }

    [Fact]
    public async Task Doctor_and_engines_compute_the_fingerprint_on_the_device()
    {
        using var place = installation.Place();
        var (doctor, engines) = ((await place.Run(StandIn, "doctor")).Done(), (await place.Run(StandIn, "engines")).Done());
        foreach (var shown in (string[])[doctor.Out, engines.Out])
        {
            Assert.Contains("threads that stand for a graphics processor", shown, StringComparison.Ordinal);
            Assert.Contains("fingerprint 1b49983154aefc3b", shown, StringComparison.Ordinal);
        }
    }
}
