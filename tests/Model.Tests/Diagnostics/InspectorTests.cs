using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using Makemore.Gpu.Model.Training;
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

    // Where the slope, which the reference takes, is hardly anything of the steepest: 0 of relu, 6 % of tanh and sigmoid, 9 % of gelu,
    // which is flat below 0 alone.
    [TestCase(Activation.Tanh, 1 - (0.97 * 0.97))]
    [TestCase(Activation.Sigmoid, (1 - (0.97 * 0.97)) / 4)]
    [TestCase(Activation.Relu, 0)]
    [TestCase(Activation.Gelu, 0.0853)]
    public void Saturated_is_what_lets_hardly_any_gradient_through(Activation activation, double flat)
    {
        Recipe recipe = Recipe.Named("scaled-hidden") with { HiddenWeight = new Draw(1), Activation = activation };
        using Mlp network = Networks.Drawn(Kernels, recipe);
        int[] indices = Batch(recipe.Batch);
        Saturation saturation = Inspect(network, indices).Layers.Single().Saturation!;
        IReadOnlyList<Matrix<double>> outputs = new ReferenceNetwork(network).Forward(Contexts(indices), Pass.Training);
        Matrix<double> source = outputs[activation.SlopeTakesInput() ? 1 : 2];
        Matrix<double> slopes = ReferenceOperations.ActivateBackward(
            activation, source, Matrix<double>.Build.Dense(source.RowCount, source.ColumnCount, 1));
        double[] isFlat =
        [
            .. slopes.Enumerate().Zip(outputs[1].Enumerate(), (slope, x) =>
                Math.Abs(slope) <= flat && (activation != Activation.Gelu || x < -1.5) ? 1.0 : 0.0),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(saturation.Share, Is.EqualTo(isFlat.Average()).Within(3.0 / isFlat.Length));
            Assert.That(saturation.Share, Is.GreaterThan(0.1));
        }
    }

    [TestCaseSource(typeof(Networks), nameof(Networks.Cases))]
    public void Everything_is_the_references(Recipe recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, recipe);
        int[] indices = Batch(recipe.Batch);
        Inspection inspection = Inspect(network, indices);

        int[] contexts = Contexts(indices);
        int[] targets = Examples.TargetsOf(indices);
        var reference = new ReferenceNetwork(network);
        IReadOnlyList<Matrix<double>> outputs = reference.Forward(contexts, Pass.Training);
        var (loss, gradients, outputGradients) = reference.Backward(contexts, targets);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(inspection.Step, Is.EqualTo(7));
            Close.Assert("loss", [inspection.Loss], [loss], Tolerance.Forward);
            double[] logits = outputs[^1].ToRowMajorArray();
            Close.Assert("first logits", [.. inspection.Logits.FirstExample], logits[..27], Tolerance.Forward);
            Close.Assert(
                "range of logits", [inspection.Logits.Least, inspection.Logits.Largest], [logits.Min(), logits.Max()], Tolerance.Forward);
            foreach (LayerInspection layer in inspection.Layers)
            {
                double[] output = outputs[layer.Index + 1].ToRowMajorArray();
                if (layer.Input is { } input)
                {
                    AssertDistribution($"input {layer.Index}", input, outputs[layer.Index].ToRowMajorArray());
                    (double, double)? range = layer.Saturation!.Activation switch
                    {
                        Activation.Tanh => (-1, 1),
                        Activation.Sigmoid => (0, 1),
                        _ => null,
                    };
                    AssertDistribution($"output {layer.Index}", layer.Output, output, range);
                }
                else
                {
                    AssertDistribution($"output {layer.Index}", layer.Output, output);
                }
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
            Assert.That(inspection.Layers.Select(layer => layer.Input is not null), Has.All.EqualTo(kind == "Tanh"));
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

    // The update itself, on the host.
    [TestCase("deep-linear", 0.1f)]
    [TestCase("backprop", 0.01f)]
    public void The_ratio_after_an_update_is_by_what_the_update_leaves(string recipe, float learningRate)
    {
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named(recipe) with { Hidden = [20, 10] });
        Dictionary<string, float[]> before = Networks.Values(network);
        using var inspector = new Inspector(Kernels, network, Examples);
        inspector.Inspect(Batch(32), step: 0);
        using (Assert.EnterMultipleScope())
        {
            foreach (Tensor matrix in inspector.Matrices)
            {
                double[] gradient = Array.ConvertAll(matrix.GradientToArray(), value => (double)value);
                double[] updated = [.. matrix.ToArray().Zip(gradient, (value, slope) => value - (learningRate * slope))];
                double expected = gradient.StandardDeviation() / updated.StandardDeviation();
                Assert.That(
                    inspector.GradientToUpdatedData(matrix, learningRate), Is.EqualTo(expected).Within(Share * expected), matrix.Name);
            }
            Assert.That(Networks.Values(network), Is.EqualTo(before));
        }
    }

    // The notebook's six layers with tanh, before their first step: mean -0.023409, std 7.497526e-01, gradient std 4.205588e-04.
    [Test]
    public void The_first_layer_of_deep_tanh_has_the_notebooks_numbers()
    {
        LayerInspection layer = AtStart(Recipe.Named("deep-tanh"), out _).Layers[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(layer.Output.Mean, Is.EqualTo(-0.023409).Within(1e-6));
            Assert.That(layer.Output.StandardDeviation, Is.EqualTo(7.497526e-01).Within(1e-6));
            Assert.That(layer.Gradient.StandardDeviation, Is.EqualTo(4.205588e-04).Within(1e-9));
        }
    }

    // The notebook's six linear layers after their first step: by the values before it, the ratios are 3.828 and 53.4.
    [TestCase(1, 3.588)]
    [TestCase(5.0 / 3, 9.998)]
    public void The_last_matrix_of_deep_linear_has_the_notebooks_ratio_after_its_first_update(double gain, double expected)
    {
        AtStart(Recipe.Named("deep-linear") with { HiddenWeight = new Draw(gain, ByFanIn: true) }, out double ratio);
        Assert.That(ratio, Is.EqualTo(expected).Within(0.001));
    }

    Inspection AtStart(Recipe recipe, out double lastRatioAfterUpdate)
    {
        Dataset data = TestData.Lecture;
        var configuration = Configuration.Resolve(recipe, data.Train.Count);
        using Mlp network = Networks.Drawn(Kernels, recipe);
        using var inspector = new Inspector(Kernels, network, data.Train);
        Inspection inspection = inspector.Inspect(BatchSequence.BatchAfter(Kernels, configuration, data, steps: 0), step: 0);
        lastRatioAfterUpdate = inspector.GradientToUpdatedData(inspector.Matrices[^1], learningRate: 0.1f);
        return inspection;
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

    static int[] Contexts(int[] indices) => Examples.ContextsOf(indices);

    static void AssertDistribution(string name, Distribution actual, double[] values, (double Low, double High)? range = null)
    {
        var expected = new DescriptiveStatistics(values);
        double size = double.IsNaN(expected.StandardDeviation) ? Math.Abs(values[0]) : expected.StandardDeviation;
        Close.Assert($"{name}: mean", [actual.Mean], [expected.Mean], new Tolerance(Share * size, Share));
        Close.Assert($"{name}: std", [actual.StandardDeviation], [expected.StandardDeviation], new Tolerance(0, Share));
        (double low, double high) = range ?? (expected.Minimum, expected.Maximum);
        Close.Assert(
            $"{name}: range", [actual.Histogram.Low, actual.Histogram.High], [low, high], new Tolerance(Share * size, Share));
        Assert.That(actual.Histogram.Counts.Sum(), Is.EqualTo(values.Length), name);
    }

    Inspection Inspect(Mlp network, int[] indices)
    {
        using var inspector = new Inspector(Kernels, network, Examples);
        return inspector.Inspect(indices, step: 7);
    }
}
