using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Report;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host clean</c>: shows what no experiment of a results folder refers to, and deletes it when told to.</summary>
public sealed class CleanCommand : HostCommand
{
    private SettingFlags _flags = null!;

    private readonly Option<bool> _yes = new("--yes") { Description = "Delete what is shown." };

    public CleanCommand()
        : base("clean",
            """
            Show what no experiment of a results folder refers to, with sizes: trainings that no plan names, and scratch files of processes
            that were killed. Deletes it only with --yes; what a running process holds, and what is a link, stays in any case.

            Examples:
              host clean
              host clean --yes --output /scratch/results
            """) => Options.Add(_yes);

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return _flags.Read(flags).Bind(StoreLookup.Store).Bind(store =>
        {
            var cleaning = new Cleaning(store);
            return cleaning.Find().Map(found => flags.GetValue(_yes) ? Delete(cleaning, found) : Show(found));
        });
    }

    private static int Show(ImmutableArray<Leftover> found)
    {
        if (found.IsEmpty)
        {
            Console.Error.WriteLine("nothing to clean: an experiment refers to every training");
            return ExitCode.Done;
        }
        Terminal.ShowRows(["what", "folder", "size", ""], found.Select(leftover => Row(leftover, leftover.Why)));
        List<Leftover> free = [.. found.Where(leftover => leftover.Why.Length == 0)];
        if (free.Count > 0) Console.Error.WriteLine($"nothing was deleted; --yes deletes {Counted(free)}");
        return ExitCode.Done;
    }

    private static int Delete(Cleaning cleaning, ImmutableArray<Leftover> found)
    {
        var refused = new List<Fault>();
        var ends = cleaning.Delete(found, refused);
        if (!ends.IsEmpty)
        {
            Terminal.ShowRows(
                ["what", "folder", "size", ""],
                ends.Select(leftover => Row(leftover, leftover.Why.Length == 0 ? "deleted" : $"left: {leftover.Why}")));
        }
        List<Leftover> deleted = [.. ends.Where(leftover => leftover.Why.Length == 0)];
        Console.Error.WriteLine($"deleted {Counted(deleted)}");
        foreach (var fault in refused.Distinct()) Console.Error.WriteLine($"host: {fault.Describe()}");
        return refused.Count > 0 ? ExitCode.For(refused) : ExitCode.Done;
    }

    private static string[] Row(Leftover leftover, string state) => [leftover.What, leftover.Path, Readable.Size(leftover.Bytes), state];

    private static string Counted(List<Leftover> folders) =>
        $"{(folders.Count == 1 ? "1 folder" : $"{Text.Count(folders.Count)} folders")}, "
        + Readable.Size(folders.Sum(folder => folder.Bytes));
}
