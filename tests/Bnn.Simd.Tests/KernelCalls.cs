using Bnn.Core;

namespace Bnn.Simd.Tests;

/// <summary>A call of every kernel on the numbers of a case, in all the ways in which the layers call it.</summary>
internal static unsafe class KernelCalls<TKernels>
    where TKernels : IKernels
{
    public static IReadOnlyDictionary<string, Action<KernelCase>> All { get; } = new Dictionary<string, Action<KernelCase>>
    {
        [nameof(IKernels.Pixels)] = c => Find(c, c.Pixels(c.Size.Inputs), TKernels.Pixels),
        [nameof(IKernels.NonZeros)] = c => Find(c, c.Specials(c.Size.Inputs), TKernels.NonZeros),
        [nameof(IKernels.Rectify)] = c => Find(c, c.Specials(c.Size.Inputs), TKernels.Rectify),
        [nameof(IKernels.Forward)] = Forward,
        [nameof(IKernels.ForwardFlipout)] = ForwardFlipout,
        [nameof(IKernels.InputGradients)] = InputGradients,
        [nameof(IKernels.InputGradientsFlipout)] = InputGradientsFlipout,
        [nameof(IKernels.RowGradients)] = RowGradients,
        [nameof(IKernels.RowGradientsFlipout)] = RowGradientsFlipout,
        [nameof(IKernels.BiasGradient)] = c => ForEachWidth(c, width =>
            TKernels.BiasGradient(c.Numbers(c.Size.Batch * width), c.Size.Batch, c.Room<float>(width), width)),
        [nameof(IKernels.Update)] = c => Update(c, TKernels.Update),
        [nameof(IKernels.UpdateRows)] = UpdateRows,
        [nameof(IKernels.UpdateFreezing)] = c => Update(c, TKernels.UpdateFreezing),
        [nameof(IKernels.UpdateFlipout)] = UpdateFlipout,
        [nameof(IKernels.Refresh)] = Refresh,
        [nameof(IKernels.DrawRows)] = DrawRows,
        [nameof(IKernels.NormalRow)] = NormalRow,
        [nameof(IKernels.Words)] = c => TKernels.Words(
            Stream(c), 3, FirstBlock(c), c.Size.Inputs, c.Room<uint>(SignDraws.WordsPerBlock * c.Size.Inputs)),
        [nameof(IKernels.Multiply)] = c => TKernels.Multiply(
            c.Numbers(c.Elements), c.Numbers(c.Elements), c.Room<float>(c.Elements), c.Elements),
        [nameof(IKernels.ExpandSigns)] = c => TKernels.ExpandSigns(c.Words((c.Elements + 31) / 32), c.Room<float>(c.Elements), c.Elements),
        [nameof(IKernels.CrossEntropy)] = CrossEntropy,
        [nameof(IKernels.Flush)] = Flush,
        [nameof(IKernels.FlushKept)] = c =>
        {
            TKernels.FlushKept(c.Numbers(c.Elements, scale: 1e-29f), c.Keep(c.Elements), c.Elements);
            TKernels.FlushKept(c.Specials(c.Elements), c.Keep(c.Elements), c.Elements);
        },
        [nameof(ISparseKernels.SparseForward)] = c => ForEachGroup(c, (width, link, count) =>
            TKernels.SparseForward(link, c.Numbers(count), count, Inputs(c, width), Outputs(c, width), width)),
        [nameof(ISparseKernels.SparseBack)] = SparseBack,
        [nameof(ISparseKernels.SparseGradient)] = SparseGradient,
        [nameof(ISparseKernels.SparseUpdate)] = SparseUpdate,
        [nameof(ISparseKernels.SparseTrees)] = c =>
            TKernels.SparseTrees(c.Numbers(c.Elements * Lanes.Count), c.Room<float>(c.Elements), c.Elements),
        [nameof(ISparseKernels.SignRows)] = SignRows,
        [nameof(ISparseKernels.DrawKept)] = c => TKernels.DrawKept(
            Stream(c), 4, c.Words(c.Elements), c.Elements, c.Positive(c.Elements), c.Room<float>(c.Elements), c.Room<float>(c.Elements)),
        [nameof(ISparseKernels.SpreadBias)] = c => ForEachGroup(c, (width, _, _) =>
            TKernels.SpreadBias(c.Numbers(c.Size.Outputs), c.Room<float>(c.Size.Outputs * width), c.Size.Outputs, width)),
        [nameof(ISparseKernels.RectifyInPlace)] = c => TKernels.RectifyInPlace(c.Specials(c.Elements), c.Elements),
        [nameof(ISparseKernels.CrossEntropyOfGroup)] = CrossEntropyOfGroup,
        [nameof(ISparseKernels.TransposePixels)] = TransposePixels,
        [nameof(ISparseKernels.FindActive)] = c => ForEachGroup(c, (width, _, _) =>
            TKernels.FindActive(c.Pixels(c.Size.Inputs * width), c.Size.Inputs, c.Array(c.Size.Inputs, _ => (byte)c.Next(2)), width)),
        [nameof(ISparseKernels.ScalePixels)] = c => ForEachGroup(c, (width, _, _) => TKernels.ScalePixels(
            c.Pixels(c.Size.Inputs * width), c.Size.Inputs, c.Array(c.Size.Inputs, _ => (byte)c.Next(2)),
            c.Room<float>(c.Size.Inputs * width), width)),
    };

    private delegate int Finds<T>(T* values, int count, int first, int* column, float* x)
        where T : unmanaged;

    private delegate void Updates(in UpdateRule rule, float* w, float* m, float* v, float* gradient, ushort* keep, int count);

    private delegate void WithLinks(int width, SparseLink* link, int count);

    private static void Find<T>(KernelCase c, T* values, Finds<T> kernel)
        where T : unmanaged
    {
        var column = c.Scratch<int>(c.Size.Inputs + Lanes.Count);
        var x = c.Scratch<float>(c.Size.Inputs + Lanes.Count);
        var found = kernel(values, c.Size.Inputs, first: c.Next(1000), column, x);
        c.Result(found);
        c.Result(new ReadOnlySpan<int>(column, found));
        c.Result(new ReadOnlySpan<float>(x, found));
    }

    private static void Forward(KernelCase c)
    {
        foreach (var tiling in c.Tilings)
            TKernels.Forward(c.Examples, c.Matrix(c.Lists.Width, tiling), c.Numbers(tiling.Stride), c.MatrixRoom(c.Size.Batch, tiling));
    }

    private static void ForwardFlipout(KernelCase c) => ForEachWidth(c, width => TKernels.ForwardFlipout(
        c.Examples, c.Numbers(c.Lists.Width * width), c.Numbers(c.Lists.Width * width), c.Numbers(width), c.Signs(c.Size.Batch * width),
        c.Room<float>(c.Size.Batch * width), room: c.Scratch<float>(c.Size.Batch * width), width));

    private static void InputGradients(KernelCase c)
    {
        foreach (var (tiling, below) in LayerTilings(c))
        {
            var (w, g) = (c.Matrix(c.Lists.Width, tiling), c.Matrix(c.Size.Batch, tiling));
            TKernels.InputGradients(c.Lists.Inputs, w, g, c.MatrixRoom(c.Size.Batch, below));
        }
    }

    private static void InputGradientsFlipout(KernelCase c)
    {
        foreach (var (tiling, below) in LayerTilings(c))
        {
            var (mu, delta) = (c.Matrix(c.Lists.Width, tiling), c.Matrix(c.Lists.Width, tiling));
            var (g, gr) = (c.Matrix(c.Size.Batch, tiling), c.Matrix(c.Size.Batch, tiling));
            TKernels.InputGradientsFlipout(c.Lists.Inputs, mu, delta, g, gr, c.MatrixRoom(c.Size.Batch, below));
        }
    }

    /// <summary>Tilings of a layer's outputs, each with that of its inputs, which are a hidden layer's outputs.</summary>
    private static IEnumerable<(Tiling Outputs, Tiling Inputs)> LayerTilings(KernelCase c) =>
        c.Tilings.Select(tiling => (tiling, Tiling.Of(c.Lists.Width)));

    private static void RowGradients(KernelCase c)
    {
        foreach (var tiling in c.Tilings)
            TKernels.RowGradients(c.Lists.Inputs, c.Matrix(c.Size.Batch, tiling), c.Room<float>(c.Lists.Width * tiling.Stride));
    }

    private static void RowGradientsFlipout(KernelCase c) => ForEachWidth(c, width => TKernels.RowGradientsFlipout(
        c.Lists.Inputs, c.Numbers(c.Size.Batch * width), c.Numbers(c.Size.Batch * width),
        c.Room<float>(c.Lists.Width * width), c.Room<float>(c.Lists.Width * width), width));

    private static void Update(KernelCase c, Updates update)
    {
        ForEachRule(c, rule =>
        {
            var keep = c.Keep(c.Elements);
            var gradient = c.Numbers(c.Elements);
            for (var k = 0; k < c.Elements; k++)
                if ((keep[k / Lanes.Count] >> k % Lanes.Count & 1) == 0 && c.Chance(0.5)) gradient[k] = float.NaN;
            update(
                rule, c.Numbers(c.Elements), Moments(rule, c.Numbers(c.Elements)), Moments(rule, c.Positive(c.Elements)),
                gradient, keep, c.Elements);
        });
        ForEachRule(c, rule => TKernels.Update(
            rule, c.Numbers(c.Elements), Moments(rule, c.Numbers(c.Elements)), Moments(rule, c.Positive(c.Elements)),
            c.Numbers(c.Elements), keep: null, c.Elements));
    }

    private static void UpdateRows(KernelCase c) => ForEachWidth(c, width => ForEachRule(c, rule =>
    {
        var count = c.Lists.Width * width;
        foreach (var isWhole in (bool[])[false, true])
        {
            TKernels.UpdateRows(
                rule, c.Lists.Inputs, c.Numbers(c.Size.Batch * width), c.Numbers(count), Moments(rule, c.Numbers(count)),
                Moments(rule, c.Positive(count)), isWhole ? null : c.Keep(count), room: c.Scratch<float>(count), width);
        }
    }));

    private static void UpdateFlipout(KernelCase c) => ForEachRule(c, rule =>
    {
        var state = State(c, rule);
        // σ of pruned weights is 0, so that their 1/σ is infinite.
        for (var k = 0; k < c.Elements; k++)
            if ((state.Keep[k / Lanes.Count] >> k % Lanes.Count & 1) == 0 && c.Chance(0.5)) state.Sigma[k] = 0f;
        TKernels.UpdateFlipout(rule, KlRuleOf(c), state, c.Numbers(c.Elements), c.Numbers(c.Elements), c.Elements);
        TKernels.UpdateFlipout(rule, KlRuleOf(c), State(c, rule) with { Keep = null }, c.Numbers(c.Elements), c.Numbers(c.Elements),
            c.Elements);
    });

    private static void Refresh(KernelCase c)
    {
        TKernels.Refresh(KlRuleOf(c), State(c, new UpdateRule(new Optimizer.Sgd(1), 1)), c.Elements);
        TKernels.Refresh(KlRuleOf(c), State(c, new UpdateRule(new Optimizer.Sgd(1), 1)) with { Keep = null }, c.Elements);
    }

    private static void DrawRows(KernelCase c)
    {
        fixed (int* rows = c.Lists.ActiveInputs)
        {
            foreach (var width in Widths(c))
            {
                var elements = c.Lists.Width * width;
                TKernels.DrawRows(Stream(c), 5, NormalDraws.BlocksPerRow(c.Size.Outputs), FirstBlock(c), rows, c.Lists.ActiveCount,
                    c.Positive(elements), c.Room<float>(elements), c.Room<float>(elements), width);
            }
        }
    }

    private static void NormalRow(KernelCase c)
    {
        var stride = Lanes.Padded(c.Size.Outputs);
        for (var i = 0; i < c.Size.Inputs; i++) TKernels.NormalRow(Stream(c), 7, FirstBlock(c), c.Room<float>(stride), stride);
    }

    private static void CrossEntropy(KernelCase c)
    {
        var (classes, stride) = (c.Size.Outputs, Lanes.Padded(c.Size.Outputs));
        for (var b = 0; b < c.Size.Batch; b++)
        {
            var h = c.Numbers(stride, scale: 1 + c.Next(50));
            c.Result(TKernels.CrossEntropy(h, classes, c.Next(classes), 1f / 60, c.Room<float>(stride), stride));
            c.Result(TKernels.CrossEntropy(h, classes, c.Next(classes), 0f, null, stride));
        }
    }

    private static void Flush(KernelCase c)
    {
        TKernels.Flush(c.Numbers(c.Elements, scale: 1e-29f), c.Elements);
        TKernels.Flush(c.Specials(c.Elements), c.Elements);
    }

    private static void SparseGradient(KernelCase c)
    {
        foreach (var continued in (bool[])[false, true])
        {
            ForEachGroup(c, (width, link, count) => TKernels.SparseGradient(
                link, count, Inputs(c, width), Outputs(c, width), c.Numbers(count * Lanes.Count), width, continued));
        }
    }

    private static void SparseBack(KernelCase c)
    {
        foreach (var continued in (bool[])[false, true])
        {
            ForEachGroup(c, (width, link, count) =>
            {
                var x = c.Array((c.Size.Inputs + 1) * width, _ => c.Next(5) switch { 0 => 0f, 1 => float.NaN, _ => 0.5f + c.Next(7) });
                TKernels.SparseBack(
                    c.Begins(link, count), c.Size.Inputs + 1, link, c.Numbers(count), Outputs(c, width), x, Inputs(c, width),
                    width, continued);
            });
        }
    }

    private static void SparseUpdate(KernelCase c)
    {
        c.Links(out var links);
        var count = Lanes.Padded(links);
        ForEachRule(c, rule => TKernels.SparseUpdate(
            rule, c.Numbers(count * Lanes.Count), c.Numbers(count),
            Moments(rule, c.Numbers(count)), Moments(rule, c.Positive(count)), count));
    }

    private static void SignRows(KernelCase c)
    {
        var (rows, wordsPerRow) = (c.Size.Inputs, SignDraws.WordsPerRow(c.Size.Inputs));
        ForEachGroup(c, (width, _, _) =>
        {
            var words = c.Words(width * wordsPerRow);
            TKernels.SignRows(c.Numbers(rows * width), words, wordsPerRow, rows, null, c.Room<float>(rows * width), width);
            TKernels.SignRows(c.Numbers(rows * width), words, wordsPerRow, rows, c.Array(rows, _ => (byte)c.Next(2)),
                c.Room<float>(rows * width), width);
            var both = c.Numbers(rows * width);
            TKernels.SignRows(both, words, wordsPerRow, rows, null, both, width);
        });
    }

    private static void CrossEntropyOfGroup(KernelCase c)
    {
        var classes = c.Size.Outputs;
        ForEachGroup(c, (width, _, _) =>
        {
            var count = Math.Min(c.Size.Batch, width);
            var h = c.Numbers(classes * width, scale: 1 + c.Next(50));
            var label = c.Array(count, _ => c.Next(classes));
            TKernels.CrossEntropyOfGroup(
                h, classes, label, count, 1f / 60, c.Room<float>(classes * width), c.Room<float>(width), c.Room<int>(width), width);
            TKernels.CrossEntropyOfGroup(h, classes, label, count, 0f, null, c.Room<float>(width), c.Room<int>(width), width);
        });
    }

    private static void TransposePixels(KernelCase c)
    {
        var columns = c.Size.Inputs;
        ForEachGroup(c, (width, _, _) =>
        {
            var rows = stackalloc byte*[Lanes.Count];
            var pixels = c.Room<byte>(columns * width);
            for (var lane = 0; lane < width; lane += Lanes.Count)
            {
                for (var j = 0; j < Lanes.Count; j++) rows[j] = c.Pixels(columns);
                TKernels.TransposePixels(rows, columns, pixels + lane, width);
            }
        });
    }

    private static void ForEachWidth(KernelCase c, Action<int> call)
    {
        foreach (var width in Widths(c)) call(width);
    }

    /// <summary>Widths of tiles: a whole one's, the last one's, and that of all columns in one.</summary>
    private static IEnumerable<int> Widths(KernelCase c) =>
        c.Tilings.SelectMany(tiling => (int[])[tiling.WidthOf(0), tiling.WidthOf(tiling.Count - 1)]).Distinct();

    private static void ForEachRule(KernelCase c, Action<UpdateRule> call)
    {
        call(new UpdateRule(new Optimizer.Adam(0.0012), 1 + c.Next(1000)));
        call(new UpdateRule(new Optimizer.Sgd(0.1), 1));
    }

    /// <summary>Groups of all widths.</summary>
    private static void ForEachGroup(KernelCase c, WithLinks call)
    {
        var link = c.Links(out var count);
        for (var width = Lanes.Count; width <= LaneMatrix.Group; width += Lanes.Count) call(width, link, count);
    }

    private static float* Inputs(KernelCase c, int width) => c.Numbers((c.Size.Inputs + 1) * width);

    private static float* Outputs(KernelCase c, int width) => c.Numbers(c.Size.Outputs * width);

    /// <summary>The moments, which gradient descent doesn't have.</summary>
    private static float* Moments(in UpdateRule rule, float* moments) => rule.IsAdam ? moments : null;

    private static KlRule KlRuleOf(KernelCase c) => new(1.0 / 60_000, priorScale: 0.1 + c.Next(30) / 10.0, LayerPosterior.ScaleEpsilon);

    private static RandomStream Stream(KernelCase c) => new Seed(c.Size.Seed).Stream(StreamName.Epsilon, 2);

    /// <summary>Occasionally so late that the counter wraps around.</summary>
    private static uint FirstBlock(KernelCase c) => c.Next(8) == 0 ? uint.MaxValue - (uint)c.Next(70) : (uint)c.Next(1 << 30);

    private static FlipoutState State(KernelCase c, in UpdateRule rule)
    {
        var n = c.Elements;
        return new FlipoutState
        {
            Mu = c.Numbers(n),
            Rho = c.Array(n, _ => 40f * c.Next(1 << 20) / (1 << 20) - 30f),
            MuM = Moments(rule, c.Numbers(n)),
            MuV = Moments(rule, c.Positive(n)),
            RhoM = Moments(rule, c.Numbers(n)),
            RhoV = Moments(rule, c.Positive(n)),
            Sigma = c.Positive(n),
            Slope = c.Positive(n),
            Epsilon = c.Numbers(n),
            Keep = c.Keep(n),
            Kl = c.Array(Lanes.Count, lane => (double)lane),
        };
    }
}
