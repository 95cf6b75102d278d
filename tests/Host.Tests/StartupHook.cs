/// <summary>
/// Runs inside the program when a test names this assembly in DOTNET_STARTUP_HOOKS, and makes it fail or hang at its first line of output:
/// the runtime asks for a class of this name, in no namespace.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "MA0047", Justification = "The runtime looks for it there.")]
internal static class StartupHook
{
    public const string Mode = "HOST_TEST_HOOK", Hanging = "hanging";

    public static IReadOnlyDictionary<string, string?> In(string mode) => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location,
        [Mode] = mode,
    };

    public static void Initialize() => Console.SetOut(new Faulty(Environment.GetEnvironmentVariable(Mode)!));

    /// <summary>Throws what no stream would, on the thread that writes or on one of its own; or leaves a file and doesn't return.</summary>
    private sealed class Faulty(string mode) : TextWriter
    {
        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public override void Write(char value)
        {
            if (mode == "main") Fail();
            if (mode == "thread") new Thread(Fail).Start();
            if (mode == "hang") File.WriteAllText(Hanging, "");

            // Lets go of the lock that every line of output needs, whichever stream it goes to.
            lock (Console.Out) Monitor.Wait(Console.Out);
        }

        private static void Fail() => throw new InvalidOperationException($"{nameof(StartupHook)} made a bug");
    }
}
