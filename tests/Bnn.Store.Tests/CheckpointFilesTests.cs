using Bnn.Core;

namespace Bnn.Store.Tests;

public sealed class CheckpointFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("checkpoint-test-").FullName;

    /// <summary>Its stepper has done fewer steps than the net has taken batches.</summary>
    [Fact]
    public void The_checkpoint_of_a_net_that_was_rewound_reads_back()
    {
        var training = Dense();
        var layout = StateLayout.Ordinary(training.Cell.Net.Layers, training.Cell.Optimizer);
        var (stepper, best) = (layout.Empty(steps: 4), PointWeights.Zero(training.Cell.Net));
        stepper.Tensors[0].Floats![1] = 1f / 3;
        best.Layers[0].Bias[0] = 2;
        var written = new LoopState(
            11, [new MetricsRow(7, null, null, null, 0.5, 0.25), new MetricsRow(10, 1, 1, null, 0.4, 0.5)],
            new LossSums(0.1, 0, 1), new BestWeights(10, 0.4, best), stepper);
        var files = new CheckpointFiles(FileLayer.OfSystem, _folder, training);
        files.Write(new Checkpoint(written, []));

        var (newest, damaged) = files.ReadNewest();
        Assert.Empty(damaged);
        var read = newest!.State;
        Assert.Equal((11, 4), (read.Step, read.Stepper.Steps));
        Assert.Equal(written.Rows, read.Rows);
        Assert.Equal((written.Sums, 10, 0.4, 2f), (read.Sums, read.Best!.Step, read.Best.Nll, read.Best.Weights.Layers[0].Bias[0]));
        foreach (var (a, b) in stepper.Tensors.Zip(read.Stepper.Tensors))
        {
            Assert.Equal(a.Name, b.Name);
            Assert.Equal(a.Floats, b.Floats);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Training Dense()
    {
        var strategy = new StrategyInfo("random", "", Keep.Highest, Needs.Nothing, "P.dll", "1", "a") { Group = "control" };
        var given = new Dictionary<string, Given>
        {
            ["strategy"] = new("random", Origin.Named("strategy")),
            ["compare"] = new("none", Origin.Named("compare")),
        };
        var settings = ExperimentSettings.Create(TrainingSettings.All, given, Origin.Named, [strategy]).OrThrow();
        var data = new DatasetFacts(36, 3, 60_000, new DataHashes("a", "b", "c", "d"));
        return Plan.Create(settings, data, new EngineIdentity("simd", 1)).OrThrow().Trainings
            .First(training => training.Kind == TrainingKind.Dense);
    }
}
