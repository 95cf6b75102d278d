using System.Collections.Immutable;
using Bnn.Core;

namespace Host.Commands;

/// <summary>A command that trains, as it can be typed where the user stands.</summary>
/// <param name="Text">The command itself, to repeat it.</param>
/// <param name="WithSeeds">The same experiment with other seeds.</param>
public sealed record TypedCommand(string Text, Func<string, string> WithSeeds)
{
    /// <summary><c>host run</c> with settings.</summary>
    public static TypedCommand Run(IEnumerable<NamedValue> given)
    {
        ImmutableArray<NamedValue> settings = [.. given];
        return new TypedCommand(CommandText.ToType(settings), seeds => CommandText.WithSeeds(settings, seeds));
    }

    /// <summary><c>host study</c> with what followed it.</summary>
    public static TypedCommand Study(IEnumerable<string> words)
    {
        var text = $"{CommandText.Program} study {string.Join(' ', words.Select(CommandText.Quoted))}";
        return new TypedCommand(text, seeds => $"{text} --vary {TrainingSettings.Seeds.Name}={seeds}");
    }
}
