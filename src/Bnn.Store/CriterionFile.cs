using System.Runtime.InteropServices;

namespace Bnn.Store;

/// <summary>A criterion as a file: doubles, layer after layer.</summary>
public static class CriterionFile
{
    /// <param name="counts">Weights of each layer.</param>
    public static double[][] Read(string path, IReadOnlyList<int> counts)
    {
        var all = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(path));
        var layers = new double[counts.Count][];
        for (var l = 0; l < counts.Count; l++)
        {
            layers[l] = all[..counts[l]].ToArray();
            all = all[counts[l]..];
        }
        return layers;
    }

    public static void Write(string path, IEnumerable<double[]> layers) => AtomicFile.Write(path, stream =>
    {
        foreach (var layer in layers) stream.Write(MemoryMarshal.AsBytes(layer.AsSpan()));
    });
}
