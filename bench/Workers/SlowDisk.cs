using Bnn.Store;

namespace Bnn.Bench.Workers;

/// <summary>A disk on which each operation on names takes a while, and which counts them.</summary>
/// <param name="delay">Of each.</param>
internal sealed class SlowDisk(TimeSpan delay) : FileLayer
{
    /// <summary>Names that one operation lists: what fits into the answer of a file server.</summary>
    private const int NamesAtOnce = 1000;

    public long Operations { get; private set; }

    public override bool Exists(string path)
    {
        Pass(1);
        return base.Exists(path);
    }

    public override IReadOnlyCollection<string> NamesIn(string folder, bool folders = false)
    {
        var names = base.NamesIn(folder, folders);
        Pass(1 + names.Count / NamesAtOnce);
        return names;
    }

    public override Stream Open(string path)
    {
        Pass(1);
        return base.Open(path);
    }

    public override Stream OpenToChange(string path)
    {
        Pass(1);
        return base.OpenToChange(path);
    }

    public override Stream Create(string path)
    {
        Pass(1);
        return base.Create(path);
    }

    public override void Move(string from, string to)
    {
        Pass(1);
        base.Move(from, to);
    }

    public override void Delete(string path)
    {
        Pass(1);
        base.Delete(path);
    }

    public override bool CreateFolder(string path)
    {
        Pass(1);
        var isNew = base.CreateFolder(path);
        if (isNew) Pass(1);             // it was looked for, and made
        return isNew;
    }

    public override IDisposable? TryLock(string path)
    {
        Pass(1);
        return base.TryLock(path);
    }

    private void Pass(int operations)
    {
        Operations += operations;
        Thread.Sleep(delay * operations);
    }
}
