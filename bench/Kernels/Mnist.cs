using Bnn.Core;
using Bnn.Store;
using Host;

namespace Kernels;

/// <summary>The data set included in the repository.</summary>
internal static class Mnist
{
    public static Dataset Load() => IdxFolder.Load(Places.OfProgram().Mnist).Match(
        data => data,
        faults => throw new InvalidDataException(faults[0].Describe()));
}
