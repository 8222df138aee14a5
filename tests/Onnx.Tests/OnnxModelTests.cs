using System.Text.Json;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Export;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Tests;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;

namespace Makemore.Gpu.Onnx.Tests;

/// <summary>Exported models, run by ONNX Runtime beside the kernels.</summary>
sealed class OnnxModelTests
{
    // Of the largest logit of a batch.
    const double Tolerance = 1e-5;

    static readonly KernelSet Kernels = Accelerators.Cpu;

    static readonly Vocabulary Vocabulary = TestData.Embedded.Vocabulary;

    [TestCaseSource(nameof(AllNetworks))]
    public void ONNX_Runtime_gives_the_logits_of_the_kernels_for_every_batch(Recipe recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, recipe, Vocabulary.Count);
        using InferenceSession session = new(OnnxModel.Of(Model(network)));
        using (Assert.EnterMultipleScope())
        {
            foreach (int batch in new[] { 1, 2, 7, 32 })
            {
                int[] contexts = Contexts(batch, recipe.Context);
                float[] expected = Logits(network, contexts);
                double largest = expected.Max(logit => Math.Abs(logit));
                Assert.That(Run(session, contexts, batch), Is.EqualTo(expected).Within(Tolerance * largest), $"batch {batch}");
            }
        }
    }

    [Test]
    public void The_metadata_hold_tokens_context_and_recipe()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("backprop"), Vocabulary.Count);
        using InferenceSession session = new(OnnxModel.Of(Model(network)));
        Dictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(JsonSerializer.Deserialize<string[]>(metadata["vocabulary"]), Is.EqualTo(Vocabulary.Tokens));
            Assert.That((metadata["context"], metadata["recipe"], metadata["separator"]), Is.EqualTo(("3", "backprop", "")));
        }
    }

    // Every recipe, every kind of layer in ugly shapes, and each activation with each normalization.
    static IEnumerable<TestCaseData> AllNetworks => Networks.Recipes.Concat(Networks.Cases).Concat(Networks.AsCases(
        from activation in Enum.GetValues<Activation>()
        from kind in Enum.GetValues<NormalizationKind>()
        select Normalized(activation, kind)));

    static Recipe Normalized(Activation activation, NormalizationKind kind)
    {
        Recipe recipe = Recipe.Named("backprop") with { Hidden = [21, 15], Context = 4, Embedding = 5 };
        return (kind == NormalizationKind.Batch ? recipe : recipe.Normalized(kind, kind == NormalizationKind.Group ? 3 : 1)) with
        {
            Name = $"{activation} after {kind} normalization",
            Activation = activation,
        };
    }

    static ModelFile Model(Mlp network) =>
        ModelFile.Of(network, new Configuration(network.Recipe, Steps: 0, DropAt: 0, Seeds.LectureSeed), TestData.Embedded, step: 0);

    static int[] Contexts(int batch, int context)
    {
        var random = new System.Random(7);
        return [.. Enumerable.Range(0, batch * context).Select(_ => random.Next(Vocabulary.Count))];
    }

    static float[] Logits(Mlp network, int[] contexts)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> tokens = Kernels.Accelerator.Allocate1D(contexts);
        using var activations = new Activations(
            Kernels, network, contexts.Length / network.Recipe.Context, withGradients: false);
        network.Forward(tokens.View, activations, Pass.Evaluation);
        return activations.Logits.ToArray();
    }

    static float[] Run(InferenceSession session, int[] contexts, int batch)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(
            Array.ConvertAll(contexts, token => (long)token), [batch, contexts.Length / batch]);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            new RunOptions(), [OnnxModel.Input], [input], [OnnxModel.Output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
