using System.Reflection;
using System.Text.RegularExpressions;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>Every kernel in every form that the launchers ask for, compiled for each architecture and assembled.</summary>
[TestFixtureSource(typeof(StandInDevice), nameof(StandInDevice.All))]
sealed partial class KernelTests(StandInDevice device) : CudaTests
{
    const int MaxRegisters = 255;
    const int RegisterFile = 64 << 10;
    const int MaxSharedBytes = 48 << 10;

    // How registers are given out: to whole warps, each thread's in eights.
    const int RegisterUnit = 8;
    const int WarpSize = 32;

    // Tensor cores take TF32 from compute capability 8.0 on.
    const int FirstWithTf32 = 8;

    /// <summary>Kernels that may use local memory, each with the reason.</summary>
    static readonly IReadOnlyDictionary<string, string> LocalMemory = new Dictionary<string, string>();

    // CUDA before 12.1, and GPUs before Volta, take no more.
    const int MaxArgumentBytes = 4096;

    const BindingFlags Declared = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Test]
    public void No_kernel_is_left_out()
    {
        IEnumerable<MethodInfo> all = typeof(KernelSet).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(Declared))
            .Where(method => method.Name.EndsWith("Kernel", StringComparison.Ordinal))
            // It is the CPU accelerator's alone.
            .Where(method => method.DeclaringType != typeof(ReplayedLaunches))
            .Where(method => device.Major >= FirstWithTf32 || method.DeclaringType != typeof(TensorCoreGemm));
        var launched = CompiledKernel.For(device)
            .Where(kernel => kernel.Launches.Count > 0).Select(kernel => Identity(kernel.Method)).ToHashSet();
        Assert.That(
            all.Where(method => !launched.Contains(Identity(method))).Select(method => $"{method.DeclaringType}.{method.Name}"),
            Is.Empty,
            $"nothing launches them: let {nameof(Workload)} do it");
    }

    [Test]
    public void Every_launch_is_within_the_devices_limits()
    {
        DriverCall[] launches = [.. CompiledKernel.For(device).SelectMany(kernel => kernel.Launches)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(launches.Where(launch => launch.Error != 0), Is.Empty);
            Assert.That(launches.Where(launch => launch.Arguments.Length is 0 or > MaxArgumentBytes), Is.Empty);
        }
    }

    // Less or greater than a constant, or NaN: C# says so only by a negation, but ILGPU does of a constant on the left, which loses NaN.
    [Test]
    public void NaN_is_neither_less_nor_greater_than_a_constant() => Assert.That(
        CompiledKernel.For(device).Where(kernel => UnorderedComparison().IsMatch(kernel.Ptx)).Select(kernel => kernel.Name),
        Is.Empty,
        "write the constant on the right");

    [Test]
    public void Every_kernel_assembles_without_spills() => Check(kernel => kernel.Figures.SpilledBytes == 0, "spills");

    [Test]
    public void Local_memory_is_used_where_there_is_a_reason() =>
        Check(
            kernel => kernel.Figures.LocalBytes == 0 || LocalMemory.ContainsKey(kernel.Kernel.Name), "uses local memory without a reason");

    [Test]
    public void Every_reason_for_local_memory_holds()
    {
        Assembler.Require();
        IEnumerable<string> users = StandInDevice.All.SelectMany(AssembledKernel.For)
            .Where(kernel => kernel.Figures.LocalBytes > 0).Select(kernel => kernel.Kernel.Name);
        Assert.That(LocalMemory.Keys.Except(users), Is.Empty);
    }

    [Test]
    public void Registers_suffice_for_every_group() => Check(
        kernel => kernel.Figures.Registers <= MaxRegisters
            && RoundUp(kernel.Figures.Registers, RegisterUnit) * RoundUp(kernel.Kernel.LargestGroup, WarpSize) <= RegisterFile,
        "takes more registers than there are");

    [Test]
    public void Static_shared_memory_is_within_the_limit() =>
        Check(kernel => kernel.Figures.SharedBytes <= MaxSharedBytes, "takes more shared memory than a group has");

    void Check(Predicate<AssembledKernel> isRight, string fault)
    {
        Assembler.Require();
        Assert.That(
            AssembledKernel.For(device).Where(kernel => !isRight(kernel))
                .Select(kernel => $"{kernel.Form} in groups of {kernel.Groups} {fault}: {kernel.Figures}"),
            Is.Empty);
    }

    static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;

    static (Module Module, int Token) Identity(MethodInfo method) => (method.Module, method.MetadataToken);

    [GeneratedRegex(@"setp\.[lg]tu\.f32\s[^;]*\b0f[0-9A-F]{8};")]
    private static partial Regex UnorderedComparison();
}
