using System.Globalization;
using Bnn.Core;

namespace GpuCheck;

/// <summary>What the command line asks for.</summary>
/// <param name="Csv">A file for the speeds; null for none.</param>
/// <param name="Ptx">A folder for the kernels' text, instead of anything else; null for none.</param>
/// <param name="Seconds">How long each speed is measured.</param>
internal sealed record Options(bool OnProcessor, bool ChecksBits, double Seconds, string? Csv, string? Ptx, bool IsHelp)
{
    public const string Usage = """
        usage: bench/gpu/check [--processor] [--speeds-only] [--seconds S] [--csv FILE]
               bench/gpu/check --ptx FOLDER

          --processor    tiny nets on threads that stand for a graphics processor
          --speeds-only  leave the bits out
          --seconds S    how long each speed is measured [6]
          --csv FILE     write the speeds to a file, too
          --ptx FOLDER   instead: write the text of every kernel there
        """;

    public static Result<Options> Parse(string[] args)
    {
        var options = new Options(OnProcessor: false, ChecksBits: true, Seconds: 6, Csv: null, Ptx: null, IsHelp: false);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    options = options with { IsHelp = true };
                    break;
                case "--processor":
                    options = options with { OnProcessor = true };
                    break;
                case "--speeds-only":
                    options = options with { ChecksBits = false };
                    break;
                case "--csv" or "--ptx" or "--seconds" when i + 1 == args.Length || args[i + 1].Length == 0:
                    return Bad($"{args[i]} needs a value");
                case "--csv":
                    options = options with { Csv = args[++i] };
                    break;
                case "--ptx":
                    options = options with { Ptx = args[++i] };
                    break;
                case "--seconds":
                    if (!double.TryParse(args[++i], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || !(seconds > 0))
                        return Bad($"--seconds takes a number above 0, not '{args[i]}'");
                    options = options with { Seconds = seconds };
                    break;
                default:
                    return Bad($"unknown argument '{args[i]}'");
            }
        }
        return options;
    }

    private static Fault.BadRequest Bad(string reason) => new(reason, "see --help");
}
