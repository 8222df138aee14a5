using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Ladder;
using Makemore.Gpu.Benchmarks.Ladder.Gpus;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>The rungs of the benchmarks' ladder for GPUs, compiled for each architecture and assembled.</summary>
[TestFixtureSource(typeof(StandInDevice), nameof(StandInDevice.All))]
sealed class LadderCodeTests(StandInDevice device) : CudaTests
{
    const int Size = 64;

    // The last rung is the library's, whose kernels have tests of their own.
    const int Kernels = 6;

    static readonly Dictionary<StandInDevice, CompiledKernel[]> Compiled = [];

    // What the rungs say of themselves: loads from shared memory, those of 16 bytes among them, and the multiply-adds that they serve.
    static readonly object[][] Shares =
    [
        [typeof(Rung3SharedTiles), 2, 0, 1], [typeof(Rung4FourOutputs), 5, 0, 4], [typeof(Rung5RegisterTiles), 8, 0, 16],
        [typeof(Rung6VectorizedLoads), 2, 2, 16],
    ];

    CompiledKernel[] Rungs
    {
        get
        {
            if (!Compiled.TryGetValue(device, out CompiledKernel[]? rungs))
            {
                rungs =
                [
                    .. CompiledKernel.Compile(device, (kernels, _) => Climb(kernels))
                        .Where(kernel => kernel.Method.DeclaringType!.Namespace == typeof(Rung1OneOutputPerThread).Namespace),
                ];
                Compiled.Add(device, rungs);
            }
            return rungs;
        }
    }

    // A tile that went to local memory would be no rung above the one below.
    [Test]
    public async Task Every_rung_keeps_its_outputs_in_registers()
    {
        Assembler.Require();
        Assert.That(Rungs, Has.Length.EqualTo(Kernels));
        foreach (CompiledKernel rung in Rungs)
        {
            KernelFigures figures = await Assembler.Assemble(rung.Ptx, device.Architecture);
            Assert.That(figures, Has.Property(nameof(KernelFigures.LocalBytes)).Zero, $"{rung.Name}: {figures}");
        }
    }

    [TestCaseSource(nameof(Shares))]
    public void A_rung_loads_as_often_as_it_says(Type rung, int loads, int vectorized, int multiplyAdds)
    {
        Assembler.RequireDisassembler();
        CompiledKernel kernel = Rungs.Single(kernel => kernel.Method.DeclaringType == rung);
        IReadOnlyList<string> loop = MachineCode.Parse(Assembler.Disassemble(kernel.Ptx, device.Architecture)).LoopOf("FFMA");
        int steps = MachineCode.Count(loop, "FFMA") / multiplyAdds;
        Assert.That(steps, Is.Positive);
        Assert.That(MachineCode.Count(loop, "FFMA"), Is.EqualTo(steps * multiplyAdds));
        Assert.That(MachineCode.Count(loop, "LDS"), Is.EqualTo(steps * loads));
        Assert.That(MachineCode.Count(loop, "LDS", "128"), Is.EqualTo(steps * vectorized));
    }

    static MatMulLadder Climb(KernelSet kernels)
    {
        var ladder = MatMulLadder.OfGpus(kernels.Launcher);
        using MemoryBuffer1D<float, Stride1D.Dense> values = kernels.Accelerator.Allocate1D<float>(3 * Size * Size);
        foreach (IRung rung in ladder.Rungs)
        {
            rung.Multiply(Matrix(0), Matrix(1), Matrix(2));
        }
        return ladder;

        RowMajor Matrix(int index) => new(values.View.SubView(index * Size * Size, Size * Size), Size, Size);
    }
}
