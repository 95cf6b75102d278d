using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Bnn.Core;
using Bnn.Store;
using Host.Studies;

namespace Host.Commands.Studies;

/// <summary><c>host study copy NAME FILE</c>.</summary>
public sealed class CopyStudyCommand : HostCommand
{
    private readonly Argument<string?> _name = new("NAME") { Description = "An included study.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Argument<string?> _file = new("FILE")
    {
        Description = "The file to make; one that is there is left as it is.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public CopyStudyCommand()
        : base("copy",
            """
            Copy an included study to a file of your own, to change it.

            Example:
              host study copy quick mine.toml
            """)
    {
        Arguments.Add(_name);
        Arguments.Add(_file);
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        if (flags.Text(_name) is not { Length: > 0 } name || flags.Text(_file) is not { Length: > 0 } file)
            return new Fault.BadRequest("a NAME and a FILE are needed", $"for example {CommandText.Program} study copy quick mine.toml");
        return ShippedStudies.OfProgram().Text(name).Bind(text => Write(file, text));
    }

    private static Result<int> Write(string file, string text)
    {
        // Whatever has the name, a link that leads nowhere included, is somebody's.
        if (Path.Exists(file) || new FileInfo(file).LinkTarget is not null)
            return new Fault.BadSetting("FILE", file, "a file that isn't there yet", "choose another name");
        return Disk.Write(file, () =>
        {
            Create(file, text);
            Console.Out.WriteLine(file);
            Console.Error.WriteLine($"next: change it, then type {CommandText.Program} study {CommandText.Quoted(file)}");
            return ExitCode.Done;
        }, "name a file in a folder that can be written");
    }

    /// <summary>The file is there whole or not at all, and replaces none that another process made in the meantime.</summary>
    private static void Create(string file, string text)
    {
        using var stream = FileLayer.OfSystem.Create(file);
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush();
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }
}
