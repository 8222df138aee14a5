using System.Globalization;
using System.Text;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Text;

namespace Makemore.Gpu.Model.Export;

/// <summary>A model as a short Python module that reads the model's safetensors beside it and needs nothing but torch.</summary>
static class PyTorchModel
{
    /// <summary>The name of the module's file.</summary>
    public const string ScriptFile = "model.py";

    /// <summary>The name of the file with its tensors.</summary>
    public const string TensorFile = "model.safetensors";

    /// <summary>The module.</summary>
    /// <param name="model">The model.</param>
    public static string ScriptOf(ModelFile model)
    {
        Recipe recipe = model.Configuration.Recipe;
        var shape = NetworkShape.Of(recipe, model.Vocabulary.Count);
        var steps = new StringBuilder();
        foreach (NamedLayer layer in NamedLayer.Of(recipe, shape))
        {
            steps.Append(CultureInfo.InvariantCulture, $"    x = {StepOf(layer)}\n");
        }
        return $$""""
            """A language model for names, by makemore: python model.py prints some. It needs nothing but torch."""
            import json
            import os
            import torch

            RECIPE = {{Quote(recipe.Name)}}
            CONTEXT = {{recipe.Context}}
            TOKENS = {{Tokens(model.Vocabulary)}}  # the first one is the boundary before and after a name
            SEPARATOR = {{Quote(model.Vocabulary.Tokenization.Join(["", ""]))}}
            LONGEST = {{NamesFile.LongestName}}


            def load(path):
                """The tensors of a safetensors file by name."""
                with open(path, "rb") as file:
                    header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
                    values = bytearray(file.read())
                header.pop("__metadata__", None)
                return {
                    name: torch.frombuffer(values[slice(*tensor["data_offsets"])], dtype=torch.float32).view(tensor["shape"])
                    for name, tensor in header.items()
                }


            t = load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "{{TensorFile}}"))


            def logits(contexts):
                """The logits [N, {{shape.Vocabulary}}] of contexts [N, {{shape.Context}}], which hold tokens."""
                x = t["{{LayerNames.Table}}"][contexts].flatten(1)
            {{steps}}    return x


            def sample(generator=None):
                """A name that the model makes up."""
                tokens = [0] * CONTEXT
                while len(tokens) < CONTEXT + LONGEST:
                    probabilities = torch.softmax(logits(torch.tensor([tokens[-CONTEXT:]])), dim=1)
                    token = torch.multinomial(probabilities, num_samples=1, generator=generator).item()
                    if token == 0:
                        break
                    tokens.append(token)
                return SEPARATOR.join(TOKENS[token] for token in tokens[CONTEXT:])


            if __name__ == "__main__":
                generator = torch.Generator().manual_seed(2147483647 + 10)
                for _ in range(20):
                    print(sample(generator))

            """".ReplaceLineEndings("\n");
    }

    static string StepOf(NamedLayer layer)
    {
        string[] tensors = [.. layer.Tensors.Select(name => $"t[\"{name}\"]")];
        return layer.Shape switch
        {
            LinearShape { HasBias: true } => $"x @ {tensors[0]} + {tensors[1]}",
            LinearShape => $"x @ {tensors[0]}",
            BatchNormShape norm => $"{tensors[0]} * (x - {tensors[2]}) / {Deviation(tensors[3], norm.Constants)} + {tensors[1]}",
            GroupNormShape norm => $"torch.group_norm(x, {norm.Groups}, {tensors[0]}, {tensors[1]}, eps={Number(norm.Epsilon)})",
            ActivationShape { Activation: Activation.Gelu } => "torch.nn.functional.gelu(x)",
            ActivationShape activation => $"torch.{activation.Activation.ToString().ToLowerInvariant()}(x)",
            _ => throw new InvalidOperationException($"there is no Python of {layer}"),
        };
    }

    static string Deviation(string statistic, BatchNormConstants constants)
    {
        bool isDeviation = constants.Running == RunningStatistic.StandardDeviation;
        string epsilon = Number(constants.Epsilon);
        return constants switch
        {
            { Epsilon: 0 } => isDeviation ? statistic : $"{statistic}.sqrt()",
            { EpsilonOn: EpsilonTarget.Variance } => $"({statistic}{(isDeviation ? " ** 2" : "")} + {epsilon}).sqrt()",
            _ => $"({statistic}{(isDeviation ? "" : ".sqrt()")} + {epsilon})",
        };
    }

    // The characters of a text are its code points in Python.
    static string Tokens(Vocabulary vocabulary) => vocabulary.Tokenization.Kind == TokenKind.Rune
        ? $"list({Quote(string.Concat(vocabulary.Tokens))})"
        : $"[{string.Join(", ", vocabulary.Tokens.Select(Quote))}]";

    // JSON would write a character beyond 16 bits as two halves, which Python does not join.
    static string Quote(string text) => $"\"{string.Concat(text.EnumerateRunes().Select(Escape))}\"";

    static string Escape(Rune rune) => rune.Value is '"' or '\\' ? $"\\{rune}"
        : Rune.IsControl(rune) ? string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}")
        : rune.ToString();

    static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
}
