using System.Collections.Immutable;
using System.Security.Cryptography;
using Bnn.Core;

namespace Bnn.Store;

/// <summary>
/// One experiment's folder: its plan, and the reports made from it, with their hashes in SHA256SUMS. One process writes in it at a time.
/// </summary>
/// <param name="files">How the disk is reached.</param>
/// <param name="path">The folder, whose name is the experiment's.</param>
/// <param name="leases">Who may write in it.</param>
public sealed class ExperimentFolder(FileLayer files, string path, Leases leases)
{
    public const string PlanName = "plan.json";

    /// <summary>As <c>sha256sum -c</c> reads it.</summary>
    public const string SumsName = "SHA256SUMS";

    private const long LargestSums = 1 << 16, LargestTable = 1L << 31;
    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary<string, string>.Empty;

    public string Path { get; } = path;

    public string Name => System.IO.Path.GetFileName(Path);

    public string Plan => In(PlanName);

    /// <summary>Whether an experiment was planned here.</summary>
    public bool IsPlanned => System.IO.Path.Exists(Plan);

    /// <summary>A file of the folder, by its name.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>plan.json, whose seal must be unbroken; and it must be the one that the reports were made from.</summary>
    public Result<StoredPlan> ReadPlan() => PlanFile.Read(files, Plan).Bind(plan => Reading<StoredPlan>(PlanName, PlanFile.Again, () =>
        ReadSums() is Result<ImmutableSortedDictionary<string, string>>.Ok(var sums) && sums.TryGetValue(PlanName, out var expected)
            && files.HashOf(Plan) is { } found && found.Sha256 != expected
            ? new Fault.DamagedStore(
                Plan, $"SHA-256 {expected}, as in {In(SumsName)}", found.Sha256,
                $"one of the two is another experiment's: {PlanFile.Again}, or delete {SumsName} if the plan is right")
            : plan));

    /// <summary>Writes plan.json, unless another plan is there already.</summary>
    /// <param name="overDamaged">Whether a damaged plan is written anew.</param>
    /// <param name="extends">Whether a plan may take the place of one all of whose trainings it has.</param>
    public Result<ExperimentRecord> WritePlan(ExperimentRecord experiment, bool overDamaged = false, bool extends = false) => Writing(() =>
    {
        var there = IsPlanned ? ReadPlan() : null;
        var isExtended = extends && there is Result<StoredPlan>.Ok({ Experiment: var earlier }) && Contains(experiment, earlier);
        if (there is not null && !isExtended && !(overDamaged && there is Result<StoredPlan>.Failed))
        {
            return there.Bind<ExperimentRecord>(other => other.Experiment.PlanKey == experiment.PlanKey
                ? other.Experiment
                : new Fault.BadSetting(
                    "name", System.IO.Path.GetFileName(Path), "a name that isn't used yet, or its own plan",
                    $"{Plan} holds another plan ({other.Experiment.Command}); give another name"));
        }
        files.Delete(In(SumsName));         // it speaks of another plan.json
        AtomicFile.Write(files, Plan, PlanFile.Write(experiment));
        return experiment;
    });

    /// <summary>The gradients' variances that were measured here so far; null where there are none that this version measures.</summary>
    public Result<GradientVariance?> ReadVariance() => System.IO.Path.Exists(In(VarianceFile.Name))
        ? Reading(VarianceFile.Name, VarianceFile.Again, () => VarianceFile.Parse(
            In(VarianceFile.Name), files.ReadAll(In(VarianceFile.Name), VarianceFile.LargestSize)))
        : new Result<GradientVariance?>.Ok(null);

    private static bool Contains(ExperimentRecord experiment, ExperimentRecord earlier)
    {
        var own = experiment.Trainings.Select(training => training.Key).ToHashSet();
        return earlier.Trainings.All(training => own.Contains(training.Key));
    }

    /// <summary>
    /// Writes files that were made from the experiment's trainings, and SHA256SUMS, in which other files that are there stay as they were.
    /// </summary>
    public Result<bool> WriteExports(IEnumerable<(string Name, string Text)> exports) => Writing<bool>(() =>
    {
        var earlier = ReadSums().Match(sums => sums, _ => Nothing);
        var hashes = exports.Select(export => (export.Name, AtomicFile.Write(files, In(export.Name), export.Text).Sha256)).ToList();
        hashes.AddRange(earlier.Remove(PlanName)
            .Where(file => !hashes.Exists(written => written.Name == file.Key) && System.IO.Path.Exists(In(file.Key)))
            .Select(file => (file.Key, file.Value)));
        if (files.HashOf(Plan) is { } plan) hashes.Add((PlanName, plan.Sha256));
        AtomicFile.Write(files, In(SumsName), SumsFile.Write(hashes));
        return true;
    });

    /// <summary>
    /// Which files but plan.json differ from what SHA256SUMS says; none where there is no SHA256SUMS. Files that were deleted are not
    /// damaged.
    /// </summary>
    public ImmutableArray<Fault> VerifyExports()
    {
        var faults = new List<Fault>();
        foreach (var (name, expected) in (ReadSums().ValueOr(faults) ?? Nothing).Remove(PlanName))
        {
            Reading<bool>(name, Again, () => files.HashOf(In(name)) is { } found && found.Sha256 != expected
                ? Damaged(name, $"SHA-256 {expected}", found.Sha256)
                : true).ValueOr(faults);
        }
        return [.. faults];
    }

    /// <summary>
    /// Whether the report here is of the plan that is here, with so many finished trainings: told from the table that is written with it.
    /// </summary>
    public bool HasReportOf(int trainings)
    {
        const string Table = "table.csv";
        const byte LineFeed = (byte)'\n';
        try
        {
            return ReadSums() is Result<ImmutableSortedDictionary<string, string>>.Ok(var sums)
                && sums.TryGetValue(PlanName, out var plan) && files.HashOf(Plan)?.Sha256 == plan
                && sums.TryGetValue(Table, out var table) && files.ReadAll(In(Table), LargestTable) is var content
                && Convert.ToHexStringLower(SHA256.HashData(content)) == table
                && content.AsSpan().Count(LineFeed) == trainings + 1;
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return false;                       // it is made again
        }
    }

    private Result<ImmutableSortedDictionary<string, string>> ReadSums() => Reading(SumsName, Again, () =>
        System.IO.Path.Exists(In(SumsName))
            ? SumsFile.Parse(In(SumsName), files.ReadAll(In(SumsName), LargestSums), Again)
            : Nothing);

    private string Again => $"host report {Path} makes it again";

    private Fault.DamagedStore Damaged(string name, string expected, string found) => new(
        In(name), expected, found,
        name == VarianceFile.Name ? VarianceFile.Again
        : name.StartsWith(VarianceFile.Stem, StringComparison.Ordinal) ? "its study makes it again"
        : Again);

    private Result<T> Reading<T>(string name, string fix, Func<Result<T>> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new Fault.DamagedStore(In(name), "a readable file", Disk.Reason(e), fix);
        }
    }

    /// <summary>Does what writes in the folder while nobody else does.</summary>
    private Result<T> Writing<T>(Func<Result<T>> write)
    {
        try
        {
            files.CreateFolder(Path);
            using var lease = leases.Take($"experiment {Name}");
            AtomicFile.DeleteUnfinished(files, Path);
            return write();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return Disk.Unwritable(Path, e, $"{Disk.CheckRightsAndSpace}, or give another folder for results");
        }
    }
}
