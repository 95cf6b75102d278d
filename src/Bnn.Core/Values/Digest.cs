using System.Security.Cryptography;
using System.Text;

namespace Bnn.Core;

/// <summary>A short name for a text: the first 12 hex digits of its SHA-256.</summary>
public readonly record struct Digest(string Value)
{
    public const int Digits = 12;

    /// <param name="text">Hashed as UTF-8.</param>
    public static Digest Of(string text) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits]);

    public override string ToString() => Value;
}
