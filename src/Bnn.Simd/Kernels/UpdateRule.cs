using Bnn.Core;

namespace Bnn.Simd;

/// <summary>The optimizer's numbers of one step, in single precision.</summary>
public readonly struct UpdateRule
{
    public UpdateRule(Optimizer optimizer, int t)
    {
        IsAdam = optimizer is Optimizer.Adam;
        if (optimizer is Optimizer.Adam adam)
        {
            (OneMinusBeta1, OneMinusBeta2, Epsilon) = ((float)(1 - adam.Beta1), (float)(1 - adam.Beta2), (float)adam.Epsilon);
            StepSize = (float)adam.StepSize(t);
        }
        else
        {
            StepSize = (float)optimizer.LearningRate;
        }
    }

    public bool IsAdam { get; }

    public float StepSize { get; }

    public float OneMinusBeta1 { get; }

    public float OneMinusBeta2 { get; }

    public float Epsilon { get; }
}
