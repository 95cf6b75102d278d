using Bnn.Core;

namespace Host.Consoles;

/// <summary>The process's two streams for people.</summary>
public static class StandardStreams
{
    public const string Out = "stdout", Error = "stderr";

    private const int OutDescriptor = 1, ErrorDescriptor = 2;

    /// <summary>
    /// From here on no write to stdout or stderr fails: what a stream doesn't take is dropped and remembered as <see cref="Unshown"/>.
    /// A pipe whose reader has gone, as <c>| head</c> does, has shown what was wanted and is no failure.
    /// </summary>
    public static void Guard()
    {
        Console.SetOut(new GuardedWriter(Out, OpenIf(OutDescriptor, () => Console.Out)));
        Console.SetError(new GuardedWriter(Error, OpenIf(ErrorDescriptor, () => Console.Error)));
    }

    public static Fault.Disk Lost(string stream, string reason) =>
        new(stream, $"can't be written ({reason})", "what was computed is kept all the same; give the output another place");

    private static TextWriter? OpenIf(int descriptor, Func<TextWriter> open)
    {
        try
        {
            return SystemCalls.IsInherited(descriptor) ? open() : null;
        }
        catch (Exception e) when (GuardedWriter.IsLoss(e))
        {
            return null;
        }
    }
}
