namespace Bnn.Gpu;

/// <summary>How a device is used; none of it changes a result.</summary>
public sealed record GpuOptions
{
    /// <summary>Most nets of one recipe on the device, at least 1; fewer where its memory doesn't hold them.</summary>
    public int Nets { get; init; } = 512;

    /// <summary>
    /// Nets of one recipe below which the cores are faster: a net alone takes about as long per step on a device as on a core, so that as
    /// many as there are cores are done as soon there.
    /// </summary>
    public int Fewest
    {
        get => field > 0 ? field : Math.Max(3, Cores + 1);
        init;
    }

    /// <summary>Steps that a net does before its thread is told of their losses, at least 1.</summary>
    public int StretchSteps { get; init; } = 100;

    /// <summary>How long the device waits for nets that don't ask for anything.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Trainings that the cores do at the same time, at least 1.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>Told once, with the reason, when the device failed and the cores go on alone.</summary>
    public Action<string>? OnLost { get; init; }

    /// <summary>For tests: called on the device's thread before it trains, with the steps done so far.</summary>
    internal Action<long>? Training { get; init; }
}
