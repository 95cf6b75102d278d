using Bnn.Core;
using Bnn.Simd;
using Bnn.Store;
using Host.Experiments;

namespace Host.Tests;

/// <summary>One training, from its cell to its folder, for every kind of net.</summary>
public sealed class TrainingRunnerTests : IDisposable
{
    private static readonly StrategyInfo Strategy = new("some", "", Keep.Highest, Needs.Nothing, "P.dll", "1", "a");
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private readonly string _folder = Folders.Temporary("runner");

    [Theory]
    [InlineData(TrainingKind.Bayesian), InlineData(TrainingKind.Dense), InlineData(TrainingKind.Ticket)]
    [InlineData(TrainingKind.MaskedBayesian)]
    public void A_training_is_kept_with_what_its_kind_has(TrainingKind kind)
    {
        var (training, store, data) = Case(kind);
        var (mask, progress) = (training.Cell.Mask is null ? null : EveryThird(training.Cell.Net), new TrainingProgress(training));
        var runner = Runner(store, data, mask);
        Assert.Equal(TrainingState.Trained, Run(runner, training, progress));
        Assert.True(runner.IsDone(training).OrThrow());
        Assert.Equal(TrainingState.Reused, Run(runner, training, progress));

        var folder = store.Training(training.Key);
        Assert.Equal(training.Config, File.ReadAllText(folder.Config));
        var finished = folder.ReadFinished(new PlannedTraining(training.Key, training.Seed, PlannedCell.Of(training))).OrThrow().Training;
        Assert.Equal((mask ?? Mask.All(training.Cell.Net)).KeptCount, finished.Record.KeptCount);
        Assert.Equal([0, 10, 20, 25], finished.Rows.Select(row => row.Step));
        Assert.Equal(kind.IsBayesian(), finished.Rows[1].Kl is not null);
        Assert.Equal((kind.IsBayesian(), !kind.IsBayesian()), (File.Exists(folder.Posterior), File.Exists(folder.Weights)));
        Assert.Equal(25, progress.Step);
    }

    [Fact]
    public void A_masked_Bayesian_net_is_stored_with_its_mask_and_nothing_at_pruned_weights()
    {
        var (training, store, data) = Case(TrainingKind.MaskedBayesian);
        var mask = EveryThird(training.Cell.Net);
        Run(Runner(store, data, mask), training, new TrainingProgress(training));
        var tensors = Safetensors.Read(store.Training(training.Key).Posterior).OrThrow();
        foreach (var (layer, l) in mask.Layers.Select((layer, l) => (layer, l + 1)))
        {
            Assert.Equal(layer.Kept, tensors[$"layer{l}.mask"].Bytes);
            foreach (var name in (string[])[$"initial.layer{l}.mu", $"initial.layer{l}.rho", $"final.layer{l}.mu", $"final.layer{l}.rho"])
            {
                var values = tensors[name].Floats!;
                for (var i = 0; i < values.Length; i++)
                {
                    var isRight = layer.Kept[i] != 0 ? values[i] != 0 : BitConverter.SingleToInt32Bits(values[i]) == 0;
                    Assert.True(isRight, $"{name}[{i}] = {values[i]}");
                }
            }
        }
    }

    [Fact]
    public void What_an_earlier_attempt_left_and_this_one_has_not_is_gone()
    {
        var (training, store, data) = Case(TrainingKind.Bayesian);
        var folder = store.Training(training.Key);
        Directory.CreateDirectory(folder.Path);
        foreach (var name in (string[])[TrainingFolder.SnapshotsName, $"{TrainingFolder.MetricsName}.abc.tmp"])
            File.WriteAllText(folder.In(name), "of an attempt that was killed");
        Run(Runner(store, data, null), training, new TrainingProgress(training));
        Assert.Equal(
            ["config.json", "log.txt", "metrics.csv", "posterior.safetensors", "result.json"], Folders.Files(folder.Path).Keys);
    }

    [Fact]
    public void What_a_writer_left_that_was_killed_after_its_last_file_goes_with_the_next_run()
    {
        var (training, store, data) = Case(TrainingKind.Dense);
        var runner = Runner(store, data, null);
        Run(runner, training, new TrainingProgress(training));
        var folder = store.Training(training.Key);
        var whole = Folders.Files(folder.Path);
        foreach (var name in (string[])["checkpoint-20.safetensors", "result.json.abc.tmp"]) File.WriteAllText(folder.In(name), "left");
        using (var held = folder.TryLease())
        {
            Assert.NotNull(held);
            Assert.True(runner.IsDone(training).OrThrow());
            Assert.True(File.Exists(folder.In("checkpoint-20.safetensors")));         // someone may still be at work there
        }
        Assert.True(runner.IsDone(training).OrThrow());
        Folders.Same(whole, Folders.Files(folder.Path));
    }

