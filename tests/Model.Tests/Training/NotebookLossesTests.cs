using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using MathNet.Numerics;
using MathNet.Numerics.Statistics;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>
/// The whole training of the notebook of manual backprop beside the losses that it prints. Its weights and batches are those of recipe
/// backprop; its gains and biases of the normalization come from a generator whose seed it does not say.
/// </summary>
sealed class NotebookLossesTests
{
    const int PrintEvery = 10_000;

    static readonly double[] Printed =
    [
        3.7805, 2.1499, 2.3771, 2.4338, 1.9939, 2.4139, 2.4395, 1.9687, 2.3636, 2.1345,
        1.9419, 2.3656, 2.0369, 2.4437, 2.3271, 2.2033, 1.9513, 1.8305, 2.1005, 1.8946,
    ];

    // Other gains move each loss a little. Other batches show as a correlation of 0.1 and a mean distance of 0.2.
    [Test]
    public void Recipe_backprop_trains_as_the_notebook_does()
    {
        KernelSet kernels = Accelerators.Cpu;
        Dataset data = TestData.Lecture;
        Strategy strategy = Strategy.Fused;
        using TrainingRun run = new TrainingRun(
            kernels, strategy, Recipe.Named("backprop"), data, Configuration.LectureSteps).Train();
        float[] all = run.Losses;
        double[] losses = [.. Enumerable.Range(0, Printed.Length).Select(i => (double)all[i * PrintEvery])];
        Calibration.Calibrate(kernels, run.Network, strategy, data.Train);
        using var evaluator = new Evaluator(kernels, run.Network, strategy);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Correlation.Pearson(losses[1..], Printed[1..]), Is.AtLeast(0.9));
            Assert.That(Distance.MAE(losses[1..], Printed[1..]), Is.AtMost(0.06));
            Assert.That(evaluator.Loss(data.Train), Is.EqualTo(2.0714).Within(0.003));
            Assert.That(evaluator.Loss(data.Test), Is.EqualTo(2.1091).Within(0.003));
        }
    }
}
