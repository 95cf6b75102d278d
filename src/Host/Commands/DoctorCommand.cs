using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Bnn.Core;
using Bnn.Simd;
using Bnn.Store;
using Host.Consoles;
using Host.Engines;
using Host.Experiments;
using Host.Plugins;

namespace Host.Commands;

/// <summary><c>host doctor</c>: checks whether everything a run needs is in order.</summary>
public sealed class DoctorCommand : HostCommand
{
    private SettingFlags _flags = null!;

    public DoctorCommand()
        : base("doctor",
            """
            Check what a run needs: data, plugins, a results folder that can be written, and an engine that computes exactly what its
            version should.

            Example:
              host doctor
            """)
    {
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Data, RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return _flags.Read(flags).Map(Examine);
    }

    private static int Examine(SettingValues values)
    {
        var places = Places.OfProgram();
        var found = new List<Fault>();
        var data = RunSettings.WithOrigin(values, RunSettings.Data, IdxFolder.Load(RunSettings.DataFolder(values, places)))
            .Match(d => $"{d.Train.Count} + {d.Test.Count} images, {d.Classes} classes", Bad(found));
        var plugins = PluginCatalog.Load(places).Match(catalog =>
        {
            found.AddRange(catalog.Rejected);
            found.AddRange(catalog.BrokenPins);
            catalog.ShowWarnings();
            var refused = catalog.Rejected.IsEmpty ? "" : $", {catalog.Rejected.Length} plugins refused";
            return $"{catalog.Strategies.Length} strategies{refused}";
        }, Bad(found));
        var store = RunSettings.WithOrigin(values, RunSettings.Output, ResultsStore.Probe(values.Get(RunSettings.Output)))
            .ValueOr(found);
        var stored = ResultsStore.At(values.Get(RunSettings.Output)) is { } results
            ? StoreExamination.Of(results, CancellationToken.None)
            : null;
        if (stored is not null) found.AddRange(stored.Damaged);
        var engine = SimdProvider.Open().ValueOr(found) ?? new SimdEngine();
        var fingerprint = Fingerprint.Check(engine).Match(print => $"fingerprint {print}, as expected", Bad(found));
        var device = GpuProvider.MayWork ? GpuProvider.Examine(values).Match(text => text, Bad(found)) : "none: trainings use the cores";
        Terminal.ShowRows(["what", "state"], [
            ["data", data],
            ["plugins", plugins],
            ["results", store is null ? NotInOrder : Described(store)],
            ["stored", stored is null ? "nothing yet" : Described(stored)],
            ["engine", $"{engine.Name}: {engine.Description}"],
            ["arithmetic", $"numerics {engine.Numerics}: {fingerprint}"],
            ["graphics processor", device],
            ["512-bit vectors", Accelerated(Vector512.IsHardwareAccelerated)],
            ["256-bit vectors", Accelerated(Vector256.IsHardwareAccelerated)],
            ["FMA", SimdEngine.HasFma ? "supported, says the runtime" : "not supported, says the runtime"],
            ["machine", Machine()],
            ["program", places.Root]]);
        foreach (var fault in found.Select(values.Located)) Console.Error.WriteLine($"host: {fault.Describe()}");
        return found.Count == 0 ? ExitCode.Done : ExitCode.For(found);
    }

    private const string NotInOrder = "not in order, see below";

    private static string Described(FolderProbe disk)
    {
        var free = string.Create(CultureInfo.InvariantCulture, $"{disk.FreeBytes / 1e9:0.0} GB free");
        var locks = (disk.Locks, disk.IsShared) switch
        {
            (false, _) => ", not locked: run one process at a time",
            (_, true) => " and locked, perhaps not between machines",
            _ => " and locked",
        };
        return $"{disk.Path} can be written; files are renamed{locks}; {disk.FileSystem}, {free}";
    }

    private static string Described(StoreExamination stored)
    {
        var unverified = stored.Unverified > 0 ? $"; {stored.Unverified} written by an earlier version, not verifiable" : "";
        var leftovers = stored.Leftovers.IsEmpty
            ? ""
            : $"; {stored.Leftovers.Length} files left by processes that were killed, such as {stored.Leftovers[0]}";
        return $"{stored.Finished} finished and {stored.Unfinished} unfinished trainings, {stored.Damaged.Length} damaged files"
            + $"{unverified}{leftovers}";
    }

    private static string Machine() =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";

    private static string Accelerated(bool isAccelerated) =>
        isAccelerated ? "accelerated, says the runtime" : "not accelerated, says the runtime";

    private static Func<ImmutableArray<Fault>, string> Bad(List<Fault> found) => faults =>
    {
        found.AddRange(faults);
        return NotInOrder;
    };
}
