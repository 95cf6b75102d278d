using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Bnn.Tests;
using Host.Experiments;

namespace Host.Tests;

/// <summary><c>host export</c>: tensors and curves as others read them, and why they can't be had or written.</summary>
public sealed class ExportTests(Experiment experiment, Installation installation) : IClassFixture<Experiment>
{
    private static readonly string[] Curves = ["train/loss", "train/nll", "train/kl", "validation/nll", "validation/accuracy"];

    private Results Results => experiment.Results;

    [Fact]
    public async Task Npz_has_the_tensors_under_their_names_to_the_bit()
    {
        foreach (var run in (Run[])[Results.Bayesian, Results.Dense, Results.Tickets[0]])
        {
            using var place = installation.Place();
            var outcome = (await Export(place, run.Key, "--npz", "--to", "all.npz")).Done();
            Assert.Equal("npz: all.npz\n", outcome.Out);
            Assert.Empty(outcome.Err);
            Same(run.Kind == "bayesian" ? run.Posterior : run.Weights, place.File("all.npz"));
        }
    }

    [Fact]
    public async Task A_masked_Bayesian_net_has_its_mask_and_a_net_without_validation_no_early_stop()
    {
        using var place = installation.Place();
        const string Short = "--steps 20 --batch 10 --layers 5 --validation 0 --eval-every 20";
        (await place.Run($"run --strategy variance --compare none --rounds 2 {Short}")).Done();
        var masked = place.Results.Runs.First(run => run.Kind == "masked-bayesian");
        (await place.Run("export", masked.Key, "--npz", "--to", "masked.npz")).Done();
        Same(masked.Posterior, place.File("masked.npz"));
        var dense = place.Results.Runs.First(run => run.Kind == "dense");
        (await place.Run("export", dense.Key, "--npz", "--to", "dense.npz")).Done();
        Same(dense.Weights, place.File("dense.npz"));
        Assert.DoesNotContain(Npz.Read(place.File("dense.npz")), array => array.Name.StartsWith("earlystop", StringComparison.Ordinal));
        (await place.Run("export", dense.Key, "--onnx", "--moment", "early-stop", "--to", "dense.onnx"))
            .Refused(2, "--moment", "found early-stop", "final or initial", "without validation images");
    }

    [Fact]
    public async Task The_beginning_of_a_key_is_enough_and_bytes_are_the_same_again()
    {
        using var place = installation.Place();
        var key = Results.Dense.Key;
        (await Export(place, key, "--npz", "--to", "one.npz")).Done();
        (await Export(place, key[..8], "--npz", "--to", "two.npz")).Done();
        Assert.Equal(File.ReadAllBytes(place.File("one.npz")), File.ReadAllBytes(place.File("two.npz")));
    }

