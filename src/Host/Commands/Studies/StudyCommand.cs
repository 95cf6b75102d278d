using System.Collections.Immutable;
using System.CommandLine;
using Bnn.Core;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;
using Host.Studies;

namespace Host.Commands.Studies;

/// <summary>
/// <c>host study</c>: trains and compares what a file describes, one of one's own or one that is included; lists those, and its
/// subcommands show and copy them.
/// </summary>
public sealed class StudyCommand : ExperimentCommand
{
    private const int LongestName = 80;

    private SettingFlags _settings = null!;

    private readonly Argument<string?> _study = new("FILE|NAME")
    {
        Description = "A study's file, or the name of one that is included.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _list = new("--list") { Description = "List the studies that are included." };
    private readonly Option<string?> _only = new("--only") { Description = "Train one arm alone.", HelpName = "ARM" };

    private readonly Option<string[]> _vary = new("--vary")
    {
        Description = "Give a setting another value in every arm, or several by repeating the flag.",
        HelpName = "SETTING=VALUE",
        Arity = ArgumentArity.OneOrMore,
    };

    public StudyCommand()
        : base("study",
            """
            Train the arms that a study's file describes and compare them; what an earlier command trained is reused. docs/studies.md says
            how one is written.

            Examples:
              host study --list
              host study quick
              host study copy quick mine.toml
              host study mine.toml --vary seeds=1..10
            """)
    {
        Arguments.Add(_study);
        Options.Add(_list);
        Options.Add(_only);
        Options.Add(_vary);
        Subcommands.Add(new ShowStudyCommand());
        Subcommands.Add(new CopyStudyCommand());
    }

    public override void AddSettings()
    {
        _settings = new SettingFlags(this, [RunSettings.Jobs]);
        base.AddSettings();
    }

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        var shipped = ShippedStudies.OfProgram();
        if (flags.GetValue(_list))
        {
            return flags.Text(_study) is null
                ? List(shipped)
                : new Fault.BadRequest("--list lists all studies, but one is named", $"see {CommandText.Program} study show NAME");
        }
        if (flags.Text(_study) is not { Length: > 0 } named)
            return new Fault.BadRequest("no study is given", $"{CommandText.Program} study --list shows those that are included");
        return Find(named, shipped).Bind(path => StudyFile.Read(path, StudySettings.Keys).Bind(study => AsAsked(study, flags))
            .Bind(study => study.Variants(StudySettings.Keys).Bind(variants => Run(path, named, study, variants, flags))));
    }

    private Result<int> Run(string path, string named, StudyDefinition study, ImmutableArray<GivenArm> variants, ParseResult flags)
    {
        List<string> words = [named];
        if (flags.Text(_only) is { } arm) words.AddRange(["--only", arm]);
        foreach (var varied in flags.GetValue(_vary) ?? []) words.AddRange(["--vary", varied]);
        var before = Content(path);
        var faults = new List<Fault>();
        var measured = study.Variance is null ? null : VarianceStudy.Settings(study).ValueOr(faults);
        return Run(
            new ExperimentRequest(
                variants,
                study.OriginOf,
                _ => $"{CommandText.InClone} study {Quoted(words)}",
                _ => TypedCommand.Study(words))
            {
                Study = new StudyRequest(
                    NameOf(path, flags.Text(_only)),
                    [.. study.Compare.Select(asked => new AskedComparison(asked.Baseline.Text, asked.Margin))]),
                Folder = Path.GetDirectoryName(Path.GetFullPath(path)),
                Check = settings => study.Variance is null ? UnknownBaselines(study, settings) : VarianceStudy.Misplaced(study, settings),
            },
            flags,
            [.. faults],
            measured is null
                ? null
                : prepared => IsPlanOnly(flags)
                    ? new Fault.BadRequest(
                        "--plan is for studies of many trainings; this one measures gradients of one net", "leave it out")
                    : VarianceStudy.Prepare(prepared, measured, $"{CommandText.InClone} study {Quoted(words)}")
                        .Bind(own => IsDryRun(flags) ? own.DryRun() : own.Run(Repairs(flags)))).Map(code =>
        {
            if (before is not null && Content(path) is var after && (after is null || !before.AsSpan().SequenceEqual(after)))
                Console.Error.WriteLine($"host: {path} has changed since it was read; the same command trains what it says now");
            return code;
        });
    }

