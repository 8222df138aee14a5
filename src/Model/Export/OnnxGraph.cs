using System.Globalization;
using System.Runtime.InteropServices;

namespace Makemore.Gpu.Model.Export;

/// <summary>
/// A graph of ONNX that is being written: constants and nodes in the order in which they are computed, each named by what it gives. The
/// numbers of the fields are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
/// </summary>
/// <param name="name">What the graph is called.</param>
sealed class OnnxGraph(string name)
{
    /// <summary>The version of ONNX's operators.</summary>
    public const int Opset = 17;

    // The version of the file format that came with it.
    const int FormatVersion = 8;

    const int FloatType = 1;
    const int LongType = 7;
    const int IntegerAttribute = 2;
    const int IntegersAttribute = 7;

    readonly ProtobufMessage graph = new ProtobufMessage().Add(2, name);
    int count;

    /// <summary>Adds the input, of which there is one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sizes">Its sizes: a number, or a letter for a free one.</param>
    public string AddInput(string name, params string[] sizes)
    {
        graph.Add(11, ValueOf(name, LongType, sizes));
        return name;
    }

    /// <summary>Adds the output, of which there is one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value that it is.</param>
    /// <param name="sizes">Its sizes: a number, or a letter for a free one.</param>
    public void AddOutput(string name, string value, params string[] sizes)
    {
        graph.Add(1, new ProtobufMessage().Add(1, value).Add(2, name).Add(4, "Identity"));
        graph.Add(12, ValueOf(name, FloatType, sizes));
    }

    /// <summary>Adds a constant tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sizes">Its sizes, the outermost first; none for a single value.</param>
    /// <param name="values">Its values, row by row.</param>
    public string AddConstant(string name, IEnumerable<int> sizes, params float[] values)
    {
        var tensor = new ProtobufMessage();
        foreach (int size in sizes)
        {
            tensor.Add(1, size);
        }
        graph.Add(5, tensor.Add(2, FloatType).Add(8, name).Add(9, MemoryMarshal.AsBytes(values.AsSpan())));
        return name;
    }

    /// <summary>Adds a node of one number, such as a factor.</summary>
    /// <param name="operation">ONNX's operator.</param>
    /// <param name="value">The value that it takes.</param>
    /// <param name="number">The number.</param>
    /// <returns>The value that it gives.</returns>
    public string Add(string operation, string value, float number) => Add(operation, value, AddConstant(NextName("number"), [], number));

    /// <summary>Adds a node.</summary>
    /// <param name="operation">ONNX's operator.</param>
    /// <param name="inputs">The values that it takes.</param>
    /// <returns>The value that it gives.</returns>
    public string Add(string operation, params string[] inputs) => Add(NodeOf(operation, inputs), operation);

    /// <summary>Adds the means over an axis, which stays with the size 1.</summary>
    /// <param name="value">The value.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>The means.</returns>
    public string AddMean(string value, int axis)
    {
        ProtobufMessage axes = new ProtobufMessage().Add(1, "axes").Add(20, IntegersAttribute).Add(8, axis);
        ProtobufMessage keeps = new ProtobufMessage().Add(1, "keepdims").Add(20, IntegerAttribute).Add(3, 1);
        return Add(NodeOf("ReduceMean", value).Add(5, axes).Add(5, keeps), "ReduceMean");
    }

    /// <summary>Adds another shape of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="sizes">Its sizes; 0 for the one that it has.</param>
    /// <returns>The value of that shape.</returns>
    public string AddReshape(string value, params long[] sizes)
    {
        string shape = NextName("shape");
        graph.Add(
            5, new ProtobufMessage().Add(1, sizes.Length).Add(2, LongType).Add(8, shape).Add(9, MemoryMarshal.AsBytes(sizes.AsSpan())));
        return Add("Reshape", value, shape);
    }

    /// <summary>The graph as a model.</summary>
    /// <param name="metadata">What it says of itself.</param>
    public byte[] ToModel(IReadOnlyDictionary<string, string> metadata)
    {
        ProtobufMessage model = new ProtobufMessage()
            .Add(1, FormatVersion)
            .Add(2, "makemore")
            .Add(7, graph)
            .Add(8, new ProtobufMessage().Add(1, "").Add(2, Opset));
        foreach ((string key, string value) in metadata)
        {
            model.Add(14, new ProtobufMessage().Add(1, key).Add(2, value));
        }
        return model.Bytes.ToArray();
    }

    static ProtobufMessage NodeOf(string operation, params string[] inputs)
    {
        var node = new ProtobufMessage();
        foreach (string input in inputs)
        {
            node.Add(1, input);
        }
        return node.Add(4, operation);
    }

    string Add(ProtobufMessage node, string operation)
    {
        string output = NextName(operation.ToLowerInvariant());
        graph.Add(1, node.Add(2, output));
        return output;
    }

    string NextName(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{++count}");

    static ProtobufMessage ValueOf(string name, int type, string[] sizes)
    {
        var shape = new ProtobufMessage();
        foreach (string size in sizes)
        {
            shape.Add(1, long.TryParse(size, CultureInfo.InvariantCulture, out long number)
                ? new ProtobufMessage().Add(1, number)
                : new ProtobufMessage().Add(2, size));
        }
        ProtobufMessage tensor = new ProtobufMessage().Add(1, type).Add(2, shape);
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, tensor));
    }
}
