using System.Text;
using Host.Consoles;

namespace Host.Commands;

/// <summary>Tells people of a bug, with its details in a file where one can be written. Nothing that it does throws.</summary>
public static class BugReport
{
    private const string Sorry = "host: this is a bug in host, not in what you typed";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Writes the details to the folder for temporary files, or else to the current one; the result is the exit code.</summary>
    public static int Tell(Exception e) => Tell(e, [Path.GetTempPath, Directory.GetCurrentDirectory], Console.Error);

    /// <summary>For a bug on a thread of its own, which ends the process: in any case, even if nobody reads what it says.</summary>
    public static void TellAndExit(Exception e)
    {
        Task.Run(() =>
        {
            LiveView.Clear();
            Tell(e);
        }).Wait(Patience);
        Environment.Exit(ExitCode.Bug);
    }

    /// <param name="folders">Folders to try, in this order.</param>
    /// <param name="output">Gets the message, and the details if no folder takes them.</param>
    public static int Tell(Exception e, IEnumerable<Func<string>> folders, TextWriter output)
    {
        var details = DetailsOf(e);
        var file = folders.Select(folder => Keep(details, folder)).FirstOrDefault(path => path is not null);
        try
        {
            output.WriteLine(file is null
                ? $"{Sorry} ({e.GetType().Name}). No file could be written; please report what follows.\n{details}"
                : $"{Sorry} ({e.GetType().Name}). The details are in {file}; please report it with that file.");
        }
        catch (Exception lost) when (GuardedWriter.IsLoss(lost))
        {
            // There is nothing left to say it with.
        }
        return ExitCode.Bug;
    }

    /// <summary>Says it in one line for the host that started this process to run plugin code, which quotes it.</summary>
    public static int TellParent(Exception e)
    {
        try
        {
            Console.Error.WriteLine($"{e.GetType().Name}: {DetailsOf(e).Split('\n')[0]}");
        }
        catch (Exception lost) when (GuardedWriter.IsLoss(lost))
        {
            // The parent is gone.
        }
        return ExitCode.Bug;
    }

    /// <summary>An exception may throw when it is asked what it is.</summary>
    private static string DetailsOf(Exception e)
    {
        try
        {
            return e.ToString();
        }
        catch (Exception inner)
        {
            return $"{e.GetType().FullName}, which doesn't say more ({inner.GetType().Name})";
        }
    }

    /// <summary>The path of a new file with the details; null, and nothing left behind, where that can't be done.</summary>
    private static string? Keep(string details, Func<string> folder)
    {
        var path = "";
        try
        {
            var name = $"host-bug-{Environment.ProcessId}-{Path.GetRandomFileName()[..4]}.log";
            path = Path.Combine(Path.GetFullPath(folder()), name);
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write)) file.Write(Encoding.UTF8.GetBytes(details));
            return path;
        }
        catch (Exception)
        {
            Remove(path);
            return null;
        }
    }

    private static void Remove(string path)
    {
        try
        {
            if (path.Length > 0) File.Delete(path);
        }
        catch (Exception)
        {
            // It isn't there, or can't be removed: the next folder is tried.
        }
    }
}
