using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Bnn.Core;
using Bnn.Store;
using Host.Consoles;
using Host.Experiments;
using Host.Plugins;

namespace Host.Commands;

/// <summary><c>host verify</c>: compares what is stored with its hashes, or trains some of it again and compares the bytes.</summary>
public sealed class VerifyCommand : HostCommand
{
    private SettingFlags _flags = null!;

    private readonly Argument<string[]> _keys = new("KEY")
    {
        Description = "Trainings to train again: names of folders below runs.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _sample = new("--sample") { Description = "Train this many again, drawn at random.", HelpName = "N" };

    public VerifyCommand()
        : base("verify",
            """
            Compare every file of a results folder with the hash that was kept when it was written. With keys or --sample: train those
            trainings again, beside what is stored, and compare the bytes. Changes nothing.

            Examples:
              host verify
              host verify 0dd94ce5a1b2 --output /scratch/results
              host verify --sample 3
            """)
    {
        Arguments.Add(_keys);
        Options.Add(_sample);
    }

    public override void AddSettings() => _flags = new SettingFlags(this, [RunSettings.Data, RunSettings.Output]);

    public override Result<int> Execute(ParseResult flags, ImmutableArray<Fault> faults)
    {
        if (!faults.IsEmpty) return faults;
        string[] keys = [.. (flags.GetValue(_keys) ?? []).Distinct(StringComparer.Ordinal)];
        var sample = flags.Text(_sample);
        return Wrong(keys, sample) is { } wrong ? wrong : _flags.Read(flags).Bind(values =>
            RunSettings.WithOrigin(values, RunSettings.Output, ResultsStore.OpenExisting(values.Get(RunSettings.Output))).Bind(store =>
            {
                using var stop = new Stop();
                return keys.Length == 0 && sample is null
                    ? Examine(store, stop.Token)
                    : Retrain(store, keys, sample, _flags.Given(flags).GetValueOrDefault(RunSettings.Data.Name), stop.Token);
            }));
    }

    private static Fault? Wrong(string[] keys, string? sample)
    {
        if (keys.Length > 0 && sample is not null)
            return new Fault.BadRequest("keys and --sample both say what is trained again", "give one of them");
        if (sample is not null && !(int.TryParse(sample, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0))
        {
            return new Fault.BadSetting("sample", sample, "a whole number above 0")
            {
                Origin = SettingFlags.OriginOf("sample"),
                Example = "3",
            };
        }
        return keys.FirstOrDefault(key => !TrainingKey.IsKey(key)) is { } odd
            ? new Fault.BadSetting("KEY", odd, $"a training's key of {Digest.Digits} hex digits", "they are the folders' names below runs")
            : null;
    }

    private static Result<int> Examine(ResultsStore store, CancellationToken stop)
    {
        var found = StoreExamination.Of(store, stop);
        Terminal.ShowRows(["what", "found"], [
            ["results", store.Root],
            ["finished trainings", $"{found.Finished}"],
            ["unfinished trainings", $"{found.Unfinished}"],
            ["experiments", $"{found.Experiments}"],
            ["without hashes", $"{found.Unverified}"],
            ["damaged files", $"{found.Damaged.Length}"]]);
        if (found.Unverified > 0)
            Console.Error.WriteLine($"not verified: {found.Unverified} written by an earlier version, without hashes");
        foreach (var fault in found.Damaged) Console.Error.WriteLine($"host: {fault.Describe()}");
        return found.Damaged.IsEmpty ? ExitCode.Done : ExitCode.BadStore;
    }

    private static Result<int> Retrain(ResultsStore store, string[] keys, string? sample, Given? data, CancellationToken stop)
    {
        var places = Places.OfProgram();
        return PluginCatalog.Load(places).Bind(plugins =>
        {
            if (!plugins.BrokenPins.IsEmpty) return plugins.BrokenPins;
            return Scratch.InTemporary().Bind(scratch =>
            {
                using (scratch) return Retrain(store, new Retraining(store, plugins, places, scratch.Path, data), keys, sample, stop);
            });
        });
    }

    private static Result<int> Retrain(
        ResultsStore store, Retraining retraining, string[] keys, string? sample, CancellationToken stop)
    {
        ImmutableArray<Fault> absent = [
            .. from key in keys
               let folder = store.Training(new TrainingKey(key))
               where !folder.IsDone
               select new Fault.BadSetting(
                   "KEY", key, $"a finished training below {Path.GetDirectoryName(folder.Path)}", "see the column run of table.csv")];
        if (!absent.IsEmpty) return absent;
        string[] chosen = sample is null ? keys : Sample(retraining, int.Parse(sample, CultureInfo.InvariantCulture));
        if (chosen.Length == 0)
            return new Fault.BadRequest($"no finished training in {store.Root} can be trained again", "run an experiment first");
        var all = chosen.Select((key, i) =>
        {
            var done = retraining.Run(key, stop);
            var reason = done.Reason.Length > 0 ? $": {done.Reason}" : "";
            Console.Error.WriteLine($"[{i + 1}/{chosen.Length}] {done.Name} ({done.Key}): {Word(done.Outcome)}{reason}");
            return done;
        }).ToList();
        Terminal.ShowRows(["trained again", "number"], [
            .. from outcome in Enum.GetValues<RetrainingOutcome>()
               select (string[])[Word(outcome), $"{all.Count(done => done.Outcome == outcome)}"]]);
        bool Any(RetrainingOutcome outcome) => all.Exists(done => done.Outcome == outcome);
        return Any(RetrainingOutcome.Different) ? ExitCode.Differs
            : Any(RetrainingOutcome.Damaged) ? ExitCode.BadStore
            : Any(RetrainingOutcome.NotVerifiable) ? ExitCode.BadPlugin
            : ExitCode.Done;
    }

    private static string[] Sample(Retraining retraining, int count)
    {
        string[] known = [.. retraining.Known.Keys];
        Random.Shared.Shuffle(known);
        return known[..Math.Min(count, known.Length)];
    }

    private static string Word(RetrainingOutcome outcome) => outcome switch
    {
        RetrainingOutcome.Same => "same bytes",
        RetrainingOutcome.Different => "different",
        RetrainingOutcome.Damaged => "damaged",
        _ => "not verifiable",
    };
}
