using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Export;

/// <summary>
/// A model as ONNX: from <c>contexts</c> [N, T], int64, to <c>logits</c> [N, V], for any N. Batch normalization is folded into the linear
/// layers, as <see cref="BatchNormFolding"/> does it.
/// </summary>
static class OnnxModel
{
    /// <summary>The name of the input.</summary>
    public const string Input = "contexts";

    /// <summary>The name of the output.</summary>
    public const string Output = "logits";

    // Readers of Protocol Buffers take no message of 2 GiB, and what is no value of a tensor takes far less than this.
    const long MostBytes = int.MaxValue - (1 << 24);

    const string Batch = "N";

    // Tokens of any script as they are.
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bytes of the file.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="InvalidRequestException">It is too large for the format, or evaluates to no numbers.</exception>
    public static byte[] Of(ModelFile model)
    {
        long bytes = model.Tensors.Values.Sum(tensor => (long)tensor.Bytes.Length);
        if (bytes > MostBytes)
        {
            throw new InvalidRequestException(
                $"{model.Name} has {bytes} bytes of parameters, and a file of ONNX holds {MostBytes} at most: train a smaller network");
        }
        Recipe recipe = model.Configuration.Recipe;
        var shape = NetworkShape.Of(recipe, model.Vocabulary.Count);
        var graph = new OnnxGraph("makemore");
        string contexts = graph.AddInput(Input, Batch, Text(shape.Context));
        string table = Constant(graph, model, LayerNames.Table);
        string value = graph.AddReshape(graph.Add("Gather", table, contexts), 0, shape.EmbeddedWidth);
        IReadOnlyList<NamedLayer> layers = NamedLayer.Of(recipe, shape);
        for (int i = 0; i < layers.Count; i++)
        {
            NamedLayer? next = layers.ElementAtOrDefault(i + 1);
            value = layers[i].Shape switch
            {
                LinearShape when next is { Shape: BatchNormShape } => AddFolded(graph, model, layers[i], next, value),
                LinearShape => graph.Add("Gemm", [value, .. layers[i].Tensors.Select(name => Constant(graph, model, name))]),
                BatchNormShape => value,
                GroupNormShape normalization => AddGroupNorm(graph, model, layers[i].Tensors, normalization, value),
                ActivationShape activation => AddActivation(graph, activation.Activation, value),
                _ => throw new InvalidOperationException($"there is no ONNX of {layers[i]}"),
            };
        }
        graph.AddOutput(Output, value, Batch, Text(shape.Vocabulary));
        return graph.ToModel(new Dictionary<string, string>
        {
            ["recipe"] = recipe.Name,
            ["context"] = Text(shape.Context),
            ["vocabulary"] = JsonSerializer.Serialize(model.Vocabulary.Tokens, Json),
            ["separator"] = model.Vocabulary.Tokenization.Join(["", ""]),
        });
    }

    static string AddFolded(OnnxGraph graph, ModelFile model, NamedLayer linear, NamedLayer normalization, string value)
    {
        string weightName = linear.Tensors[0];
        float[][] tensors = [.. normalization.Tensors.Select(name => model.Tensors[name].ToFloats())];
        (float[] weight, float[] bias) = BatchNormFolding.Fold(
            model.Tensors[weightName].ToFloats(), linear.Tensors.Count > 1 ? model.Tensors[linear.Tensors[1]].ToFloats() : null,
            new BatchNormValues(tensors[0], tensors[1], tensors[2], tensors[3], ((BatchNormShape)normalization.Shape).Constants));
        if (!Array.TrueForAll(weight, float.IsFinite) || !Array.TrueForAll(bias, float.IsFinite))
        {
            throw new InvalidRequestException(
                $"{model.Name} gives no finite numbers: {normalization.Tensors[3]} holds a deviation of 0; train it again with an "
                + $"--bn-epsilon above 0");
        }
        LinearShape shape = (LinearShape)linear.Shape;
        return graph.Add(
            "Gemm", value,
            graph.AddConstant(weightName, [shape.Inputs, shape.Outputs], weight),
            graph.AddConstant($"{weightName} bias", [shape.Outputs], bias));
    }

    // By the mean of squared differences, as the kernels have it. The operator LayerNormalization may take the difference of squares.
    static string AddGroupNorm(
        OnnxGraph graph, ModelFile model, IReadOnlyList<string> tensors, GroupNormShape normalization, string value)
    {
        const int Features = 2;
        string groups = graph.AddReshape(value, 0, normalization.Groups, normalization.Outputs / normalization.Groups);
        string difference = graph.Add("Sub", groups, graph.AddMean(groups, Features));
        string variance = graph.AddMean(graph.Add("Mul", difference, difference), Features);
        string deviation = graph.Add("Sqrt", graph.Add("Add", variance, normalization.Epsilon));
        string normalized = graph.AddReshape(graph.Add("Div", difference, deviation), 0, normalization.Outputs);
        string scaled = graph.Add("Mul", normalized, Constant(graph, model, tensors[0]));
        return graph.Add("Add", scaled, Constant(graph, model, tensors[1]));
    }

    // x·Φ(x), Φ(x) = (1 + erf(x/√2)) / 2: the operator Gelu came with a later version.
    static string AddActivation(OnnxGraph graph, Activation activation, string value) => activation == Activation.Gelu
        ? graph.Add(
            "Mul", value,
            graph.Add("Add", graph.Add("Mul", graph.Add("Erf", graph.Add("Mul", value, MathF.Sqrt(0.5f))), 0.5f), 0.5f))
        : graph.Add(activation.ToString(), value);

    static string Constant(OnnxGraph graph, ModelFile model, string name) =>
        graph.AddConstant(name, model.Tensors[name].Shape, model.Tensors[name].ToFloats());

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
