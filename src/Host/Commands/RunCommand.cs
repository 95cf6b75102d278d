using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host run</c>: reads settings from flags and trains what they ask for.</summary>
public sealed class RunCommand : ExperimentCommand
{
    private SettingFlags _flags = null!;
    private readonly Option<bool> _printConfig = new("--print-config") { Description = "Show all settings, resolved, and train nothing." };

    public RunCommand()
        : base("run",
            """
            Train the Bayesian net, the dense net and a ticket for each strategy and density; write a report. What an earlier command
            trained is reused.

            Examples:
              host run --strategy variance
              host run --strategy variance,snr --seeds 1..5
              host run --strategy variance --compare magnitude --rounds 20
              host run --strategy variance --threshold 0.01 --compare magnitude
              host run --strategy snr --scope layerwise --density 0.05 --steps 10000 --data /usr/share/datasets/fashion-mnist
            """) => Options.Add(_printConfig);

    public override void AddSettings()
    {
        _flags = new SettingFlags(this, RunSettings.Table);
        base.AddSettings();
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults) => Run(
        new ExperimentRequest(
            [new GivenArm("", _flags.Given(flags))],
            SettingFlags.OriginOf,
            settings => CommandText.Kept(settings.Values.GivenTexts),
            settings => TypedCommand.Run(settings.Values.TypedTexts)),
        flags,
        faults,
        flags.GetValue(_printConfig) ? PrintConfig : null);

    private static Result<int> PrintConfig(PreparedExperiment prepared)
    {
        foreach (var setting in ExperimentRecord.SettingsOf(prepared.Plan)) Console.Out.WriteLine($"{setting.Name} = {setting.Value}");
        Console.Out.WriteLine($"jobs = {prepared.Jobs}");
        Console.Out.WriteLine($"trainings = {prepared.Plan.Trainings.Length}");
        Console.Out.WriteLine($"experiment = {prepared.Name}");
        return ExitCode.Done;
    }
}
