using System.CommandLine;
using Bnn.Core;

namespace Host.Commands;

/// <summary>Offers settings as flags, with the settings' help, and reads the values that were given.</summary>
public sealed class SettingFlags
{
    private readonly Dictionary<string, Option<string?>> _options = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Setting> _table;

    public SettingFlags(Command command, IReadOnlyList<Setting> table)
    {
        _table = table;
        foreach (var setting in table)
        {
            var option = new Option<string?>(FlagOf(setting.Name)) { Description = HelpOf(setting), HelpName = setting.ValueName };
            _options[setting.Name] = option;
            command.Options.Add(option);
        }
    }

    /// <summary>Where a setting is given on the command line.</summary>
    public static Origin OriginOf(string setting) => new(setting, FlagOf(setting), $"{FlagOf(setting)} {{0}}");

    public IReadOnlyDictionary<string, Given> Given(ParseResult flags)
    {
        var given = new Dictionary<string, Given>(StringComparer.Ordinal);
        foreach (var (name, option) in _options)
            if (flags.Text(option) is { } text) given[name] = new Given(text, OriginOf(name));
        return given;
    }

    /// <summary>The values of settings that don't depend on strategies.</summary>
    public Result<SettingValues> Read(ParseResult flags) => SettingValues.Read(_table, Given(flags), OriginOf, new SettingContext([]));

    private static string FlagOf(string setting) => $"--{setting}";

    private static string HelpOf(Setting setting) => (setting.Default, setting.DefaultInWords) switch
    {
        ({ } text, _) => $"{setting.Help} [{text}]",
        (_, { } words) => $"{setting.Help} [{words}]",
        _ => setting.Help,
    };
}
