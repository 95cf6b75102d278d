using System.Diagnostics;
using Bnn.Core;

namespace Compare;

/// <summary>An engine that works are timed on, one work at a time.</summary>
internal interface IContender : IDisposable
{
    string Name { get; }

    /// <summary>Starts a work from the beginning.</summary>
    void Begin(Work work);

    /// <summary>Milliseconds of each repeat; null if the engine has failed, which it has then reported on stderr.</summary>
    double[]? Run(int repeats);
}

/// <summary>An engine of ours, in this process.</summary>
internal sealed class EngineContender(string name, ITrainingEngine engine, Subject subject) : IContender
{
    /// <summary>Steps before a net is evaluated: its hidden units are then as active as a trained net's.</summary>
    private const int StepsBeforeEvaluation = 100;

    private readonly int[] _items = new int[Subject.Batch];
    private IStepper? _stepper;
    private Batches? _batches;
    private bool _isEvaluation;
    private int _step;

    public string Name => name;

    public void Begin(Work work)
    {
        _stepper?.Dispose();
        (_stepper, _batches, _step, _isEvaluation) = (subject.Stepper(engine, work), subject.Batches(), 0, false);
        if (work.IsEvaluation) Run(StepsBeforeEvaluation);
        _isEvaluation = work.IsEvaluation;
    }

    public double[] Run(int repeats)
    {
        if (_stepper is null || _batches is null) throw new InvalidOperationException("no work was begun");
        var ms = new double[repeats];
        for (var i = 0; i < repeats; i++) ms[i] = _isEvaluation ? Evaluate(_stepper) : Step(_stepper, _batches);
        return ms;
    }

    /// <summary>Milliseconds of one evaluation of the net as it is now.</summary>
    public double Evaluate() => Evaluate(_stepper ?? throw new InvalidOperationException("no work was begun"));

    public void Dispose() => _stepper?.Dispose();

    private double Step(IStepper stepper, Batches batches)
    {
        batches.At(++_step, _items);
        var began = Stopwatch.GetTimestamp();
        stepper.Step(_items);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private double Evaluate(IStepper stepper)
    {
        var began = Stopwatch.GetTimestamp();
        subject.Evaluate(stepper);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