    [Theory]
    [InlineData("export", "no training and no experiment is given", "--npz, --onnx and --tensorboard", "--to says which file")]
    [InlineData("export 0123 --npz", "--to says which file")]
    [InlineData("export 0123 --to x.npz", "none of them is given", "give one of them")]
    [InlineData("export 0123 --npz --onnx --to x.npz", "2 of them is given", "give one of them")]
    [InlineData("export 0123 --npz --moment final --to x.npz", "--moment is of a net, and goes with --onnx", "leave it out")]
    [InlineData("export 0123 --onnx --moment finale --to x.npz", "unknown value of --moment 'finale'", "did you mean 'final'")]
    [InlineData(
        "export 012 --npz --to x.npz", "KEY: expected a training's key of 12 hex digits, or at least 4 that it begins with", "found 012")]
    [InlineData("export 0123456789abc --npz --to x.npz", "KEY", "found 0123456789abc")]
    [InlineData("export ../runs --npz --to x.npz", "KEY", "found ../runs")]
    [InlineData("export first-try --npz --to x.npz", "KEY", "found first-try", "the folders' names below runs")]
    [InlineData("export 012345 --npz --to x.npz", "KEY", "a training of", "found 012345", "table.csv")]
    [InlineData("export nothing --tensorboard --to x", "EXPERIMENT", "an experiment of", "found nothing", "ls lists them")]
    [InlineData("export ./nothing --tensorboard --to x", "EXPERIMENT", "the path of an experiment's folder", "found ./nothing")]
    [InlineData("export 0123 --npz --too x.npz", "unknown flag '--too'", "did you mean '--to'")]
    public async Task A_wrong_request_is_refused(string line, params string[] parts)
    {
        using var place = installation.Place();
        (await place.Run($"{line} --output", Results.Root)).Refused(2, parts);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Without_results_there_is_nothing_to_export()
    {
        using var place = installation.Place();
        (await place.Run("export 0123 --npz --to x.npz")).Refused(5, "store.json", "give a folder that host run wrote", "--output");
        (await place.Run("export quick --tensorboard --to x")).Refused(5, "store.json", "--output");
    }

    [Fact]
    public async Task A_key_that_is_ambiguous_unfinished_or_damaged_is_told_as_such()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy random --compare none --density 0.5 {Place.Small}")).Done();
        foreach (var key in (string[])["abcd00000000", "abcd11111111"])
            Directory.CreateDirectory(Path.Combine(place.Results.RunsFolder, key));
        (await place.Run("export abcd --npz --to x.npz")).Refused(2, "KEY", "2 begin with it: abcd00000000, abcd11111111");
        (await place.Run("export abcd0 --npz --to x.npz")).Refused(2, "KEY", "a finished training", "run the command that trains it again");
        var path = place.Results.Dense.File("weights.safetensors");
        var content = File.ReadAllBytes(path);
        content[^9] ^= 1;
        File.WriteAllBytes(path, content);
        foreach (var what in (string[])["--npz", "--onnx"])
            (await place.Run("export", place.Results.Dense.Key, what, "--to", "x.npz")).Refused(5, path, "SHA-256");
        File.Delete(path);
        (await place.Run("export", place.Results.Dense.Key, "--npz", "--to", "x.npz")).Refused(5, path, "no such file");
        File.WriteAllText(place.Results.Tickets[0].File("config.json"), "{}");
        (await place.Run("export", place.Results.Tickets[0].Key, "--onnx", "--to", "x.npz"))
            .Refused(5, "config.json", "the settings of key");
        Assert.False(File.Exists(place.File("x.npz")));
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_by_force_alone()
    {
        using var place = installation.Place();
        File.WriteAllText(place.File("mine.npz"), "mine");
        (await Export(place, Results.Dense.Key, "--npz", "--to", "mine.npz")).Refused(2, "--to", "found mine.npz", "--force to replace it");
        Assert.Equal("mine", File.ReadAllText(place.File("mine.npz")));
        (await Export(place, Results.Dense.Key, "--npz", "--to", "mine.npz", "--force")).Done();
        Same(Results.Dense.Weights, place.File("mine.npz"));
        Assert.Equal(["mine.npz"], Folders.Files(place.Folder).Keys);
    }

    [Fact]
    public async Task Where_no_file_can_be_is_said_with_the_reason()
    {
        using var place = installation.Place();
        Directory.CreateDirectory(place.File("folder"));
        File.WriteAllText(place.File("file"), "");
        (await Export(place, Results.Dense.Key, "--npz", "--to", "no/x.npz")).Refused(6, "there is no such folder", "make the folder");
        (await Export(place, Results.Dense.Key, "--npz", "--to", "folder", "--force")).Refused(6, "folder", "is a folder, not a file");
        (await Export(place, Results.Dense.Key, "--npz", "--to", "file/x.npz")).Refused(6, "is a file where a folder is needed");
        (await Export(place, Results.Dense.Key, "--npz", "--to", "")).Refused(2, "--to", "found nothing");
        (await Export(place, Name, "--tensorboard", "--to", "file/curves")).Refused(6, "is a file where a folder is needed");
        Assert.Equal(["file"], Folders.Files(place.Folder).Keys);
    }

    [Fact]
    public async Task A_device_or_a_pipe_is_never_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs mkfifo");
        using var place = installation.Place();
        (await place.Sh("mkfifo pipe")).Done();
        foreach (var (name, kind) in ((string, string)[])[("pipe", "a named pipe"), ("/dev/null", "a device")])
            (await Export(place, Results.Dense.Key, "--onnx", "--to", name, "--force")).Refused(6, name, $"is {kind}, not a file");
    }