    private static string Quoted(IEnumerable<string> words) => string.Join(' ', words.Select(CommandText.Quoted));

    /// <summary>The experiment's name: that of the file, and of the one arm, with what a folder's name can't have replaced.</summary>
    private static string NameOf(string path, string? arm)
    {
        var name = Path.GetFileNameWithoutExtension(path) + (arm is null ? "" : $"-{arm}");
        var plain = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'));
        plain = plain[..Math.Min(plain.Length, LongestName)].TrimStart('.');
        return plain.Length > 0 ? plain : "study";
    }

    /// <summary>The file's bytes; null where it can't be read.</summary>
    private static byte[]? Content(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return null;
        }
    }

    /// <summary>Baselines that are neither an arm nor a strategy of the study.</summary>
    private static IEnumerable<Fault> UnknownBaselines(StudyDefinition study, ExperimentSettings settings)
    {
        ImmutableArray<string> known = [
            .. settings.Arms.Select(arm => arm.Name).Distinct(StringComparer.Ordinal),
            .. settings.Strategies.Concat(settings.Compared).Select(strategy => strategy.Label)];
        return study.Compare.Where(asked => !known.Contains(asked.Baseline.Text))
            .Select(asked => new Fault.UnknownName("baseline", asked.Baseline.Text, known) { Origin = asked.Baseline.Origin });
    }

    /// <summary>The file of an included study, or the one that is named.</summary>
    private static Result<string> Find(string named, ShippedStudies shipped)
    {
        if (shipped.Names.Contains(named)) return shipped.Find(named);
        if (Path.Exists(named)) return named;
        return named.EndsWith(ShippedStudies.Ending, StringComparison.Ordinal) || Path.GetFileName(named) != named
            ? new Fault.BadSetting("FILE", $"no {named}", "a study's file", $"{CommandText.Program} study copy NAME FILE makes one")
            : shipped.Find(named);
    }

    /// <summary>The study as <c>--only</c>, <c>--vary</c> and <c>--jobs</c> have it, or all that is wrong with these.</summary>
    private Result<StudyDefinition> AsAsked(StudyDefinition study, ParseResult flags)
    {
        var faults = new List<Fault>();
        var (asked, keys) = (study, StudySettings.Keys);
        if (flags.Text(_only) is { } arm) asked = study.Only(arm).ValueOr(faults) ?? asked;
        foreach (var varied in Varied(flags.GetValue(_vary) ?? [], faults))
            asked = asked.Vary(varied.Name, varied.Values, keys).ValueOr(faults) ?? asked;
        foreach (var (name, given) in _settings.Given(flags)) asked = asked.Vary(name, [given], keys).ValueOr(faults) ?? asked;
        return faults.Count > 0 ? faults.ToImmutableArray() : asked;
    }

    /// <summary>What <c>--vary</c> gives: a grid where a setting is named several times.</summary>
    private static ImmutableArray<StudySetting> Varied(string[] texts, List<Fault> faults)
    {
        foreach (var text in texts.Where(text => text.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            faults.Add(new Fault.BadSetting(
                "--vary", text.Length == 0 ? "nothing" : text, "SETTING=VALUE", "for example --vary seeds=1..10"));
        }
        return [
            .. from text in texts
               let pair = text.Split('=', 2)
               where pair.Length == 2 && pair[0].Length > 0
               group new Given(pair[1], OriginOf(pair[0])) by pair[0] into setting
               select new StudySetting(setting.Key, [.. setting.Distinct()])];
    }

    private static Origin OriginOf(string setting) => new(setting, $"--vary {setting}", $"--vary {setting}={{0}}");

    private static Result<int> List(ShippedStudies shipped)
    {
        var faults = new List<Fault>();
        var rows = new List<string[]>();
        foreach (var name in shipped.Names)
        {
            var study = shipped.Find(name).Bind(path => StudyFile.Read(path, StudySettings.Keys)).ValueOr(faults);
            if (study is not null) rows.Add([name, study.Question ?? "", study.Cost ?? ""]);
        }
        if (faults.Count > 0) return faults.ToImmutableArray();
        Terminal.ShowRows(["name", "question", "cost"], rows);
        return ExitCode.Done;
    }
}
