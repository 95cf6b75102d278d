using Bnn.Core;
using Bnn.Store;
using Host.Experiments;

namespace Host.Commands;

/// <summary>Finds what is stored by what people type: a training by its key, an experiment by its name or its path.</summary>
internal static class KeyLookup
{
    /// <summary>The fewest digits that may stand for a key.</summary>
    private const int FewestDigits = 4;

    /// <summary>The training of that key, done or not; a beginning that no other key has is enough.</summary>
    public static Result<TrainingFolder> Training(ResultsStore store, string text)
    {
        if (text.Length is < FewestDigits or > Digest.Digits || !text.All(char.IsAsciiHexDigitLower))
        {
            return Wrong(
                text, $"a training's key, or at least {FewestDigits} of its {Digest.Digits} hex digits from its beginning",
                "they are the folders' names below runs");
        }
        var found = store.Trainings()
            .Where(folder => TrainingKey.IsKey(folder.Key) && folder.Key.StartsWith(text, StringComparison.Ordinal))
            .ToList();
        return found switch
        {
            [var only] => only,
            [] => Wrong(text, $"a training below {store.TrainingsPath}", "see the column run of table.csv"),
            _ => Wrong(text, "the beginning of one key", $"it is that of {Listed(found)}: give more digits"),
        };
    }

    /// <summary>The finished training of that key.</summary>
    public static Result<TrainingFolder> FinishedTraining(ResultsStore store, string text) =>
        Training(store, text).Bind<TrainingFolder>(folder => folder.IsDone
            ? folder
            : Wrong(text, "a finished training", $"{Unfinished(folder)}: run the command that trains it again"));

    /// <summary>The experiment of that name, or the one whose folder it is; with the results folder that it is in.</summary>
    /// <param name="output">The results folder that names are looked up in.</param>
    public static Result<(ResultsStore Store, ExperimentFolder Folder)> Experiment(string text, Func<Result<ResultsStore>> output)
    {
        var store = RunSettings.IsFolderName(text) ? output() : null;
        if (store is Result<ResultsStore>.Ok({ } named) && named.Experiment(text) is { IsPlanned: true } folder) return (named, folder);
        var path = text.Length > 0 ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(text)) : "";
        if (File.Exists(Path.Combine(path, ExperimentFolder.PlanName)))
        {
            return ResultsStore.OpenExisting(Path.GetFullPath(Path.Combine(path, "..", "..")))
                .Map(around => (around, around.Experiment(Path.GetFileName(path))));
        }
        return store switch
        {
            Result<ResultsStore>.Failed(var faults) => faults,
            Result<ResultsStore>.Ok(var searched) => Unknown(text, searched),
            _ => new Fault.BadSetting(
                ExperimentWord, text.Length > 0 ? text : "nothing", "an experiment's name, or its folder with a plan.json",
                "they are in results/experiments"),
        };
    }

    private const string KeyWord = "KEY", ExperimentWord = "EXPERIMENT";

    private static Fault.BadSetting Unknown(string text, ResultsStore store)
    {
        string[] known = [.. store.Experiments().Select(folder => Path.GetFileName(folder.Path))];
        return new Fault.BadSetting(
            ExperimentWord, text, $"an experiment of {store.Root}, or a folder with a plan.json",
            Names.Nearest(text, known) is { } nearest ? $"did you mean {nearest}?" : "they are the folders' names below experiments");
    }

    private static string Unfinished(TrainingFolder folder) =>
        folder.ContinuesFrom is { } step ? $"it has been kept at step {step}" : "nothing of it has been kept yet";

    private static string Listed(List<TrainingFolder> folders)
    {
        const int Shown = 4;
        var keys = string.Join(", ", folders.Take(Shown).Select(folder => folder.Key));
        return folders.Count > Shown ? $"{keys} and {folders.Count - Shown} more" : keys;
    }

    private static Fault.BadSetting Wrong(string text, string expected, string fix) => new(KeyWord, text, expected, fix);
}