    [Fact]
    public async Task What_the_disk_does_not_take_leaves_nothing_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "limits files by ulimit");
        using var place = installation.Place();
        // The runtime itself needs a larger file for memory that is written or executed, unless it may do both.
        var outcome = await place.Sh(
            "export DOTNET_EnableWriteXorExecute=0; ulimit -f 2\n"
            + $"host export {Results.Dense.Key} --npz --to x.npz --output '{Results.Root}'");
        outcome.Refused(6, "x.npz", "can't be written (the file would be larger", "check its rights and the free space");
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Nothing_is_written_into_what_the_results_keep()
    {
        using var place = installation.Place();
        var before = Folders.Files(Results.Root);
        foreach (var target in (string[])[Results.Dense.File("weights.safetensors"), Path.Combine(Results.Root, "store.json")])
            (await Export(place, Results.Dense.Key, "--npz", "--to", target, "--force")).Refused(2, "--to", "a place outside of what");
        (await Export(place, Name, "--tensorboard", "--to", Path.Combine(Results.RunsFolder, "curves")))
            .Refused(2, "a place outside of what");
        Folders.Same(before, Folders.Files(Results.Root));
    }

    [Fact]
    public async Task Curves_are_those_of_metrics_csv_by_name_and_by_path()
    {
        using var place = installation.Place();
        var outcome = (await Export(place, Name, "--tensorboard", "--to", "curves")).Done();
        Assert.Equal("tensorboard: curves\n", outcome.Out);
        var folders = Directory.GetDirectories(place.File("curves"));
        Assert.Equal(Results.Table().Count, folders.Length);
        Assert.Contains($"variance-0.5-seed1-{Results.Of(IsVariance).Key}", folders.Select(Path.GetFileName));
        foreach (var row in Results.Table())
        {
            var folder = Assert.Single(folders, folder => folder.EndsWith($"-seed{row["seed"]}-{row["run"]}", StringComparison.Ordinal));
            var events = Events.Read(File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder, "*tfevents*"))));
            var metrics = Results.Run(row["run"]).Metrics.Skip(1).ToList();
            Assert.Equal(metrics.Select(cells => long.Parse(cells[0], CultureInfo.InvariantCulture)), events.Skip(1).Select(e => e.Step));
            foreach (var (cells, e) in metrics.Zip(events.Skip(1)))
            {
                Assert.Equal(
                    Curves.Zip(cells.Skip(1)).Where(curve => curve.Second.Length > 0)
                        .ToDictionary(curve => curve.First, curve => (float)double.Parse(curve.Second, CultureInfo.InvariantCulture)),
                    e.Scalars);
            }
        }
        (await place.Run("export", Results.Experiment(), "--tensorboard", "--to", "by-path/below")).Done();
        Folders.Same(Folders.Files(place.File("curves")), Folders.Files(place.File("by-path/below")));
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_written_to_by_force_alone()
    {
        using var place = installation.Place();
        Directory.CreateDirectory(place.File("curves"));
        File.WriteAllText(place.File("curves/mine"), "mine");
        (await Export(place, Name, "--tensorboard", "--to", "curves")).Refused(2, "--to", "found curves", "--force to write beside");
        (await Export(place, Name, "--tensorboard", "--to", "curves", "--force")).Done();
        (await Export(place, Name, "--tensorboard", "--to", "curves/", "--force")).Done();
        Assert.Equal(1 + Results.Table().Count, Folders.Files(place.File("curves")).Count);
    }

    [Fact]
    public async Task Trainings_without_a_curve_are_named_and_the_others_exported()
    {
        using var place = installation.Place();
        (await place.Run($"run --strategy random --compare none --density 0.5,0.2 {Place.Small} --name mine")).Done();
        File.Delete(place.Results.Tickets[0].File("result.json"));
        (await place.Run("export mine --tensorboard --to one")).Done().Says("not finished, and so without a curve: 1 of 4 trainings");
        Assert.Equal(3, Directory.GetDirectories(place.File("one")).Length);
        File.AppendAllText(place.Results.Tickets[1].File("metrics.csv"), "70,1,1,,1,1\n");
        (await place.Run("export mine --tensorboard --to two")).Ends(5).Says(place.Results.Tickets[1].File("metrics.csv"));
        Assert.Equal(2, Directory.GetDirectories(place.File("two")).Length);
        foreach (var run in place.Results.Runs) File.Delete(run.File("result.json"));
        (await place.Run("export mine --tensorboard --to three")).Refused(2, "no training of", "is finished", "run its command first");
        (await place.Run("export min --tensorboard --to three")).Refused(2, "EXPERIMENT", "did you mean 'mine'?");
        File.WriteAllText(Path.Combine(place.Results.Experiment("mine"), "plan.json"), "{}");
        (await place.Run("export mine --tensorboard --to three")).Refused(5, "plan.json");
        Assert.False(Directory.Exists(place.File("three")));
    }

    [Theory]
    [InlineData("snr-power:alpha=0.5 0.05", "snr-power-alpha=0.5-0.05-seed1-0123456789ab")]
    [InlineData("../../etc/<b>&", "etc-b-seed1-0123456789ab"), InlineData("-x", "x-seed1-0123456789ab")]
    [InlineData("", "seed1-0123456789ab")]
    [InlineData("...", "seed1-0123456789ab"), InlineData("σ\u202e\n\0", "seed1-0123456789ab")]
    public void Whatever_a_training_is_called_its_folder_has_a_safe_name(string label, string expected)
    {
        var cell = new PlannedCell(
            Digest.Of(label), TrainingKind.Ticket, new Architecture([2, 2]), label, 1, null, null, null, ImmutableArray<NamedValue>.Empty);
        Assert.Equal(expected, NetExport.CurvesFolder(new PlannedTraining(new TrainingKey("0123456789ab"), new Seed(1), cell)));
        var longer = cell with { Label = new string('x', 500) };
        Assert.Equal(60 + 19, NetExport.CurvesFolder(new PlannedTraining(new TrainingKey("0123456789ab"), new Seed(1), longer)).Length);
    }

    private string Name => Path.GetFileName(Results.Experiment());

    private static bool IsVariance(Row row) => row["strategy"] == "variance" && row["target_density"] == "0.5";

    private Task<Outcome> Export(Place place, string what, params string[] flags) =>
        place.Run("export", [what, .. flags, "--output", Results.Root]);

    private static void Same(TensorFile expected, string file)
    {
        var arrays = Npz.Read(file);
        Assert.Equal(expected.Names, arrays.Select(array => array.Name));
        Assert.All(arrays, array =>
        {
            var tensor = expected[array.Name];
            Assert.Equal(tensor.Type == "F32" ? "<f4" : "|u1", array.Type);
            Assert.Equal(tensor.Shape, array.Shape);
            Assert.Equal(tensor.Bytes, array.Bytes);
        });
    }
}
