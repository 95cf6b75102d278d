using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Bnn.Simd;

namespace Host.Tests;

/// <summary>The same seed gives the same bytes: in another folder, with other jobs, on other vector registers.</summary>
public sealed class DeterminismTests(Installation installation)
{
    private const string Line = $"run --strategy variance,snr {Place.SmallAtDensities}";

    /// <summary>
    /// Sizes that are no multiple of any vector width; a Bayesian net, a dense one, tickets with half and with a twentieth of the weights.
    /// </summary>
    private const string Odd =
        "run --strategy variance --steps 70 --batch 7 --layers 83,17 --validation 50 --eval-every 35 --density 0.5,0.05";

    [Fact]
    public async Task Jobs_output_and_name_change_no_byte()
    {
        using var place = installation.Place();
        var one = (await place.Run($"{Line} --jobs 1 --output here --name once")).Done();
        var two = (await place.Run($"{Line} --jobs 2 --output there/below --name twice")).Done();
        var (here, there) = (place.At("here"), place.At("there/below"));
        Folders.Same(here.Lasting, there.Lasting);
        foreach (var file in (string[])["table.csv", "table.json", "plan.json"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(here.Experiment("once"), file)),
                File.ReadAllBytes(Path.Combine(there.Experiment("twice"), file)));
        }
        // They begin with the name.
        Assert.Equal(
            File.ReadLines(Path.Combine(here.Experiment("once"), "summary.md")).Skip(1),
            File.ReadLines(Path.Combine(there.Experiment("twice"), "summary.md")).Skip(1));
        Assert.Equal(here.Report("once").Replace("once: winning", "twice: winning", StringComparison.Ordinal), there.Report("twice"));
        Assert.Equal(one.Out.Split("report: ")[0], two.Out.Split("report: ")[0]);
    }

    [Fact]
    public async Task The_same_name_elsewhere_gives_the_same_report()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --output here --seeds 1,2")).Done();
        (await place.Run($"{Line} --output there --seeds 1,2")).Done();
        Folders.Same(Folders.Files(place.At("here").ExperimentsFolder), Folders.Files(place.At("there").ExperimentsFolder));
    }

    [Fact]
    public async Task Another_seed_gives_other_bytes()
    {
        using var place = installation.Place();
        (await place.Run($"{Line} --seed 1 --output one")).Done();
        (await place.Run($"{Line} --seed 2 --output two")).Done();
        var (one, two) = (place.At("one"), place.At("two"));
        Assert.Empty(one.Runs.Select(run => run.Key).Intersect(two.Runs.Select(run => run.Key)));
        foreach (var tensor in (string[])["initial.layer1.mu", "initial.layer1.rho", "final.layer3.bias"])
            Assert.NotEqual(one.Bayesian.Posterior[tensor].Bits, two.Bayesian.Posterior[tensor].Bits);
        var (random, otherRandom) = (one.Of(row => row["strategy"] == "random"), two.Of(row => row["strategy"] == "random"));
        Assert.NotEqual(random.Weights["layer1.mask"].Bytes, otherRandom.Weights["layer1.mask"].Bytes);
        Assert.NotEqual(File.ReadAllText(one.Dense.File("metrics.csv")), File.ReadAllText(two.Dense.File("metrics.csv")));
    }

    [Fact]
    public async Task Narrower_vectors_and_the_scalar_reference_give_the_same_bytes()
    {
        using var place = installation.Place();
        (await place.Run($"{Odd} --output plain")).Done().Says(Kernels(""));
        var plain = place.At("plain").Lasting;
        string[] settings = [
            "DOTNET_EnableAVX512=0", "DOTNET_PreferredVectorBitWidth=256", "DOTNET_TieredCompilation=0", "DOTNET_EnableAVX2=0",
            "DOTNET_EnableAVX2=0 BNN_KERNEL=vector", "DOTNET_EnableHWIntrinsic=0", "BNN_KERNEL=scalar"];
        foreach (var setting in settings)
        {
            var folder = setting.Replace(' ', '-');
            (await place.Run(Variables(setting), $"{Odd} --output {folder}")).Done().Says(Kernels(setting));
            Folders.Same(plain, place.At(folder).Lasting);
        }
    }

    /// <summary>What the settings did is read from the child's output, not assumed from the settings.</summary>
    [Theory, InlineData(""), InlineData("DOTNET_EnableAVX512=0"), InlineData("DOTNET_PreferredVectorBitWidth=256")]
    [InlineData("DOTNET_TieredCompilation=0"), InlineData("DOTNET_TieredPGO=0"), InlineData("DOTNET_TC_QuickJitForLoops=0")]
    [InlineData("DOTNET_ReadyToRun=0"), InlineData("DOTNET_EnableAVX2=0")]
    [InlineData("DOTNET_EnableHWIntrinsic=0"), InlineData("DOTNET_EnableHWIntrinsic=0 BNN_KERNEL=vector"), InlineData("BNN_KERNEL=scalar")]
    public async Task Doctor_finds_the_same_fingerprint_with(string settings)
    {
        using var place = installation.Place();
        var table = (await place.Run(Variables(settings), "doctor")).Done().Table;
        var says = table.ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal);

        var numerics = new SimdEngine().Numerics;
        Assert.Equal($"numerics {numerics}: fingerprint {Fingerprint.Expected(numerics)}, as expected", says["arithmetic"]);
        Assert.StartsWith($"simd: {Kernels(settings)}", says["engine"], StringComparison.Ordinal);

        bool With(params string[] any) => any.Any(setting => settings.Contains(setting, StringComparison.Ordinal));
        var has512 = Vector512.IsHardwareAccelerated && !With("EnableAVX512=0", "BitWidth=256", "EnableAVX2=0", "EnableHWIntrinsic=0");
        var has256 = Vector256.IsHardwareAccelerated && !With("EnableAVX2=0", "EnableHWIntrinsic=0");
        Assert.Equal($"{(has512 ? "" : "not ")}accelerated, says the runtime", says["512-bit vectors"]);
        Assert.Equal($"{(has256 ? "" : "not ")}accelerated, says the runtime", says["256-bit vectors"]);
        Assert.Equal($"{(HasFma(settings) ? "" : "not ")}supported, says the runtime", says["FMA"]);
    }

    [Fact]
    public async Task An_unknown_kernel_is_refused_and_the_nearest_named()
    {
        using var place = installation.Place();
        (await place.Run(new Dictionary<string, string?> { ["BNN_KERNEL"] = "scaler" }, Odd)).Refused(
            2, "BNN_KERNEL", "scaler", "did you mean 'scalar'");
        place.Results.AreEmpty();
    }

    /// <summary>A child's environment, from NAME=VALUE pairs separated by blanks.</summary>
    private static Dictionary<string, string?> Variables(string settings) =>
        settings.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(setting => setting.Split('=')[0], string? (setting) => setting.Split('=')[1], StringComparer.Ordinal);

    /// <summary>How a child with these settings must describe its kernels, from what this process has.</summary>
    private static string Kernels(string settings)
    {
        bool With(string setting) => settings.Contains(setting, StringComparison.Ordinal);
        var fma = HasFma(settings);
        if (With("KERNEL=vector") && !fma) return "vector kernels without FMA: slow, the same bits";
        if (With("KERNEL=scalar") && fma) return "scalar reference kernels: slow, the same bits";
        return !fma ? "scalar reference kernels, since there is neither AVX-512 nor AVX2 with FMA: slow, the same bits"
            : Avx512F.IsSupported && !With("EnableAVX512=0") ? "512-bit vectors (AVX-512)"
            : Avx2.IsSupported ? "256-bit vectors (AVX2, FMA)"
            : "128-bit vectors";
    }

    private static bool HasFma(string settings) => SimdEngine.HasFma
        && !settings.Contains("EnableHWIntrinsic=0", StringComparison.Ordinal)
        && !(X86Base.IsSupported && settings.Contains("EnableAVX2=0", StringComparison.Ordinal));
}
