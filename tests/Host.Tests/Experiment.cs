namespace Host.Tests;

/// <summary>One small experiment that several tests read and none changes.</summary>
public sealed class Experiment(Installation installation) : IAsyncLifetime
{
    public const string Command = $"run --strategy variance {Place.SmallAtDensities}";

    public Place Place { get; } = installation.Place();

    public Outcome Outcome { get; private set; } = null!;

    public Results Results => Place.Results;

    public async ValueTask InitializeAsync() => Outcome = (await Place.Run(Command)).Done();

    public ValueTask DisposeAsync()
    {
        Place.Dispose();
        return ValueTask.CompletedTask;
    }
}
