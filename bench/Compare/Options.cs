using Bnn.Core;

namespace Compare;

/// <summary>What the command line asks for.</summary>
/// <param name="Csv">A file for the times; null for none.</param>
internal sealed record Options(string? Csv, IReadOnlyList<Work> Works, bool IsLadder, bool IsHelp)
{
    public const string Usage = """
        usage: bench/compare [--works LIST] [--csv FILE]
               bench/compare --ladder

          --works LIST   only these, separated by commas: bayesian, dense, ticket-50, ticket-20, ticket-10, ticket-5, ticket-2, ticket-1,
                         evaluate-dense, evaluate-ticket-5. [all]
          --csv FILE     write the times to a file, too
          --ladder       instead: what the trainings of a lottery-ticket ladder, densities 0.8^k, would take on the default engine
        """;

    public static Result<Options> Parse(string[] args)
    {
        var options = new Options(Csv: null, Work.All, IsLadder: false, IsHelp: false);
        var given = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            var flag = args[i];
            if (!given.Add(flag)) return Bad($"{flag} was given twice");
            switch (flag)
            {
                case "--help" or "-h":
                    options = options with { IsHelp = true };
                    break;
                case "--ladder":
                    options = options with { IsLadder = true };
                    break;
                case "--csv" or "--works" when i + 1 == args.Length || args[i + 1].Length == 0:
                    return Bad($"{flag} needs a value");
                case "--csv":
                    options = options with { Csv = args[++i] };
                    break;
                case "--works":
                    var works = Work.Parse(args[++i]);
                    if (works is not Result<IReadOnlyList<Work>>.Ok(var chosen)) return works.Map(_ => options);
                    options = options with { Works = chosen };
                    break;
                default:
                    return Bad($"unknown argument '{flag}'");
            }
        }
        return options.IsLadder && given.Count > 1 && !options.IsHelp ? Bad("--ladder stands alone") : options;
    }

    private static Fault.BadRequest Bad(string reason) => new(reason, "see the usage");
}
