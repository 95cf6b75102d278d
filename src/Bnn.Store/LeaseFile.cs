using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bnn.Store;

/// <summary>How far the holder of a lease is.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="StepsPerSecond">NaN while it isn't known.</param>
public readonly record struct LeaseProgress(int Step, double StepsPerSecond);

/// <summary>A lease as its file has it.</summary>
/// <param name="Id">Of this lease and no other.</param>
/// <param name="Since">By the clock of the holder's machine, for people: no decision is made by it.</param>
/// <param name="Beat">Another text each time that the holder says it is alive.</param>
public sealed record LeaseRecord(string Id, Holder Holder, DateTimeOffset Since, string Beat)
{
    /// <summary>What the holder says with its beat; null before it has made a step.</summary>
    public LeaseProgress? Progress => Beat.Split(' ') is [_, var step, var rate]
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var steps)
        && double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out var perSecond)
            ? new LeaseProgress(steps, perSecond)
            : null;
}

/// <summary>
/// The file of a lease: a line of JSON that says who holds it, and a line that its holder writes anew, in place, while it lives.
/// </summary>
public static class LeaseFile
{
    /// <summary>Characters of the second line.</summary>
    public const int BeatWidth = 48;

    private const int LargestSize = 1 << 14;

    private static readonly JsonSerializerOptions Options = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private sealed record Line(
        string Id, string Host, string Boot, int Process, string Started, string Job, DateTimeOffset Since);

    public static byte[] Write(LeaseRecord lease)
    {
        var (host, boot, process, started, job) = lease.Holder;
        var line = JsonSerializer.Serialize(new Line(lease.Id, host, boot, process, started, job, lease.Since), Options);
        return [.. Encoding.UTF8.GetBytes(line), (byte)'\n', .. BeatLine(lease.Beat)];
    }

    /// <summary>A text of the second line: how many there were, and how far the holder is.</summary>
    public static string Beat(long count, LeaseProgress? progress) => progress is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"{count} {known.Step} {known.StepsPerSecond:0.0}")
        : string.Create(CultureInfo.InvariantCulture, $"{count}");

    /// <summary>The second line as it is in the file, so that each replaces the one before it whole.</summary>
    internal static byte[] BeatLine(string beat) => Encoding.ASCII.GetBytes(beat.PadRight(BeatWidth)[..BeatWidth] + "\n");

    /// <summary>Null where it isn't one, or not yet: a file is made before it is written.</summary>
    public static LeaseRecord? Parse(ReadOnlySpan<byte> content)
    {
        var end = content.IndexOf((byte)'\n');
        if (end < 0) return null;
        try
        {
            var line = JsonSerializer.Deserialize<Line>(content[..end], Options);
            return line is null
                ? null
                : new LeaseRecord(
                    line.Id, new Holder(line.Host, line.Boot, line.Process, line.Started, line.Job), line.Since,
                    Encoding.UTF8.GetString(content[(end + 1)..]).TrimEnd());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The place of the second line; -1 where there is none.</summary>
    internal static int PlaceOfBeat(ReadOnlySpan<byte> content) => content.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : -1;

    /// <summary>A lease's bytes from its open file: no more than one has.</summary>
    internal static byte[] ReadAll(Stream file)
    {
        var content = new byte[LargestSize];
        return content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
    }
}
