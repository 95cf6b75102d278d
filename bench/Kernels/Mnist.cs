using Bnn.Core;
using Host;
using Host.Data;

namespace Kernels;

/// <summary>The data set that comes along.</summary>
internal static class Mnist
{
    public static Dataset Load() => DataFolder.Load(Places.OfProgram().Mnist).Match(
        data => data,
        faults => throw new InvalidDataException(faults[0].Describe()));
}
