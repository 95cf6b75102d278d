using System.Text.Json;

namespace Bnn.Store;

/// <summary>
/// How sealed files of computed numbers are written and read: every field is there, and none is null but where it may be.
/// </summary>
internal static class SealedJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };
}
