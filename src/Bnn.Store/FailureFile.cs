using System.Text.Json;

namespace Bnn.Store;

/// <summary>Why a training failed.</summary>
/// <param name="Reason">For people.</param>
/// <param name="Holder">Who tried it.</param>
/// <param name="At">By the clock of the machine that tried it, for people.</param>
public sealed record StoredFailure(string Reason, Holder Holder, DateTimeOffset At);

/// <summary>
/// failure.json in the folder of a training that failed: others see what went wrong, and needn't try it again. It is gone once the training
/// is done.
/// </summary>
public static class FailureFile
{
    /// <summary>Bytes: a reason may have long paths in it.</summary>
    internal const long LargestSize = 1 << 20;

    public static string Write(StoredFailure failure) => JsonSerializer.Serialize(failure, SealedJson.Options) + "\n";

    /// <summary>Null where it isn't one: what was tried can be tried again.</summary>
    public static StoredFailure? Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize<StoredFailure>(content, SealedJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
