using System.Collections.Concurrent;
using System.IO.Pipes;

namespace Host.Plugins;

/// <summary>
/// The child's side of its pipes. A thread of its own reads the requests, so that the end of that pipe, which is the end of the host, is
/// seen whatever the plugin is doing; then the child ends with all that it started. (Linux's own signal for it, PR_SET_PDEATHSIG, comes
/// when the starting thread ends, and would leave what a plugin has started.)
/// </summary>
internal sealed class ChildLife : IDisposable
{
    private readonly BlockingCollection<string> _requests = [];
    private readonly AnonymousPipeClientStream _requestPipe, _answerPipe;
    private readonly StreamWriter _answers;

    /// <param name="requests">Handle of the pipe that requests come through.</param>
    /// <param name="answers">Handle of the pipe that answers go through.</param>
    public ChildLife(string requests, string answers)
    {
        ChildSystem.Secede();
        _requestPipe = new AnonymousPipeClientStream(PipeDirection.In, requests);
        _answerPipe = new AnonymousPipeClientStream(PipeDirection.Out, answers);
        ChildSystem.KeepFromChildren(_requestPipe.SafePipeHandle);
        ChildSystem.KeepFromChildren(_answerPipe.SafePipeHandle);
        _answers = new StreamWriter(_answerPipe) { AutoFlush = true };
        new Thread(Read) { IsBackground = true, Name = "requests" }.Start();
        Answer(ChildProcess.Ready);
    }

    /// <summary>The requests as they come; the sequence has no end, for with the host this process ends.</summary>
    public IEnumerable<string> Requests => _requests.GetConsumingEnumerable();

    public void Answer(string line) => _answers.WriteLine(line);

    public void Dispose()
    {
        _answers.Dispose();
        _requestPipe.Dispose();
        _requests.Dispose();
    }

    private void Read()
    {
        try
        {
            using var reader = new StreamReader(_requestPipe);
            while (reader.ReadLine() is { } line) _requests.Add(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The pipe was closed by the plugin: without it, the child can't be told to end.
        }
        ChildSystem.EndOwnGroup();
    }
}
