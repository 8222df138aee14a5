using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

[TestFixtureSource(typeof(Forms), nameof(Forms.Evaluation))]
sealed class CalibrationTests(string accelerator, string strategy, FusedForm form)
{
    KernelSet Kernels => Accelerators.Kernels(accelerator);

    // The reference sees the statistics that were just calibrated below a layer, as the layer itself did.
    [Test]
    public void Statistics_are_those_of_the_whole_split(
        [Values("batchnorm", "backprop")] string recipe, [Values(50, 1024, 2500)] int count)
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named(recipe) with { Hidden = [20, 10] });
        Split split = TestData.Embedded.Train.First(count);
        Calibration.Calibrate(Kernels, network, new Strategy(strategy, Form: form), split);

        IReadOnlyList<Matrix<double>> outputs = new ReferenceNetwork(network).Forward(split.ContextsOf(split.Examples), Pass.Evaluation);
        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < network.Layers.Count; i++)
            {
                if (network.Layers[i] is BatchNormalization norm)
                {
                    Vector<double>[] features = [.. outputs[i].EnumerateColumns()];
                    Close.Assert($"mean of layer {i}", norm.RunningMean.ToArray(), Array.ConvertAll(features, Mean), Tolerance.Forward);
                    Close.Assert(
                        $"variance or deviation of layer {i}",
                        norm.RunningVariance.ToArray(),
                        Array.ConvertAll(features, x => VarianceOrDeviation(x, norm.Constants.Running)),
                        Tolerance.Forward);
                }
            }
        }
    }

    [Test]
    public void Parameters_stay_as_they_are()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("backprop") with { Hidden = [20, 10] });
        float[][] before = [.. network.Parameters.Tensors.Select(tensor => tensor.ToArray())];
        Calibration.Calibrate(Kernels, network, new Strategy(strategy, Form: form), TestData.Embedded.Dev);
        Assert.That(network.Parameters.Tensors.Select(tensor => tensor.ToArray()), Is.EqualTo(before));
    }

    [Test]
    public void A_network_without_normalization_has_nothing_to_calibrate()
    {
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named("backprop") with { Hidden = [20], Normalization = null });
        Assert.That(
            () => Calibration.Calibrate(Kernels, network, new Strategy(strategy, Form: form), TestData.Embedded.Dev), Throws.Nothing);
    }

    [Test]
    public void A_comparison_shows_running_and_calibrated_statistics_and_leaves_the_network_as_it_was(
        [Values("batchnorm", "backprop", "deep-batchnorm")] string recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named(recipe) with { Hidden = [20, 10] });
        Dictionary<string, float[]> before = Networks.Values(network);
        IReadOnlyList<StatisticsComparison> comparisons = Calibration.Compare(
            Kernels, network, new Strategy(strategy, Form: form), TestData.Embedded.Dev);
        Assert.That(Networks.Values(network), Is.EqualTo(before));

        Calibration.Calibrate(Kernels, network, new Strategy(strategy, Form: form), TestData.Embedded.Dev);
        int[] layers = [.. Enumerable.Range(0, network.Layers.Count).Where(layer => network.Layers[layer] is BatchNormalization)];
        Assert.That(comparisons.Select(comparison => comparison.Layer), Is.EqualTo(layers));
        using (Assert.EnterMultipleScope())
        {
            foreach (StatisticsComparison comparison in comparisons)
            {
                var norm = (BatchNormalization)network.Layers[comparison.Layer];
                Assert.That(comparison.Mean.Running, Is.EqualTo(before[norm.RunningMean.Name]));
                Assert.That(comparison.Spread.Running, Is.EqualTo(before[norm.RunningVariance.Name]));
                Assert.That(comparison.Mean.Calibrated, Is.EqualTo(norm.RunningMean.ToArray()));
                Assert.That(comparison.Spread.Calibrated, Is.EqualTo(norm.RunningVariance.ToArray()));
            }
        }
    }

    [Test]
    public void Without_normalization_there_is_nothing_to_compare()
    {
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named("kaiming") with { Hidden = [20] });
        Assert.That(Calibration.Compare(Kernels, network, new Strategy(strategy, Form: form), TestData.Embedded.Dev), Is.Empty);
    }

    static double Mean(Vector<double> x) => x.Average();

    // Over n-1.
    static double VarianceOrDeviation(Vector<double> x, RunningStatistic measure)
    {
        double mean = x.Average();
        double variance = x.Sum(value => (value - mean) * (value - mean)) / (x.Count - 1);
        return measure == RunningStatistic.StandardDeviation ? Math.Sqrt(variance) : variance;
    }
}
