using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

[TestFixtureSource(typeof(Forms), nameof(Forms.Evaluation))]
sealed class BatchNormFoldingTests(string accelerator, string strategyName, FusedForm form)
{
    readonly Strategy strategy = new(strategyName, Form: form);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [Test]
    public void A_folded_network_has_the_losses_of_the_network([Values("batchnorm", "backprop", "deep-batchnorm")] string recipe)
    {
        using Mlp network = Trained(Recipe.Named(recipe));
        using Mlp folded = BatchNormFolding.Fold(Kernels, network);
        using var evaluator = new Evaluator(Kernels, network, strategy);
        using var foldedEvaluator = new Evaluator(Kernels, folded, strategy);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(folded.Layers.OfType<BatchNormalization>(), Is.Empty);
            Assert.That(foldedEvaluator.Loss(Train), Is.EqualTo(evaluator.Loss(Train)).Within(1e-5));
        }
    }

    // Statistics that were drawn have deviations down to 0.05, so that the folded weights are up to 20 times as large as the network's.
    [TestCaseSource(nameof(NormalizedNetworks))]
    public void A_folded_network_has_the_logits_of_the_network(Recipe recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, recipe);
        using Mlp folded = BatchNormFolding.Fold(Kernels, network);
        int[] contexts = Train.ContextsOf([.. Enumerable.Range(0, 32)]);
        using MemoryBuffer1D<int, Stride1D.Dense> tokens = Kernels.Accelerator.Allocate1D(contexts);
        using var activations = new Activations(Kernels, folded, batch: 32, withGradients: false);
        folded.Forward(tokens.View, activations, Pass.Evaluation);
        double[] expected = new ReferenceNetwork(network).Forward(contexts, Pass.Evaluation)[^1].ToRowMajorArray();
        Assert.That(
            activations.Outputs[^1].ToArray().Select(logit => (double)logit),
            Is.EqualTo(expected).Within(1e-5 * expected.Max(Math.Abs)));
    }

    [Test]
    public void Folding_leaves_the_network_as_it_is()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("deep-batchnorm") with { Hidden = [20, 10] });
        Dictionary<string, float[]> before = Networks.Values(network);
        using Mlp folded = BatchNormFolding.Fold(Kernels, network);
        Assert.That(Networks.Values(network), Is.EqualTo(before));
    }

    // Layer normalization is no constant of the network: it depends on the example.
    [Test]
    public void A_network_without_batch_normalization_is_refused([Values] bool hasLayerNorm)
    {
        Recipe recipe = Recipe.Named("kaiming") with
        {
            Hidden = [20],
            Normalization = hasLayerNorm ? Normalization.Default.OfExamples(NormalizationKind.Layer, groups: 1) : null,
        };
        using Mlp network = Networks.Drawn(Kernels, recipe);
        Assert.That(() => BatchNormFolding.Fold(Kernels, network), Throws.InstanceOf<InvalidRequestException>());
    }

    static Split Train => TestData.Embedded.Train;

    static IEnumerable<TestCaseData> NormalizedNetworks =>
        Networks.Cases.Where(test => ((Recipe)test.Arguments[0]!).Normalization is { Kind: NormalizationKind.Batch });

    Mlp Trained(Recipe recipe)
    {
        const int Steps = 50;
        Mlp network = new(Kernels, recipe, TestData.Embedded.Vocabulary.Count);
        var configuration = new Configuration(recipe, Steps, DropAt: Steps, Seeds.LectureSeed);
        new Trainer(Kernels, network, configuration, network.Draw(configuration.Seeds), strategy).Run(Train, _ => { });
        return network;
    }
}
