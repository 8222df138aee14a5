using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Execution;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class LayeredStepTests(string accelerator)
{
    static readonly Recipe Small = Recipe.Named("batchnorm") with { Hidden = [20] };

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    // Which step it is lies on the device, where no launcher sees it.
    [TestCase(3, 2)]
    [TestCase(2, 3)]
    public void More_steps_than_there_are_indices_or_elements_for_losses_are_refused(int batches, int elements)
    {
        using Mlp network = Networks.Drawn(Kernels, Small);
        using var split = new DeviceSplit(Kernels, TestData.Embedded.Train);
        using var step = new LayeredStep(Kernels, network, split, Small.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = Kernels.Accelerator.Allocate1D(Kernels.Stream, new int[batches * Small.Batch]);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = Kernels.Accelerator.Allocate1D<float>(elements);
        Assert.That(
            () => step.Run(indices.View, 3, 0.1f, losses.View),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo("steps"));
    }

    [Test]
    public void Gradients_are_those_of_the_given_batch_also_after_steps_of_others()
    {
        using Mlp network = Networks.Drawn(Kernels, Small);
        using var split = new DeviceSplit(Kernels, TestData.Embedded.Train);
        using LayeredStep used = new(Kernels, network, split, Small.Batch), fresh = new(Kernels, network, split, Small.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = Kernels.Accelerator.Allocate1D(
            Kernels.Stream, [.. Enumerable.Range(0, 3 * Small.Batch)]);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = Kernels.Accelerator.Allocate1D<float>(3);
        used.Run(indices.View, 3, 0.1f, losses.View);

        (float Loss, float[] Gradients) Compute(LayeredStep step)
        {
            step.ComputeGradients(indices.View.SubView(0, Small.Batch), Pass.Diagnosis, losses.View.SubView(0, 1));
            return (Kernels.Read<float>(losses.View)[0], Kernels.Read(network.Parameters.Gradients));
        }

        (float loss, float[] gradients) = Compute(used);
        (float expectedLoss, float[] expectedGradients) = Compute(fresh);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss, Is.EqualTo(expectedLoss));
            Assert.That(gradients, Is.EqualTo(expectedGradients));
        }
    }
}
