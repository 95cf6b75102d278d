using System.Globalization;
using System.Text;
using Bnn.Store;
using Host.Consoles;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Host.Experiments;

/// <summary>
/// A training's log.txt, written line by line. What the disk doesn't take is left out and told at the end of the command: no training fails
/// because of its log.
/// </summary>
public sealed class TrainingLog : ILogEventSink, IDisposable
{
    private const string Line = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    private static readonly MessageTemplateTextFormatter Format = new(Line, CultureInfo.InvariantCulture);
    private readonly Lock _writing = new();
    private readonly string _path;
    private StreamWriter? _file;

    /// <param name="continues">Whether it goes on after what is there, rather than in its place.</param>
    public TrainingLog(string path, bool continues = false)
    {
        _path = path;
        Lines = new LoggerConfiguration().WriteTo.Sink(this).CreateLogger();
        Try(() =>
        {
            if (!continues) File.Delete(path);
            var mode = continues ? FileMode.Append : FileMode.CreateNew;
            _file = new StreamWriter(new FileStream(path, mode, FileAccess.Write, FileShare.Read), new UTF8Encoding(false));
        });
    }

    public ILogger Lines { get; }

    public void Emit(LogEvent logEvent) => Try(() =>
    {
        if (_file is null) return;
        Format.Format(logEvent, _file);
        _file.Flush();
    });

    /// <summary>The logger has nothing else to dispose of, and would dispose of this, its sink.</summary>
    public void Dispose() => Try(() => _file?.Dispose());

    private void Try(Action work)
    {
        lock (_writing)
        {
            try
            {
                work();
            }
            catch (Exception e) when (Disk.IsAtFault(e) || e is ObjectDisposedException)
            {
                Unshown.Add(Disk.Unwritable(_path, e, $"{Disk.CheckRightsAndSpace}; the training itself isn't affected"));
            }
        }
    }
}
