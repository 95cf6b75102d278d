using Bnn.Core;
using ILGPU;
using ILGPU.Runtime;

namespace Bnn.Gpu;

/// <summary>What a kernel is given: the memory of all nets of a fleet, the samples, and what to do.</summary>
internal struct Views
{
    /// <summary>[nets, floats per net]: places are those of <see cref="LayerPlace"/>.</summary>
    public ArrayView<float> Floats;

    /// <summary>[nets, integers per net].</summary>
    public ArrayView<int> Integers;

    /// <summary>[nets, bytes per net].</summary>
    public ArrayView<byte> Bytes;

    /// <summary>[nets, layers].</summary>
    public ArrayView<LayerPlace> Layers;

    /// <summary>[nets].</summary>
    public ArrayView<NetRule> Rules;

    /// <summary>The constants of each layer's KL, [nets, layers].</summary>
    public ArrayView<double> KlConstants;

    /// <summary>One for each group of threads.</summary>
    public ArrayView<Work> Works;

    /// <summary>Rows of the samples.</summary>
    public ArrayView<int> Items;

    /// <summary>Of each step.</summary>
    public ArrayView<float> StepSizes;

    /// <summary>Mean cross entropy and KL of each step; an evaluation's sum is the first of its losses.</summary>
    public ArrayView<double> Nll, Kl;

    /// <summary>Images that are classified correctly, by evaluation.</summary>
    public ArrayView<int> Correct;

    /// <summary>The samples: pixels, or numbers where there are none.</summary>
    public ArrayView<byte> Pixels, Labels;

    /// <inheritdoc cref="Pixels"/>
    public ArrayView<float> Values;

    /// <summary>Sizes.</summary>
    public int FloatsPerNet, IntegersPerNet, BytesPerNet, LayerCount;

    /// <summary>Items of a step; examples that a net has memory for, a multiple of 16.</summary>
    public int Batch, Width;

    /// <summary>1 where the samples are pixels.</summary>
    public int HasPixels;
}

/// <summary>One net's memory, and the group's thread that looks at it.</summary>
internal struct Net
{
    public ArrayView<float> F;
    public ArrayView<Four> F4;
    public ArrayView<int> I;
    public ArrayView<byte> B;
    public NetRule Rule;

    /// <summary>The first of its layers among <see cref="Views.Layers"/>.</summary>
    public int FirstLayer;

    /// <summary>The thread's number in its group, and how many there are.</summary>
    public int Thread, Threads;

    public static Net Of(Views t, int slot)
    {
        var floats = t.Floats.SubView(slot * (long)t.FloatsPerNet, t.FloatsPerNet);
        return new Net
        {
            F = floats,
            F4 = floats.AsAligned(16).Cast<Four>(),
            I = t.Integers.SubView(slot * (long)t.IntegersPerNet, t.IntegersPerNet),
            B = t.Bytes.SubView(slot * (long)t.BytesPerNet, t.BytesPerNet),
            Rule = t.Rules[slot],
            FirstLayer = slot * t.LayerCount,
            Thread = Group.IdxX,
            Threads = Group.DimX,
        };
    }

    /// <summary>A stream of the net's noise.</summary>
    public static RandomStream Stream(NetRule rule, StreamName name, int layer) =>
        new(new Seed(rule.Seed), name, layer | rule.LayersBefore);

    /// <summary>±1, from a word of signs.</summary>
    public static float Sign(int word, int column) => (word >> (column & 31) & 1) != 0 ? -1f : 1f;

    /// <summary>x or −x, from a word of signs.</summary>
    public static float Signed(float x, int word, int column) => (word >> (column & 31) & 1) != 0 ? -x : x;
}
