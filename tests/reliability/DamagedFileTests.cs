using System.Collections.Concurrent;
using Bnn.Store;
using Host.Tests;

namespace Reliability;

/// <summary>
/// One file of a results folder is damaged: whatever the command, either it names the file and its exit code isn't 0, or nothing that it
/// shows or writes differs from what it would have been; and <c>host verify</c> finds it.
/// </summary>
public sealed class DamagedFileTests(Installation installation, Laboratory laboratory)
{
    private const string Settings = "--compare none --density 0.5 --layers 3 --steps 3 --eval-every 2 --batch 5 --validation 10 "
        + "--lr 0.01 --jobs 1";

    private const string First = $"run --strategy early-snr --name first {Settings}",
        Other = $"run --strategy early-snr --name other --seed 2 {Settings}", Report = "report results/experiments/first";

    [Fact]
    public async Task A_damaged_file_is_never_taken_without_a_word()
    {
        using var whole = installation.Place();
        (await whole.Run(First)).Done();
        (await whole.Run(Other)).Done();
        var begun = laboratory.Begun(("data", installation.Data), ("name", "first"));
        string[] all = [.. Folders.Files(whole.Results.Root).Keys.Where(IsLasting)];
        var others = whole.Results.Table("other").Select(row => $"runs/{row["run"]}/").ToList();
        string[] finished = [.. all.Where(file => !others.Exists(other => file.StartsWith(other, StringComparison.Ordinal)))];
        string[] checkpoints = [.. Folders.Files(begun).Keys.Where(name => name.Contains("checkpoint-", StringComparison.Ordinal))];
        List<Case> cases = [
            .. from file in finished
               from way in Ways(file)
               select new Case(whole.Results.Root, file, Counterpart(file, all, whole), way, Needing(file)),
            .. from way in Ways("checkpoint")
               select new Case(begun, checkpoints[^1], checkpoints[0], way, "snr")];
        var outcomes = new ConcurrentDictionary<(string, string), Lazy<Task<Undamaged>>>();
        var (commands, wrong) = (0, new ConcurrentBag<string>());
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (one, _) =>
        {
            foreach (var line in (string[])[First, $"run --strategy {one.Strategy} --name second {Settings}", Report])
            {
                var right = outcomes.GetOrAdd((one.Template, line), _ => new Lazy<Task<Undamaged>>(() => Run(one.Template, line)));
                Interlocked.Increment(ref commands);
                if (await Wrong(one, line, await right.Value) is { } what)
                    wrong.Add($"{one.File}: {one.Damage.Name}: {line.Split(" --compare")[0]}: {what}");
            }
        });
        Tally.Add(
            "damage", $"{cases.Count} damaged files of {finished.Length + 1} kinds, {commands} commands and {cases.Count} looks by verify",
            $"{wrong.Count} silent");
        Assert.True(wrong.IsEmpty, string.Join("\n", wrong.Order(StringComparer.Ordinal)));
    }

    private sealed record Case(string Template, string File, string Counterpart, (Damage Damage, int Seed) Way, string Strategy)
    {
        public Damage Damage => Way.Damage;
    }

    /// <summary>What a command shows and leaves on a folder that isn't damaged.</summary>
    private sealed record Undamaged(Outcome Outcome, StoreContent Content);

    /// <summary>All ways in full; otherwise some, others for each file.</summary>
    private static IEnumerable<(Damage, int)> Ways(string file)
    {
        var seed = file.Aggregate(Counts.Seed, (sum, letter) => unchecked(sum * 31 + letter)) & 0xFFFF;
        return Enumerable.Range(seed, Math.Min(Counts.WaysOfDamage, Damage.All.Length))
            .Select(way => (Damage.All[way % Damage.All.Length], way));
    }

    private static bool IsLasting(string file) =>
        !file.EndsWith("log.txt", StringComparison.Ordinal) && !file.StartsWith('.')
        && !file.StartsWith("experiments/other", StringComparison.Ordinal);

    /// <summary>A strategy that reads the file, if any does, and hasn't been asked yet.</summary>
    private static string Needing(string file) => Path.GetFileName(file) switch
    {
        "weights.safetensors" => "large-final",
        "snapshots.safetensors" => "early-snr:at=2",
        _ => "snr",
    };

    private static string Counterpart(string file, string[] all, Place place)
    {
        if (file.StartsWith("experiments/", StringComparison.Ordinal))
            return file.Replace("experiments/first", "experiments/other", StringComparison.Ordinal);
        if (!file.StartsWith("runs/", StringComparison.Ordinal)) return "experiments/first/table.csv";
        var (own, kind) = (file.Split('/')[1], place.Results.Run(file.Split('/')[1]).Kind);
        return all.First(other => Path.GetFileName(other) == Path.GetFileName(file) && other.StartsWith("runs/", StringComparison.Ordinal)
            && other.Split('/')[1] != own && place.Results.Run(other.Split('/')[1]).Kind == kind);
    }

    private async Task<Undamaged> Run(string template, string line)
    {
        using var place = installation.Place();
        FileFaultTests.Copy(template, place.Results.Root);
        var outcome = (await place.Run(line)).Done();
        return new Undamaged(Placeless(outcome, place), StoreContent.Of(place.Results.Root));
    }

    private async Task<string?> Wrong(Case one, string line, Undamaged right)
    {
        using var place = installation.Place();
        var (root, path) = (place.Results.Root, Path.Combine(place.Results.Root, one.File));
        FileFaultTests.Copy(one.Template, root);
        one.Damage.Apply(path, Path.Combine(root, one.Counterpart), new Random(one.Way.Seed));
        if (!Examined(root).Contains(path, StringComparison.Ordinal)) return "verify doesn't name it";
        var damaged = Stamp(path);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var run = place.Run(line);
        if (await Task.WhenAny(run, Task.Delay(Timeout.Infinite, patience.Token)) != run) return "it hangs";
        var outcome = Placeless(await run, place);
        var said = outcome.Err + outcome.Out;
        if (outcome.Code is 1 or 134 || Array.Exists(["bug", "\n   at "], sign => said.Contains(sign, StringComparison.Ordinal)))
            return $"code {outcome.Code}: {outcome.Err}";
        var isAsItWas = Stamp(path) == damaged;
        string[] except = isAsItWas ? [one.File, one.Counterpart] : [one.Counterpart];
        if (isAsItWas && File.Exists(path)) File.Delete(path);        // a pipe can't be read
        var difference = StoreContent.Of(root).DifferenceFrom(right.Content, except);
        if (outcome.Code == 0)
            return difference.Length == 0 && outcome.Out == right.Outcome.Out ? null : $"silent: {difference} {outcome.Out} {outcome.Err}";
        if (!said.Contains(Path.GetFileName(one.File), StringComparison.Ordinal))
            return $"code {outcome.Code} without its name: {outcome.Err}";
        return WronglyMade(root, right.Content, one) is { Length: > 0 } made ? $"made {made}" : null;
    }

    /// <summary>Finished trainings that differ from what they would be without the damage.</summary>
    private static string WronglyMade(string root, StoreContent right, Case one)
    {
        string[] own = [Path.GetDirectoryName(one.File)!, Path.GetDirectoryName(one.Counterpart)!];
        var all = StoreContent.Of(root).Files;
        return string.Join(", ",
            from file in all
            let folder = Path.GetDirectoryName(file.Key)
            where file.Key.StartsWith("runs/", StringComparison.Ordinal) && !own.Contains(folder)
            where all.ContainsKey($"{folder}/result.json")
            where !(right.Files.TryGetValue(file.Key, out var expected) && expected.AsSpan().SequenceEqual(file.Value))
            select file.Key);
    }

    private static string Examined(string root) => ResultsStore.OpenExisting(root).Match(
        store => string.Join('\n', StoreExamination.Of(store, CancellationToken.None).Damaged.Select(fault => fault.Describe())),
        faults => string.Join('\n', faults.Select(fault => fault.Describe())));

    /// <summary>What shows whether a command wrote the file anew.</summary>
    private static (bool, long, DateTime) Stamp(string path) => (Directory.Exists(path), File.Exists(path) ? new FileInfo(path).Length : 0,
        File.GetLastWriteTimeUtc(path));

    private static Outcome Placeless(Outcome outcome, Place place)
    {
        return new Outcome(outcome.Code, Of(outcome.Out), Of(outcome.Err));

        string Of(string text) => text.Replace(place.Folder, ".", StringComparison.Ordinal);
    }
}
