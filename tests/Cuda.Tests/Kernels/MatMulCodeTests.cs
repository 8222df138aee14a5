using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels.Gemm;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>
/// The machine code of the GEMMs with the largest tiles, in all forms, with operands whose rows are aligned and not, for the newest
/// architecture.
/// </summary>
sealed class MatMulCodeTests : CudaTests
{
    const string Multiply = "FFMA";
    const string TensorMultiply = "HMMA";

    // 8 k-steps of 8 x 8 outputs; two multiplications of 4 x 8 fragments.
    const int Multiplications = 512;
    const int TensorMultiplications = 64;

    // Two groups of 256 threads share the registers of a multiprocessor.
    const int MaxRegisters = 128;

    static readonly StandInDevice Newest = StandInDevice.All[^1];

    // Disassembling takes longer than all that is asked of its result.
    static readonly Dictionary<CompiledKernel, MachineCode> Codes = [];

    static readonly string LargestThreadTile = $"{nameof(ThreadTile8<>)}<{nameof(ThreadRow8)}>";

    static CompiledKernel[] SimtGemms =>
    [
        .. CompiledKernel.For(Newest).Where(kernel =>
            kernel.Method.DeclaringType == typeof(SimtGemm) && kernel.Name.Contains(LargestThreadTile, StringComparison.Ordinal)),
    ];

    static CompiledKernel[] TensorCoreGemms => [.. CompiledKernel.For(Newest).Where(IsTensorCoreGemm)];

    [Test]
    public void Every_layout_is_looked_at()
    {
        // Four of A·B and four of Aᵀ·B; in A·Bᵀ, rows of both are equally long.
        Assert.That(SimtGemms, Has.Length.EqualTo(10));
        Assert.That(TensorCoreGemms, Has.Length.EqualTo(10));
    }

    [Test]
    public void Below_compute_capability_8_nothing_is_compiled_for_tensor_cores() =>
        Assert.That(StandInDevice.All.Where(device => device.Major < 8).SelectMany(CompiledKernel.For).Where(IsTensorCoreGemm), Is.Empty);

    [Test]
    public void The_loop_multiplies_most_of_the_time()
    {
        Assembler.RequireDisassembler();
        using (Assert.EnterMultipleScope())
        {
            foreach (CompiledKernel kernel in SimtGemms)
            {
                IReadOnlyList<string> loop = Code(kernel).LoopOf(Multiply);
                Assert.That(MachineCode.Count(loop, Multiply), Is.EqualTo(Multiplications), kernel.Name);
                Assert.That((double)Multiplications / loop.Count, Is.GreaterThanOrEqualTo(LeastShare(kernel)), kernel.Name);
            }
            foreach (CompiledKernel kernel in TensorCoreGemms)
            {
                IReadOnlyList<string> loop = Code(kernel).LoopOf(TensorMultiply);
                Assert.That(MachineCode.Count(loop, TensorMultiply), Is.EqualTo(TensorMultiplications), kernel.Name);
                Assert.That(MachineCode.Count(loop, "LDS"), Is.EqualTo(TensorMultiplications / 4), kernel.Name);
                Assert.That(MachineCode.Count(loop, "LDS", "128"), Is.EqualTo(TensorMultiplications / 4), kernel.Name);
                Assert.That(MachineCode.Count(loop, "BAR"), Is.EqualTo(1), kernel.Name);
                Assert.That(loop, Has.Count.LessThanOrEqualTo(5 * TensorMultiplications), kernel.Name);
            }
        }
    }

    [Test]
    public void Aligned_operands_are_loaded_16_bytes_at_a_time()
    {
        Assembler.RequireDisassembler();
        using (Assert.EnterMultipleScope())
        {
            foreach (CompiledKernel kernel in SimtGemms)
            {
                IReadOnlyList<string> loop = Code(kernel).LoopOf(Multiply);
                Assert.That(MachineCode.Count(loop, "LDS"), Is.EqualTo(Multiplications / 16), kernel.Name);
                Assert.That(MachineCode.Count(loop, "LDS", "128"), Is.EqualTo(Multiplications / 16), kernel.Name);
                AssertGlobalLoads(kernel, loop, float4s: 1);
            }
            foreach (CompiledKernel kernel in TensorCoreGemms)
            {
                AssertGlobalLoads(kernel, Code(kernel).LoopOf(TensorMultiply), float4s: 4);
            }
        }
    }

    [Test]
    public void Two_groups_fit_on_a_multiprocessor()
    {
        Assembler.Require();
        IEnumerable<AssembledKernel> all = AssembledKernel.For(Newest).Where(kernel => SimtGemms.Contains(kernel.Kernel));
        Assert.That(
            all.Where(kernel => kernel.Figures.Registers > MaxRegisters).Select(kernel => $"{kernel.Form}: {kernel.Figures}"), Is.Empty);
    }

    // An aligned operand takes one load for each float4 that a thread stages, another one four.
    static void AssertGlobalLoads(CompiledKernel kernel, IReadOnlyList<string> loop, int float4s)
    {
        int aligned = Enumerable.Range(0, 2).Count(operand => IsAligned(kernel, operand));
        Assert.That(MachineCode.Count(loop, "LDG", "128"), Is.EqualTo(aligned * float4s), kernel.Name);
        Assert.That(MachineCode.Count(loop, "LDG"), Is.EqualTo((aligned + (4 * (2 - aligned))) * float4s), kernel.Name);
    }

    static double LeastShare(CompiledKernel kernel) => IsAligned(kernel, 0) && IsAligned(kernel, 1) ? 0.88 : 0.85;

    static bool IsAligned(CompiledKernel kernel, int operand) =>
        kernel.Method.GetGenericArguments()[operand].GenericTypeArguments[0] == typeof(VectorizedLoad);

    static bool IsTensorCoreGemm(CompiledKernel kernel) => kernel.Method.DeclaringType == typeof(TensorCoreGemm);

    static MachineCode Code(CompiledKernel kernel)
    {
        if (!Codes.TryGetValue(kernel, out MachineCode? code))
        {
            code = MachineCode.Parse(Assembler.Disassemble(kernel.Ptx, Newest.Architecture));
            Codes.Add(kernel, code);
        }
        return code;
    }
}
