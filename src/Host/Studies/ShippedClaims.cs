using System.Collections.Immutable;
using Bnn.Core;
using Bnn.Store;

namespace Host.Studies;

/// <summary>The published numbers that come with the program: a file beside it.</summary>
public static class ShippedClaims
{
    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, ClaimsFile.Name);

    public static Result<ImmutableArray<Claim>> Read() => ClaimsFile.Read(Path);
}
