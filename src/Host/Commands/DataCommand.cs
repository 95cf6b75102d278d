using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Report;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;

namespace Host.Commands;

/// <summary><c>host data</c>: shows the data that is found, and its hashes.</summary>
public sealed class DataCommand : HostCommand
{
    private SettingFlags _flags = null!;

    public DataCommand()
        : base("data",
            """
            Read and check a data set; show its files, sizes and hashes (SHA-256 of the unpacked files).

            Examples:
              host data
              host data --data /usr/share/datasets/fashion-mnist
            """)
    {
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Data]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        return _flags.Read(flags)
            .Bind(values => RunSettings.WithOrigin(
                values, RunSettings.Data, IdxFolder.ReadFiles(RunSettings.DataFolder(values, Places.OfProgram()))))
            .Bind(files => Dataset.Create(files[0], files[1], files[2], files[3]).Map(data =>
            {
                var rows = files.Select(file => (string[])[file.Name, string.Join('×', file.Header.Dimensions), file.Sha256]);
                Terminal.ShowRows(["file", "size", "sha256"], rows);
                var labels = LabelCounts.Of(data);
                Console.Out.WriteLine(
                    $"{data.Train.Count} training and {data.Test.Count} test images of {data.Rows}×{data.Columns}, {data.Classes} classes");
                foreach (var remark in LabelRemarks.Of([labels])) Console.Out.WriteLine(remark);
                if (data.Train.AreEqual) Console.Out.WriteLine("All training images are equal: nothing can be learned from them.");
                return ExitCode.Done;
            }));
    }
}
