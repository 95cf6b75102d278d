using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Bnn.Core;
using static Bnn.Simd.VectorMath;

namespace Bnn.Simd;

public readonly unsafe partial struct VectorKernels
{
    [MethodImpl(Hot)]
    public static void Update(in UpdateRule rule, float* w, float* m, float* v, float* gradient, uint* keep, int stride)
    {
        var step = new VectorRule(rule);
        for (var o = 0; o < stride; o += Lanes.Count)
        {
            var kept = Vector512.Load(keep + o).AsSingle();
            var g = Vector512.Load(gradient + o) & kept;
            var p = Vector512.Load(w + o);
            if (rule.IsAdam)
            {
                var (first, second) = (Vector512.Load(m + o), Vector512.Load(v + o));
                p = step.Adam(p, ref first, ref second, g);
                (first & kept).Store(m + o);
                (second & kept).Store(v + o);
            }
            else
            {
                p = step.Sgd(p, g);
            }
            (p & kept).Store(w + o);
        }
    }

    [MethodImpl(Hot)]
    public static void UpdateFlipout(in UpdateRule rule, in KlRule kl, in FlipoutRow row, float* byMu, float* byDelta, int stride)
    {
        var step = new VectorRule(rule);
        var (byPrior, factor) = (All(kl.ByPrior), All(kl.Factor));
        for (var o = 0; o < stride; o += Lanes.Count)
        {
            var (mu, rho, sigma) = (Vector512.Load(row.Mu + o), Vector512.Load(row.Rho + o), Vector512.Load(row.Sigma + o));
            var gradientOfMu = Fma(byPrior, mu, Vector512.Load(byMu + o));
            var klBySigma = Fma(byPrior, sigma, -(factor / sigma));
            var gradientOfRho = Fma(Vector512.Load(byDelta + o), Vector512.Load(row.Epsilon + o), klBySigma) * Vector512.Load(row.Slope + o);
            if (rule.IsAdam)
            {
                var (m, v) = (Vector512.Load(row.MuM + o), Vector512.Load(row.MuV + o));
                mu = step.Adam(mu, ref m, ref v, gradientOfMu);
                m.Store(row.MuM + o);
                v.Store(row.MuV + o);
                (m, v) = (Vector512.Load(row.RhoM + o), Vector512.Load(row.RhoV + o));
                rho = step.Adam(rho, ref m, ref v, gradientOfRho);
                m.Store(row.RhoM + o);
                v.Store(row.RhoV + o);
            }
            else
            {
                mu = step.Sgd(mu, gradientOfMu);
                rho = step.Sgd(rho, gradientOfRho);
            }
            mu.Store(row.Mu + o);
            rho.Store(row.Rho + o);
        }
        Refresh(kl, row, stride);
    }

    [MethodImpl(Hot)]
    public static void Refresh(in KlRule kl, in FlipoutRow row, int stride)
    {
        const int Chunk = Lanes.Count * Lanes.MantissasPerProduct;
        var scaleEpsilon = All(kl.ScaleEpsilon);
        for (var begin = 0; begin < stride; begin += Chunk)
        {
            var end = Math.Min(stride, begin + Chunk);
            var product = All(1f);
            Vector512<float> squares = default;
            Vector512<int> exponents = default;
            for (var o = begin; o < end; o += Lanes.Count)
            {
                var softplus = Softplus(Vector512.Load(row.Rho + o), out var slope);
                var sigma = scaleEpsilon + softplus;
                sigma.Store(row.Sigma + o);
                slope.Store(row.Slope + o);

                // Padding counts as σ = 1 with no squares: a factor of 1, an exponent of 0.
                var valid = Vector512.Load(row.Valid + o).AsSingle();
                var mu = Vector512.Load(row.Mu + o);
                var counted = Fma(sigma, sigma, Fma(mu, mu, squares));
                squares = Vector512.ConditionalSelect(valid, counted, squares);
                var bits = Vector512.ConditionalSelect(valid, sigma, All(1f)).AsInt32();
                product *= ((bits & Vector512.Create(0x007FFFFF)) | Vector512.Create(0x3F800000)).AsSingle();
                exponents += Vector512.ShiftRightArithmetic(bits, 23) - Vector512.Create(127);
            }
            var logSigma = Fma(Vector512.ConvertToSingle(exponents), All(PortableMath.Ln2), Log(product));
            var (lower, upper) = Vector512.Widen(Fma(All(kl.HalfPrecision), squares, -logSigma));
            (Vector512.Load(row.Kl) + lower).Store(row.Kl);
            (Vector512.Load(row.Kl + 8) + upper).Store(row.Kl + 8);
        }
    }

    public static void Perturb(float* sigma, float* epsilon, float* delta, int stride) => Multiply(sigma, epsilon, delta, stride);

    [MethodImpl(Hot)]
    public static void Flush(float* values, int count)
    {
        var smallest = All((float)OptimizerDefinition.Smallest);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var value = Vector512.Load(values + i);
            Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(value), smallest), Vector512<float>.Zero, value).Store(values + i);
        }
    }

    /// <summary>The optimizer's numbers, one to every lane.</summary>
    private readonly struct VectorRule(in UpdateRule rule)
    {
        private readonly Vector512<float> _stepSize = All(rule.StepSize), _oneMinusBeta1 = All(rule.OneMinusBeta1),
            _oneMinusBeta2 = All(rule.OneMinusBeta2), _epsilon = All(rule.Epsilon);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Adam(Vector512<float> p, ref Vector512<float> m, ref Vector512<float> v, Vector512<float> g)
        {
            m = Fma(_oneMinusBeta1, g - m, m);
            v = Fma(_oneMinusBeta2, Fma(g, g, -v), v);
            return p - _stepSize * m / (Vector512.Sqrt(v) + _epsilon);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Sgd(Vector512<float> p, Vector512<float> g) => Fma(-_stepSize, g, p);
    }
}
