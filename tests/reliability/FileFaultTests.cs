using Bnn.Core;
using Bnn.Store;
using Host.Experiments;
using Host.Tests;

namespace Reliability;

/// <summary>
/// Any one operation of the store on the disk goes wrong: it is said, nothing that is finished is damaged, and the same run again, on a
/// disk that works, ends in the same bytes as if nothing had happened.
/// </summary>
public sealed class FileFaultTests(Laboratory laboratory)
{
    /// <summary>What a run finds when it starts.</summary>
    public enum Beginning
    {
        /// <summary>Nothing; and it keeps a checkpoint after each step.</summary>
        Nothing,

        /// <summary>All of it, done before.</summary>
        Finished,

        /// <summary>All of it, but the posterior is damaged; it repairs that.</summary>
        Damaged,
    }

    public static MatrixTheoryData<Beginning, DiskFault> Cases => new(Enum.GetValues<Beginning>(), Enum.GetValues<DiskFault>());

    [Theory, MemberData(nameof(Cases))]
    public void One_operation_that_fails_is_said_and_damages_nothing(Beginning beginning, DiskFault fault)
    {
        var template = Begun(beginning);
        var root = laboratory.NewFolder();
        var whole = Prepared(root);
        var count = new FaultingFiles();
        Copy(template, root);
        Assert.Equal(0, Laboratory.CodeOf(Run(whole, count, beginning)));
        var expected = StoreContent.Of(root);
        var (tried, wrong) = (0, new List<string>());
        for (var k = 1 + Counts.Seed % Counts.FaultStride; k <= count.Operations; k += Counts.FaultStride)
        {
            tried++;
            Copy(template, root);
            var files = new FaultingFiles(k, fault);
            if (Wrong(whole, root, files, fault, beginning, expected) is { } what) wrong.Add($"{fault} at {k} ({files.Failed}): {what}");
        }
        Tally.Add(
            "file faults", $"{tried} of {count.Operations} operations, {fault}, of a run that finds: {beginning}",
            $"{tried - wrong.Count} of {tried} said, undamaged, and the same bytes after the next run");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Prepend($"{wrong.Count} of {tried}:").Take(40)));
    }

    /// <summary>What didn't hold; null if all did.</summary>
    private static string? Wrong(
        PreparedExperiment experiment, string root, FaultingFiles files, DiskFault fault, Beginning beginning, StoreContent expected)
    {
        Result<ExperimentOutcome> outcome;
        try
        {
            outcome = Run(experiment, files, beginning);
        }
        catch (Exception e)
        {
            return $"threw {e.GetType().Name}: {e}";
        }
        var (code, faults) = (Laboratory.CodeOf(outcome), Laboratory.FaultsOf(outcome).ToList());
        if (code is not (0 or Host.ExitCode.BadStore or Host.ExitCode.Disk)) return $"code {code}: {Said(faults)}";
        var content = StoreContent.Of(root);
        // Whose disk is gone for good can't let go of what it leased last; the next run does.
        string[] left = [
            .. content.Files.Keys.Where(name => fault == DiskFault.End && name.StartsWith(".leases/", StringComparison.Ordinal))];
        if (code == 0 && faults.Count == 0 && content.DifferenceFrom(expected, left) is { Length: > 0 } silent)
            return $"silent, but {silent}";
        if (code != 0 && !faults.Exists(fault => fault.Describe().Contains(root, StringComparison.Ordinal)))
            return $"names no file: {Said(faults)}";
        if (beginning != Beginning.Damaged && ResultsStore.OpenExisting(root) is Result<ResultsStore>.Ok(var store)
            && StoreExamination.Of(store, CancellationToken.None).Damaged is { IsEmpty: false } damaged)
            return $"left damage: {Said(damaged)}";

        var again = Run(experiment, FileLayer.OfSystem, beginning);
        if (Laboratory.CodeOf(again) != 0) return $"the next run failed: {Said(Laboratory.FaultsOf(again))}";
        return StoreContent.Of(root).DifferenceFrom(expected) is { Length: > 0 } difference ? $"after the next run {difference}" : null;
    }

    private static string Said(IEnumerable<Fault> faults) => string.Join("; ", faults.Select(fault => fault.Describe()));

    private static Result<ExperimentOutcome> Run(PreparedExperiment experiment, FileLayer files, Beginning beginning) =>
        Laboratory.Run(experiment, files, beginning == Beginning.Damaged);

    private PreparedExperiment Prepared(string root) => laboratory.Prepare(root, ("checkpoint-every", "0.000001"));

    /// <summary>A folder as the run finds it.</summary>
    private string Begun(Beginning beginning)
    {
        var root = laboratory.NewFolder();
        if (beginning == Beginning.Nothing) return root;
        var experiment = Prepared(root);
        Assert.Equal(0, Laboratory.CodeOf(Laboratory.Run(experiment, FileLayer.OfSystem)));
        if (beginning == Beginning.Damaged)
        {
            var posterior = Path.Combine(root, "runs", experiment.Plan.Trainings[0].Key.Value, "posterior.safetensors");
            var content = File.ReadAllBytes(posterior);
            content[^5] ^= 0x10;
            File.WriteAllBytes(posterior, content);
        }
        return root;
    }

    internal static void Copy(string template, string root)
    {
        if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        if (!Directory.Exists(template)) return;
        foreach (var (name, content) in Folders.Files(template))
        {
            var path = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }
}
