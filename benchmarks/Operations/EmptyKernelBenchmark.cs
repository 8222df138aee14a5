using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Measuring;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>A kernel that does nothing to one number: what the launch, and the copies and the wait, cost at least.</summary>
public class EmptyKernelBenchmark : AcceleratorBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        new("empty kernel", "[1]", bench =>
        {
            Launcher launcher = bench.Kernels.Launcher;
            Action<AcceleratorStream, KernelConfig, ArrayView<float>> kernel =
                launcher.Accelerator.LoadKernel<ArrayView<float>>(EmptyKernel);
            Operand<float> x = bench.InPlace(1);
            return new(() => kernel(launcher.Stream, launcher.Over(1), x.View));
        }),
    ];

    static void EmptyKernel(ArrayView<float> x)
    {
    }
}
