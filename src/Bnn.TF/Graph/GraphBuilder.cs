namespace Bnn.TF;

/// <summary>A value in a graph.</summary>
internal readonly record struct Node(TfOutput Output)
{
    public nint Operation => Output.Operation;
}

/// <summary>
/// A variable: its handle, and the one read of it that a step uses everywhere, so that gradients can be taken with respect to it.
/// </summary>
internal sealed record Variable(string Name, Node Handle, Node Value, long[] Shape, nint AssignOperation, Node AssignInput);

/// <summary>Builds a graph in the field's terms. Every operation gets a unique name; a failure reports the operation.</summary>
internal sealed unsafe class GraphBuilder(GraphHandle graph, Status status)
{
    private int _operations;

    public nint Graph => graph.Pointer;

    public Node Placeholder(string name, TfType type, params ReadOnlySpan<long> shape)
    {
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, "Placeholder", name);
        TensorFlowApi.TF_SetAttrType(description, "dtype", type);
        fixed (long* dimensions = shape) TensorFlowApi.TF_SetAttrShape(description, "shape", dimensions, shape.Length);
        return Finish(description, name);
    }

    public Node Constant(float value) => Constant(TfType.Float, [value], []);

    public Node Constant<T>(TfType type, ReadOnlySpan<T> values, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        using var tensor = Tensor.Allocate(type, shape);
        values.CopyTo(tensor.As<T>());
        var name = NewName("Const");
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, "Const", name);
        TensorFlowApi.TF_SetAttrTensor(description, "value", tensor.Pointer, status.Pointer);
        status.Check(name);
        TensorFlowApi.TF_SetAttrType(description, "dtype", type);
        return Finish(description, name);
    }

    /// <summary>A float variable, with a shared_name of its own: without one all variables would be the same.</summary>
    public Variable Variable(string name, params long[] shape)
    {
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, "VarHandleOp", name);
        TensorFlowApi.TF_SetAttrType(description, "dtype", TfType.Float);
        fixed (long* dimensions = shape) TensorFlowApi.TF_SetAttrShape(description, "shape", dimensions, shape.Length);
        var shared = System.Text.Encoding.UTF8.GetBytes(name);
        fixed (byte* text = shared) TensorFlowApi.TF_SetAttrString(description, "shared_name", text, (nuint)shared.Length);
        var handle = Finish(description, name);
        var value = Read(handle);
        var input = Placeholder($"{name}/start", TfType.Float, shape);
        return new Variable(name, handle, value, shape, Assign(handle, input), input);
    }

    /// <summary>The variable as it is after <paramref name="after"/>.</summary>
    public Node Read(Node handle, params ReadOnlySpan<nint> after)
    {
        var name = NewName("ReadVariableOp");
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, "ReadVariableOp", name);
        TensorFlowApi.TF_AddInput(description, handle.Output);
        foreach (var operation in after) TensorFlowApi.TF_AddControlInput(description, operation);
        TensorFlowApi.TF_SetAttrType(description, "dtype", TfType.Float);
        return Finish(description, name);
    }

    public nint Assign(Node handle, Node value, params ReadOnlySpan<nint> after)
    {
        var name = NewName("AssignVariableOp");
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, "AssignVariableOp", name);
        TensorFlowApi.TF_AddInput(description, handle.Output);
        TensorFlowApi.TF_AddInput(description, value.Output);
        foreach (var operation in after) TensorFlowApi.TF_AddControlInput(description, operation);
        return Finish(description, name).Operation;
    }

    /// <summary>Any operation whose attributes follow from its inputs.</summary>
    public Node Op(string type, params ReadOnlySpan<Node> inputs)
    {
        var name = NewName(type);
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, type, name);
        foreach (var input in inputs) TensorFlowApi.TF_AddInput(description, input.Output);
        return Finish(description, name);
    }

    public Node MatMul(Node a, Node b) => Op("MatMul", a, b);

    public Node Add(Node a, Node b) => Op("AddV2", a, b);

    public Node Multiply(Node a, Node b) => Op("Mul", a, b);

    public Node Square(Node a) => Op("Square", a);

    /// <summary>The sum over all axes of a tensor of that rank.</summary>
    public Node SumAll(Node a, int rank)
    {
        int[] axes = [.. Enumerable.Range(0, rank)];
        return Op("Sum", a, Constant<int>(TfType.Int32, axes, [rank]));
    }

    /// <summary>An operation that only waits for others.</summary>
    public nint Group(params ReadOnlySpan<nint> operations)
    {
        var name = NewName("NoOp");
        var description = TensorFlowApi.TF_NewOperation(graph.Pointer, "NoOp", name);
        foreach (var operation in operations) TensorFlowApi.TF_AddControlInput(description, operation);
        return Finish(description, name).Operation;
    }

    /// <summary>∂y/∂x for a scalar y.</summary>
    public Node[] Gradients(Node y, ReadOnlySpan<Node> x)
    {
        var (wanted, gradients, scalar) = (new TfOutput[x.Length], new TfOutput[x.Length], y.Output);
        for (var i = 0; i < x.Length; i++) wanted[i] = x[i].Output;
        fixed (TfOutput* from = wanted, to = gradients)
            TensorFlowApi.TF_AddGradients(graph.Pointer, &scalar, 1, from, x.Length, null, status.Pointer, to);
        status.Check("gradients");
        if (Array.Exists(gradients, gradient => gradient.Operation == 0))
            throw new TensorFlowException("a gradient is not there: the loss doesn't depend on one of the variables");
        return Array.ConvertAll(gradients, gradient => new Node(gradient));
    }

    private string NewName(string type) => $"{type}_{_operations++}";

    private Node Finish(nint description, string name)
    {
        var operation = TensorFlowApi.TF_FinishOperation(description, status.Pointer);
        status.Check(name);
        return new Node(new TfOutput { Operation = operation, Index = 0 });
    }
}
