using System.Collections.Immutable;
using System.Text;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// One experiment's folder: its plan, and the reports made from it, with their hashes in SHA256SUMS. One process writes in it at a time.
/// </summary>
public sealed class ExperimentFolder(FileLayer files, string path, string lockFile)
{
    public const string PlanName = "plan.json";

    /// <summary>As <c>sha256sum -c</c> reads it.</summary>
    public const string SumsName = "SHA256SUMS";

    private const long LargestSums = 1 << 16;

    public string Path { get; } = path;

    public string Plan => In(PlanName);

    /// <summary>Whether an experiment was planned here.</summary>
    public bool IsPlanned => File.Exists(Plan);

    /// <summary>A file of the folder, by its name.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    public Result<StoredPlan> ReadPlan() => PlanFile.Read(files, Plan);

    /// <summary>Writes plan.json, unless another plan is there already.</summary>
    /// <param name="overDamaged">Whether a damaged plan is written anew.</param>
    public Result<ExperimentRecord> WritePlan(ExperimentRecord experiment, bool overDamaged = false) => Writing(() =>
    {
        var there = IsPlanned ? ReadPlan() : null;
        if (there is not null && !(overDamaged && there is Result<StoredPlan>.Failed))
        {
            return there.Bind<ExperimentRecord>(other => other.Experiment.PlanKey == experiment.PlanKey
                ? other.Experiment
                : new Fault.BadSetting(
                    "name", System.IO.Path.GetFileName(Path), "a name that isn't used yet, or its own plan",
                    $"{Plan} holds another plan ({other.Experiment.Command}); give another name"));
        }
        AtomicFile.Write(files, Plan, PlanFile.Write(experiment));
        return experiment;
    });

    /// <summary>Writes files that were made from the experiment's trainings, and SHA256SUMS.</summary>
    public Result<bool> WriteExports(IEnumerable<(string Name, string Text)> exports) => Writing<bool>(() =>
    {
        var hashes = exports.Select(export => (export.Name, AtomicFile.Write(files, In(export.Name), export.Text).Sha256)).ToList();
        if (files.HashOf(Plan) is { } plan) hashes.Add((PlanName, plan.Sha256));
        AtomicFile.Write(files, In(SumsName), string.Concat(hashes.Select(hash => $"{hash.Sha256}  {hash.Name}\n")));
        return true;
    });

    /// <summary>
    /// Which files differ from what SHA256SUMS says; none where there is no SHA256SUMS. Files that were deleted are not damaged.
    /// </summary>
    public ImmutableArray<Fault> VerifyExports()
    {
        if (!File.Exists(In(SumsName))) return [];
        var faults = ImmutableArray.CreateBuilder<Fault>();
        try
        {
            foreach (var line in Encoding.UTF8.GetString(files.ReadAll(In(SumsName), LargestSums)).TrimEnd('\n').Split('\n'))
            {
                if (line.Split("  ") is not [{ Length: Seal.Digits } expected, var name] || name != System.IO.Path.GetFileName(name))
                    faults.Add(Damaged(SumsName, "lines of a hash, two spaces and a name", "another line"));
                else if (files.HashOf(In(name)) is { } found && found.Sha256 != expected)
                    faults.Add(Damaged(name, $"SHA-256 {expected}", found.Sha256));
            }
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            faults.Add(Damaged(SumsName, "a readable file", Disk.Reason(e)));
        }
        return faults.ToImmutable();
    }

    private Fault.DamagedStore Damaged(string name, string expected, string found) =>
        new(In(name), expected, found, $"host report {Path} makes it again");

    /// <summary>Does what writes in the folder while nobody else does.</summary>
    private Result<T> Writing<T>(Func<Result<T>> write)
    {
        try
        {
            files.CreateFolder(Path);
            using var held = files.Lock(lockFile);
            AtomicFile.DeleteUnfinished(files, Path);
            return write();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unwritable(Path, e, $"{Disk.CheckRightsAndSpace}, or give another folder for results");
        }
    }
}
