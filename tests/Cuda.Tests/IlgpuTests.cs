using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Cuda.Tests.Kernels;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests;

/// <summary>What the project takes for granted of ILGPU on CUDA, so that an update of it tells what has changed.</summary>
sealed partial class IlgpuTests : CudaTests
{
    // What a newer driver knows more does no harm; ptxas 12.4 takes PTX up to 8.4.
    [TestCase(11000, "7.0")]
    [TestCase(12040, "8.4")]
    [TestCase(12090, "8.8")]
    [TestCase(13000, "8.8")]
    public void The_version_of_PTX_follows_from_the_drivers(int driver, string instructionSet)
    {
        StandInDriver.Show(StandInDevice.All[1] with { DriverVersion = driver });
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        var device = (CudaDevice)catalog.Choose("cuda").Device;
        Assert.That($"{device.InstructionSet}", Is.EqualTo(instructionSet));
    }

    // Nothing of sm_90 can be used: tensor cores by mma.sync, but not by wgmma.
    [Test]
    public void Modules_for_Hopper_are_those_for_Ampere()
    {
        CompiledKernel[] ampere = [.. CompiledKernel.For(StandInDevice.All[1])], hopper = [.. CompiledKernel.For(StandInDevice.All[2])];
        // With other multiprocessors come other plans, and with those a few other kernels.
        string[] common = [.. ampere.Select(kernel => kernel.Name).Intersect(hopper.Select(kernel => kernel.Name))];
        Assert.That(common, Has.Length.GreaterThan(hopper.Length / 2));
        Assert.That(hopper.Select(kernel => kernel.Ptx), Has.All.Contain(".target sm_80"));
        Assert.That(Modules(hopper, common), Is.EqualTo(Modules(ampere, common)));
    }

    // Without the handler that the program and these tests set, this ends the process.
    [Test]
    public void A_finalizer_throws_where_the_device_was_lost()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        Lose(accelerator);
        StandInDriver.Fail("cuCtxSetCurrent", 1, 719, isSticky: true);
        StandInDriver.Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        StandInDriver.Mend();
        Assert.That(StandInDriver.Calls.Any(call => call.Error == 719));
    }

    // The program leaves such an accelerator to the end of its process.
    [Test]
    public void Where_a_kernel_was_not_loaded_the_accelerator_cannot_be_given_back()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        StandInDriver.Fail("cuModuleLoadDataEx", 1, 218);
        Assert.That(
            () => new KernelSet(accelerator).Sgd,
            Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Error)).EqualTo("CUDA_ERROR_INVALID_PTX"));
        Assert.That(
            accelerator.Dispose,
            Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Error)).EqualTo("CUDA_ERROR_INVALID_HANDLE"));
    }

    // ILGPU's own name or number for an error: DriverFault reads it.
    [TestCase(700, "CUDA_ERROR_ILLEGAL_ADDRESS")]
    [TestCase(46, "46")]
    public void An_exception_tells_the_drivers_error(int error, string told)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        StandInDriver.Fail("cuCtxSynchronize", 1, error);
        Assert.That(accelerator.Synchronize, Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Error)).EqualTo(told));
    }

    // A comparison with a constant on the left holds for NaN: lanes have theirs on the right.
    [Test]
    public void A_constant_on_the_left_of_a_comparison_is_less_and_greater_than_NaN()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        _ = accelerator.LoadKernel<ArrayView<float>>(CompareKernel);
        Assert.That(Comparisons().Matches(StandInDriver.Modules[^1]).Select(match => match.Value), Is.EqualTo(["ltu", "lt"]));
    }

    static void CompareKernel(ArrayView<float> values)
    {
        values[1] = 0f > values[0] ? 1f : 2f;
        values[2] = values[0] < 0f ? 1f : 2f;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Lose(Accelerator accelerator) => accelerator.Allocate1D<float>(1);

    static string[] Modules(IEnumerable<CompiledKernel> kernels, string[] names) =>
    [
        .. kernels.Where(kernel => names.Contains(kernel.Name))
            .Select(kernel => Plain(kernel.Ptx)).Distinct().Order(StringComparer.Ordinal),
    ];

    // The numbers in the names of parameters differ from one compilation to the next.
    static string Plain(string ptx) => Numbers().Replace(ptx, "_");

    [GeneratedRegex(@"(?<!sm)_\d+\b")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"(?<=setp\.)\w+(?=\.f32)")]
    private static partial Regex Comparisons();
}
