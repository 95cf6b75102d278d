using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>A row of metrics.csv. Train columns are means over the steps since the row before.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Kl">Nats, not divided; null for ordinary nets.</param>
public sealed record MetricsRow(int Step, double? TrainLoss, double? TrainNll, double? Kl, double? ValidationNll, double? ValidationAccuracy);

/// <param name="EarlyStopStep">The evaluated step, not 0, with the lowest validation NLL; the first on ties; null without validation.</param>
/// <param name="EarlyStop">The weights there.</param>
public sealed record TrainingOutcome(
    ImmutableArray<MetricsRow> Rows, int? EarlyStopStep, PointWeights? EarlyStop, PointWeights Final, Evaluation? TestAtEarlyStop, Evaluation TestAtLast);

/// <param name="KlFactor">What KL is multiplied by in the loss: KL weight / number of training images; null for ordinary nets, which have no KL.</param>
public sealed record LoopSettings(string Label, Architecture Net, Seed Seed, int Steps, int Batch, int EvalEvery, double? KlFactor)
{
    /// <summary>What to try when the loss is no number.</summary>
    public string Hint { get; init; } = "the learning rate (--lr) is the likely cause: try a tenth of it";
}

/// <summary>From the first step to the last: batches, evaluation, early stopping, and one look at the test set at the end. Any engine, either kind.</summary>
public static class TrainingLoop
{
    /// <param name="evaluate">The engine's evaluation of given weights on all of some samples.</param>
    public static Result<TrainingOutcome> Run(
        IStepper stepper, Func<PointWeights, Samples, Evaluation> evaluate, LoopSettings settings, Dataset data, Split split,
        ITrainingObserver observer, CancellationToken stop)
    {
        var batches = new Batches(settings.Seed, split.Train, settings.Batch);
        var items = new int[settings.Batch];
        var rows = ImmutableArray.CreateBuilder<MetricsRow>();
        var best = split.Validation.Length > 0 ? PointWeights.Zero(settings.Net) : null;
        var (bestStep, bestNll) = ((int?)null, double.PositiveInfinity);
        var (nll, kl, since) = (0.0, 0.0, 0);

        for (var step = 0; ; step++)
        {
            if (step % settings.EvalEvery == 0 || step == settings.Steps)
            {
                var validation = split.Validation.Length > 0 ? stepper.Evaluate(data.Train, split.Validation) : (Evaluation?)null;
                var row = Row(step, nll, kl, since, settings.KlFactor, validation);
                if (validation is { } v && !double.IsFinite(v.Nll)) return Diverged(settings, step, "the validation loss", v.Nll);
                rows.Add(row);
                observer.Evaluated(row);
                (nll, kl, since) = (0, 0, 0);
                if (best is not null && step > 0 && row.ValidationNll < bestNll)
                {
                    stepper.CopyWeightsTo(best);
                    (bestStep, bestNll) = (step, row.ValidationNll!.Value);
                }
            }
            if (step == settings.Steps) break;

            stop.ThrowIfCancellationRequested();
            batches.At(step + 1, items);
            var loss = stepper.Step(items);
            if (!double.IsFinite(loss.Nll)) return Diverged(settings, step + 1, "the training loss", loss.Nll);
            if (!double.IsFinite(loss.Kl)) return Diverged(settings, step + 1, "the KL divergence", loss.Kl);
            nll += loss.Nll;
            kl += loss.Kl;
            since++;
            observer.Stepped(step + 1, loss);
        }

        var final = PointWeights.Zero(settings.Net);
        stepper.CopyWeightsTo(final);
        // −∞ below a ReLU would show in no loss.
        foreach (var values in final.Layers.SelectMany(layer => (float[][])[layer.Weight, layer.Bias]))
            foreach (var value in values)
                if (!float.IsFinite(value)) return Diverged(settings, settings.Steps, "a weight", value);
        var atEarlyStop = bestStep is null ? (Evaluation?)null : evaluate(best!, data.Test);
        var atLast = evaluate(final, data.Test);
        if (atEarlyStop is { } early && !double.IsFinite(early.Nll)) return Diverged(settings, bestStep!.Value, "the test loss", early.Nll);
        if (!double.IsFinite(atLast.Nll)) return Diverged(settings, settings.Steps, "the test loss", atLast.Nll);
        return new TrainingOutcome(rows.ToImmutable(), bestStep, bestStep is null ? null : best, final, atEarlyStop, atLast);
    }

    private static MetricsRow Row(int step, double nll, double kl, int since, double? klFactor, Evaluation? validation)
    {
        if (since == 0) return new MetricsRow(step, null, null, null, validation?.Nll, validation?.Accuracy);
        var (meanNll, meanKl) = (nll / since, kl / since);
        return new MetricsRow(step, meanNll + (klFactor ?? 0) * meanKl, meanNll, klFactor is null ? null : meanKl, validation?.Nll, validation?.Accuracy);
    }

    private static Fault.Diverged Diverged(LoopSettings settings, int step, string quantity, double value) =>
        new(settings.Label, step, quantity, value, settings.Hint);
}
