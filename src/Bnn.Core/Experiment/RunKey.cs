using System.Security.Cryptography;
using System.Text;

namespace Bnn.Core;

/// <summary>A training's name: the first 12 hex digits of the SHA-256 of its config, which holds what can change its bits and nothing else.</summary>
public readonly record struct RunKey(string Value)
{
    public const int Digits = 12;

    public static RunKey Of(string config) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(config)))[..Digits]);

    public override string ToString() => Value;
}
