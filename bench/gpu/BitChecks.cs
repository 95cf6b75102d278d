using Bnn.Core;
using Bnn.Gpu;
using Bnn.Simd;

namespace GpuCheck;

/// <summary>Trains on the device and on the cores, and compares all bits.</summary>
internal static class BitChecks
{
    /// <summary>Steps past a flush of tiny numbers.</summary>
    private const int Steps = OptimizerDefinition.FlushEvery + 6;

    private static readonly (string Name, bool IsBayesian, double? Density, bool Freezes)[] Kinds = [
        ("dense", false, null, false), ("ticket of 50 %", false, 0.5, false), ("frozen, 50 %", false, 0.5, true),
        ("ticket of 5 %", false, 0.05, false), ("Bayesian", true, null, false), ("Bayesian of 50 %", true, 0.5, false),
        ("Bayesian of 5 %", true, 0.05, false)];

    /// <summary>Says of every check whether the bits are equal. Returns whether all are.</summary>
    public static bool Run(GpuEngine engine, Subject subject)
    {
        var fingerprint = engine.CheckFingerprint();
        var equal = fingerprint is Result<string>.Ok;
        Console.Out.WriteLine(fingerprint.Match(print => $"fingerprint {print}: as the cores'", faults => faults[0].Describe()));
        foreach (var kind in Kinds) equal &= Say($"{kind.Name}, {subject.Net}, {Steps} steps", Compare(engine, subject, kind, Steps));
        foreach (var kind in Kinds)
        {
            var different = Enumerable.Range(1, 67).Where(length => Compare(engine, Of(length), kind, steps: 2) is not null).ToList();
            var found = different.Count == 0 ? null : $"lengths {string.Join(", ", different)}";
            equal &= Say($"{kind.Name}, layers of every length to 67", found);
        }
        return equal;
    }

    private static bool Say(string what, string? difference)
    {
        Console.Out.WriteLine($"{what}: {(difference is null ? "equal" : $"DIFFERENT, {difference}")}");
        return difference is null;
    }

    private static Subject Of(int length) =>
        new(new Architecture([length, length * 5 % 67 + 1, length * 3 % 9 + 2]), images: 90, batch: length * 7 % 67 + 1);

    /// <summary>What differs first; null if nothing does.</summary>
    private static string? Compare(
        GpuEngine engine, Subject subject, (string, bool IsBayesian, double? Density, bool Freezes) kind, int steps)
    {
        using var expected = subject.Stepper(new SimdEngine(), kind.IsBayesian, kind.Density, kind.Freezes, 0);
        using var actual = subject.Stepper(engine, kind.IsBayesian, kind.Density, kind.Freezes, 0);
        var (batches, items) = (subject.Batches(0), new int[subject.Batch]);
        for (var step = 1; step <= steps; step++)
        {
            batches.At(step, items);
            var (there, here) = (actual.Step(items), expected.Step(items));
            if (there != here) return $"loss of step {step}: {there} instead of {here}";
        }
        foreach (var (there, here) in actual.State().Tensors.Zip(expected.State().Tensors))
            if (!there.Content.SequenceEqual(here.Content)) return here.Name;
        return actual.Evaluate(subject.Train, items) == expected.Evaluate(subject.Train, items) ? null : "an evaluation";
    }
}
