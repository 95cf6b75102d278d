using Bnn.Core;
using Host.Experiments;
using Text = Bnn.Report.Text;

namespace Host.Consoles;

/// <summary>Shows an experiment on the terminal: a live table if stderr is one, plain lines otherwise.</summary>
public sealed class TerminalView : IExperimentView
{
    private IReadOnlyDictionary<TrainingKey, string> _arms = new Dictionary<TrainingKey, string>();

    public void Begin(PreparedExperiment experiment)
    {
        var plan = experiment.Plan;
        _arms = plan.Arms;
        Console.Error.WriteLine(
            $"{plan.Trainings.Length} trainings of {plan.Net}, {Text.Seeds(plan.Settings.Seeds.Length)}, "
            + $"{Math.Min(experiment.Jobs, plan.Trainings.Length)} at a time; {experiment.Engine.Description}");
    }

    public void Repaired(IReadOnlyList<DeletedTraining> deleted)
    {
        if (deleted.Count == 0) Console.Error.WriteLine("repair: nothing of this experiment is damaged");
        foreach (var training in deleted)
        {
            foreach (var fault in training.Why) Console.Error.WriteLine($"host: {fault.Describe()}");
            var why = training.Why.IsEmpty ? "made from a damaged training" : "damaged";
            Console.Error.WriteLine($"repair: deleted {training.Name} ({training.Key}): {why}");
        }
    }

    public void TrainAgain(IReadOnlyList<OutdatedTicket> tickets)
    {
        foreach (var plugin in tickets.GroupBy(ticket => ticket.Training.Cell.Mask!.Strategy.Plugin, StringComparer.Ordinal))
        {
            var first = plugin.First();
            var (before, now) = (Short(first.Before), Short(first.Training.Cell.Mask!.Strategy.PluginSha256));
            var count = plugin.Count() == 1 ? "1 ticket" : $"{plugin.Count()} tickets";
            var strategies = plugin.Select(ticket => ticket.Training.Cell.Mask!.Strategy.Label).Distinct(StringComparer.Ordinal);
            Console.Error.WriteLine(
                $"trained again: {count} of {Text.List(strategies)}, because {plugin.Key} has changed since "
                + $"(SHA-256 {before}… then, {now}… now) and may give other masks");
        }
    }

    public void Measure(int trainings)
    {
        var what = trainings == 1 ? "1 training" : $"{Text.Count(trainings)} trainings";
        Console.Error.WriteLine($"measuring {what} from the tensors that are stored");
    }

    private static string Short(string sha256) => sha256[..Math.Min(8, sha256.Length)];

    public IProgressView Follow(IReadOnlyList<TrainingProgress> all, int jobs) =>
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb"
            ? new PlainView(all, _arms, jobs, Console.Error)
            : new LiveView(all, _arms, jobs, Terminal.ConsoleOn(Console.Error, Console.IsErrorRedirected));
}
