using BenchmarkDotNet.Attributes;
using Bnn.Core;
using Bnn.Simd;
using Compare;

namespace Kernels;

/// <summary>Steps and evaluations of the default engine on MNIST, and what they allocate: nothing.</summary>
[MemoryDiagnoser]
public class WholeSteps
{
    private Subject _subject = null!;
    private IStepper _stepper = null!;
    private int[] _epoch = [];
    private int _next;
    private bool _isEvaluation;

    public static IEnumerable<string> Names => Compare.Work.All.Select(work => work.Name);

    [ParamsSource(nameof(Names))]
    public string Work { get; set; } = "";

    [GlobalSetup]
    public void Begin()
    {
        var work = Compare.Work.All.First(work => work.Name == Work);
        _subject = new Subject(Mnist.Load());
        _stepper = _subject.Stepper(new SimdEngine(), work);
        _isEvaluation = work.IsEvaluation;

        // One epoch's batches, drawn in advance.
        var batches = _subject.Batches();
        _epoch = new int[_subject.Train.Count / Subject.Batch * Subject.Batch];
        for (var (step, begin) = (1, 0); begin < _epoch.Length; step++, begin += Subject.Batch)
            batches.At(step, _epoch.AsSpan(begin, Subject.Batch));
    }

    [GlobalCleanup]
    public void End() => _stepper.Dispose();

    [Benchmark]
    public double Once()
    {
        if (_isEvaluation) return _subject.Evaluate(_stepper).Nll;
        var items = _epoch.AsSpan(_next, Subject.Batch);
        _next = (_next + Subject.Batch) % _epoch.Length;
        return _stepper.Step(items).Nll;
    }
}
