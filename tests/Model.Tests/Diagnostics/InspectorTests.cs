using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Diagnostics;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class InspectorTests(string accelerator)
{
    // A share of the standard deviation, which is all that a gradient's scale can be measured by.
    const double Share = 1e-5;

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    static Split Examples => TestData.Embedded.Train;

    [TestCaseSource(typeof(Networks), nameof(Networks.Cases))]
    public void Everything_is_the_references(Recipe recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, recipe);
        int[] indices = Batch(recipe.Batch);
        Inspection inspection = Inspect(network, indices);

        int[] contexts = Contexts(indices);
        int[] targets = Array.ConvertAll(indices, i => Examples.Targets[i]);
        var reference = new ReferenceNetwork(network);
        IReadOnlyList<Matrix<double>> outputs = reference.Forward(contexts, Pass.Training);
        var (loss, gradients, outputGradients) = reference.Backward(contexts, targets);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(inspection.Step, Is.EqualTo(7));
            Close.Assert("loss", [inspection.Loss], [loss], Tolerance.Forward);
            foreach (LayerInspection layer in inspection.Layers)
            {
                AssertDistribution($"output {layer.Index}", layer.Output, outputs[layer.Index + 1].ToRowMajorArray());
                AssertDistribution($"gradient {layer.Index}", layer.Gradient, outputGradients[layer.Index].ToRowMajorArray());
            }
            string[] matrices = [.. network.Parameters.Tensors.Where(tensor => tensor.Shape.Count == 2).Select(tensor => tensor.Name)];
            Assert.That(inspection.Weights.Select(weight => weight.Name), Is.EqualTo(matrices));
            foreach (WeightInspection weight in inspection.Weights)
            {
                Tensor tensor = network.Parameters.Tensors.Single(tensor => tensor.Name == weight.Name);
                Assert.That((weight.Rows, weight.Columns), Is.EqualTo((tensor.Shape[0], tensor.Shape[1])));
                AssertDistribution(weight.Name, weight.Data, Array.ConvertAll(tensor.ToArray(), value => (double)value));
                AssertDistribution($"{weight.Name} gradient", weight.Gradient, gradients[weight.Name]);
                Assert.That(weight.GradientToData, Is.EqualTo(weight.Gradient.StandardDeviation / weight.Data.StandardDeviation));
            }
        }
    }

    [TestCase("batchnorm", "Tanh", new[] { 2 })]
    [TestCase("kaiming", "Tanh", new[] { 1 })]
    [TestCase("deep-tanh", "Tanh", new[] { 1, 3, 5, 7, 9 })]
    [TestCase("deep-batchnorm", "Tanh", new[] { 2, 5, 8, 11, 14 })]
    [TestCase("deep-linear", "Linear", new[] { 0, 1, 2, 3, 4 })]
    public void The_layers_with_tanh_are_shown_or_else_the_linear_ones_below_the_logits(string recipe, string kind, int[] layers)
    {
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named(recipe));
        Inspection inspection = Inspect(network, Batch(32));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(inspection.Layers.Select(layer => layer.Index), Is.EqualTo(layers));
            Assert.That(inspection.Layers.Select(layer => layer.Kind), Has.All.EqualTo(kind));
            Assert.That(inspection.Layers.Select(layer => layer.Saturation is not null), Has.All.EqualTo(kind == "Tanh"));
        }
    }

    // Weights of full size, as in the first lecture's network: most units are saturated for most examples.
    [Test]
    public void Saturated_shares_are_those_of_the_outputs()
    {
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named("naive"));
        int[] indices = Batch(32);
        Saturation saturation = Inspect(network, indices).Layers.Single().Saturation!;
        float[] outputs = [.. saturation.Values.Cast<float>()];
        Matrix<double> expected = new ReferenceNetwork(network).Forward(Contexts(indices), Pass.Training)[2];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((saturation.Values.GetLength(0), saturation.Values.GetLength(1)), Is.EqualTo((32, 200)));
            Close.Assert("outputs", outputs, expected.ToRowMajorArray(), Tolerance.Forward);
            Assert.That(saturation.Share, Is.EqualTo(outputs.Average(t => Math.Abs(t) > 0.97f ? 1.0 : 0.0)).And.GreaterThan(0.5));
            Assert.That(
                saturation.StrongShare, Is.EqualTo(outputs.Average(t => Math.Abs(t) > 0.99f ? 1.0 : 0.0)).And.LessThan(saturation.Share));
        }
    }

    [Test]
    public void A_unit_that_is_saturated_for_every_example_is_dead()
    {
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named("scaled-hidden") with { Hidden = [20] });
        Tensor bias = network.Parameters.Tensors.Single(tensor => tensor.Name == "b1");
        var values = new float[20];
        (values[3], values[11], values[19]) = (100f, -100f, 100f);
        bias.Set(values);
        Assert.That(Inspect(network, Batch(32)).Layers.Single().Saturation!.DeadUnits, Is.EqualTo([3, 11, 19]));
    }

    [Test]
    public void A_look_leaves_the_network_as_it_was_and_shows_the_same_again(
        [Values("batchnorm", "backprop", "deep-batchnorm")] string recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named(recipe) with { Hidden = [20, 10] });
        Dictionary<string, float[]> before = Networks.Values(network);
        Inspection first = Inspect(network, Batch(32));
        Inspection second = Inspect(network, Batch(32));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Networks.Values(network), Is.EqualTo(before));
            Assert.That(second.Loss, Is.EqualTo(first.Loss));
            Assert.That(
                second.Weights.Select(weight => weight.GradientToData), Is.EqualTo(first.Weights.Select(weight => weight.GradientToData)));
        }
    }

    [Test]
    public void A_look_at_a_network_that_has_diverged_leaves_its_statistics()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("deep-batchnorm") with { Hidden = [20, 10] });
        network.Table.Set([.. Enumerable.Repeat(float.PositiveInfinity, network.Table.Length)]);
        Dictionary<string, float[]> before = Networks.Values(network);
        Inspection inspection = Inspect(network, Batch(32));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(inspection.Loss, Is.NaN);
            Assert.That(inspection.Layers.Select(layer => layer.Output.StandardDeviation), Is.All.NaN);
            Assert.That(Networks.Values(network), Is.EqualTo(before));
        }
    }

    static int[] Batch(int size)
    {
        var indices = new int[size];
        new TorchGenerator(6).RandInt(0, Examples.Count, indices);
        return indices;
    }

    static int[] Contexts(int[] indices) => [.. indices.SelectMany(i => Examples.Contexts[(i * 3)..((i * 3) + 3)])];

    static void AssertDistribution(string name, Distribution actual, double[] values)
    {
        var expected = new DescriptiveStatistics(values);
        double size = double.IsNaN(expected.StandardDeviation) ? Math.Abs(values[0]) : expected.StandardDeviation;
        Close.Assert($"{name}: mean", [actual.Mean], [expected.Mean], new Tolerance(Share * size, Share));
        Close.Assert($"{name}: std", [actual.StandardDeviation], [expected.StandardDeviation], new Tolerance(0, Share));
        Close.Assert(
            $"{name}: extremes", [actual.Histogram.Low, actual.Histogram.High], [expected.Minimum, expected.Maximum],
            new Tolerance(Share * size, Share));
        Assert.That(actual.Histogram.Counts.Sum(), Is.EqualTo(values.Length), name);
    }

    Inspection Inspect(Mlp network, int[] indices)
    {
        using var inspector = new Inspector(Kernels, network, Examples);
        return inspector.Inspect(indices, step: 7);
    }
}
