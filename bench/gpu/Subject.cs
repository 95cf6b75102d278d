using Bnn.Core;

namespace GpuCheck;

/// <summary>What is trained: images, a net, and every kind of training.</summary>
internal sealed class Subject
{
    public const double LearningRate = 0.0012;

    private readonly Seed _seed = new(1);

    public Subject(Architecture net, int images, int batch)
    {
        (Net, Batch) = (net, batch);
        Train = Images(net, images);
    }

    /// <summary>The net of the default run, with images as sparse as MNIST's.</summary>
    public static Subject Usual { get; } = new(new Architecture([784, 300, 100, 10]), images: 60_000, batch: 60);

    /// <summary>One for threads that stand for a graphics processor.</summary>
    public static Subject Tiny { get; } = new(new Architecture([49, 20, 12, 10]), images: 500, batch: 12);

    public Architecture Net { get; }

    public Samples Train { get; }

    public int Batch { get; }

    /// <summary>Items of each step of a net.</summary>
    public Batches Batches(int net) => new(new Seed((ulong)net + 1), [.. Enumerable.Range(0, Train.Count)], Batch);

    /// <summary>A net at its start.</summary>
    /// <param name="density">Kept share of the weights; null for a net without a mask.</param>
    /// <param name="number">Nets of different numbers differ.</param>
    public IStepper Stepper(ITrainingEngine engine, bool isBayesian, double? density, bool freezes, int number)
    {
        var seed = new Seed((ulong)number + 1);
        var start = Initialisation.Posterior(seed, Net);
        var adam = new Optimizer.Adam(LearningRate);
        var mask = density is { } share ? MaskOf(seed, share) : null;
        return isBayesian
            ? engine.Bayesian(
                new BayesianSetup(
                    start, adam, Batch, 1.0 / Train.Count, 1, LayerPosterior.ScaleEpsilon, new NoiseSource.OfSeed(seed), mask),
                Train)
            : engine.Ordinary(new OrdinarySetup(start.Means(), mask, adam, Batch) { FreezesPruned = freezes }, Train);
    }

    /// <summary>Weights kept at random, of the last layer half of what is pruned elsewhere.</summary>
    private Mask MaskOf(Seed seed, double density) => new([.. Net.Layers.Select((shape, l) =>
    {
        var stream = seed.Stream(StreamName.StrategyRandom, l);
        var kept = l < Net.Layers.Length - 1 ? density : (1 + density) / 2;
        return new LayerMask(shape, [.. Enumerable.Range(0, shape.Weights)
            .Select(w => (byte)(stream.Word(0, (uint)w) < kept * uint.MaxValue ? 1 : 0))]);
    })]);

    /// <summary>Images that are dark at the border, and a fifth of whose pixels aren't 0, as MNIST's.</summary>
    private Samples Images(Architecture net, int count)
    {
        var (width, side) = (net.Sizes[0], (int)Math.Sqrt(net.Sizes[0]));
        var (pixels, labels) = (new byte[count * width], new byte[count]);
        var stream = _seed.Stream(StreamName.Split, 1);
        for (var row = 0; row < count; row++)
        {
            labels[row] = (byte)(row % net.Sizes[^1]);
            for (var i = 0; i < width; i += 4)
            {
                var words = stream.Block(row, (uint)(i / 4));
                foreach (var (k, word) in ((uint[])[words.W0, words.W1, words.W2, words.W3]).Index())
                {
                    if (i + k >= width) continue;
                    var (x, y) = ((i + k) % side - side / 2, (i + k) / side - side / 2);
                    var isInside = 4 * (x * x + y * y) < side * side;
                    if (isInside && word % 4 == 0) pixels[row * width + i + k] = (byte)(word >> 24 | 1);
                }
            }
        }
        return Samples.FromPixels(pixels, labels, width);
    }
}
