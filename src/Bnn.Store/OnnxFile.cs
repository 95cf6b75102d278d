using Bnn.Core;

namespace Bnn.Store;

/// <summary>A net as it is written for others to run.</summary>
/// <param name="Weights">What it computes with: the weights of an ordinary net, or the means of a Bayesian one.</param>
/// <param name="Mask">Null for a whole net.</param>
/// <param name="Notes">What it is, for people: its key, its strategy …</param>
public sealed record PortableNet(PointWeights Weights, Mask? Mask, IReadOnlyList<NamedValue> Notes);

/// <summary>
/// The ONNX format, which ONNX Runtime and others run: h₀ = pixels, [n, inputs]; hₗ = ReLU(hₗ₋₁·Wₗ + bₗ) by Gemm and Relu; logits
/// [n, classes] without ReLU at the end; class [n], the largest logit's index and the lowest on ties. Everything is float32 but for the
/// class, which is int64. Pruned weights are in Wₗ at their values, +0 as a rule. A masked net's masks are metadata, not initializers:
/// runtimes warn of initializers that no operator uses.
/// </summary>
/// <remarks>onnx/onnx.proto of github.com/onnx/onnx has the fields' numbers; version 8 with operators 17.</remarks>
public static class OnnxFile
{
    public const string Pixels = "pixels", Logits = "logits", Class = "class";

    /// <summary>The axis of the images has no fixed size.</summary>
    private const string Images = "n";

    private const int Version = 8, Operators = 17;

    public static void Write(Stream stream, PortableNet net) => Model(net).WriteTo(stream);

    private static ProtoMessage Model(PortableNet net)
    {
        const int IrVersion = 1, Producer = 2, Graph = 7, OperatorSet = 8, Metadata = 14;
        const int OperatorSetVersion = 2, NoteName = 1, NoteValue = 2;
        var model = new ProtoMessage()
            .Whole(IrVersion, Version)
            .Text(Producer, "host")
            .Message(Graph, GraphOf(net))
            .Message(OperatorSet, new ProtoMessage().Whole(OperatorSetVersion, Operators));
        foreach (var note in net.Notes.Concat(MaskNotes(net.Mask)))
            model.Message(Metadata, new ProtoMessage().Text(NoteName, note.Name).Text(NoteValue, note.Value));
        return model;
    }

    /// <summary>
    /// A mask's layers as texts: base64 of its bits in the weights' order, eight a byte, the first the highest, the last byte filled up
    /// with zeros; <c>numpy.unpackbits</c> takes them apart.
    /// </summary>
    private static IEnumerable<NamedValue> MaskNotes(Mask? mask) => mask is null
        ? []
        : mask.Layers.Select((layer, l) => new NamedValue(Tensors.MaskName(l), Convert.ToBase64String(Packed(layer.Kept))));

    private static byte[] Packed(byte[] kept)
    {
        const int Bits = 8;
        var packed = new byte[(kept.Length + Bits - 1) / Bits];
        for (var i = 0; i < kept.Length; i++) packed[i / Bits] |= (byte)(kept[i] << (Bits - 1 - i % Bits));
        return packed;
    }

    private static ProtoMessage GraphOf(PortableNet net)
    {
        const int NodeField = 1, Name = 2, InitializerField = 5, InputField = 11, OutputField = 12;
        var layers = net.Weights.Layers;
        var graph = new ProtoMessage();
        var units = Pixels;
        for (var l = 0; l < layers.Length; l++)
        {
            var (layer, isLast) = ($"layer{l + 1}", l == layers.Length - 1);
            var sums = isLast ? Logits : $"{layer}.sums";
            graph.Message(NodeField, Node("Gemm", layer, [units, TensorNames.Weight(l), TensorNames.Bias(l)], sums));
            if (!isLast) graph.Message(NodeField, Node("Relu", $"{layer}.relu", [sums], units = $"{layer}.units"));
        }
        graph.Message(NodeField, Node("ArgMax", Class, [Logits], Class, ("axis", 1), ("keepdims", 0))).Text(Name, "net");
        foreach (var (l, layer) in layers.Index())
        {
            graph.Message(InitializerField, Initializer(
                    NamedTensor.Of(TensorNames.Weight(l), Tensors.Matrix(layer.Shape), layer.Weight)))
                .Message(InitializerField, Initializer(NamedTensor.Of(TensorNames.Bias(l), [layer.Shape.Outputs], layer.Bias)));
        }
        return graph
            .Message(InputField, Value(Pixels, ElementType.Float, layers[0].Shape.Inputs))
            .Message(OutputField, Value(Logits, ElementType.Float, layers[^1].Shape.Outputs))
            .Message(OutputField, Value(Class, ElementType.Int64));
    }

    private static ProtoMessage Node(
        string type, string name, string[] inputs, string output, params (string Name, long Value)[] attributes)
    {
        const int Input = 1, Output = 2, NameField = 3, Operator = 4, Attribute = 5;
        const int AttributeName = 1, AttributeInt = 3, AttributeType = 20, IntType = 2;
        var node = new ProtoMessage();
        foreach (var input in inputs) node.Text(Input, input);
        node.Text(Output, output).Text(NameField, name).Text(Operator, type);
        foreach (var attribute in attributes)
        {
            node.Message(Attribute, new ProtoMessage()
                .Text(AttributeName, attribute.Name)
                .Whole(AttributeInt, attribute.Value)
                .Whole(AttributeType, IntType));
        }
        return node;
    }

    private static ProtoMessage Initializer(NamedTensor tensor)
    {
        const int Size = 1, DataType = 2, Name = 8, Raw = 9;
        var initializer = new ProtoMessage();
        foreach (var size in tensor.Shape) initializer.Whole(Size, size);
        return initializer.Whole(DataType, (int)ElementType.Float).Text(Name, tensor.Name).Bytes(Raw, tensor.Content.ToArray());
    }

    /// <summary>An input or output: as many rows as there are images, of one value or of <paramref name="width"/>.</summary>
    private static ProtoMessage Value(string name, ElementType type, int? width = null)
    {
        const int Name = 1, Type = 2, TensorType = 1, Element = 1, Shape = 2, Axis = 1, Size = 1, SizeName = 2;
        var shape = new ProtoMessage().Message(Axis, new ProtoMessage().Text(SizeName, Images));
        if (width is { } fixedSize) shape.Message(Axis, new ProtoMessage().Whole(Size, fixedSize));
        return new ProtoMessage().Text(Name, name).Message(Type, new ProtoMessage()
            .Message(TensorType, new ProtoMessage().Whole(Element, (int)type).Message(Shape, shape)));
    }

    private enum ElementType
    {
        Float = 1,
        Int64 = 7,
    }
}
