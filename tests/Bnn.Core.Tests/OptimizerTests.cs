using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>What the golden files, ten steps long, do not reach.</summary>
public sealed class OptimizerTests
{
    [Fact]
    public void Adams_step_size_is_its_formula_however_late() =>
        Gen.Select(Gen.Int[1, 200_000], Gen.Double[0, 0.999], Gen.Double[0, 0.9999]).Sample((t, beta1, beta2) =>
    {
        var exact = 0.01 * Math.Sqrt(1 - Math.Pow(beta2, t)) / (1 - Math.Pow(beta1, t));
        Near.Check("step size", exact, new Optimizer.Adam(0.01, beta1, beta2).StepSize(t), Near.Relative(1e-9));
    });

    [Theory, InlineData(true), InlineData(false)]
    public void Tiny_parameters_become_plus_zero_at_every_64th_step_where_asked(bool flush)
    {
        foreach (var optimizer in (Optimizer[])[new Optimizer.Adam(0.01), new Optimizer.Sgd(0.01)])
        {
            var definition = new OptimizerDefinition(optimizer, 4);
            double[] parameters = [-1e-31, 1e-31, -1e-29, 1];
            for (var t = 1; t <= OptimizerDefinition.FlushEvery; t++)
            {
                Assert.Equal([-1e-31, 1e-31, -1e-29, 1], parameters);
                definition.Apply(t, new double[4], parameters, flush);
            }
            Assert.Equal(flush ? [0, 0, -1e-29, 1] : [-1e-31, 1e-31, -1e-29, 1], parameters);
            if (flush) Assert.False(double.IsNegative(parameters[0]));
        }
    }

    [Fact]
    public void Pruned_parameters_stay_as_they_are()
    {
        foreach (var optimizer in (Optimizer[])[new Optimizer.Adam(0.01), new Optimizer.Sgd(0.01)])
        {
            var (masked, whole) = (new OptimizerDefinition(optimizer, 3), new OptimizerDefinition(optimizer, 3));
            double[] parameters = [-1e-31, 2, 3], all = [-1e-31, 2, 3];
            for (var t = 1; t <= OptimizerDefinition.FlushEvery; t++)
            {
                masked.Apply(t, [1, 1, 1], parameters, flush: true, mask: [0, 1, 0]);
                whole.Apply(t, [1, 1, 1], all, flush: true);
            }
            Assert.Equal([-1e-31, all[1], 3], parameters);
            // Once they are kept, their moments begin at 0.
            var fresh = new OptimizerDefinition(optimizer, 3);
            double[] first = [1, 1, 1], again = [1, 1, 1];
            fresh.Apply(7, [1, 0, 1], first, flush: true);
            masked.Apply(7, [1, 0, 1], again, flush: true);
            Assert.Equal((first[0], first[2]), (again[0], again[2]));
        }
    }
}
