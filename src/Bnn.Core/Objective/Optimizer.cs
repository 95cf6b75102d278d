namespace Bnn.Core;

/// <summary>How a gradient changes a parameter.</summary>
public abstract record Optimizer(double LearningRate)
{
    /// <summary>
    /// Adam in Keras' form: m += (1−β₁)(g−m), v += (1−β₂)(g²−v), p −= α·m/(√v + ε) with α = lr·√(1−β₂ᵗ)/(1−β₁ᵗ) at step t from 1.
    /// The ε is added to the uncorrected √v, unlike the paper's and PyTorch's.
    /// </summary>
    /// <remarks>Kingma and Ba 2014, arXiv:1412.6980, the form before section 2.1.</remarks>
    public sealed record Adam(double LearningRate, double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-7)
        : Optimizer(LearningRate)
    {
        /// <summary>α of step <paramref name="t"/>, from 1.</summary>
        /// <exception cref="ArgumentOutOfRangeException">A step below 1.</exception>
        public double StepSize(int t)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(t, 1);
            return LearningRate * Math.Sqrt(1 - Power(Beta2, t)) / (1 - Power(Beta1, t));
        }

        /// <summary>xⁿ by squaring: only products, hence the same bits on every machine, which Math.Pow does not guarantee.</summary>
        private static double Power(double x, int n)
        {
            var power = 1.0;
            for (; n > 0; n >>= 1, x *= x)
                if ((n & 1) != 0) power *= x;
            return power;
        }
    }

    /// <summary>Gradient descent: p −= lr·g.</summary>
    public sealed record Sgd(double LearningRate) : Optimizer(LearningRate);
}

/// <summary>
/// One parameter array's optimizer: the definition, in double. Moments below <see cref="Smallest"/> become +0 as in the engines.
/// </summary>
public sealed class OptimizerDefinition(Optimizer optimizer, int length)
{
    /// <summary>
    /// After a step divisible by <see cref="FlushEvery"/>, means, weights and moments below this size become +0: they would decay to
    /// denormal numbers, whose operations take a hundred times as long as normal ones.
    /// </summary>
    public const double Smallest = 1e-30;

    public const int FlushEvery = 64;

    private readonly double[] _m = new double[length], _v = new double[length];

    /// <summary>Applies step <paramref name="t"/>, from 1, of <paramref name="gradient"/> to <paramref name="parameters"/>.</summary>
    /// <param name="flush">Whether these parameters (μ, w: yes; ρ: no) become +0 when tiny.</param>
    /// <param name="mask">1 kept, 0 pruned; null keeps all. Pruned parameters stay as they are, tiny or not, and have no moments.</param>
    public void Apply(int t, double[] gradient, double[] parameters, bool flush, byte[]? mask = null)
    {
        var stepSize = optimizer is Optimizer.Adam a ? a.StepSize(t) : optimizer.LearningRate;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (mask is not null && mask[i] == 0) continue;
            if (optimizer is Optimizer.Adam adam)
            {
                _m[i] += (1 - adam.Beta1) * (gradient[i] - _m[i]);
                _v[i] += (1 - adam.Beta2) * (gradient[i] * gradient[i] - _v[i]);
                parameters[i] -= stepSize * _m[i] / (Math.Sqrt(_v[i]) + adam.Epsilon);
            }
            else
            {
                parameters[i] -= stepSize * gradient[i];
            }
            if (t % FlushEvery != 0) continue;
            _m[i] = Flush(_m[i]);
            _v[i] = Flush(_v[i]);
            if (flush) parameters[i] = Flush(parameters[i]);
        }
    }

    private static double Flush(double value) => Math.Abs(value) < Smallest ? 0.0 : value;
}
