using Bnn.Core;

namespace Bnn.Store;

/// <summary>One experiment's folder: its plan, and the reports made from it.</summary>
public sealed class ExperimentFolder(string path)
{
    private const string PlanName = "plan.json";

    public string Path { get; } = path;

    public string Plan => In(PlanName);

    /// <summary>Whether an experiment was planned here.</summary>
    public bool IsPlanned => File.Exists(Plan);

    /// <summary>A file of the folder, by its name.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    public Result<ExperimentRecord> ReadPlan() => PlanFile.Read(Plan);

    /// <summary>Writes plan.json, unless another plan is there already.</summary>
    public Result<ExperimentRecord> WritePlan(ExperimentRecord experiment)
    {
        if (IsPlanned)
        {
            var taken = ReadPlan().Bind<ExperimentRecord>(other => other.PlanKey == experiment.PlanKey
                ? other
                : new Fault.BadSetting(
                    "name", System.IO.Path.GetFileName(Path), "a name that isn't used yet, or its own plan",
                    $"{Plan} holds another plan ({other.Command}); give another name"));
            if (taken is Result<ExperimentRecord>.Failed) return taken;
        }
        return Disk.Write(
            Plan,
            () =>
            {
                Directory.CreateDirectory(Path);
                AtomicFile.Write(Plan, PlanFile.Write(experiment));
                return experiment;
            },
            $"{Disk.CheckRightsAndSpace}, or give another folder for results");
    }
}
