using System.Runtime.InteropServices;

namespace Bnn.TF;

/// <summary>
/// Runs a graph. The session holds a reference to its graph until it is deleted, so the order of finalisers doesn't matter.
/// </summary>
internal sealed unsafe class Session : SafeHandle
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(30);
    private static int _runs;
    private static bool _ending;
    private readonly GraphHandle _graph;
    private bool _referenced;

    static Session() => AppDomain.CurrentDomain.ProcessExit += (_, _) => WaitForRuns();

    /// <param name="threads">Threads inside an operation.</param>
    public Session(GraphHandle graph, int threads, Status status)
        : base(0, ownsHandle: true)
    {
        _graph = graph;
        var options = TensorFlowApi.TF_NewSessionOptions();
        try
        {
            // ConfigProto: field 2 intra-op threads, field 5 inter-op threads (1), field 9 threads of the session's own.
            ReadOnlySpan<byte> config = [0x10, checked((byte)threads), 0x28, 0x01, 0x48, 0x01];
            fixed (byte* bytes = config) TensorFlowApi.TF_SetConfig(options, bytes, (nuint)config.Length, status.Pointer);
            status.Check("session settings");
            SetHandle(TensorFlowApi.TF_NewSession(graph.Pointer, options, status.Pointer));
            status.Check("session");
            graph.DangerousAddRef(ref _referenced);
        }
        finally
        {
            TensorFlowApi.TF_DeleteSessionOptions(options);
        }
    }

    public override bool IsInvalid => handle == 0;

    public nint Pointer => handle;

    /// <summary>Runs the graph once: feeds, fetches into <paramref name="results"/>, and target operations.</summary>
    public void Run(
        ReadOnlySpan<TfOutput> feeds, ReadOnlySpan<nint> values,
        ReadOnlySpan<TfOutput> fetches, Span<nint> results,
        ReadOnlySpan<nint> targets, Status status)
    {
        if (feeds.Length != values.Length || values.Contains(0)) throw new ArgumentException("each feed needs a tensor", nameof(values));
        results.Clear();
        Interlocked.Increment(ref _runs);
        try
        {
            HoldBackAtTheEnd();
            fixed (TfOutput* feed = feeds, fetch = fetches)
            {
                fixed (nint* value = values, result = results, target = targets)
                {
                    TensorFlowApi.TF_SessionRun(
                        handle, 0, feed, value, feeds.Length, fetch, result, fetches.Length, target, targets.Length, 0, status.Pointer);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _runs);
        }
        status.Check("run");
    }

    protected override bool ReleaseHandle()
    {
        using var status = new Status();
        TensorFlowApi.TF_CloseSession(handle, status.Pointer);
        TensorFlowApi.TF_DeleteSession(handle, status.Pointer);
        if (_referenced) _graph.DangerousRelease();
        return true;
    }

    /// <summary>Prevents further runs and waits for current ones: a process that ends during a run occasionally crashes.</summary>
    private static void WaitForRuns()
    {
        Volatile.Write(ref _ending, true);
        Interlocked.MemoryBarrier();
        SpinWait.SpinUntil(() => Volatile.Read(ref _runs) == 0, LongestRun);
    }

    /// <summary>In a process that is ending, blocks this thread until the end, without counting as a run.</summary>
    private static void HoldBackAtTheEnd()
    {
        if (!Volatile.Read(ref _ending)) return;
        Interlocked.Decrement(ref _runs);
        Thread.Sleep(Timeout.Infinite);
    }
}