    [Fact]
    public void What_another_has_claimed_is_left_to_it_until_it_is_let_go()
    {
        var (training, store, data) = Case(TrainingKind.Dense);
        var runner = Runner(store, data, null);
        using (var held = store.Training(training.Key).TryLease())
        {
            Assert.NotNull(held);
            Assert.Equal(TrainingState.Elsewhere, Run(runner, training, new TrainingProgress(training)));
        }
        Assert.Equal(TrainingState.Trained, Run(runner, training, new TrainingProgress(training)));
    }

    [Fact]
    public void Who_loses_its_lease_commits_nothing_and_leaves_the_other_its_own()
    {
        var (training, store, data) = Case(TrainingKind.Ticket);
        var lease = Path.Combine(_folder, ".leases", training.Key.Value);
        var other = LeaseFile.Write(new LeaseRecord("another", Holder.OfProcess with { Host = "node7" }, DateTimeOffset.UnixEpoch, "1"));
        var runner = new TrainingRunner(
            store, data, new SimdEngine(),
            (_, _) =>
            {
                File.WriteAllBytes(lease, other);                     // as one does who took it over
                return new FoundMask(EveryThird(training.Cell.Net), []);
            },
            new Starts(store), Never, TimeProvider.System);
        Assert.Equal(TrainingState.Elsewhere, Run(runner, training, new TrainingProgress(training)));
        Assert.False(store.Training(training.Key).IsDone);
        Assert.Equal(other, File.ReadAllBytes(lease));
        Assert.Contains("another process has taken it over", File.ReadAllText(store.Training(training.Key).Log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_strategy_s_fault_is_the_training_s_and_leaves_nothing_finished()
    {
        var (training, store, data) = Case(TrainingKind.Ticket);
        var runner = new TrainingRunner(
            store, data, new SimdEngine(), (_, _) => new Fault.StrategyFailed("some", "P.dll", "threw", "fix it"), new Starts(store),
            Never, TimeProvider.System);
        Assert.IsType<Result<TrainingState>.Failed>(runner.TryRun(training, new TrainingProgress(training), CancellationToken.None));
        Assert.False(store.Training(training.Key).IsDone);
        Assert.Contains("threw", File.ReadAllText(store.Training(training.Key).Log), StringComparison.Ordinal);
        Assert.Contains("threw", store.Training(training.Key).ReadFailure()!.Reason, StringComparison.Ordinal);
        Run(Runner(store, data, EveryThird(training.Cell.Net)), training, new TrainingProgress(training));
        Assert.Null(store.Training(training.Key).ReadFailure());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TrainingState Run(TrainingRunner runner, Training training, TrainingProgress progress) =>
        runner.TryRun(training, progress, CancellationToken.None).OrThrow();

    private static TrainingRunner Runner(ResultsStore store, Dataset data, Mask? mask) =>
        new(store, data, new SimdEngine(), (_, _) => new FoundMask(mask, []), new Starts(store), Never, TimeProvider.System);

    private (Training Training, ResultsStore Store, Dataset Data) Case(TrainingKind kind)
    {
        var given = new Dictionary<string, Given>();
        foreach (var (name, text) in ((string, string)[])[
            ("steps", "25"), ("eval-every", "10"), ("batch", "5"), ("layers", "7"), ("validation", "20"), ("lr", "0.01")])
            given[name] = new Given(text, Origin.Named(name));
        StrategyInfo[] known = [
            Strategy with { Name = "variance" }, Strategy with { Name = "magnitude" }, Strategy with { Name = "random" }];
        var settings = ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, known).OrThrow();
        var data = MadeUp();
        var plan = Plan.Create(settings, DatasetFacts.Of(data), new EngineIdentity("simd", 2)).OrThrow();
        var mask = kind is TrainingKind.Ticket or TrainingKind.MaskedBayesian
            ? new MaskRecipe(Strategy, new Cut.AtDensity(Density.Create(0.3m).OrThrow(), MaskScope.Layerwise))
            : null;
        return (new Training(new Cell(plan.Basis, kind, mask), new Seed(1), []), ResultsStore.Open(_folder).OrThrow(), data);
    }

    private static Mask EveryThird(Architecture net) => new([.. net.Layers.Select(shape =>
        new LayerMask(shape, [.. Enumerable.Range(0, shape.Weights).Select(i => (byte)(i % 3 == 0 ? 1 : 0))]))]);

    /// <summary>Images of 4×4 whose brightest row is their class.</summary>
    private static Dataset MadeUp()
    {
        Samples Set(int count) => Samples.FromPixels(
            [.. Enumerable.Range(0, 16 * count).Select(k => (byte)((k * 37 % 90) + (k / 4 % 4 == k / 16 % 4 ? 120 : 0)))],
            [.. Enumerable.Range(0, count).Select(i => (byte)(i % 4))], 16);
        return new Dataset(Set(100), Set(40), 4, 4, 4, new DataHashes("a", "b", "c", "d"));
    }
}
